"""From the hidden states of a text to one vector."""

import keras
from keras import layers, ops

from tl_core.networks.padding import named, present
from tl_core.networks.text_catalogue import Pooling

#: Below every value of a hidden state.
LOWEST = -1e9


def pooled(hidden: keras.KerasTensor, pooling: Pooling, name: str = "head_pooling") -> keras.KerasTensor:
    """Return one vector a text, ``(n, width)``; zeros for one that is padding throughout.

    Args:
        hidden: ``(n, length, width)``, zeros where there is padding.
        pooling: ``"first"`` the hidden state of "[CLS]"; ``"average"`` and ``"max"`` over all that is no padding.
        name: of the last operation, a layer; those of the others begin with it.
    """
    kinds = {"first": _first, "average": _average, "max": _max}
    return layers.Identity(name=name)(kinds[pooling](hidden, name))


def _first(hidden: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return named(ops.take(hidden, 0, axis=1), f"{name}_first")


def _average(hidden: keras.KerasTensor, name: str) -> keras.KerasTensor:
    there = named(ops.cast(present(hidden, name), "float32"), f"{name}_mask")
    count = named(ops.sum(there, axis=1, keepdims=True), f"{name}_count")
    total = named(ops.sum(hidden, axis=1), f"{name}_total")
    return named(ops.divide(total, named(ops.maximum(count, 1.0), f"{name}_least")), f"{name}_average")


def _max(hidden: keras.KerasTensor, name: str) -> keras.KerasTensor:
    there = named(ops.expand_dims(present(hidden, name), -1), f"{name}_column")
    low = named(ops.where(there, hidden, LOWEST), f"{name}_low")
    greatest = named(ops.max(low, axis=1), f"{name}_greatest")
    some = named(ops.any(there, axis=1), f"{name}_some")
    return named(ops.where(some, greatest, 0.0), f"{name}_max")
