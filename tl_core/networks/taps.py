"""Where the head of a trained model begins: the pooled features and the logits, in nested models, too."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import keras
import numpy as np

from tl_core import keras_private
from tl_core.errors import InputError
from tl_core.language import _
from tl_core.networks.graph import Graph

POOLING, LOGITS, TEMPERATURE = "head_pooling", "head_logits", "temperature"
#: The last steps of a network that turn logits into probabilities and change no order.
ACTIVATIONS = ("softmax", "sigmoid", "linear")


@dataclass(frozen=True)
class Taps:
    """Symbolic tensors of a model at which something is read off.

    Attributes:
        pooled: what the head sees, ``(n, width)``.
        channels: of the last feature map; ``width`` is a multiple of it.
        logits: ``(n, classes)`` before temperature and softmax; ``(n, 1)`` for a sigmoid.
        temperature: by what the logits are divided, 1 for a model that was saved without.
        outputs: of each layer by its name; empty for a model that is not one flat graph of this program.
    """

    pooled: keras.KerasTensor
    channels: int
    logits: keras.KerasTensor
    temperature: float
    outputs: dict[str, keras.KerasTensor]


class Step(NamedTuple):
    """One operation of a network that was run symbolically.

    Attributes:
        operation: a layer, or a bare ``keras.ops`` call.
        source: its first input, None if it takes none.
        output: what it gives.
    """

    operation: keras.Operation
    source: keras.KerasTensor | None
    output: keras.KerasTensor


def of(model: keras.Model) -> Taps:
    """Return where a model ends its backbone.

    Args:
        model: as ``Network.whole`` returns it; or any functional or sequential classifier of pictures, the backbone as
            a layer of it.

    Raises:
        InputError: no feature map comes before the head.
    """
    flat = _of_flat(model)
    if flat is not None:
        return flat
    steps, output = unfolded(model)
    last = max((number for number, step in enumerate(steps) if len(_shape(step.output)) == 4), default=None)
    after = steps[last:] if last is not None else []
    pooled = next((step.output for step in after if len(_shape(step.output)) == 2), None)
    if last is None or pooled is None:
        raise InputError(
            _(
                "“{model}” has no feature map that a head reads, so Thaw cannot look inside. Choose a "
                "network that takes pictures, or train again."
            ).format(model=model.name)
        )
    channels = int(steps[last].output.shape[-1])
    return Taps(pooled, channels, logits_of(steps, output), _temperature(model), {})


def _of_flat(model: keras.Model) -> Taps | None:
    """Return the taps of a model that this program saved; None for any other."""
    if isinstance(model, keras.Sequential) or not {POOLING, LOGITS} <= {layer.name for layer in model.layers}:
        return None
    graph = Graph(model)
    pooling = next(operation for operation in graph.operations if operation.name == POOLING)
    channels = graph.shape(graph.sources(pooling)[0])[-1]
    return Taps(graph.outputs[POOLING], channels, graph.outputs[LOGITS], _temperature(model), graph.outputs)


def _temperature(model: keras.Model) -> float:
    scales = [layer.scale for layer in model.layers if layer.name == TEMPERATURE]
    return 1 / float(scales[0]) if scales else 1.0


def _shape(tensor: keras.KerasTensor) -> tuple[int | None, ...]:
    return tuple(getattr(tensor, "shape", ()))


def unfolded(network: keras.Model) -> tuple[list[Step], keras.KerasTensor]:
    """Run a network symbolically, models inside it step by step.

    Returns:
        The steps, in order, and the output of all. Should the last layer hold its softmax or sigmoid inside, both are
        taken apart: first the layer without it, then the activation.

    Raises:
        InputError: it is neither a functional nor a sequential model.
    """
    steps: list[Step] = []
    whole = keras_private.graph(network)
    if whole is None:
        raise InputError(
            _("“{network}” is not one graph of layers, so Thaw cannot look inside. Train again.").format(
                network=network.name
            )
        )
    last = _last(whole)

    def through(graph: keras.Model, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return keras_private.run(graph, inputs, replacement)

    def replacement(operation: keras.Operation) -> Callable[..., keras.KerasTensor]:
        graph = keras_private.graph(operation)
        if graph is not None:
            return lambda inputs, *args, **kwargs: through(graph, inputs)
        if operation is last and _has_activation(operation):
            activation, bare = keras.layers.Activation(operation.activation), _bare(operation)
            return lambda inputs, *args, **kwargs: noted(activation, noted(bare, inputs))
        return lambda *args, **kwargs: noted(operation, *args, **kwargs)

    def noted(operation: keras.Operation, *args: object, **kwargs: object) -> keras.KerasTensor:
        output = operation(*args, **kwargs)
        steps.append(Step(operation, args[0] if args else None, output))
        return output

    output = through(whole, network.inputs)
    return steps, output[0] if isinstance(output, list | tuple) else output


def _last(graph: keras.Model) -> keras.Operation:
    """Return the operation that gives the output of a graph, in nested models, too."""
    operation = keras_private.maker(graph.outputs[0])
    inner = keras_private.graph(operation)
    return operation if inner is None else _last(inner)


def _has_activation(operation: keras.Operation) -> bool:
    """Return whether a layer with weights ends in a softmax or sigmoid of its own."""
    name = getattr(getattr(operation, "activation", None), "__name__", "linear")
    return bool(getattr(operation, "weights", None)) and name in ("softmax", "sigmoid")


def _bare(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Return the same layer without its activation."""
    bare = type(layer).from_config({**layer.get_config(), "activation": None})
    bare.build(layer.input.shape)
    bare.set_weights(layer.get_weights())
    return bare


def logits_of(steps: Sequence[Step], output: keras.KerasTensor) -> keras.KerasTensor:
    """Return the tensor before temperature and softmax or sigmoid, given what ``unfolded`` returns."""
    by_output = {id(step.output): step for step in steps}
    while id(output) in by_output and _keeps_order(by_output[id(output)].operation):
        output = by_output[id(output)].source
    return output


def _keeps_order(operation: keras.Operation) -> bool:
    """Return whether the largest of the scores that go in is the largest that comes out."""
    if isinstance(operation, keras.layers.Rescaling):
        return np.ndim(operation.scale) == 0 and operation.scale > 0
    if isinstance(operation, keras.layers.Activation):
        return getattr(operation.activation, "__name__", "") in ACTIVATIONS
    return type(operation).__name__ in ("Softmax", "Sigmoid")


def is_map(tensor: keras.KerasTensor) -> bool:
    """Return whether a tensor is a feature map with more than one place."""
    shape = _shape(tensor)
    return len(shape) == 4 and None not in shape[1:] and shape[1:3] != (1, 1)
