"""The blocks of a network, and the two halves of a network that is cut at the freeze line.

Blocks end at *cut points* (``graph``), and freezing everything up to one of them is *the freeze line*.
"""

from dataclasses import dataclass
from typing import Any

import keras

from tl_core.errors import InputError
from tl_core.networks import blocks as networks_blocks
from tl_core.networks import costs
from tl_core.networks.graph import Graph, parameters

MOST_BLOCKS = 30


@dataclass(frozen=True, kw_only=True)
class Block:
    """A run of layers that is frozen as a whole.

    Attributes:
        id: name of its last layer, a cut point.
        label: for a person: ``"Stage 3, residual block 2"``. Stages are numbered by resolution.
        layers: names of its layers (and bare operations), in order.
        parameters: number of weights in it.
        multiply_adds: of one picture.
        shape: of its output for one picture, ``(height, width, channels)``.
        receptive_field: side of the part of the picture that one value of its output depends on, in pixels; it may be
            larger than the picture. None where that is the whole picture, however large.
    """

    id: str
    label: str
    layers: tuple[str, ...]
    parameters: int
    multiply_adds: int
    shape: tuple[int, ...]
    receptive_field: int | None


def blocks(model: keras.Model, most: int = MOST_BLOCKS) -> list[Block]:
    """Return the network as at most ``most`` blocks, from the picture upwards.

    Args:
        model: a functional model as ``backbone.build`` returns.
        most: neighbours are joined until there are no more than these.
    """
    graph = Graph(model)
    return [_block(graph, group) for group in networks_blocks.groups(graph, most)]


def _block(graph: Graph, group: list[networks_blocks.Unit]) -> Block:
    operations = [operation for unit in group for operation in unit.operations]
    field = graph.fields[operations[-1].name]
    return Block(
        id=operations[-1].name,
        label=networks_blocks.label(group),
        layers=tuple(operation.name for operation in operations),
        parameters=sum(map(parameters, operations)),
        multiply_adds=sum(map(costs.multiply_adds, operations)),
        shape=graph.shape(operations[-1]),
        receptive_field=field.side if field else None,
    )


def layer_list(model: keras.Model) -> dict[str, dict[str, Any]]:
    """Return ``{"name", "type", "shape", "parameters"}`` of every layer by its name; ``type`` is its Keras class."""
    graph = Graph(model)
    return {
        operation.name: {
            "name": operation.name,
            "type": type(operation).__name__,
            "shape": list(graph.shape(operation)),
            "parameters": parameters(operation),
        }
        for operation in graph.operations
    }


def freeze_line(model: keras.Model, freeze: str) -> str | None:
    """Return the name of the last frozen layer, None if nothing is frozen.

    Args:
        model: the backbone.
        freeze: ``"all"``, ``"none"`` or the id of a block (or of any other cut point).

    Raises:
        InputError: there is no such block; the message lists those that there are.
    """
    if freeze == "none":
        return None
    if freeze == "all":
        return str(model.operations[-1].name)
    if freeze not in Graph(model).cut_points():  # any of them, so that a line stays good when blocks are drawn anew
        offered = ", ".join(block.id for block in blocks(model))
        raise InputError(
            f"This network has no block “{freeze}” to freeze up to. Choose all, none or one of: {offered}."
        )
    return freeze


def split(model: keras.Model, line: str | None) -> tuple[keras.Model | None, keras.Model | None]:
    """Return the frozen and the trainable half; the halves share their layers and weights with ``model``.

    Args:
        model: the backbone.
        line: name of the last frozen layer, a cut point; or None.

    Returns:
        ``(trunk, tail)``; the trunk is None if nothing is frozen, the tail is None if everything is.
    """
    if line is None:
        return None, model
    if line == model.operations[-1].name:
        return model, None
    cut = Graph(model).outputs[line]
    return keras.Model(model.input, cut, name="trunk"), keras.Model(cut, model.output, name="tail")
