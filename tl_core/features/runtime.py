"""A network in inference mode, as fast as this machine runs it.

On a processor ONNX Runtime is more than twice as fast as TensorFlow, but the conversion takes seconds: it is used where
many pictures are expected (figures: ``tests/bench/README.md``). Otherwise, and on a graphics card, TensorFlow runs the
model as it is, with the very numbers of training.
"""

import logging
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras
import numpy as np
from numpy.typing import NDArray

from tl_core.features.sources import MANY, Forward

if TYPE_CHECKING:
    from tensorflow.types.experimental import PolymorphicFunction

# TensorFlow warns of every new graph; a worker makes some for each run, and rightly so. What the converter cannot do is
# no error: the network stays with TensorFlow.
logging.getLogger("tensorflow").setLevel(logging.ERROR)
logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)

#: The largest feature maps of the pictures that go through at a time take no more than this.
MOST_BYTES = 512 * 2**20
#: Networks beyond this many bytes are not converted: a graph may hold 2 GiB, and making it needs several copies.
MOST_CONVERTED_BYTES = 512 * 2**20
OPSET = 17
#: Axes of a batch of pictures or feature maps.
PICTURE_RANK = 4
#: What ONNX Runtime may be away from Keras, as a share of the largest value, before it is given up.
TOLERANCE = 1e-4


def forward(model: keras.Model, pictures: int = 0) -> Forward:
    """Return a quick function that runs a model in inference mode on uint8 or float batches of any length.

    It has the weights of the time of its first call. Long batches go through in chunks where feature maps are large.

    Args:
        model: one input ``(n, …)``, one output ``(n, …)``.
        pictures: how many are expected; from MANY on it is worth converting the model.
    """
    most = max(1, MOST_BYTES // bytes_of_one(model))
    longest, kind = 0, None
    run: Forward | None = None

    def chunked(batch: NDArray[np.generic]) -> NDArray[np.float32]:
        nonlocal longest, run, kind
        if run is None or len(batch) > longest or batch.dtype != kind:
            longest, kind = max(longest, len(batch)), batch.dtype
            run = _engine(model, batch[:1], _chunk(longest, most), pictures)
        size = _chunk(longest, most)
        results = [run(batch[at : at + size]) for at in range(0, len(batch), size)]
        return results[0] if len(results) == 1 else np.concatenate(results)

    return chunked


def bytes_of_one(model: keras.Model) -> int:
    """Return the bytes of feature maps that are alive at once for one picture: the most that a layer reads and writes.

    >>> bytes_of_one(keras.Sequential([keras.Input((10, 10, 1)), keras.layers.Conv2D(3, 1)]))
    1600
    """
    both = [[*_flat(operation.input), *_flat(operation.output)] for operation in _operations(model)]
    return max((4 * sum(map(_values, tensors)) for tensors in both), default=1)


def _operations(model: keras.Model) -> list[keras.Operation]:
    """Return the operations of a model and of the models in it."""
    operations: list[keras.Operation] = []
    for operation in model.operations if hasattr(model, "operations") else model.layers:
        operations += _operations(operation) if isinstance(operation, keras.Model) else [operation]
    return operations


def _flat(tensors: keras.KerasTensor | Sequence[keras.KerasTensor]) -> list[keras.KerasTensor]:
    return list(tensors) if isinstance(tensors, list | tuple) else [tensors]


def _values(tensor: keras.KerasTensor) -> int:
    return math.prod(side or 1 for side in tensor.shape[1:])


def _chunk(longest: int, most: int) -> int:
    """Return how many pictures go through at a time: even chunks of the longest batch."""
    return math.ceil(longest / math.ceil(longest / most))


def _engine(model: keras.Model, sample: NDArray[np.generic], size: int, pictures: int) -> Forward:
    """Return the fastest way for that number of pictures."""
    import tensorflow as tf

    small = 4 * model.count_params() <= MOST_CONVERTED_BYTES
    on_processor = not tf.config.list_physical_devices("GPU")
    converted = in_onnx_runtime(model, sample) if small and on_processor and pictures >= MANY else None
    # In TensorFlow the last bit of a sum depends on how many pictures go through at a time, and on the place among
    # them; in ONNX Runtime it does not. A picture alone always gets the same numbers, and a processor hardly minds.
    alone = on_processor and len(model.input.shape) == PICTURE_RANK
    return converted or _compiled(model, 1 if alone else size, sample.dtype)


def _traced(model: keras.Model) -> "PolymorphicFunction":
    import tensorflow as tf

    return tf.function(lambda x: model(tf.cast(x, tf.float32), training=False), autograph=False)


def _compiled(model: keras.Model, size: int, kind: np.dtype[np.generic]) -> Forward:
    """Return the model as one graph of TensorFlow for ``size`` pictures at a time; shorter batches are padded."""
    import tensorflow as tf

    graph = _traced(model).get_concrete_function(tf.TensorSpec((size, *model.input.shape[1:]), tf.as_dtype(kind)))

    def part(batch: NDArray[np.generic]) -> NDArray[np.float32]:
        padding = [(0, size - len(batch))] + [(0, 0)] * (batch.ndim - 1)
        (answer,) = tf.nest.flatten(graph(tf.constant(np.pad(batch, padding) if len(batch) < size else batch)))
        values: NDArray[np.float32] = answer.numpy()
        return values[: len(batch)]

    return lambda batch: np.concatenate([part(batch[at : at + size]) for at in range(0, len(batch), size)])


def in_onnx_runtime(model: keras.Model, sample: NDArray[np.generic]) -> Forward | None:
    """Return the model in ONNX Runtime; None where it cannot be, or does not give what Keras gives."""
    import tensorflow as tf

    try:
        import onnxruntime
        import tf2onnx
    except ImportError:
        return None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # The threads that decode the next pictures need the processor while ONNX Runtime waits for a batch.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    signature = [tf.TensorSpec((None, *model.input.shape[1:]), tf.as_dtype(sample.dtype), name="picture")]
    try:
        made, _ = tf2onnx.convert.from_function(_traced(model), input_signature=signature, opset=OPSET)
        session = onnxruntime.InferenceSession(made.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception as problem:  # an operation that the converter does not know raises one of many kinds
        logging.getLogger(__name__).info("%s stays with TensorFlow: %s", model.name, problem)
        return None
    name = session.get_inputs()[0].name

    def run(batch: NDArray[np.generic]) -> NDArray[np.float32]:
        values: NDArray[np.float32] = session.run(None, {name: batch})[0]
        return values

    wanted = np.asarray(model(sample.astype(np.float32), training=False))
    agree = np.abs(run(sample) - wanted).max() <= TOLERANCE * max(float(np.abs(wanted).max()), 1e-30)
    return run if agree else None
