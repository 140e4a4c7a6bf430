"""A network in inference mode as one graph of TensorFlow, with the very numbers of training.

What is frozen runs faster, see ``converted``.
"""

import functools
import logging
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras
import numpy as np
from numpy.typing import NDArray

from tl_core.features import texts
from tl_core.features.sources import Forward

if TYPE_CHECKING:
    from tensorflow.types.experimental import PolymorphicFunction

# TensorFlow warns of every new graph; a worker makes some for each run, and rightly so.
logging.getLogger("tensorflow").setLevel(logging.ERROR)

#: The largest feature maps of the pictures that go through at a time take no more than this.
MOST_BYTES = 512 * 2**20
#: Axes of a batch of pictures or feature maps.
PICTURE_RANK = 4


def forward(model: keras.Model) -> Forward:
    """Return a quick function that runs a model in inference mode on uint8 or float batches of any length.

    It has the weights of the time of its first call. Long batches go through in chunks where feature maps are large;
    of a network that takes texts of any length, those of about one length do together (``texts``).

    Args:
        model: one input ``(n, …)``, one output ``(n, …)``.
    """
    if model.inputs[0].shape[1:] == (None,):
        return texts.with_little_padding(_of_any_length(model))
    most = max(1, MOST_BYTES // bytes_of_one(model))
    longest, kind = 0, None
    run: Forward | None = None

    def chunked(batch: NDArray[np.generic]) -> NDArray[np.float32]:
        nonlocal longest, run, kind
        if run is None or len(batch) > longest or batch.dtype != kind:
            longest, kind = max(longest, len(batch)), batch.dtype
            run = _compiled(model, _chunk(longest, most), batch.dtype)
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


def traced(model: keras.Model) -> "PolymorphicFunction":
    """Return a function of TensorFlow that runs a model in inference mode on batches of any number type."""
    import tensorflow as tf

    return tf.function(lambda x: model(tf.cast(x, model.inputs[0].dtype), training=False), autograph=False)


def _of_any_length(model: keras.Model) -> Forward:
    """Return a network that takes texts of any length as one graph of TensorFlow, made at its first call."""
    import tensorflow as tf

    @functools.cache
    def graph() -> "PolymorphicFunction":
        return traced(model).get_concrete_function(tf.TensorSpec((None, None), tf.int32))

    def run(batch: NDArray[np.generic]) -> NDArray[np.float32]:
        (answer,) = tf.nest.flatten(graph()(tf.constant(batch, tf.int32)))
        values: NDArray[np.float32] = answer.numpy()
        return values

    return run


def _compiled(model: keras.Model, size: int, kind: np.dtype[np.generic]) -> Forward:
    """Return the model as one graph of TensorFlow for ``size`` pictures at a time; shorter batches are padded."""
    import tensorflow as tf

    # The last bit of a sum depends on how many pictures go through at a time, and on the place among them. A picture
    # alone always gets the same numbers, and a processor hardly minds.
    alone = len(model.inputs[0].shape) == PICTURE_RANK and not tf.config.list_physical_devices("GPU")
    size = 1 if alone else size
    graph = traced(model).get_concrete_function(tf.TensorSpec((size, *model.inputs[0].shape[1:]), tf.as_dtype(kind)))

    def part(batch: NDArray[np.generic]) -> NDArray[np.float32]:
        padding = [(0, size - len(batch))] + [(0, 0)] * (batch.ndim - 1)
        (answer,) = tf.nest.flatten(graph(tf.constant(np.pad(batch, padding) if len(batch) < size else batch)))
        values: NDArray[np.float32] = answer.numpy()
        return values[: len(batch)]

    return lambda batch: np.concatenate([part(batch[at : at + size]) for at in range(0, len(batch), size)])
