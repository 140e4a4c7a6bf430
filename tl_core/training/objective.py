"""What a head learns: one label for each example, or several; the numbers that training compares its logits with."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.dataset import tags
from tl_core.evaluation.inference import both
from tl_core.features.batches import balancing_weights, balancing_weights_each
from tl_core.metrics import logistic
from tl_core.metrics.logistic import Linear
from tl_core.recipe import Head

Labels = NDArray[np.int64]
Weights = NDArray[np.float32]


class Objective(Protocol):
    """What a head learns. Labels and weights have one row for each example."""

    def labels(self, table: pd.DataFrame, classes: Sequence[str]) -> Labels:
        """Return the labels of rows of a manifest: positions of classes ``(n,)``, or 0 and 1 ``(n, tags)``."""
        ...

    def weights(self, labels: Labels, classes: int, *, balanced: bool) -> Weights:
        """Return what each label counts in the loss, all the same unless they are to be balanced."""
        ...

    def path(
        self, features: NDArray[np.float32], labels: Labels, weights: Weights, classes: int, strengths: Sequence[float]
    ) -> Iterator[Linear]:
        """Yield the best head for each strength of the penalty (``logistic.path``)."""
        ...

    def judged(
        self, logits: NDArray[np.float32], labels: Labels, weights: Weights, smoothing: float
    ) -> tuple[float, float]:
        """Return the loss and the accuracy of logits."""
        ...


class OneLabel:
    """An ``Objective`` for one label an example: the position of its class."""

    def labels(self, table: pd.DataFrame, classes: Sequence[str]) -> Labels:
        position = {label: number for number, label in enumerate(classes)}
        return np.array([position[label] for label in table["label"]], np.int64)

    def weights(self, labels: Labels, classes: int, *, balanced: bool) -> Weights:
        return balancing_weights(labels, classes) if balanced else np.ones(len(labels), np.float32)

    def path(
        self, features: NDArray[np.float32], labels: Labels, weights: Weights, classes: int, strengths: Sequence[float]
    ) -> Iterator[Linear]:
        return logistic.path(features, labels, weights, classes, strengths)

    def judged(
        self, logits: NDArray[np.float32], labels: Labels, weights: Weights, smoothing: float
    ) -> tuple[float, float]:
        logits = both(logits)
        loss = logistic.cross_entropy(logits, labels, weights, smoothing)
        return loss, float((logits.argmax(axis=1) == labels).mean())


class SeveralLabels:
    """An ``Objective`` for any number of labels an example: 0 or 1 for each tag.

    Its accuracy is the mean over the tags, a tag being given where its probability is above one half.
    """

    def labels(self, table: pd.DataFrame, classes: Sequence[str]) -> Labels:
        return tags.matrix(table["label"].tolist(), classes).astype(np.int64)

    def weights(self, labels: Labels, classes: int, *, balanced: bool) -> Weights:
        return balancing_weights_each(labels) if balanced else np.ones(labels.shape, np.float32)

    def path(
        self, features: NDArray[np.float32], labels: Labels, weights: Weights, classes: int, strengths: Sequence[float]
    ) -> Iterator[Linear]:
        return logistic.path_each(features, labels, weights, strengths)

    def judged(
        self, logits: NDArray[np.float32], labels: Labels, weights: Weights, smoothing: float
    ) -> tuple[float, float]:
        loss = logistic.binary_cross_entropy(logits, labels, weights, smoothing)
        return loss, float(((logits > 0) == labels).mean())


def of(head: Head) -> Objective:
    """Return what a head learns."""
    return SeveralLabels() if head.several else OneLabel()
