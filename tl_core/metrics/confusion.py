"""Which class is taken for which.

Counted here and not by ``sklearn.metrics``, which refuses an empty list and takes a second to load on a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core.metrics import intervals


@dataclass(frozen=True, kw_only=True)
class ClassScores:
    """The scores of one class.

    Attributes:
        label: name of the class.
        precision: share of the images predicted as this class that are of it, 0 to 1; None where there are none.
        recall: share of the images of this class that are predicted as it, 0 to 1; None where there are none.
        f1: harmonic mean of both, 0 to 1; None where both are undefined.
        support: images of this class.
        recall_interval: of the recall, 95%.
        groups: independent groups of images of this class; None in files of earlier versions.
    """

    label: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    recall_interval: tuple[float, float]
    groups: int | None = None


@dataclass(frozen=True, kw_only=True)
class Confused:
    """One cell off the diagonal of a confusion matrix.

    Attributes:
        truth: position of the true class.
        predicted: position of the class that the model predicted.
        pictures: how many, 1 or more.
        share: of all images of the true class, 0 to 1.
    """

    truth: int
    predicted: int
    pictures: int
    share: float


def matrix(truth: NDArray[np.integer], predicted: NDArray[np.integer], classes: int) -> NDArray[np.int64]:
    """Return the confusion matrix ``(classes, classes)``: row the true class, column the predicted one.

    >>> matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (truth, predicted), 1)
    return counts


def per_class(
    truth: NDArray[np.integer],
    predicted: NDArray[np.integer],
    names: Sequence[str],
    groups: NDArray[np.integer] | None = None,
) -> list[ClassScores]:
    """Return the scores of each class.

    Args:
        truth: ``(n,)`` positions of the true classes.
        predicted: ``(n,)`` positions of the predicted ones.
        names: of the classes.
        groups: ``(n,)`` number of each image's group; None where no image is like another.
    """
    return [_of_class(truth == at, predicted == at, name, groups) for at, name in enumerate(names)]


def _of_class(
    own: NDArray[np.bool_], called: NDArray[np.bool_], name: str, groups: NDArray[np.integer] | None
) -> ClassScores:
    hit, support, column = int((own & called).sum()), int(own.sum()), int(called.sum())
    recall = intervals.share(called[own], None if groups is None else groups[own])
    return ClassScores(
        label=name,
        precision=hit / column if column else None,
        recall=recall.accuracy,
        f1=2 * hit / (support + column) if support + column else None,
        support=support,
        recall_interval=recall.interval,
        groups=recall.groups,
    )


def pairs(counts: NDArray[np.int64]) -> list[Confused]:
    """Return the confusions of a matrix, the most frequent first."""
    truth, predicted = np.nonzero(counts * ~np.eye(len(counts), dtype=bool))
    order = np.argsort(-counts[truth, predicted], kind="stable")
    return [
        Confused(
            truth=int(row),
            predicted=int(column),
            pictures=int(counts[row, column]),
            share=float(counts[row, column] / counts[row].sum()),
        )
        for row, column in zip(truth[order], predicted[order], strict=True)
    ]
