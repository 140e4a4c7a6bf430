"""A network in inference mode, as quick as this machine runs it.

On a processor the weights are folded into the graph as constants, which lets TensorFlow join BatchNorm, bias and
activation to the convolution before them. ONNX Runtime is quicker still on many networks, but the conversion takes as
long as it saves on a thousand pictures, and every picture passes through the frozen part only once.
"""

import logging
import math
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tl_core.features import Forward

# TensorFlow warns of every new graph; a worker makes some for each run, and rightly so.
logging.getLogger("tensorflow").setLevel(logging.ERROR)

#: The largest feature maps of the pictures that go through at a time take no more than this.
MOST_BYTES = 256 * 2**20
#: Weights beyond this many bytes are not folded: a graph may hold 2 GiB, and making it needs several copies.
MOST_FOLDED_BYTES = 512 * 2**20


def forward(model: keras.Model) -> Forward:
    """Return a quick function that runs a model in inference mode on uint8 or float batches of any length.

    It keeps the weights as they are at its first call. The last, shorter batch is padded, so that there is one graph;
    long batches go through in parts where the model's feature maps are large.

    Args:
        model: one input ``(n, …)``, one output ``(n, …)``.
    """
    folding = _folds(model)
    most = max(1, MOST_BYTES // bytes_of_one(model))
    longest, run, kind = 0, None, None

    def parts(batch: NDArray[Any]) -> NDArray[np.float32]:
        nonlocal longest, run, kind
        if len(batch) > longest or batch.dtype != kind:
            longest, kind = max(longest, len(batch)), batch.dtype
            run = _compiled(model, _part(longest, most), kind, folding)
        size = _part(longest, most)
        found = [run(batch[at : at + size]) for at in range(0, len(batch), size)]  # type: ignore[misc]
        return found[0] if len(found) == 1 else np.concatenate(found)

    return parts


def bytes_of_one(model: keras.Model) -> int:
    """Return the bytes of feature maps that are alive at once for one picture: the most that a layer reads and writes.

    >>> bytes_of_one(keras.Sequential([keras.Input((10, 10, 1)), keras.layers.Conv2D(3, 1)]))
    1600
    """
    tensors = [[*_flat(layer.input), *_flat(layer.output)] for layer in _inside(model)]
    return max((4 * sum(_values(tensor) for tensor in each) for each in tensors), default=1)


def _inside(model: keras.Model) -> list[Any]:
    """Return the operations of a model and of the models in it."""
    found = []
    for operation in getattr(model, "operations", model.layers):
        found += _inside(operation) if isinstance(operation, keras.Model) else [operation]
    return found


def _flat(tensors: Any) -> list[Any]:
    return list(tensors) if isinstance(tensors, list | tuple) else [tensors]


def _values(tensor: Any) -> int:
    return math.prod(side or 1 for side in tensor.shape[1:])


def _part(longest: int, most: int) -> int:
    """Return how many pictures go through at a time: even parts of the longest batch."""
    return math.ceil(longest / math.ceil(longest / most))


def _folds(model: keras.Model) -> bool:
    import tensorflow as tf

    small = 4 * model.count_params() <= MOST_FOLDED_BYTES
    return small and not tf.config.list_physical_devices("GPU")


def _compiled(model: keras.Model, size: int, kind: Any, folding: bool) -> Forward:
    """Return the model as one graph for ``size`` pictures at a time, shorter batches padded."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    traced = tf.function(lambda x: model(tf.cast(x, tf.float32), training=False), autograph=False)
    graph = traced.get_concrete_function(tf.TensorSpec((size, *model.input.shape[1:]), tf.as_dtype(kind)))
    if folding:
        graph = convert_variables_to_constants_v2(graph)

    def run(batch: NDArray[Any]) -> NDArray[np.float32]:
        padding = [(0, size - len(batch))] + [(0, 0)] * (batch.ndim - 1)
        (answer,) = tf.nest.flatten(graph(tf.constant(np.pad(batch, padding) if len(batch) < size else batch)))
        values: NDArray[np.float32] = answer.numpy()
        return values[: len(batch)]

    return run
