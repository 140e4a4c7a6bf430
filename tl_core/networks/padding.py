"""What is padding in a text: positions of its hidden state that are 0 throughout.

So the hidden state alone says it, and nothing else has to be passed on from block to block: a network of texts can be
cut between any two of them. No real token has a hidden state of zeros, not even after it was stored as float16.
"""

import keras
from keras import ops

from tl_core import keras_private


def named(tensor: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Name the bare ``keras.ops`` call that made a symbolic tensor: Keras counts calls, in each process from 0."""
    keras_private.maker(tensor).name = name
    return tensor


def present(hidden: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Return where there is no padding, ``(n, length)`` bool.

    Args:
        hidden: ``(n, length, width)``, 0 where there is padding.
        name: what the names of the operations begin with.
    """
    return named(ops.any(named(ops.not_equal(hidden, 0.0), f"{name}_nonzero"), axis=-1), f"{name}_present")


def cleared(hidden: keras.KerasTensor, present: keras.KerasTensor, mask: str, name: str) -> keras.KerasTensor:
    """Return a hidden state with zeros where there is padding.

    Args:
        hidden: ``(n, length, width)``.
        present: ``(n, length)`` bool.
        mask: what the names of the operations begin with, but for
        name: that of the last one, a layer.
    """
    column = named(ops.expand_dims(present, -1), f"{mask}_column")
    return keras.layers.Multiply(name=name)([hidden, named(ops.cast(column, "float32"), f"{mask}_mask")])
