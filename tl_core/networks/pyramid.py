"""What a network sees at three scales: the maps of its last blocks with 8, 16 and 32 pixels a value.

What frozen blocks give of them lies one after the other in one row of numbers, as which it is stored
(``features.store``): all three maps where the whole network is frozen, else those up to the freeze line, and what the
line itself gives.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import keras

from tl_core import keras_private
from tl_core.errors import InputError
from tl_core.language import _
from tl_core.networks import cut
from tl_core.networks.box_shape import STRIDES
from tl_core.networks.graph import Graph

#: What a store of such rows has as its line: this where all is frozen, else ``line_of``.
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


def line_of(layer: str) -> str:
    """Return what a store of the rows up to a layer has as its line.

    >>> line_of("block_09_add"), layer_of(line_of("block_09_add")), layer_of(LINE)
    ('pyramid:block_09_add', 'block_09_add', None)
    """
    return f"{LINE}:{layer}"


def layer_of(line: str) -> str | None:
    """Return the layer of such a line; None where all is frozen."""
    return line.partition(":")[2] or None


def trunk(backbone: keras.Model, layer: str | None = None) -> keras.Model:
    """Return the network up to its maps, or up to a layer, a cut point: pictures → rows ``(n, length)``."""
    given = maps(backbone).blocks if layer is None else _given(backbone, layer)[0]
    outputs = Graph(backbone).outputs
    flat = [keras.layers.Flatten(name=f"flat_{at}")(outputs[name]) for at, name in enumerate(given)]
    # A single tensor cannot be concatenated.
    row = keras.layers.Concatenate(name=LINE)(flat) if len(flat) > 1 else flat[0]
    return keras.Model(backbone.input, row, name=LINE)


def split(backbone: keras.Model, layer: str | None) -> tuple[keras.Model | None, keras.Model | None]:
    """Return the frozen and the trainable half; the halves share their layers and weights with ``backbone``.

    Args:
        backbone: the network.
        layer: the last frozen one, a cut point; None if nothing is frozen.

    Returns:
        ``(trunk, tail)``. The trunk is as ``trunk`` returns it, None if nothing is frozen. The tail takes its rows,
        else pictures, and returns the three maps; it is None if no map comes after the line.
    """
    outputs, every = Graph(backbone).outputs, maps(backbone).blocks
    if layer is None:
        return None, keras.Model(backbone.input, [outputs[block] for block in every], name="tail")
    given, below = _given(backbone, layer)
    if below == len(every):
        return trunk(backbone, layer), None
    shapes = [tuple(outputs[name].shape[1:]) for name in given]
    row = keras.Input((sum(map(math.prod, shapes)),))
    parts = taken_apart(row, shapes)
    after = keras.Model(outputs[layer], [outputs[block] for block in every[below:]])
    # Its layers are those of the tail, and not of a model in it: each is frozen or not by itself.
    made = keras_private.run(after, parts[-1], lambda operation: operation)
    return trunk(backbone, layer), keras.Model(row, [*parts[:below], *_listed(made)], name="tail")


def _given(backbone: keras.Model, layer: str) -> tuple[list[str], int]:
    """Return the layers whose outputs are in a row up to a layer, itself the last; how many of them are maps."""
    place = {operation.name: at for at, operation in enumerate(backbone.operations)}
    below = [block for block in maps(backbone).blocks if place[block] <= place[layer]]
    return [*below, *([] if layer in below else [layer])], len(below)


def _listed(
    tensors: keras.KerasTensor | Sequence[keras.KerasTensor],
) -> list[keras.KerasTensor]:
    return list(tensors) if isinstance(tensors, list | tuple) else [tensors]


def taken_apart(row: keras.KerasTensor, shapes: Sequence[Shape]) -> list[keras.KerasTensor]:
    """Return the maps of rows ``(n, length)``."""
    found, start = [], 0
    for shape in shapes:
        end = start + math.prod(shape)
        found.append(keras.layers.Reshape(shape)(row[:, start:end]))
        start = end
    return found
