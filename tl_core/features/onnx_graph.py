"""A network as an ONNX graph: for frozen blocks, which run in ONNX Runtime, and for models that are taken away."""

import contextlib
import functools
import logging
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tl_core.language import N_

if TYPE_CHECKING:
    import keras
    import onnx

# What the converter cannot do is no error: the caller has another way.
logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)

OPSET = 17
UNCOPIED = "TF2ONNX_CATCH_ERRORS"
#: A graph holds less than 2 GiB (https://protobuf.dev/programming-guides/proto-limits): its weights, and the rest.
MOST_BYTES = 2**31 - 64 * 2**20


class CannotConvertError(Exception):
    """ONNX Runtime cannot stand in for a network; says why."""


def convert(model: "keras.Model") -> "onnx.ModelProto":
    """Return a network in inference mode as a graph that takes float32 batches of any length.

    Args:
        model: one input ``(n, …)``, called ``picture`` in the graph; outputs ``(n, …)``, which keep the names that
            the model has for them.

    Raises:
        CannotConvertError: it is too large for a graph.
    """
    import tensorflow as tf
    import tf2onnx
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    from tl_core.features.runtime import traced

    if 4 * model.count_params() > MOST_BYTES:
        raise CannotConvertError(N_("the network is too large to be converted."))
    _teach_erfc()
    picture = tf.TensorSpec((None, *model.input.shape[1:]), tf.float32, name="picture")
    # tf2onnx itself folds variables in, and takes the constants of a layer (those of Normalization) for inputs.
    folded = convert_variables_to_constants_v2(
        traced(model).get_concrete_function(picture), lower_control_flow=False, aggressive_inlining=True
    )
    (taken,), given = folded.inputs, [each.name for each in folded.outputs]
    names = sorted(model.output) if isinstance(model.output, dict) else []
    write = functools.partial(
        tf2onnx.convert.from_graph_def,
        _inlinable(folded.graph.as_graph_def(add_shapes=True)),
        name=model.name,
        input_names=[taken.name],
        output_names=given,
        opset=OPSET,
        tensors_to_rename={taken.name: "picture", **dict(zip(given, names, strict=False))},
    )
    try:
        with _uncopied():
            return write()[0]
    except Exception as problem:  # a step of the optimizer fails in one of many ways: then it leaves that step out
        logging.getLogger(__name__).info("%s is optimized with copies: %s", model.name, problem)
        return write()[0]


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
