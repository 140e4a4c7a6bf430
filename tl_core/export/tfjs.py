"""A Keras model as a TF.js graph model: ``model.json`` and ``weights.bin``.

Written here, because the package ``tensorflowjs`` asks for an older TensorFlow. The format is that of its converter:
https://github.com/tensorflow/tfjs/tree/master/tfjs-converter. What TensorFlow's own optimizer can compute before, it
does: pre-processing and BatchNorm are part of the weights of a convolution where they come right after it.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tl_core.errors import InputError
from tl_core.export import tfjs_rewrites
from tl_core.export.page_file import GraphModel
from tl_core.files import write_bytes
from tl_core.language import _
from tl_core.networks import saved
from tl_core.progress import Progress
from tl_core.runs import RunFolder

#: Operations that TF.js has for its WebAssembly runtime: those of the networks of the catalogue, and of other heads and
#: networks.
# fmt: off
KNOWN = frozenset((
    "Any", "BatchMatMulV2", "Cast", "Erf", "Exp", "ExpandDims", "GatherV2", "Less", "LogicalAnd", "NotEqual",
    "ResizeBilinear", "SelectV2", "SquaredDifference",
    "Add", "AddV2", "AvgPool", "BiasAdd", "ConcatV2", "Const", "Conv2D", "DepthwiseConv2dNative",
    "FusedDepthwiseConv2dNative", "Identity", "MatMul", "Max", "MaxPool", "Maximum", "Mean", "Minimum", "Mul", "Neg",
    "Pad", "PadV2", "Placeholder", "RealDiv", "Relu", "Relu6", "Reshape", "ReverseV2", "Rsqrt", "Sigmoid", "Softmax",
    "Sqrt", "Square", "Squeeze", "StridedSlice", "Sub", "Sum", "Tanh", "Transpose", "_FusedConv2D",
))
# fmt: on
#: Convolutions, and what they are called with their bias and activation inside.
FUSED = {"Conv2D": "_FusedConv2D", "DepthwiseConv2dNative": "FusedDepthwiseConv2dNative"}
#: Weights with at least so many numbers are stored in half precision; fewer are not worth the rounding.
MANY = 16_384
#: Nor are weights that are too large or too small for it: it may take this share of their length. Usual is 0.0003.
ROUGHEST = 0.001
#: Rows of a weight by which it is seen whether it may have 8 bits; and how far these may be off, by its range.
EACH, EXACT = 64, 1e-6
#: What TensorFlow's optimizer does. Not its arithmetic, which hides the bias of a convolution in longer sums.
PASSES = ("pruning", "constfold", "dependency") * 2

Graph = Any  # tensorflow.core.framework.graph_pb2.GraphDef, which has no types
Node = Any


def make(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the model of a run into the folder ``target``, which is made."""
    target.mkdir()
    write(saved.of_run(run), target)


def write(model: keras.Model, folder: Path) -> None:
    """Write ``model.json`` and ``weights.bin`` into a folder. Raises as ``convert`` does, and StorageError."""
    converted = convert(model)
    write_bytes(folder / "model.json", converted.description)
    write_bytes(folder / "weights.bin", converted.weights)


def convert(model: keras.Model, length: int | None = None) -> GraphModel:
    """Return a model as a TF.js graph model.

    It takes one picture, ``image``, ``(1, height, width, 3)`` float32; or one text, ``ids``, ``(1, length)`` int32. Its
    outputs have the names that they have in Keras.

    Args:
        model: functional, of one input; where it has several outputs they are a dictionary.
        length: word pieces of a text; None for a model that takes pictures.

    Raises:
        InputError: it has an operation that TF.js does not know.
    """
    taken = _taken(model, length)
    graph = _frozen(model, taken)
    tfjs_rewrites.rewrite(graph)
    tfjs_rewrites.scale_apart(graph)
    _fuse(graph)
    nodes = _needed(graph, list(outputs(model)))
    unknown = sorted({node.op for node in nodes} - KNOWN)
    if unknown:
        raise InputError(
            _(
                "TF.js cannot run this network: it has the operation {operations}. Choose another format, such "
                "as ONNX, or train another network."
            ).format(operations=", ".join(unknown))
        )
    return _written(nodes, model, taken)


def _taken(model: keras.Model, length: int | None) -> tf.TensorSpec:
    """Return what the graph takes."""
    if length is not None:
        return tf.TensorSpec((1, length), tf.int32, name="ids")
    return tf.TensorSpec((1, *model.inputs[0].shape[1:]), tf.float32, name="image")


def outputs(model: keras.Model) -> dict[str, keras.KerasTensor]:
    """Return the outputs of a model by their names; a single one is called ``probabilities``."""
    output = model.output
    return dict(output) if isinstance(output, dict) else {"probabilities": output}


def _frozen(model: keras.Model, taken: tf.TensorSpec) -> Graph:
    """Return the graph of a model with its weights inside."""
    # There is no public way: every converter of TensorFlow models takes these.
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    names = list(outputs(model))

    def named(example: Any) -> list[Any]:
        results = model(example, training=False)
        every = results if isinstance(results, dict) else {names[0]: results}
        return [tf.identity(every[name], name=name) for name in names]

    function = tf.function(named).get_concrete_function(taken)
    graph = convert_variables_to_constants_v2(function).graph.as_graph_def()
    return _optimized(graph, names)


def _optimized(graph: Graph, names: list[str]) -> Graph:
    """Return a graph with all computed that does not depend on the picture."""
    from tensorflow.core.protobuf import config_pb2, meta_graph_pb2
    from tensorflow.python.grappler import tf_optimizer

    meta = meta_graph_pb2.MetaGraphDef()
    meta.graph_def.CopyFrom(graph)
    meta.collection_def["train_op"].node_list.value.extend(names)  # what must stay
    config = config_pb2.ConfigProto()
    config.graph_options.rewrite_options.optimizers.extend(PASSES)
    config.graph_options.rewrite_options.meta_optimizer_iterations = 2
    return tf_optimizer.OptimizeGraph(config, meta)


class _Users:
    """Which nodes take the output of which."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes = {node.name: node for node in graph.node}
        self._users: dict[str, list[Node]] = defaultdict(list)
        for node in graph.node:
            for name in node.input:
                self._users[_plain(name)].append(node)

    def next(self, node: Node | None, *kinds: str) -> Node | None:
        """Return the one node that takes the output of another, None if it is of no such kind or there are several."""
        users = self._users[node.name] if node is not None else []
        return users[0] if len(users) == 1 and users[0].op in kinds else None

    def channels(self, node: Node | None, source: Node) -> NDArray[np.float32] | None:
        """Return the numbers, one a channel, that a node adds to another or multiplies it with; None for others."""
        others = [self.nodes[_plain(name)] for name in node.input[:2]] if node is not None else []
        constants = [_value(other) for other in others if other.op == "Const" and other.name != source.name]
        fits = len(constants) == 1 and constants[0].ndim > 0 and constants[0].size == constants[0].shape[-1] > 1
        return constants[0].reshape(-1) if fits else None

    def constant(self, name: str, value: NDArray[np.float32]) -> str:
        """Add a constant and return its name."""
        node = self.graph.node.add(name=name, op="Const")
        node.attr["dtype"].type = tf.float32.as_datatype_enum
        node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
        self.nodes[name] = node
        return name


def _fuse(graph: Graph) -> None:
    """Let each convolution do the BatchNorm and the ReLU after it: TF.js then passes over the numbers once."""
    users = _Users(graph)
    for convolution in [node for node in graph.node if node.op in FUSED]:
        last = _scale(users, convolution)
        add = users.next(last, "Add", "AddV2", "BiasAdd")
        bias = users.channels(add, last)
        if add is None or bias is None:
            continue
        relu = users.next(add, "Relu", "Relu6")
        stored = users.constant(f"{add.name}/bias", bias)
        _replace(add if relu is None else relu, convolution, stored, [] if relu is None else [relu.op])


def _scale(users: _Users, convolution: Node) -> Node:
    """Make a factor for each channel that comes right after a convolution part of its weights.

    Returns:
        The node whose output is that of both.
    """
    multiply = users.next(convolution, "Mul")
    factors, weights = users.channels(multiply, convolution), users.nodes[_plain(convolution.input[1])]
    if multiply is None or factors is None or weights.op != "Const":
        return convolution
    kernel = _value(weights)
    depthwise = convolution.op == "DepthwiseConv2dNative"
    scaled = kernel * (factors.reshape(kernel.shape[2:]) if depthwise else factors)
    convolution.input[1] = users.constant(f"{multiply.name}/weights", scaled.astype(np.float32))
    name = multiply.name
    multiply.CopyFrom(convolution)
    multiply.name = name
    return multiply


def _replace(node: Node, convolution: Node, bias: str, activations: list[str]) -> None:
    """Make a node the convolution that comes before it, with its bias and activation inside."""
    name, inputs = node.name, [*convolution.input[:2], bias]
    node.CopyFrom(convolution)
    node.name, node.op = name, FUSED[convolution.op]
    del node.input[:]
    node.input.extend(inputs)
    node.attr["fused_ops"].list.s.extend(part.encode() for part in ["BiasAdd", *activations])
    node.attr["num_args"].i = 1


def _needed(graph: Graph, names: list[str]) -> list[Node]:
    """Return the nodes that the outputs of those names need."""
    nodes = {node.name: node for node in graph.node}
    needed: dict[str, Node] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = nodes[name]
            waiting += [_plain(each) for each in nodes[name].input if not each.startswith("^")]
    return list(needed.values())


def _written(nodes: list[Node], model: keras.Model, taken: tf.TensorSpec) -> GraphModel:
    stored = [(node.name, _value(node)) for node in nodes if node.op == "Const"]
    packed = [_packed(name, value) for name, value in stored]
    signature = {
        "inputs": {taken.name: _tensor(taken.name, taken.shape.as_list(), taken.dtype)},
        "outputs": {name: _tensor(name, [1, *tensor.shape[1:]]) for name, tensor in outputs(model).items()},
    }
    description = {
        "format": "graph-model",
        "generatedBy": f"TensorFlow {tf.__version__}",
        "convertedBy": "Thaw",
        "signature": signature,
        "modelTopology": {"node": [_described(node) for node in nodes], "versions": {}},
        "weightsManifest": [{"paths": ["weights.bin"], "weights": [spec for spec, _ in packed]}],
    }
    return GraphModel(description=json.dumps(description).encode(), weights=b"".join(content for _, content in packed))


def _tensor(name: str, shape: list[int], kind: tf.DType = tf.float32) -> dict[str, object]:
    dimensions = [{"size": str(size)} for size in shape]
    dtype = "DT_INT32" if kind == tf.int32 else "DT_FLOAT"
    return {"name": f"{name}:0", "dtype": dtype, "tensorShape": {"dim": dimensions}}


def _packed(name: str, value: NDArray[Any]) -> tuple[dict[str, object], bytes]:
    """Return how a weight is listed, and its bytes."""
    spec: dict[str, object] = {"name": name, "shape": list(value.shape), "dtype": "float32"}
    if value.dtype.kind in "iu":
        return spec | {"dtype": "int32"}, value.astype("<i4").tobytes()
    if value.dtype.kind == "b":
        return spec | {"dtype": "bool"}, value.astype("u1").tobytes()
    if value.size >= MANY and (eight := _eight_bits(value)):
        numbers, scale, least = eight
        return spec | {"quantization": {"dtype": "uint8", "scale": scale, "min": least}}, numbers.tobytes()
    with np.errstate(over="ignore"):
        half = value.astype("<f2")
    away = float(np.linalg.norm(value - half.astype(np.float32)))
    if value.size < MANY or not away <= ROUGHEST * float(np.linalg.norm(value)):
        return spec, value.astype("<f4").tobytes()
    return spec | {"quantization": {"dtype": "float16", "original_dtype": "float32"}}, half.tobytes()


def _eight_bits(value: NDArray[Any]) -> tuple[NDArray[np.uint8], float, float] | None:
    """Return weights as 8 bits, scale and least value where nothing is lost: a network was published so.

    >>> numbers, scale, least = _eight_bits(np.array([-0.5, 0.5, 2.5], np.float32))
    >>> numbers.tolist(), scale, least
    ([0, 1, 3], 1.0, -0.5)
    """
    levels = np.unique(value[:EACH] if value.ndim > 1 else value).astype(np.float64)
    if not 1 < len(levels) <= 256:
        return None
    least, greatest = float(value.min()), float(value.max())
    steps = round((greatest - least) / float(np.diff(levels).min()))
    if not 0 < steps <= 255:
        return None
    scale = (greatest - least) / steps
    numbers = np.rint((value.astype(np.float64) - least) / scale)
    if np.abs(numbers * scale + least - value).max() > EXACT * (greatest - least):
        return None
    return numbers.astype(np.uint8), scale, least


def _described(node: Node) -> Any:
    """Return a node as the JSON of protocol buffers; the value of a weight lies elsewhere."""
    from google.protobuf.json_format import MessageToDict

    bare = type(node)(name=node.name, op=node.op, input=[name for name in node.input if not name.startswith("^")])
    for name, attribute in node.attr.items():
        if name == "value":
            tensor = bare.attr[name].tensor
            tensor.dtype = attribute.tensor.dtype
            tensor.tensor_shape.CopyFrom(attribute.tensor.tensor_shape)
        elif not name.startswith("_"):
            bare.attr[name].CopyFrom(attribute)
    return MessageToDict(bare)


def _value(node: Node) -> NDArray[Any]:
    value: NDArray[Any] = tf.make_ndarray(node.attr["value"].tensor)
    return value


def _plain(name: str) -> str:
    """Return the name of the node that an input of another one names."""
    return name.removeprefix("^").split(":")[0]
