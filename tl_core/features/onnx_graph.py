"""Any network as an ONNX graph, through TensorFlow and tf2onnx: for models that are taken away, and for frozen blocks.

Those of convolutional networks are written in a tenth of the time by ``onnx_layers``.
"""

import contextlib
import functools
import logging
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tl_core.language import N_

if TYPE_CHECKING:
    import keras
    import onnx

# What the converter cannot do is no error: the caller has another way. It calls what TensorFlow no longer likes.
logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)
logging.getLogger("tensorflow").setLevel(logging.ERROR)

OPSET = 17
#: What the input is called, by its type: pictures, or the word pieces of texts.
INPUTS = {"float32": "picture", "int32": "ids"}
UNCOPIED = "TF2ONNX_CATCH_ERRORS"
#: A graph holds less than 2 GiB (https://protobuf.dev/programming-guides/proto-limits): its weights, and the rest.
MOST_BYTES = 2**31 - 64 * 2**20


class CannotConvertError(Exception):
    """ONNX Runtime cannot stand in for a network; says why."""


def convert(model: "keras.Model", *, folded: bool = True) -> "onnx.ModelProto":
    """Return a network in inference mode as a graph that takes batches of any length.

    Args:
        model: one input: pictures ``(n, …)`` float32, called ``picture`` in the graph, or texts ``(n, length)`` int32,
            called ``ids``, which may be of any length there; outputs ``(n, …)``, which keep the names that the model
            has for them.

    Raises:
        CannotConvertError: it is too large for a graph.
    """
    import tf2onnx

    if 4 * model.count_params() > MOST_BYTES:
        raise CannotConvertError(N_("the network is too large to be converted."))
    _teach_erfc()
    traced = _folded(model) if folded and model.input.dtype == "float32" else _weights_apart(model)
    given = [each.name for each in traced.graph.outputs]
    outputs = sorted(model.output) if isinstance(model.output, dict) else []
    inputs = [INPUTS[model.input.dtype], *traced.weights]
    taken = [each.name for each in traced.graph.inputs]
    write = functools.partial(
        tf2onnx.convert.from_graph_def,
        _inlinable(traced.graph.as_graph_def(add_shapes=True)),
        name=model.name,
        input_names=taken,
        output_names=given,
        opset=OPSET,
        tensors_to_rename=dict(zip(taken, inputs, strict=True)) | dict(zip(given, outputs, strict=False)),
    )
    try:
        with _uncopied():
            made = write()[0]
    except Exception as problem:  # a step of the optimizer fails in one of many ways: then it leaves that step out
        logging.getLogger(__name__).info("%s is optimized with copies: %s", model.name, problem)
        made = write()[0]
    _put_in(made.graph, traced.weights)
    return made


class _Traced(NamedTuple):
    """A network as a graph of TensorFlow.

    Attributes:
        graph: its inputs are that of the network, then the weights.
        weights: that are not in it, by name.
    """

    graph: Any
    weights: dict[str, NDArray[np.generic]]


def _batch(model: "keras.Model") -> Any:
    import tensorflow as tf

    kind = model.input.dtype
    shape = model.input.shape[1:] if kind == "float32" else (None,)
    return tf.TensorSpec((None, *shape), kind, name=INPUTS[kind])


def _folded(model: "keras.Model") -> _Traced:
    """Return a network with its weights: tf2onnx transposes those of convolutions and joins them with BatchNorm's.

    By itself it folds variables in, and takes the constants of a layer (those of Normalization) for inputs.
    """
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    from tl_core.features.runtime import traced

    function = traced(model).get_concrete_function(_batch(model))
    folded = convert_variables_to_constants_v2(function, lower_control_flow=False, aggressive_inlining=True)
    return _Traced(folded.graph, {})


def _weights_apart(model: "keras.Model") -> _Traced:
    """Return a network whose weights are put in at the end: the converter copies what it holds dozens of times.

    Of 33 million weights, a conversion takes a third of the time.
    """
    import tensorflow as tf

    parts = [model.trainable_variables, model.non_trainable_variables]
    variables = [variable for part in parts for variable in part]
    specs = [tf.TensorSpec(each.shape, each.dtype, name=each.path.replace("/", "_")) for each in variables]

    def call(batch: Any, *weights: Any) -> Any:
        trainable, fixed = weights[: len(parts[0])], weights[len(parts[0]) :]
        return model.stateless_call(trainable, fixed, batch, training=False)[0]

    graph = tf.function(call, autograph=False).get_concrete_function(_batch(model), *specs).graph
    weights = {variable.path: np.asarray(variable) for variable in variables}
    constants = {inside.op.name: np.asarray(outside) for outside, inside in graph.captures}  # those of Normalization
    return _Traced(graph, weights | constants)


def _put_in(graph: "onnx.GraphProto", weights: dict[str, NDArray[np.generic]]) -> None:
    """Give a graph the weights that it takes as inputs."""
    from onnx import numpy_helper

    inputs = [each for each in graph.input if each.name not in weights]
    del graph.input[:]
    graph.input.extend(inputs)
    graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in weights.items())


@contextlib.contextmanager
def _uncopied() -> Iterator[None]:
    """Keep the converter's optimizer from copying the whole graph before each of its steps, in case that one fails.

    The copies are a third of a conversion. Whatever this variable is set to, it makes none; it reads it each time.
    """
    os.environ[UNCOPIED] = "FALSE"
    try:
        yield
    finally:
        os.environ.pop(UNCOPIED, None)


def _inlinable(graph: Any) -> Any:
    """Return a graph of TensorFlow whose functions may all be inlined.

    Keras has grouped convolutions compiled by XLA, since TensorFlow's own do not run on a processor; ONNX Runtime's do.
    """
    for each in (*graph.node, *graph.library.function, *(node for f in graph.library.function for node in f.node_def)):
        for mark in ("_XlaMustCompile", "_noinline"):
            each.attr.pop(mark, None)
    return graph


@functools.cache
def _teach_erfc() -> None:
    """Let the converter write ``erfc(x)`` as ``1 - erf(x)``: TensorFlow's exact GELU has it, and ONNX has not."""
    from tf2onnx.handler import tf_op

    @tf_op("Erfc")
    class Erfc:
        @classmethod
        def version_9(cls, ctx, node, **kwargs):  # type: ignore[no-untyped-def]
            """Replace a node; the names are the converter's."""
            shapes, kinds, outputs = node.output_shapes, node.output_dtypes, node.output
            ctx.remove_node(node.name)
            erf = ctx.make_node("Erf", node.input, shapes=shapes, dtypes=kinds)
            one = ctx.make_const(f"{node.name}_one", np.array(1, np.float32))
            ctx.make_node("Sub", [one.output[0], erf.output[0]], outputs=outputs, shapes=shapes, dtypes=kinds)
