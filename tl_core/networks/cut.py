"""The blocks of a network, and the two halves of a network that is cut at the freeze line.

Blocks end at *cut points* (``graph``), and freezing everything up to one of them is *the freeze line*.
"""

import math

import keras
from keras import layers

from tl_core.errors import InputError
from tl_core.language import _
from tl_core.networks.blocks import Unit, groups, label
from tl_core.networks.graph import Graph, is_attention, parameters
from tl_core.networks.structure import Block, Layer

MOST_BLOCKS = 30


def blocks(model: keras.Model, most: int = MOST_BLOCKS) -> list[Block]:
    """Return the network as at most ``most`` blocks, from the input upwards.

    Args:
        model: a functional model as ``backbone.build`` returns, or ``text_backbone.build`` for texts of a fixed length.
        most: neighbours are joined until there are no more than these.
    """
    graph = Graph(model)
    return [_block(graph, group) for group in groups(graph, most)]


def _block(graph: Graph, group: list[Unit]) -> Block:
    operations = [operation for unit in group for operation in unit.operations]
    field = graph.fields[operations[-1].name]
    return Block(
        id=operations[-1].name,
        label=label(group),
        layers=tuple(_layer(graph, operation) for operation in operations),
        parameters=sum(map(parameters, operations)),
        multiply_adds=sum(map(multiply_adds, operations)),
        shape=graph.shape(operations[-1]),
        receptive_field=int(field.side) if field and math.isfinite(field.side) else None,
    )


def _layer(graph: Graph, operation: keras.Operation) -> Layer:
    return Layer(
        name=operation.name,
        type=type(operation).__name__,
        shape=graph.shape(operation),
        parameters=parameters(operation),
    )


def multiply_adds(operation: keras.Operation) -> int:
    """Return the multiply-adds of one picture or text in one layer of a network with a fixed input size.

    Counted are convolutions, dense layers and the two products of attention, as in the papers (of attention: J. Kaplan
    et al., "Scaling Laws for Neural Language Models", 2020, https://arxiv.org/abs/2001.08361, table 1); not
    normalisation, activation, pooling. Padding counts as tokens.
    """
    if is_attention(operation):
        length, heads, width = operation.output.shape[1:]
        return int(2 * length**2 * heads * width)
    if isinstance(operation, layers.SeparableConv2D):
        height, width = operation.output.shape[1:3]
        depthwise = math.prod(operation.depthwise_kernel.shape)
        return int(height * width * (depthwise + math.prod(operation.pointwise_kernel.shape)))
    if isinstance(operation, layers.Conv2D | layers.DepthwiseConv2D):
        height, width = operation.output.shape[1:3]
        return int(height * width * math.prod(operation.kernel.shape))
    if isinstance(operation, layers.Dense):
        return int(math.prod(operation.output.shape[1:-1]) * math.prod(operation.kernel.shape))
    return 0


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
    graph = Graph(model)
    if freeze not in graph.cut_points():  # any of them: a line stays good when blocks are joined differently
        offered = ", ".join(group[-1].operations[-1].name for group in groups(graph, MOST_BLOCKS))
        raise InputError(
            _("This network has no block “{freeze}” to freeze. Choose all, none or one of: {offered}.").format(
                freeze=freeze, offered=offered
            )
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
