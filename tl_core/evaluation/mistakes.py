"""Which pictures a model gets wrong, the surest of its mistakes first, and which classes it takes for which."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tl_core.evaluation.predictions import Predictions
from tl_core.metrics import intervals


def most_certain(found: Predictions) -> list[str]:
    """Return the ids of the pictures that the model gets wrong, those with the most probable wrong answer first."""
    sure = found.probabilities[np.arange(len(found)), found.predicted] if len(found) else np.zeros(0)
    wrong = np.flatnonzero(~found.correct)
    return [found.ids[row] for row in wrong[np.argsort(-sure[wrong], kind="stable")]]


def cell(found: Predictions, truth: int, said: int) -> list[str]:
    """Return the ids of one cell of the confusion matrix, the surest answers first.

    Args:
        found: the answers.
        truth: position of the true class.
        said: position of the class that the model said.
    """
    rows = np.flatnonzero((found.truth == truth) & (found.predicted == said))
    sure = found.probabilities[rows, said] if len(rows) else np.zeros(0)
    return [found.ids[row] for row in rows[np.argsort(-sure, kind="stable")]]


def matrix(found: Predictions) -> NDArray[np.int64]:
    """Return the confusion matrix ``(classes, classes)``: row the true class, column the answer."""
    return intervals.confusion(found.truth, found.predicted, len(found.classes))


def pairs(counts: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Return the confusions of a matrix, the most frequent first.

    Returns:
        For each cell off the diagonal that holds pictures: ``truth`` and ``said`` (positions), ``pictures``, and
        ``share`` of all pictures of the true class.
    """
    truth, said = np.nonzero(counts * ~np.eye(len(counts), dtype=bool))
    order = np.argsort(-counts[truth, said], kind="stable")
    return [
        {
            "truth": int(row),
            "said": int(column),
            "pictures": int(counts[row, column]),
            "share": float(counts[row, column] / counts[row].sum()),
        }
        for row, column in zip(truth[order], said[order], strict=True)
    ]
