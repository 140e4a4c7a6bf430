"""A network of stock layers as an ONNX graph, written layer by layer: no tracing, and no general converter.

A general one takes 1 s for EfficientNet-Lite0 and 10 s for ResNet152, for each line that a person tries; this takes
a tenth of a second (figures: ``tests/bench/README.md``). It knows the layers of convolutional networks. Whatever else
is in a network is left to ``onnx_graph``.

Feature maps are ``(n, channels, height, width)`` in the graph, as ONNX has them, from the input to the output. What
each node means: https://onnx.ai/onnx/operators.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import onnx
from keras import activations, layers
from numpy.typing import ArrayLike, NDArray
from onnx import TensorProto, helper, numpy_helper

from tl_core import keras_private
from tl_core.features.onnx_graph import INPUTS, OPSET, CannotConvertError

#: The layout of Keras to that of ONNX, and back.
CHANNELS_FIRST, CHANNELS_LAST = (0, 3, 1, 2), (0, 2, 3, 1)
#: Axes of feature maps, and of vectors.
MAPS, VECTORS = 4, 2
#: ONNX's version of its files for OPSET: newer ones are refused by older programs.
IR_VERSION = 8
#: Without padding is the default; ONNX Runtime joins a layer of zeros with what follows only where nothing is said.
PADDING: dict[str, dict[str, str]] = {"same": {"auto_pad": "SAME_UPPER"}, "valid": {}}
#: What Keras may call an operation with that changes nothing here.
IGNORED = frozenset({"training", "mask"})


class UnknownLayerError(CannotConvertError):
    """Says which layer, or which use of one, cannot be written."""


@dataclass(frozen=True)
class Value:
    """What a layer gives.

    Attributes:
        name: in the graph.
        rank: 4 for feature maps, 2 for vectors ``(n, channels)``.
    """

    name: str
    rank: int


def write(model: keras.Model) -> onnx.ModelProto:
    """Return a network in inference mode as a graph that takes batches of any length.

    Args:
        model: functional; one input ``(n, height, width, channels)`` float32, called ``picture`` in the graph; one
            output, of feature maps or vectors, ``(n, …)`` float32.

    Raises:
        UnknownLayerError: it has something that cannot be written.
    """
    given, graph = keras_private.graph(model), Graph()
    picture = INPUTS["float32"]
    if given is None or not _is_one(model.inputs, model.outputs) or len(model.inputs[0].shape) != MAPS:
        raise UnknownLayerError(f"{model.name} is not a graph from pictures to one output.")
    maps = graph.add("Transpose", [Value(picture, MAPS)], perm=CHANNELS_FIRST)
    end: Any = keras_private.run(given, maps, graph.writer)  # values in place of tensors
    end = end[0] if isinstance(end, list | tuple) else end
    end = graph.add("Transpose", [end], perm=CHANNELS_LAST) if end.rank == MAPS else end
    graph.add("Identity", [end], named="output")
    kind = TensorProto.FLOAT
    ends = [helper.make_tensor_value_info(picture, kind, ["n", *model.inputs[0].shape[1:]])]
    outputs = [helper.make_tensor_value_info("output", kind, ["n", *model.outputs[0].shape[1:]])]
    made = helper.make_graph(graph.nodes, model.name, ends, outputs, graph.constants)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def _is_one(*ends: Sequence[keras.KerasTensor]) -> bool:
    return all(len(each) == 1 and each[0].dtype == "float32" for each in ends)


class Graph:
    """A graph that is being written.

    Attributes:
        nodes: none before one that it needs.
        constants: weights and numbers.
    """

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._numbers = itertools.count()

    def writer(self, operation: keras.Operation) -> Callable[..., Value]:
        """Return what writes an operation of a network, called with its inputs in their place.

        Raises:
            UnknownLayerError: it cannot be written.
        """
        write = LAYERS.get(type(operation)) or OPERATIONS.get(type(operation).__name__)
        if write is None or getattr(operation, "compute_dtype", "float32") != "float32":
            raise UnknownLayerError(f"{operation.name} is a {type(operation).__name__}.")
        if getattr(operation, "data_format", None) == "channels_first":
            raise UnknownLayerError(f"{operation.name} has its channels first.")

        def called(*inputs: Any, **about: Any) -> Value:
            if about.keys() - IGNORED:
                raise UnknownLayerError(f"{operation.name} is called with {', '.join(about)}.")
            return write(self, operation, *inputs)

        return called

    def constant(self, values: ArrayLike, dtype: type[np.generic] = np.float32) -> str:
        """Keep numbers in the graph and return their name."""
        name = f"constant_{next(self._numbers)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype), name))
        return name

    def add(
        self, kind: str, inputs: Sequence[Value | str], *, rank: int | None = None, named: str = "", **about: Any
    ) -> Value:
        """Add a node and return what it gives.

        Args:
            kind: ONNX's name of the operation.
            inputs: the values and constants that it takes.
            rank: of what it gives; that of its first value if it is not given.
            named: what it gives is called so; if not given, by a number.
            about: attributes, as ONNX names them.
        """
        values = [each for each in inputs if isinstance(each, Value)]
        name = named or f"{kind}_{next(self._numbers)}"
        names = [each.name if isinstance(each, Value) else each for each in inputs]
        self.nodes.append(helper.make_node(kind, names, [name], name=name, **about))
        return Value(name, rank or values[0].rank)


def _activated(graph: Graph, function: Callable[..., Any] | None, x: Value) -> Value:
    if function not in ACTIVATIONS:
        raise UnknownLayerError(f"{function} is an activation that cannot be written.")
    return ACTIVATIONS[function](graph, x)


def _clipped(graph: Graph, x: Value, most: float) -> Value:
    return graph.add("Clip", [x, graph.constant(0.0), graph.constant(most)])


def _silu(graph: Graph, x: Value) -> Value:
    return graph.add("Mul", [x, graph.add("Sigmoid", [x])])


def _gelu(graph: Graph, x: Value) -> Value:
    """Write the exact one: ``x * (1 + erf(x / √2)) / 2``."""
    erf = graph.add("Erf", [graph.add("Div", [x, graph.constant(np.sqrt(2))])])
    both = graph.add("Mul", [x, graph.add("Add", [erf, graph.constant(1.0)])])
    return graph.add("Mul", [both, graph.constant(0.5)])


#: Of Keras' functions; those of ONNX that are called so are the same.
ACTIVATIONS: dict[Any, Callable[[Graph, Value], Value]] = {
    None: lambda graph, x: x,
    activations.linear: lambda graph, x: x,
    activations.relu: lambda graph, x: graph.add("Relu", [x]),
    activations.relu6: lambda graph, x: _clipped(graph, x, 6.0),
    activations.sigmoid: lambda graph, x: graph.add("Sigmoid", [x]),
    activations.tanh: lambda graph, x: graph.add("Tanh", [x]),
    activations.silu: _silu,
    activations.gelu: _gelu,
    activations.hard_sigmoid: lambda graph, x: graph.add("HardSigmoid", [x], alpha=1 / 6, beta=0.5),
    activations.hard_silu: lambda graph, x: graph.add("HardSwish", [x]),
}


def _activation(graph: Graph, layer: layers.Activation, x: Value) -> Value:
    return _activated(graph, layer.activation, x)


def _relu(graph: Graph, layer: layers.ReLU, x: Value) -> Value:
    if layer.negative_slope or layer.threshold:
        raise UnknownLayerError(f"{layer.name} has a slope or a threshold.")
    return graph.add("Relu", [x]) if layer.max_value is None else _clipped(graph, x, layer.max_value)


def _window(layer: Any) -> dict[str, Any]:
    return {"strides": layer.strides} | PADDING[layer.padding]


def _convolved(graph: Graph, layer: Any, x: Value, kernel: NDArray[np.float32], groups: int, **about: Any) -> Value:
    """Write a convolution without bias and activation; of ``kernel``, ``(out, in / groups, height, width)``."""
    about = {"dilations": layer.dilation_rate, "group": groups} | about
    return graph.add("Conv", [x, graph.constant(kernel)], kernel_shape=kernel.shape[2:], **about)


def _convolution(graph: Graph, layer: layers.Conv2D, x: Value) -> Value:
    kernel = np.transpose(layer.kernel, (3, 2, 0, 1))
    return _ended(graph, layer, _convolved(graph, layer, x, kernel, layer.groups, **_window(layer)))


def _by_channel(kernel: Any) -> NDArray[np.float32]:
    """Return a kernel ``(height, width, channels, multiplier)`` as ONNX has one of as many groups as channels."""
    kernels: NDArray[np.float32] = np.reshape(kernel, (*kernel.shape[:2], 1, -1)).transpose(3, 2, 0, 1)
    return kernels


def _depthwise(graph: Graph, layer: layers.DepthwiseConv2D, x: Value) -> Value:
    kernel = _by_channel(layer.kernel)
    return _ended(graph, layer, _convolved(graph, layer, x, kernel, layer.kernel.shape[2], **_window(layer)))


def _separable(graph: Graph, layer: layers.SeparableConv2D, x: Value) -> Value:
    first = layer.depthwise_kernel
    x = _convolved(graph, layer, x, _by_channel(first), first.shape[2], **_window(layer))
    kernel = np.transpose(layer.pointwise_kernel, (3, 2, 0, 1))
    return _ended(graph, layer, _convolved(graph, layer, x, kernel, 1, dilations=(1, 1)))


def _ended(graph: Graph, layer: Any, x: Value) -> Value:
    """Write the bias and the activation of a convolution: ONNX Runtime joins both with it."""
    if layer.use_bias:
        x = graph.add("Add", [x, graph.constant(np.reshape(layer.bias, (-1, 1, 1)))])
    return _activated(graph, layer.activation, x)


def _dense(graph: Graph, layer: layers.Dense, x: Value) -> Value:
    """Write a layer of vectors; of feature maps it is a convolution of one pixel."""
    if x.rank == MAPS:
        kernel = np.transpose(layer.kernel)[:, :, None, None]
        return _ended(graph, layer, graph.add("Conv", [x, graph.constant(kernel)], kernel_shape=(1, 1)))
    x = graph.add("MatMul", [x, graph.constant(layer.kernel)])
    if layer.use_bias:
        x = graph.add("Add", [x, graph.constant(layer.bias)])
    return _activated(graph, layer.activation, x)


def _layer_norm(graph: Graph, layer: layers.LayerNormalization, x: Value) -> Value:
    if layer.axis not in (-1, [-1], x.rank - 1, [x.rank - 1]) or not (layer.center and layer.scale):
        raise UnknownLayerError(f"{layer.name} is not over channels.")
    last = graph.add("Transpose", [x], perm=CHANNELS_LAST) if x.rank == MAPS else x
    numbers = [graph.constant(each) for each in (layer.gamma, layer.beta)]
    last = graph.add("LayerNormalization", [last, *numbers], epsilon=layer.epsilon)
    return graph.add("Transpose", [last], perm=CHANNELS_FIRST) if x.rank == MAPS else last


def _batch_norm(graph: Graph, layer: layers.BatchNormalization, x: Value) -> Value:
    if layer.axis not in (-1, x.rank - 1):
        raise UnknownLayerError(f"{layer.name} is not over channels.")
    mean, variance = layer.moving_mean, layer.moving_variance
    scale = layer.gamma if layer.scale else np.ones(mean.shape)
    offset = layer.beta if layer.center else np.zeros(mean.shape)
    numbers = [graph.constant(each) for each in (scale, offset, mean, variance)]
    return graph.add("BatchNormalization", [x, *numbers], epsilon=layer.epsilon)


def _of_channels(graph: Graph, values: Any, x: Value) -> str:
    """Keep a number, or one for each channel."""
    flat = np.reshape(values, -1)
    return graph.constant(flat.reshape((-1, 1, 1)) if x.rank == MAPS and len(flat) > 1 else flat)


def _rescaled(graph: Graph, layer: layers.Rescaling, x: Value) -> Value:
    x = graph.add("Mul", [x, _of_channels(graph, layer.scale, x)])
    return graph.add("Add", [x, _of_channels(graph, layer.offset, x)])


def _normalized(graph: Graph, layer: layers.Normalization, x: Value) -> Value:
    if layer.invert or tuple(layer.axis) not in ((-1,), (x.rank - 1,)):
        raise UnknownLayerError(f"{layer.name} is not over channels, or inverted.")
    deviation = np.maximum(np.sqrt(layer.variance), keras.backend.epsilon())
    x = graph.add("Sub", [x, _of_channels(graph, layer.mean, x)])
    return graph.add("Div", [x, _of_channels(graph, deviation, x)])


def _joined(kind: str) -> Callable[..., Value]:
    """Return what writes a layer that takes its inputs two by two: as one list, or side by side, numbers among them."""

    def write(graph: Graph, operation: keras.Operation, *given: Any) -> Value:
        parts = given[0] if isinstance(given[0], list | tuple) else given
        ranks = {part.rank for part in parts if isinstance(part, Value)}
        if len(ranks) > 1 or not all(isinstance(part, Value | int | float) for part in parts):
            raise UnknownLayerError(f"{operation.name} takes what is not alike.")
        named = [part if isinstance(part, Value) else graph.constant(part) for part in parts]
        result = graph.add(kind, named[:2], rank=max(ranks))
        for other in named[2:]:
            result = graph.add(kind, [result, other])
        return result

    return write


def _concatenated(graph: Graph, layer: layers.Concatenate, values: Sequence[Value]) -> Value:
    if layer.axis not in (-1, values[0].rank - 1):
        raise UnknownLayerError(f"{layer.name} is not over channels.")
    return graph.add("Concat", values, axis=1)


def _padded(graph: Graph, layer: layers.ZeroPadding2D, x: Value) -> Value:
    (top, bottom), (left, right) = layer.padding
    return graph.add("Pad", [x, graph.constant((0, 0, top, left, 0, 0, bottom, right), np.int64)])


def _cropped(graph: Graph, layer: layers.Cropping2D, x: Value) -> Value:
    (top, bottom), (left, right) = layer.cropping
    most = np.iinfo(np.int64).max
    ends = (-bottom or most, -right or most)
    return graph.add("Slice", [x, *(graph.constant(each, np.int64) for each in ((top, left), ends, (2, 3)))])


def _pool(kind: str) -> Callable[..., Value]:
    return lambda graph, layer, x: graph.add(kind, [x], kernel_shape=layer.pool_size, **_window(layer))


def _global_pool(kind: str) -> Callable[..., Value]:
    def write(graph: Graph, layer: layers.GlobalAveragePooling2D, x: Value) -> Value:
        x = graph.add(kind, [x])
        return x if layer.keepdims else graph.add("Flatten", [x], rank=VECTORS)

    return write


def _reshaped(graph: Graph, layer: layers.Reshape, x: Value) -> Value:
    """Write vectors as feature maps of one pixel, as squeeze-and-excitation needs them."""
    if x.rank != VECTORS or len(layer.target_shape) != MAPS - 1 or layer.target_shape[:2] != (1, 1):
        raise UnknownLayerError(f"{layer.name} gives {layer.target_shape}.")
    return graph.add("Reshape", [x, graph.constant((0, -1, 1, 1), np.int64)], rank=MAPS)


def _flattened(graph: Graph, layer: layers.Flatten, x: Value) -> Value:
    x = graph.add("Transpose", [x], perm=CHANNELS_LAST) if x.rank == MAPS else x
    return graph.add("Flatten", [x], rank=VECTORS)


def _same(graph: Graph, layer: layers.Layer, x: Value) -> Value:
    return x


def _flipped(graph: Graph, operation: Any, x: Value) -> Value:
    """Write RGB as BGR."""
    if operation.axis not in (-1, x.rank - 1, (-1,), [-1]):
        raise UnknownLayerError(f"{operation.name} is not over channels.")
    starts, ends = (graph.constant([each], np.int64) for each in (-1, np.iinfo(np.int64).min))
    return graph.add("Slice", [x, starts, ends, graph.constant([1], np.int64), graph.constant([-1], np.int64)])


def _scaled_sum(graph: Graph, layer: Any, values: Sequence[Value]) -> Value:
    """Write the shortcut of Inception-ResNet: ``first + scale * second``."""
    first, second = values
    return graph.add("Add", [first, graph.add("Mul", [second, graph.constant(layer.scale)])])


def _layer_scale(graph: Graph, layer: Any, x: Value) -> Value:
    """Write ConvNeXt's factor for each channel."""
    return graph.add("Mul", [x, _of_channels(graph, layer.gamma, x)])


#: Of Keras' layers themselves, not of what is derived from them. What drops or disturbs does so in training only.
LAYERS: dict[type, Callable[..., Value]] = {
    layers.Activation: _activation,
    layers.Add: _joined("Add"),
    layers.AveragePooling2D: _pool("AveragePool"),
    layers.BatchNormalization: _batch_norm,
    layers.Concatenate: _concatenated,
    layers.Conv2D: _convolution,
    layers.Cropping2D: _cropped,
    layers.Dense: _dense,
    layers.DepthwiseConv2D: _depthwise,
    layers.Dropout: _same,
    layers.Flatten: _flattened,
    layers.GlobalAveragePooling2D: _global_pool("GlobalAveragePool"),
    layers.GlobalMaxPooling2D: _global_pool("GlobalMaxPool"),
    layers.LayerNormalization: _layer_norm,
    layers.MaxPooling2D: _pool("MaxPool"),
    layers.Multiply: _joined("Mul"),
    layers.Normalization: _normalized,
    layers.ReLU: _relu,
    layers.Rescaling: _rescaled,
    layers.Reshape: _reshaped,
    layers.SeparableConv2D: _separable,
    layers.ZeroPadding2D: _padded,
}
#: Bare calls of ``keras.ops``, and a layer of ``keras.applications``: these have no public class.
OPERATIONS: dict[str, Callable[..., Value]] = {
    "Add": _joined("Add"),
    "CustomScaleLayer": _scaled_sum,
    "Flip": _flipped,
    "LayerScale": _layer_scale,
    "Multiply": _joined("Mul"),
}
