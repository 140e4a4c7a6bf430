"""Grad-CAM: where in a picture the evidence for a class lies.

Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", 2017,
https://arxiv.org/abs/1610.02391. After an average pooling and one linear layer it is the class activation map of Zhou
et al., 2016, https://arxiv.org/abs/1512.04150, up to a factor.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import keras
import numpy as np
from numpy.typing import NDArray

from tl_core.errors import InputError
from tl_core.language import _
from tl_core.networks.taps import is_map, logits_of, unfolded

if TYPE_CHECKING:
    import tensorflow as tf

#: Pictures at a time.
BATCH = 16
#: Below this share of the strongest value, for or against, a map counts as empty: what is left is rounding.
NOTHING = 1e-6


class Lens:
    """Looks into a network at its last feature map.

    Args:
        network: pictures ``(n, size, size, 3)`` → one output ``(n, classes)``: probabilities or logits, or ``(n, 1)``
            for the second of two classes. A functional or sequential model; models used as its layers are looked into.

    Attributes:
        layer: name of the layer whose output is looked at: the last with more than one place.
        grid: height and width of its map.

    Raises:
        InputError: the network has no feature map, or another kind of output.

    >>> picture, conv = keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3, name="last")
    >>> scores = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(conv(picture)))
    >>> Lens(keras.Model(picture, scores)).grid
    (6, 6)
    """

    def __init__(self, network: keras.Model) -> None:
        steps, output = unfolded(network)
        logits = logits_of(steps, output)
        maps = [(operation, made) for operation, _, made in steps if is_map(made)]
        if not maps or len(network.inputs) != 1 or len(logits.shape) != 2:
            raise InputError(
                _(
                    "Grad-CAM needs one picture in, a feature map and one score for each class out. Received "
                    "“{network}” with {inputs} inputs, {maps} feature maps and scores of shape {shape}."
                ).format(network=network.name, inputs=len(network.inputs), maps=len(maps), shape=tuple(logits.shape))
            )
        self.layer = str(maps[-1][0].name)
        self.grid = (int(maps[-1][1].shape[1]), int(maps[-1][1].shape[2]))
        self._run = _compiled(keras.Model(network.inputs, [maps[-1][1], logits, output]))

    def maps(
        self, pictures: NDArray[np.uint8], classes: NDArray[np.integer]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the Grad-CAM of each picture for the class of that number, and what the network predicts.

        Args:
            pictures: ``(n, size, size, 3)`` uint8.
            classes: ``(n,)``; for a network with one output unit 1 is its class and 0 the other.

        Returns:
            ``(n, height, width)``, 0 where nothing supports the class, 1 where most does (all 0: nothing does
            anywhere); and the network's output ``(n, classes)``.
        """
        parts = [
            self._run(pictures[at : at + BATCH], classes[at : at + BATCH]) for at in range(0, len(pictures), BATCH)
        ]
        return np.concatenate([maps for maps, _ in parts]), np.concatenate([outputs for _, outputs in parts])


def _compiled(model: keras.Model) -> Callable[..., tuple[NDArray[np.float32], NDArray[np.float32]]]:
    import tensorflow as tf

    pictures = tf.TensorSpec((None, *model.inputs[0].shape[1:]), tf.uint8)

    def look(batch: "tf.Tensor", classes: "tf.Tensor") -> tuple["tf.Tensor", "tf.Tensor"]:
        with tf.GradientTape() as tape:
            start = tf.cast(batch, tf.float32)
            tape.watch(start)
            maps, logits, outputs = model(start, training=False)
            if logits.shape[1] == 1:
                logits = tf.concat([-logits, logits], axis=1)
            chosen = tf.gather(logits, classes, axis=1, batch_dims=1)
        weights = tf.reduce_mean(tape.gradient(chosen, maps), axis=(1, 2), keepdims=True)
        return tf.reduce_sum(weights * maps, axis=-1), outputs

    run = tf.function(look, input_signature=[pictures, tf.TensorSpec((None,), tf.int32)], autograph=False)

    def scaled(
        batch: NDArray[np.uint8], classes: NDArray[np.integer]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        signed, outputs = (tensor.numpy() for tensor in run(batch, classes.astype(np.int32)))
        most = signed.max(axis=(1, 2), keepdims=True)
        nothing = most <= NOTHING * np.abs(signed).max(axis=(1, 2), keepdims=True)
        return np.where(nothing, 0, np.maximum(signed, 0) / np.where(nothing, 1, most)).astype(np.float32), outputs

    return scaled
