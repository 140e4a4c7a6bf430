"""Asks a network for texts which words matter: what it says of versions of a text, and gradients at its words."""

from typing import TYPE_CHECKING

import keras
import numpy as np
from numpy.typing import NDArray

from tl_core.networks import bert, taps

if TYPE_CHECKING:
    import tensorflow as tf

#: Versions of a text at a time.
BATCH = 16
#: Places between no text and the text at which gradients are taken.
STEPS = 8


class TextLens:
    """Looks into a network between the words and what is said of them.

    Args:
        network: word pieces ``(n, length)`` → probabilities ``(n, classes)``, as ``Network.whole`` returns it.
    """

    def __init__(self, network: keras.Model) -> None:
        import tensorflow as tf

        seen = taps.of(network)
        embedded = network.get_layer(bert.WORDS).output
        ids = network.inputs[0]
        self._temperature = seen.temperature
        before, after = keras.Model(ids, embedded), keras.Model([ids, embedded], seen.logits)
        signature = [tf.TensorSpec((None, None), tf.int32)]

        def ask(ids: "tf.Tensor") -> "tf.Tensor":
            return self._odds(after([ids, before(ids, training=False)], training=False))

        def look(ids: "tf.Tensor", chosen: "tf.Tensor") -> "tf.Tensor":
            vectors = before(ids, training=False)
            shares = (tf.range(STEPS, dtype=tf.float32) + 0.5)[:, None, None] / STEPS
            with tf.GradientTape() as tape:
                start = shares * vectors
                tape.watch(start)
                wanted = self._odds(after([tf.repeat(ids, STEPS, axis=0), start], training=False))[:, chosen]
            slope = tf.reduce_mean(tape.gradient(wanted, start), axis=0)
            return tf.reduce_sum(slope * vectors[0], axis=-1)

        self._ask = tf.function(ask, input_signature=signature, autograph=False)
        self._look = tf.function(look, input_signature=[*signature, tf.TensorSpec((), tf.int32)], autograph=False)

    def log_odds(self, ids: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the log-odds of each class, ``(n, classes)``, for texts with or without padding, 0."""
        parts = [self._ask(ids[at : at + BATCH]).numpy() for at in range(0, len(ids), BATCH)]
        return np.concatenate(parts).astype(np.float64)

    def gradient(self, ids: NDArray[np.int32], chosen: int) -> NDArray[np.float64]:
        """Return integrated gradients of the log-odds of a class for each piece of a text ``(length,)``."""
        values: NDArray[np.float64] = self._look(ids[None], chosen).numpy().astype(np.float64)
        return values

    def _odds(self, logits: "tf.Tensor") -> "tf.Tensor":
        """Return the log-odds of each class, however near to 1 its probability is."""
        import tensorflow as tf

        logits = logits / self._temperature
        if logits.shape[1] == 1:
            return tf.concat([-logits, logits], axis=1)
        classes = logits.shape[1]
        others = tf.where(tf.eye(classes, dtype=tf.bool)[None], -np.inf, logits[:, None, :])
        return logits - tf.reduce_logsumexp(others, axis=-1)
