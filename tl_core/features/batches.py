"""Batches for Keras from pictures or cached activations, in an order that the seed and the epoch fix."""

import math
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from tl_core.features.sources import CachedActivations, Inputs

Source = CachedActivations | Inputs
Batch = tuple[NDArray[np.generic], NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, kw_only=True)
class Examples:
    """The examples of one split.

    Attributes:
        source: where the inputs are read, ``n`` rows.
        targets: what the loss compares with, ``(n, units)`` float32; of several labels ``(n, tags, 1)``.
        weights: of each row in the loss, ``(n,)`` float32; of each of its labels ``(n, tags)``.
    """

    source: Source
    targets: NDArray[np.float32]
    weights: NDArray[np.float32]


class Batches(keras.utils.PyDataset):
    """Batches ``(inputs, targets, weights)`` of examples.

    Attributes:
        epoch: the one that is read, from 0.

    Args:
        examples: the data.
        batch_size: rows per batch; the last batch of an epoch may be smaller.
        seed: of the order; None leaves the rows as they are.
    """

    def __init__(self, examples: Examples, batch_size: int, seed: int | None = None) -> None:
        super().__init__()
        self.examples = examples
        self.batch_size = batch_size
        self.seed = seed
        self.start(0)

    def start(self, epoch: int) -> None:
        """Fix the order of an epoch, from 0: a run that is resumed sees the same order."""
        self.epoch = epoch
        self._order = np.arange(len(self.examples.targets))
        if self.seed is not None:
            np.random.default_rng([self.seed, epoch]).shuffle(self._order)

    def close(self) -> None:
        """Let go of all that was read: TensorFlow keeps what it has made a data set of while the process lives."""
        self.__dict__.clear()

    def __len__(self) -> int:
        return math.ceil(len(self._order) / self.batch_size)

    def __getitem__(self, index: int) -> Batch:
        rows = self._order[index * self.batch_size : (index + 1) * self.batch_size]
        inputs = self.examples.source.read(rows, self.epoch)
        return inputs, self.examples.targets[rows], self.examples.weights[rows]


def balancing_weights(labels: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
    """Return a weight per row with which every class counts the same; their mean is 1.

    Args:
        labels: position of the class of each row, ``(n,)``.
        classes: number of classes.
    """
    counts = np.bincount(labels, minlength=classes)
    return (len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1)))[labels].astype(np.float32)


def balancing_weights_each(labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return a weight for each label of each row, with which having it and not having it count the same.

    Args:
        labels: 0 or 1 for each label of each row, ``(n, tags)``.
    """
    return np.stack([balancing_weights(column, 2) for column in labels.T], axis=1)
