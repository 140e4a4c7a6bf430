"""Random changes to training pictures, as Keras layers: a row of ``LEVELS`` each; ``recipe`` has their words."""

from collections.abc import Callable

import keras
import numpy as np
from numpy.typing import NDArray

from tl_core.features.sources import Forward
from tl_core.recipe import Augmentation


def _gentle(seed: int) -> list[keras.Layer]:
    return [
        keras.layers.RandomTranslation(0.08, 0.08, fill_mode="nearest", seed=seed),
        keras.layers.RandomZoom((-0.15, 0.05), fill_mode="nearest", seed=seed + 1),
        keras.layers.RandomBrightness(0.1, value_range=(0, 255), seed=seed + 2),
        keras.layers.RandomContrast(0.1, value_range=(0, 255), seed=seed + 3),
    ]


def _full(seed: int) -> list[keras.Layer]:
    return [
        keras.layers.RandomFlip("horizontal", seed=seed + 4),
        keras.layers.RandomRotation(0.06, fill_mode="nearest", seed=seed + 5),
        *_gentle(seed),
    ]


#: The layers of each level, given the first of their seeds; in the order in which they are applied.
LEVELS: dict[Augmentation, Callable[[int], list[keras.Layer]]] = {
    "off": lambda seed: [],
    "gentle": _gentle,
    "full": _full,
}


def build(level: Augmentation, size: int, seed: int) -> keras.Sequential | None:
    """Return layers that change uint8-range pictures ``(n, size, size, 3)`` while training, None for no change.

    They pass pictures through unchanged outside training.

    Raises:
        KeyError: there is no such level.
    """
    layers = LEVELS[level](seed)
    return keras.Sequential([keras.Input((size, size, 3)), *layers], name="augmentation") if layers else None


def before(level: Augmentation, size: int, seed: int, forward: Forward) -> Forward:
    """Return a function that changes batches of pictures as ``build`` does, then runs them through ``forward``."""
    layers = build(level, size, seed)
    if layers is None:
        return forward

    def run(batch: NDArray[np.generic]) -> NDArray[np.float32]:
        return forward(keras.ops.convert_to_numpy(layers(batch.astype(np.float32), training=True)))

    return run
