"""Where a network can be cut, and the two halves of a cut.

A *cut point* is a layer (or a bare operation, such as the additions of ConvNeXt) whose output is
the only tensor with a later consumer: everything before it can be run once
and kept. Freezing everything up to a cut point is *the freeze line*.
"""

from dataclasses import dataclass
from typing import Any

import keras

from tl_core.errors import InputError

MOST_BLOCKS = 30


@dataclass(frozen=True, kw_only=True)
class Block:
    """A run of layers that is frozen as a whole.

    Attributes:
        id: name of its last layer, a cut point.
        layers: number of layers in it.
        parameters: number of weights in it.
        shape: of its output for one picture, ``(height, width, channels)``.
    """

    id: str
    layers: int
    parameters: int
    shape: tuple[int, ...]


def cut_points(model: keras.Model) -> list[str]:
    """Return the names of the layers after which exactly one tensor is alive, in order, the last layer included.

    Args:
        model: a functional model with one input and one output, every layer used once.
    """
    last_use = {id(model.output): len(model.operations)}
    for position, layer in enumerate(model.operations):
        last_use.update({id(tensor): position for tensor in inputs_of(model, layer)})
    live: set[int] = set()
    found = []
    for position, layer in enumerate(model.operations):
        output = output_of(model, layer)
        live = {tensor for tensor in live if last_use.get(tensor, -1) > position} | {id(output)}
        if len(live) == 1 and not isinstance(layer, keras.layers.InputLayer):
            found.append(layer.name)
    return found


def inputs_of(model: keras.Model, layer: Any) -> list[Any]:
    """Return the tensors that a layer takes inside this model."""
    return [tensor for node in _nodes(model, layer) for tensor in node.input_tensors]


def output_of(model: keras.Model, layer: Any) -> Any:
    """Return the tensor that a layer gives inside this model."""
    return _nodes(model, layer)[0].output_tensors[0]


def _nodes(model: keras.Model, layer: Any) -> list[Any]:
    mine = {id(node) for nodes in model._nodes_by_depth.values() for node in nodes}
    return [node for node in layer._inbound_nodes if id(node) in mine]


def blocks(model: keras.Model, most: int = MOST_BLOCKS) -> list[Block]:
    """Return the network as at most ``most`` blocks, from the picture upwards.

    Cut points that are followed by nothing to train belong to the block before; then the neighbours with the fewest
    weights are joined until the list is short enough.
    """
    points = set(cut_points(model))
    groups: list[list[Any]] = [[]]
    for layer in model.operations:
        if groups[-1] and groups[-1][-1].name in points and _starts_block(layer):
            groups.append([])
        groups[-1].append(layer)
    return [_block(model, group) for group in _merged(groups, most)]


def _starts_block(layer: Any) -> bool:
    return _parameters(layer) > 0 and not isinstance(layer, keras.layers.BatchNormalization)


def _parameters(layer: Any) -> int:
    return int(layer.count_params()) if isinstance(layer, keras.layers.Layer) else 0


def _merged(groups: list[list[Any]], most: int) -> list[list[Any]]:
    sizes = [sum(map(_parameters, group)) for group in groups]
    while len(groups) > most:
        at = min(range(len(groups) - 1), key=lambda i: sizes[i] + sizes[i + 1])
        groups[at : at + 2] = [groups[at] + groups[at + 1]]
        sizes[at : at + 2] = [sizes[at] + sizes[at + 1]]
    return groups


def _block(model: keras.Model, group: list[Any]) -> Block:
    return Block(
        id=group[-1].name,
        layers=len(group),
        parameters=sum(map(_parameters, group)),
        shape=tuple(output_of(model, group[-1]).shape[1:]),
    )


def freeze_line(model: keras.Model, freeze: str) -> str | None:
    """Return the name of the last frozen layer, None if nothing is frozen.

    Args:
        model: the backbone.
        freeze: ``"all"``, ``"none"`` or the id of a block.

    Raises:
        InputError: there is no such block; the message lists those that there are.
    """
    if freeze == "none":
        return None
    offered = [block.id for block in blocks(model)]
    if freeze == "all":
        return str(model.operations[-1].name)
    if freeze not in offered:
        raise InputError(
            f"This network has no block “{freeze}” to freeze up to. Choose all, none or one of: {', '.join(offered)}."
        )
    return freeze


def split(model: keras.Model, line: str | None) -> tuple[keras.Model | None, keras.Model | None]:
    """Return the frozen and the trainable half; the halves share their layers and weights with ``model``.

    Args:
        model: the backbone.
        line: name of the last frozen layer, or None.

    Returns:
        ``(trunk, tail)``; the trunk is None if nothing is frozen, the tail is None if everything is.
    """
    if line is None:
        return None, model
    if line == model.operations[-1].name:
        return model, None
    cut = output_of(model, next(layer for layer in model.operations if layer.name == line))
    return keras.Model(model.input, cut, name="trunk"), keras.Model(cut, model.output, name="tail")
