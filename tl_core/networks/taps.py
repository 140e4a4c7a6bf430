"""Where the head of a trained model begins: the pooled features and the logits, in nested models, too."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from tl_core.errors import InputError
from tl_core.networks.graph import Wiring

POOLING, LOGITS, TEMPERATURE = "head_pooling", "head_logits", "temperature"
#: The last steps of a network that turn logits into probabilities and change no order.
ACTIVATIONS = ("softmax", "sigmoid", "linear")


@dataclass(frozen=True)
class Anatomy:
    """Tensors of a model.

    Attributes:
        pooled: what the head sees, ``(n, width)``.
        channels: of the last feature map; ``width`` is a multiple of it.
        logits: ``(n, classes)`` before temperature and softmax; ``(n, 1)`` for a sigmoid.
        temperature: by what the logits are divided, 1 for a model that was saved without.
        flat: tensor behind each layer by its name; empty for a model that is not one flat graph of this program.
    """

    pooled: Any
    channels: int
    logits: Any
    temperature: float
    flat: dict[str, Any]


def of(model: keras.Model) -> Anatomy:
    """Return where a model ends its backbone.

    Args:
        model: as ``Network.whole`` returns it; or any functional or sequential classifier of pictures, the backbone as
            a layer of it.

    Raises:
        InputError: no feature map comes before the head.
    """
    flat = _flat(model)
    if flat is not None:
        return flat
    steps, output = unfolded(model)
    last = max((number for number, (_, _, made) in enumerate(steps) if len(_shape(made)) == 4), default=None)
    pooled = next((made for _, _, made in steps[last:] if len(_shape(made)) == 2), None) if last is not None else None
    if last is None or pooled is None:
        raise InputError(
            f"“{model.name}” has no feature map that a head reads, so it cannot be looked into. "
            "Bring a network that takes pictures, or train again."
        )
    return Anatomy(pooled, int(_shape(steps[last][2])[-1]), logits_of(steps, output), _temperature(model), {})


def _flat(model: keras.Model) -> Anatomy | None:
    """Return the anatomy of a model that this program saved; None for any other."""
    if isinstance(model, keras.Sequential) or not {POOLING, LOGITS} <= {layer.name for layer in model.layers}:
        return None
    wiring = Wiring(model)
    at = {operation.name: wiring.output(operation) for operation in wiring.operations}
    pooling = next(operation for operation in wiring.operations if operation.name == POOLING)
    channels = int(wiring.shape(wiring.sources(pooling)[0])[-1])
    return Anatomy(at[POOLING], channels, at[LOGITS], _temperature(model), at)


def _temperature(model: keras.Model) -> float:
    scales = [layer.scale for layer in model.layers if layer.name == TEMPERATURE]
    return 1 / float(scales[0]) if scales else 1.0


def _shape(tensor: Any) -> tuple[Any, ...]:
    return tuple(getattr(tensor, "shape", ()))


Steps = list[tuple[Any, Any, Any]]


def unfolded(network: keras.Model) -> tuple[Steps, Any]:
    """Run a network symbolically, models inside it step by step.

    Returns:
        Every operation with its first input and its output, in order; and the output of all. Should the last layer hold
        its softmax or sigmoid inside, both are taken apart: first the layer without it, then the activation.
    """
    steps: Steps = []
    last = _last(network)

    def through(model: Any, inputs: Any) -> Any:
        return model._run_through_graph(inputs, operation_fn=step)

    def step(operation: Any) -> Callable[..., Any]:
        graph = _graph(operation)
        if graph is not None:
            return lambda inputs, *args, **kwargs: through(graph, inputs)
        if operation is last and _folded(operation):
            return lambda inputs, *args, **kwargs: noted(_activation(operation), noted(_bare(operation), inputs))
        return lambda *args, **kwargs: noted(operation, *args, **kwargs)

    def noted(operation: Any, *args: Any, **kwargs: Any) -> Any:
        made = operation(*args, **kwargs)
        steps.append((operation, args[0] if args else None, made))
        return made

    output = through(_graph(network), network.inputs)
    return steps, output[0] if isinstance(output, list | tuple) else output


def _graph(operation: Any) -> Any:
    """Return the graph of a functional or sequential model; None for a layer, whatever may be hidden in it."""
    graph = getattr(operation, "_functional", operation)
    return graph if hasattr(graph, "_run_through_graph") else None


def _last(model: Any) -> Any:
    operation = _graph(model).outputs[0]._keras_history.operation
    return operation if _graph(operation) is None else _last(operation)


def _folded(operation: Any) -> bool:
    """Return whether a layer with weights ends in an activation of its own."""
    name = getattr(getattr(operation, "activation", None), "__name__", "linear")
    return bool(getattr(operation, "weights", None)) and name in ("softmax", "sigmoid")


def _activation(operation: Any) -> Any:
    return keras.layers.Activation(operation.activation)


def _bare(operation: Any) -> Any:
    """Return the same layer without its activation."""
    bare = type(operation).from_config({**operation.get_config(), "activation": None})
    bare.build(operation.input.shape)
    bare.set_weights(operation.get_weights())
    return bare


def logits_of(steps: Steps, output: Any) -> Any:
    """Return the tensor before temperature and softmax or sigmoid, given what ``unfolded`` returns."""
    made_by = {id(made): (operation, taken) for operation, taken, made in steps}
    while id(output) in made_by and _keeps_order(made_by[id(output)][0]):
        output = made_by[id(output)][1]
    return output


def _keeps_order(operation: Any) -> bool:
    if isinstance(operation, keras.layers.Rescaling):
        return np.ndim(operation.scale) == 0 and operation.scale > 0
    if isinstance(operation, keras.layers.Activation):
        return getattr(operation.activation, "__name__", "") in ACTIVATIONS
    return type(operation).__name__ in ("Softmax", "Sigmoid")


def is_map(tensor: Any) -> bool:
    """Return whether a tensor is a feature map with more than one place."""
    shape: tuple[Any, ...] = tuple(getattr(tensor, "shape", ()))
    return len(shape) == 4 and None not in shape[1:] and bool(shape[1] * shape[2] > 1)
