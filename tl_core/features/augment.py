"""Random changes of training pictures, as Keras layers: off, gentle or full."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tl_core.features.sources import Forward
from tl_core.recipe import Augmentation


def build(level: Augmentation, size: int, seed: int) -> keras.Sequential | None:
    """Return layers that change uint8-range pictures ``(n, size, size, 3)`` while training, None for ``"off"``.

    They pass pictures through unchanged outside training.
    """
    if level == "off":
        return None
    layers = keras.layers
    gentle = [
        layers.RandomTranslation(0.08, 0.08, fill_mode="nearest", seed=seed),
        layers.RandomZoom((-0.15, 0.05), fill_mode="nearest", seed=seed + 1),
        layers.RandomBrightness(0.1, value_range=(0, 255), seed=seed + 2),
        layers.RandomContrast(0.1, value_range=(0, 255), seed=seed + 3),
    ]
    more = [
        layers.RandomFlip("horizontal", seed=seed + 4),
        layers.RandomRotation(0.06, fill_mode="nearest", seed=seed + 5),
    ]
    chosen = gentle if level == "gentle" else more + gentle
    return keras.Sequential([keras.Input((size, size, 3)), *chosen], name="augmentation")


def before(level: Augmentation, size: int, seed: int, forward: Forward) -> Forward:
    """Return a function that changes batches of pictures as ``build`` does, then runs them through ``forward``."""
    changes = build(level, size, seed)
    if changes is None:
        return forward
    layers = changes

    def run(batch: NDArray[Any]) -> NDArray[np.float32]:
        return forward(keras.ops.convert_to_numpy(layers(batch.astype(np.float32), training=True)))

    return run
