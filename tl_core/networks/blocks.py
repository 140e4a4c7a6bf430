"""From layers to the blocks that papers speak of, found in the graph: names of layers play no part.

The graph falls into *segments*, from one cut point to the next. A segment is one operation of a chain, or a whole
branched part: a residual block, an Inception block, a dense layer. Segments make *units*, each around something with
weights: padding and normalisation that come before belong to it, and so do normalisation, activation, pooling and
squeeze-and-excitation that come after. A depthwise convolution and the pointwise one after it are one unit, together
with the pointwise one before it where the network is widened for it and narrowed again (Sandler et al., "MobileNetV2:
Inverted Residuals and Linear Bottlenecks", CVPR 2018). A network of texts is its embeddings and transformer blocks.
Neighbouring units are joined until there are few enough.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import groupby

import keras
from keras import layers

from tl_core.networks.graph import Field, Graph, is_attention, parameters

STEM, CONVOLUTION, DEPTHWISE = "stem", "convolution", "depthwise convolution"
SEPARABLE, INVERTED, FUSED = "separable convolution", "inverted residual", "fused inverted residual"
RESIDUAL, INCEPTION, INCEPTION_RESIDUAL = "residual block", "Inception block", "Inception residual block"
CONVNEXT, DENSE, CELLS = "ConvNeXt block", "dense layer", "cells"
TRANSITION, DOWNSAMPLING, FINAL = "transition", "downsampling", "final convolution"
EMBEDDINGS, TRANSFORMER = "embeddings", "transformer block"
#: Kinds that are named without a stage, and kinds that are not counted within their stage.
PLACELESS = {STEM, FINAL, CELLS, EMBEDDINGS, TRANSFORMER}
COUNTLESS = {STEM, FINAL, CELLS, EMBEDDINGS, TRANSITION, DOWNSAMPLING}

NORMALISATION = (layers.BatchNormalization, layers.LayerNormalization, layers.GroupNormalization)
ACTIVATION = (layers.Activation, layers.ReLU)
POOLING = (layers.MaxPooling2D, layers.AveragePooling2D)
WEIGHTED = (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D, layers.Dense)


@dataclass
class Unit:
    """Operations that belong together.

    Attributes:
        operations: in order.
        core: the last of them around which the unit was made; its resolution gives the stage.
        kind: one of the words above.
        stage: its place among the resolutions of the network, from 1; 0 for the stem.
        number: its place among the units of its kind and stage, from 1.
    """

    operations: list[keras.Operation]
    core: keras.Operation
    kind: str
    stage: int = 0
    number: int = 0


def groups(graph: Graph, most: int) -> list[list[Unit]]:
    """Return the network as at most ``most`` groups of units, from the picture upwards.

    Where there are more units, neighbours are joined: those of one stage and kind first, then those of one stage, and
    among these the ones with the least share of the network's weights and work.
    """
    joined = [[unit] for unit in units(graph)]
    sizes = _shares(graph, joined)

    def cost(at: int) -> tuple[bool, bool, float]:
        both = joined[at] + joined[at + 1]
        return len({u.stage for u in both}) > 1, len({u.kind for u in both}) > 1, sizes[at] + sizes[at + 1]

    while len(joined) > most:
        at = min(range(len(joined) - 1), key=cost)
        joined[at : at + 2] = [joined[at] + joined[at + 1]]
        sizes[at : at + 2] = [sizes[at] + sizes[at + 1]]
    return joined


def _shares(graph: Graph, singles: list[list[Unit]]) -> list[float]:
    """Return the share of the network's weights plus that of its work for each unit.

    Work is counted as weights times places that they are applied to, for a picture of any size: so the blocks of a
    network are the same at every size.
    """
    weights = [sum(map(parameters, unit.operations)) for (unit,) in singles]
    work = [sum(_work(graph, operation) for operation in unit.operations) for (unit,) in singles]
    return [a / sum(weights) + b / sum(work) for a, b in zip(weights, work, strict=True)]


def _work(graph: Graph, operation: keras.Operation) -> float:
    step = _step(graph.fields, operation)
    return parameters(operation) / step**2 if step else 0.0


def label(group: list[Unit]) -> str:
    """Return what a person reads: ``"Stem"``, ``"Stage 3, dense layers 5–8"``, ``"Transformer block 2"``."""
    parts: list[str] = []
    stage = 0
    for (number, kind), run in groupby(group, key=lambda unit: (unit.stage, unit.kind)):
        text = _counted(kind, [unit.number for unit in run])
        if kind not in PLACELESS and number != stage:
            text, stage = f"stage {number}, {text}", number
        parts.append(text)
    text = " and ".join(parts)
    return text[0].upper() + text[1:]


def _counted(kind: str, numbers: list[int]) -> str:
    if kind in COUNTLESS:
        return kind
    return f"{kind} {numbers[0]}" if len(numbers) == 1 else f"{kind}s {numbers[0]}–{numbers[-1]}"


def units(graph: Graph) -> list[Unit]:
    """Return the units of the network from the picture upwards."""
    chain = _joined(graph, _units_of_segments(graph))
    fields = graph.fields
    if _step(fields, chain[0].core) > 1:
        chain[0].kind = STEM
    if chain[-1].kind == CONVOLUTION and _is_pointwise(chain[-1].core):
        chain[-1].kind = FINAL
    steps = sorted({_step(fields, unit.core) for unit in chain if unit.kind != STEM})
    counts: Counter[tuple[int, str]] = Counter()
    for unit in chain:
        unit.stage = 0 if unit.kind == STEM else 1 + steps.index(_step(fields, unit.core))
        counts[unit.stage, unit.kind] += 1
        unit.number = counts[unit.stage, unit.kind]
    return chain


def _step(fields: dict[str, Field | None], operation: keras.Operation) -> int:
    field = fields[operation.name]
    return field.step if field else 0


def _segments(graph: Graph) -> list[list[keras.Operation]]:
    points = set(graph.cut_points())
    segments: list[list[keras.Operation]] = [[]]
    for operation in graph.operations:
        if isinstance(operation, layers.InputLayer):
            continue
        segments[-1].append(operation)
        if operation.name in points:
            segments.append([])
    return segments[:-1]


def _units_of_segments(graph: Graph) -> list[Unit]:
    """Return a unit for each segment that has weights of its own, the other ones with it."""
    made: list[Unit] = []
    waiting = [operation for operation in graph.operations if isinstance(operation, layers.InputLayer)]
    for segment in _segments(graph):
        if _is_core(graph, segment):
            made.append(Unit(waiting + segment, segment[-1], _kind(graph, segment)))
            waiting = []
        elif not made or _waits(graph, segment) or (waiting and not isinstance(segment[-1], POOLING)):
            waiting = waiting + segment
        else:
            made[-1].operations += waiting + segment
            waiting = []
    made[-1].operations += waiting
    return made


def _is_core(graph: Graph, segment: list[keras.Operation]) -> bool:
    if len(segment) == 1:
        return isinstance(segment[0], WEIGHTED)
    return sum(map(parameters, segment)) > 0 and not _scales(graph, segment)


def _scales(graph: Graph, segment: list[keras.Operation]) -> bool:
    """Return True for squeeze-and-excitation: what comes in is multiplied by something."""
    last, inside = segment[-1], set(map(id, segment))
    comes_in = any(id(source) not in inside for source in graph.sources(last))
    return isinstance(last, layers.Multiply) and comes_in


def _waits(graph: Graph, segment: list[keras.Operation]) -> bool:
    """Return True for what belongs to the convolution after it: padding, and normalisation that follows no weights."""
    (operation,) = segment if len(segment) == 1 else (None,)
    if isinstance(operation, NORMALISATION):
        return not isinstance(graph.sources(operation)[0], WEIGHTED)
    return isinstance(operation, layers.ZeroPadding2D)


def _joined(graph: Graph, parts: list[Unit]) -> list[Unit]:
    """Put depthwise convolutions together with the pointwise ones around them."""
    joined = []
    while parts:
        count, kind = _pattern(graph, parts)
        taken, parts = parts[:count], parts[count:]
        operations = [operation for part in taken for operation in part.operations]
        joined.append(Unit(operations, taken[-1].core, _kind_of_chain(operations, kind)))
    return joined


def _pattern(graph: Graph, parts: list[Unit]) -> tuple[int, str]:
    """Return how many of the next parts make one unit, and its kind.

    An inverted residual ends in a linear layer, a separable convolution in an activation.
    """
    first, second, third = (part.core for part in (parts + 3 * [Unit([], None, "")])[:3])

    def widens(operation: keras.Operation) -> bool:
        return isinstance(operation, layers.Conv2D) and _change(graph, operation) > 0

    def narrows(operation: keras.Operation) -> bool:
        return _is_pointwise(operation) and _change(graph, operation) < 0

    if _is_pointwise(first) and widens(first) and _is_depthwise(second) and narrows(third):
        return 3, INVERTED
    if _is_depthwise(first) and _is_pointwise(second):
        return 2, SEPARABLE if isinstance(parts[1].operations[-1], ACTIVATION) else INVERTED
    if widens(first) and not _is_pointwise(first) and narrows(second):
        return 2, FUSED
    return 1, parts[0].kind


def _kind_of_chain(operations: list[keras.Operation], kind: str) -> str:
    """Return the kind of a unit in which a convolution is there to change the resolution."""
    core = [operation for operation in operations if isinstance(operation, WEIGHTED)]
    if kind != CONVOLUTION or len(core) != 1:
        return kind
    if _is_pointwise(core[0]) and any(isinstance(operation, layers.AveragePooling2D) for operation in operations):
        return TRANSITION
    window, strides = core[0].kernel_size, core[0].strides
    return DOWNSAMPLING if tuple(window) == tuple(strides) != (1, 1) else kind


def _kind(graph: Graph, segment: list[keras.Operation]) -> str:
    if any(map(is_attention, segment)):
        return TRANSFORMER
    if any(isinstance(operation, layers.Embedding) for operation in segment):
        return EMBEDDINGS
    if len(segment) == 1:
        if isinstance(segment[0], layers.SeparableConv2D):
            return SEPARABLE
        return DEPTHWISE if _is_depthwise(segment[0]) else CONVOLUTION
    if _spans_stages(graph, segment):
        return CELLS
    if isinstance(segment[-1], layers.Concatenate):
        inside = set(map(id, segment))
        passed_on = any(id(source) not in inside for source in graph.sources(segment[-1]))
        return DENSE if passed_on else INCEPTION
    return _kind_of_residual(graph, segment)


def _kind_of_residual(graph: Graph, segment: list[keras.Operation]) -> str:
    if any(isinstance(operation, layers.Concatenate) for operation in segment):
        return INCEPTION_RESIDUAL
    channels = graph.shape(segment[-1])[-1]
    deep = [graph.shape(operation)[-1] for operation in segment if _is_depthwise(operation)]
    wide = any(isinstance(o, WEIGHTED) and _is_wider(graph, segment, o, channels) for o in segment)
    if deep:
        return CONVNEXT if wide and max(deep) == channels else INVERTED
    return FUSED if wide else RESIDUAL


def _is_wider(graph: Graph, segment: list[keras.Operation], operation: keras.Operation, channels: int) -> bool:
    """Return True if its feature map has more channels; what only scales (a row of numbers) does not count."""
    shape = graph.shape(operation)
    return len(shape) == 3 and shape[-1] > channels and graph.fields[operation.name] is not None


def _spans_stages(graph: Graph, segment: list[keras.Operation]) -> bool:
    fields = graph.fields
    steps = [field.step for operation in segment if (field := fields[operation.name])]
    return max(steps) > 2 * min(steps)


def _is_depthwise(operation: keras.Operation) -> bool:
    grouped = isinstance(operation, layers.Conv2D) and operation.groups == operation.filters > 1
    return grouped or isinstance(operation, layers.DepthwiseConv2D)


def _is_pointwise(operation: keras.Operation) -> bool:
    return isinstance(operation, layers.Conv2D) and (*operation.kernel_size, *operation.strides) == (1, 1, 1, 1)


def _change(graph: Graph, operation: keras.Operation) -> int:
    """Return by how many channels its output is wider than its input."""
    (source,) = graph.sources(operation)
    return int(graph.shape(operation)[-1] - graph.shape(source)[-1])
