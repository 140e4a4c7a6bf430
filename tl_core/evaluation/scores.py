"""The scores of a model on one split beside what guessing gets, and its mistakes. Loads no TensorFlow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.about import Things
from tl_core.accuracy import Accuracy
from tl_core.dataset import kinds, manifest, notes, splits, tags
from tl_core.evaluation import predictions
from tl_core.evaluation.predictions import Predictions
from tl_core.metrics import confusion, intervals
from tl_core.metrics.confusion import ClassScores
from tl_core.runs import RunFolder


@dataclass(frozen=True, kw_only=True)
class Scores(Accuracy):
    """The figures of a model on one split.

    Attributes:
        classes: the scores of each class, in the order of the model's output.
        confusion: ``(classes, classes)`` images: row the true class, column the predicted one.
        labels: the names of the classes.
    """

    classes: list[ClassScores]
    confusion: list[list[int]]
    labels: list[str]


@dataclass(frozen=True, kw_only=True)
class Evaluation(Scores):
    """The scores on the test split, stored in ``test.json`` of the run.

    Attributes:
        run: ``<project>/<run>``.
        opened: how often the test split has been opened for this run, this time included.
        opened_in_project: the same for all runs of the project.
        time: when, in seconds since the epoch.
    """

    run: str
    opened: int
    opened_in_project: int
    time: float


def of(run: RunFolder, predicted: Predictions) -> Scores:
    """Return the scores of a run's predictions."""
    return Scores(
        **vars(accuracy(run, predicted)),
        classes=per_class(predicted),
        confusion=matrix(predicted).tolist(),
        labels=predicted.classes,
    )


def accuracy(run: RunFolder, predicted: Predictions) -> Accuracy:
    """Return the accuracy of a run's predictions beside that of guessing."""
    guess, n = most_frequent(run), len(predicted)
    position = predicted.classes.index(guess) if guess in predicted.classes else None
    return intervals.share(
        predicted.correct,
        predicted.groups,
        baseline=float((predicted.truth == position).mean()) if n else None,
        baseline_class=guess,
    )


def per_class(predicted: Predictions) -> list[ClassScores]:
    """Return the scores of each class, in the order of the model's output."""
    return confusion.per_class(predicted.truth, predicted.predicted, predicted.classes, predicted.groups)


@dataclass(frozen=True, kw_only=True)
class Guess:
    """What guessing gets by the accuracy of the learning curves.

    Attributes:
        accuracy: 0 to 1.
        answers: that this accuracy counts: of several labels each of each image.
    """

    accuracy: float
    answers: int


def guess(run: RunFolder, split: str) -> Guess | None:
    """Return what guessing gets, None for a split without images and for boxes, which nobody guesses.

    It always says the class with most training images; of several labels it says of each what is true of most of them.
    """
    rows = predictions.pictures_of(run, split)
    how = _GUESS.get(kinds.of(run.project))
    return how(run, rows) if how and len(rows) else None


def _of_one(run: RunFolder, rows: pd.DataFrame) -> Guess:
    return Guess(accuracy=float((rows["label"] == most_frequent(run)).mean()), answers=len(rows))


def _of_several(run: RunFolder, rows: pd.DataFrame) -> Guess:
    names, train = manifest.of_run(run).classes, predictions.pictures_of(run, "train")
    often = tags.matrix(train["label"].tolist(), names).mean(axis=0) > 0.5
    has = tags.matrix(rows["label"].tolist(), names)
    return Guess(accuracy=float((has == often).mean()), answers=has.size)


_GUESS: Mapping[Things, Callable[[RunFolder, pd.DataFrame], Guess]] = {
    "pictures": _of_one,
    "texts": _of_one,
    "tags": _of_several,
}


def most_frequent(run: RunFolder) -> str:
    """Return the class with most training images of a run; of several the first by name."""
    counts = predictions.pictures_of(run, "train")["label"].value_counts()
    return str(min(counts.index[counts == counts.max()]))


def leaks(run: RunFolder, split: str) -> list[str]:
    """Return how many images of a split were in an earlier split, too, when the run was trained, as sentences."""
    pairs = splits.leaks(manifest.of_run(run).table)
    return notes.leak_notes(pairs, of=[split])


def matrix(predicted: Predictions) -> NDArray[np.int64]:
    """Return the confusion matrix ``(classes, classes)``: row the true class, column the predicted one."""
    return confusion.matrix(predicted.truth, predicted.predicted, len(predicted.classes))


def mistakes(predicted: Predictions) -> list[str]:
    """Return the ids of the images that the model gets wrong, the most confident first."""
    return _most_confident(predicted, ~predicted.correct)


def cell(predicted: Predictions, truth: int, as_class: int) -> list[str]:
    """Return the ids of one cell of the confusion matrix, the most confident first.

    Args:
        predicted: the predictions.
        truth: position of the true class.
        as_class: position of the predicted class.
    """
    return _most_confident(predicted, (predicted.truth == truth) & (predicted.predicted == as_class))


def _most_confident(predicted: Predictions, chosen: NDArray[np.bool_]) -> list[str]:
    rows = np.flatnonzero(chosen)
    if not len(rows):
        return []
    return [predicted.ids[row] for row in rows[np.argsort(-predicted.confidence[rows], kind="stable")]]
