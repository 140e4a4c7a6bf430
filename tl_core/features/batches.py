"""Batches for Keras out of pictures or kept activations, in an order that the seed and the epoch fix."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tl_core.features.sources import Kept, Pictures

Source = Kept | Pictures


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the data.

    Attributes:
        source: where the inputs are read, ``n`` rows.
        targets: what the loss compares with, ``(n, units)`` float32.
        weights: of each row in the loss, ``(n,)`` float32.
    """

    source: Source
    targets: NDArray[np.float32]
    weights: NDArray[np.float32]


class Feed:
    """Batches of a part.

    Args:
        part: the data.
        batch_size: rows per batch; the last batch of an epoch may be smaller.
        seed: of the order; None keeps the rows as they are.
    """

    def __init__(self, part: Part, batch_size: int, seed: int | None = None) -> None:
        self.part = part
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = 0
        self.steps = math.ceil(len(part.targets) / batch_size)

    def start(self, epoch: int) -> None:
        """Say which epoch comes next, from 0: a run that goes on after a restart sees the same order."""
        self.epoch = epoch

    def dataset(self) -> tf.data.Dataset:
        """Return ``(inputs, targets, weights)`` batches as a dataset that starts anew in every epoch."""
        inputs, targets, weights = next(self._batches())
        signature = tuple(tf.TensorSpec((None, *array.shape[1:]), array.dtype) for array in (inputs, targets, weights))
        made = tf.data.Dataset.from_generator(self._batches, output_signature=signature)
        return made.apply(tf.data.experimental.assert_cardinality(self.steps)).prefetch(2)

    def _batches(self) -> Iterator[tuple[Any, Any, Any]]:
        order = np.arange(len(self.part.targets))
        if self.seed is not None:
            np.random.default_rng([self.seed, self.epoch]).shuffle(order)
        for at in range(0, len(order), self.batch_size):
            chosen = order[at : at + self.batch_size]
            inputs = self.part.source.read(chosen, self.epoch)
            yield inputs, self.part.targets[chosen], self.part.weights[chosen]


def balancing_weights(labels: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
    """Return a weight per row with which every class counts the same; their mean is 1.

    Args:
        labels: position of the class of each row, ``(n,)``.
        classes: number of classes.
    """
    counts = np.bincount(labels, minlength=classes)
    return (len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1)))[labels].astype(np.float32)
