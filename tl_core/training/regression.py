"""A head that learns by logistic regression: what a frozen network says is read once, the penalties are its epochs."""

import time
from dataclasses import asdict, dataclass

import numpy as np
import sklearn.linear_model  # noqa: F401 - with the rest that training needs, and not once all else is ready
from numpy.typing import NDArray

from tl_core import wording
from tl_core.features.batches import Examples
from tl_core.features.runtime import forward
from tl_core.features.sources import MOST_AT_A_TIME, Inputs
from tl_core.language import _
from tl_core.metrics import logistic
from tl_core.metrics.logistic import Linear
from tl_core.networks.model import Network
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.runs import EpochRow, History, best_epoch
from tl_core.training import objective
from tl_core.training.callbacks import ends
from tl_core.training.prepare import Setup

#: Numbers that may be held in memory: from so many on, steps on a few pictures each are quicker, too.
MOST_NUMBERS = 2**26


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What a head learns from, or is validated with.

    Attributes:
        features: ``(n, width)`` as the last layer of the head sees them.
        labels: ``(n,)``; of several labels ``(n, tags)``.
        weights: of each in the loss, of the same shape.
    """

    features: NDArray[np.float32]
    labels: NDArray[np.int64]
    weights: NDArray[np.float32]


def fits(setup: Setup, progress: Progress) -> bool:
    """Return whether the head learns by logistic regression; where it should and cannot, say so.

    The network has the head that learns.
    """
    numbers = _numbers(setup)
    if setup.recipe.convex and numbers > MOST_NUMBERS:
        progress.emit(
            "warning",
            text=_(
                "Logistic regression would have to hold {numbers} numbers in memory, and {limit} are its limit. "
                "So the head learned step by step instead (Adam)."
            ).format(numbers=wording.count(numbers), limit=wording.count(MOST_NUMBERS)),
        )
    return setup.recipe.convex and numbers <= MOST_NUMBERS


def strength(setup: Setup, history: History) -> float | None:
    """Return the strength of the penalty that the head has; None where it did not learn by logistic regression."""
    best = best_epoch(history.of("head"))
    if best is None or not fits(setup, Progress()):
        return None
    return logistic.strengths(setup.recipe.l2, validated=best.validated)[best.epoch - 1]


def _numbers(setup: Setup) -> int:
    """Return how many numbers the head learns from."""
    return setup.recipe.copies * len(setup.labels("train")) * int(setup.network.layers[-1].kernel.shape[0])


def rows(network: Network, examples: Examples, labels: NDArray[np.int64], copies: int) -> Rows:
    """Return what the last layer of a head learns from.

    Args:
        network: with the head, whose fixed numbers are measured.
        examples: pictures or pooled features, each with its weight.
        labels: of each, ``(n,)`` or ``(n, tags)``.
        copies: changed copies of each picture, all of which are read.
    """
    source, size, run = examples.source, MOST_AT_A_TIME, None
    if isinstance(source, Inputs):
        size, run = source.at_a_time, forward(network.pooled())
    parts = []
    for copy in range(copies):
        for at in range(0, len(labels), size):
            read = source.read(range(at, min(at + size, len(labels))), copy)
            parts.append(network.seen(run(read) if run else np.asarray(read, np.float32)))
    labels, weights = (np.concatenate([each] * copies) for each in (labels, examples.weights))
    return Rows(features=np.concatenate(parts), labels=labels, weights=weights)


def learn(setup: Setup, train: Rows, validation: Rows | None, history: History, progress: Progress) -> bool:
    """Give the network the head whose penalty suits the validation pictures best, the usual one without them.

    Returns:
        Whether a person pressed Stop before the last strength. A run that is resumed begins again: it takes a moment.
    """
    recipe, classes = setup.recipe, len(setup.classes)
    strengths = logistic.strengths(recipe.l2, validated=validation is not None)
    before = len(history.of("head"))  # these are learned again even where Stop was pressed since
    history.cut("head", 0)
    progress.emit("phase", phase="head", epochs=len(strengths))
    best, began = None, time.perf_counter()
    # All copies of a picture count as one.
    penalties = [strength * recipe.copies for strength in strengths]
    path = objective.of(recipe.head).path(train.features, train.labels, train.weights, classes, penalties)
    for epoch, linear in enumerate(path, 1):
        row = history.add(_row(epoch, linear, train, validation, recipe, began))
        progress.emit("epoch", **asdict(row))
        if best is None or row is history.best():
            best = linear
        if ends(recipe, "head", history.of("head"), len(train.labels)) or (progress.stopped() and epoch >= before):
            break
        began = time.perf_counter()
    assert best is not None, "there is at least one strength"
    setup.network.set_linear(best)
    return progress.stopped()


def _row(epoch: int, linear: Linear, train: Rows, validation: Rows | None, recipe: Recipe, began: float) -> EpochRow:
    loss, accuracy = _judged(linear, train, recipe)
    val_loss, val_accuracy = (None, None) if validation is None else _judged(linear, validation, recipe)
    seconds = round(time.perf_counter() - began, 3)
    return EpochRow(
        phase="head",
        epoch=epoch,
        loss=loss,
        accuracy=accuracy,
        val_loss=val_loss,
        val_accuracy=val_accuracy,
        seconds=seconds,
    )


def _judged(linear: Linear, rows: Rows, recipe: Recipe) -> tuple[float, float]:
    """Return the loss and the accuracy of a head."""
    logits = linear.logits(rows.features)
    return objective.of(recipe.head).judged(logits, rows.labels, rows.weights, recipe.label_smoothing)
