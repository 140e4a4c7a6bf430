"""What a frozen network sees at three scales: the maps of its last blocks with 8, 16 and 32 pixels a value.

All three lie one after the other in one row of numbers, as which they are stored (``features.store``).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import keras

from tl_core.errors import InputError
from tl_core.language import _
from tl_core.networks import cut
from tl_core.networks.graph import Graph

#: Pixels between neighbouring values of each map.
STRIDES = (8, 16, 32)
#: What a store of such rows has as its line.
LINE = "pyramid"

Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Maps:
    """The maps of a network: the names of the blocks that give them, and their shapes ``(height, width, channels)``."""

    blocks: tuple[str, ...]
    shapes: tuple[Shape, ...]

    @property
    def length(self) -> int:
        """How many numbers they have together."""
        return sum(math.prod(shape) for shape in self.shapes)


def maps(backbone: keras.Model) -> Maps:
    """Return the maps of a network. Raises InputError if it has none at one of the scales."""
    side = backbone.input.shape[1]
    blocks, shapes = [], []
    for stride in STRIDES:
        last = next((each for each in reversed(cut.blocks(backbone)) if each.shape[:2] == (side // stride,) * 2), None)
        if last is None or side % stride:
            raise InputError(
                _(
                    "{network} at {side} pixels has no map with {stride} pixels a value, which boxes need. Choose a "
                    "size that is a multiple of 32, or another network, for instance efficientnet-lite0."
                ).format(network=backbone.name, side=side, stride=stride)
            )
        height, width, channels = last.shape
        blocks.append(last.id)
        shapes.append((height, width, channels))
    return Maps(tuple(blocks), tuple(shapes))


def trunk(backbone: keras.Model) -> keras.Model:
    """Return the network up to its maps: pictures → ``(n, length)``."""
    outputs, chosen = Graph(backbone).outputs, maps(backbone)
    flat = [keras.layers.Flatten(name=f"flat_{at}")(outputs[block]) for at, block in enumerate(chosen.blocks)]
    return keras.Model(backbone.input, keras.layers.Concatenate(name=LINE)(flat), name=LINE)


def taken_apart(row: keras.KerasTensor, shapes: Sequence[Shape]) -> list[keras.KerasTensor]:
    """Return the maps of rows ``(n, length)``."""
    found, start = [], 0
    for shape in shapes:
        end = start + math.prod(shape)
        found.append(keras.layers.Reshape(shape)(row[:, start:end]))
        start = end
    return found
