"""The figures of a model on one part of the pictures, beside what a guess without looking gets. Loads no TensorFlow."""

from typing import Any

import numpy as np

from tl_core.dataset import manifest, notes, splits
from tl_core.evaluation import predictions
from tl_core.evaluation.predictions import Predictions
from tl_core.metrics import intervals
from tl_core.runs import RunFolder


def of(run: RunFolder, found: Predictions) -> dict[str, Any]:
    """Return the figures of a run's answers.

    Returns:
        ``accuracy``, ``n``, ``interval`` (95 %, Wilson), ``in_words``, ``baseline`` and ``baseline_class`` (always
        naming the class with most training pictures), ``classes`` (precision, recall, F1, support of each),
        ``confusion`` (row: truth, column: answer) and ``labels``. Without pictures the accuracies are None.
    """
    counts = intervals.confusion(found.truth, found.predicted, len(found.classes))
    return {
        **accuracy(run, found),
        "in_words": intervals.in_words(int(np.trace(counts)), len(found)),
        "classes": intervals.per_class(counts, found.classes),
        "confusion": counts.tolist(),
        "labels": found.classes,
    }


def accuracy(run: RunFolder, found: Predictions) -> dict[str, Any]:
    """Return ``accuracy``, ``n``, ``interval``, ``baseline`` and ``baseline_class`` of a run's answers, see ``of``."""
    guess, n = commonest(run), len(found)
    known = found.classes.index(guess) if guess in found.classes else None
    return {
        **intervals.accuracy(int(found.correct.sum()), n),
        "baseline": float((found.truth == known).mean()) if n else None,
        "baseline_class": guess,
    }


def guess(run: RunFolder, part: str) -> float | None:
    """Return the accuracy of always naming the class with most training pictures, None for a part without pictures."""
    labels = predictions.pictures_of(run, part)["label"]
    return float((labels == commonest(run)).mean()) if len(labels) else None


def leaks(run: RunFolder, part: str) -> list[str]:
    """Return how many pictures of a part were in a part before it, too, when the run was trained, as sentences."""
    found = splits.leaks(manifest.load(run.project, run.recipe.manifest).table)
    return notes.leak_notes(found, of=[part])


def commonest(run: RunFolder) -> str:
    """Return the class with most pictures in the training part of a run; of several the first by name."""
    counts = predictions.pictures_of(run, "train")["label"].value_counts()
    return str(min(counts.index[counts == counts.max()]))
