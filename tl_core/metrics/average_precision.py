"""Average precision of boxes as COCO defines it, with an interval by drawing pictures again.

T.-Y. Lin et al., "Microsoft COCO: Common Objects in Context", 2014, and https://cocodataset.org/#detection-eval: boxes
of a class are taken from the surest on; each claims the box of the truth that it overlaps most, if nobody has claimed
that yet and they overlap by at least a threshold. Precision is read at 101 recalls. mAP@50 is the mean over classes at
the threshold 0.5, mAP@50:95 also over the thresholds 0.5, 0.55, … 0.95.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core.metrics.overlap import iou

THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)
DRAWS = 1000
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """A picture: what is there ``(m, 5)`` (edges, class) and what was found ``(n, 6)`` (edges, class, score)."""

    truth: Values
    found: Values


@dataclass(frozen=True, kw_only=True)
class Matched:
    """The boxes of one class in all pictures, the surest first.

    Attributes:
        scores: ``(n,)``.
        hits: whether each is right at each threshold, ``(thresholds, n)``.
        picture: number of the picture of each, ``(n,)``.
        there: boxes of the truth in each picture, ``(pictures,)``.
    """

    scores: Values
    hits: NDArray[np.bool_]
    picture: NDArray[np.int64]
    there: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class AveragePrecision:
    """How good boxes are.

    Attributes:
        map50, map50_95: means over the classes that are there; None if there is no box.
        interval: of 95% of ``map50``, by drawing pictures again.
        classes: average precision at 0.5 of each class; None for one that is not there.
        pictures: how many.
    """

    map50: float | None
    map50_95: float | None
    interval: tuple[float, float]
    classes: tuple[float | None, ...]
    pictures: int


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The score from which on boxes are shown: the one with the best F1, with its precision and recall."""

    confidence: float
    precision: float
    recall: float
    f1: float


def match(seen: Sequence[Seen], label: int) -> Matched:
    """Return which boxes of one class are right."""
    scores, hits, picture = [np.zeros(0)], [np.zeros((len(THRESHOLDS), 0), bool)], [np.zeros(0, np.int64)]
    there = np.zeros(len(seen), np.int64)
    for number, each in enumerate(seen):
        truth, found = each.truth[each.truth[:, 4] == label], each.found[each.found[:, 4] == label]
        found = found[np.argsort(-found[:, 5], kind="stable")]
        there[number] = len(truth)
        scores.append(found[:, 5])
        hits.append(_hits(iou(found[:, :4], truth[:, :4])))
        picture.append(np.full(len(found), number, np.int64))
    order = np.argsort(-np.concatenate(scores), kind="stable")
    return Matched(
        scores=np.concatenate(scores)[order],
        hits=np.concatenate(hits, axis=1)[:, order],
        picture=np.concatenate(picture)[order],
        there=there,
    )


def _hits(overlaps: Values) -> NDArray[np.bool_]:
    """Return which found boxes claim one of the truth at each threshold, ``(thresholds, n)``."""
    hits = np.zeros((len(THRESHOLDS), len(overlaps)), bool)
    if not overlaps.size:
        return hits
    for at, threshold in enumerate(THRESHOLDS):
        free = np.ones(overlaps.shape[1], bool)
        for row, each in enumerate(overlaps):
            left = np.where(free, each, -1.0)
            best = len(left) - 1 - int(left[::-1].argmax())  # of equal ones COCO takes the last
            if left[best] >= min(threshold, 1 - 1e-10):
                hits[at, row], free[best] = True, False
    return hits


def precision_at(matched: Matched, threshold: int = 0, times: NDArray[np.int64] | None = None) -> Values | None:
    """Return the precision at each of ``RECALLS``; None where no box is there.

    Args:
        matched: of a class.
        threshold: position in ``THRESHOLDS``.
        times: how often each picture counts, ``(pictures,)``; None for once.
    """
    counts = np.ones(len(matched.there), np.int64) if times is None else times
    there = int((matched.there * counts).sum())
    if not there:
        return None
    weights = counts[matched.picture]
    right = np.cumsum(weights * matched.hits[threshold])
    every = np.cumsum(weights)
    precision = np.divide(right, every, out=np.zeros(len(right)), where=every > 0)
    envelope = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return envelope[np.searchsorted(right / there, RECALLS, side="left")]


def measure(seen: Sequence[Seen], classes: int, seed: int = 0) -> AveragePrecision:
    """Return how good boxes are, those of every class.

    Args:
        seen: the pictures.
        classes: how many there are.
        seed: of the drawing for the interval.
    """
    every = [match(seen, label) for label in range(classes)]
    tables = [[_mean(precision_at(each, at)) for at in range(len(THRESHOLDS))] for each in every]
    there = [row for row in tables if row[0] is not None]
    random = np.random.default_rng(seed)
    drawn = []
    for __ in range(DRAWS if there and len(seen) > 1 else 0):
        times = np.bincount(random.integers(0, len(seen), len(seen)), minlength=len(seen))
        values = [value for each in every if (value := _mean(precision_at(each, 0, times))) is not None]
        drawn += [float(np.mean(values))] if values else []
    low, high = np.quantile(drawn, [0.025, 0.975]) if drawn else (0.0, 1.0)
    return AveragePrecision(
        map50=float(np.mean([row[0] for row in there])) if there else None,
        map50_95=float(np.mean(np.array(there, np.float64))) if there else None,
        interval=(float(low), float(high)),
        classes=tuple(row[0] for row in tables),
        pictures=len(seen),
    )


def choose(seen: Sequence[Seen], classes: int) -> Chosen:
    """Return the confidence with the best F1 of all classes together, at an overlap of at least one half."""
    every = [match(seen, label) for label in range(classes)]
    scores = np.concatenate([each.scores for each in every] or [np.zeros(0)])
    hits = np.concatenate([each.hits[0] for each in every] or [np.zeros(0, bool)])
    there = sum(int(each.there.sum()) for each in every)
    order = np.argsort(-scores, kind="stable")
    scores, right = scores[order], np.cumsum(hits[order])
    if not len(scores) or not right[-1]:
        return Chosen(confidence=0.5, precision=0.0, recall=0.0, f1=0.0)
    precision, recall = right / np.arange(1, len(right) + 1), right / there
    f1 = 2 * right / (np.arange(1, len(right) + 1) + there)
    at = int(f1.argmax())
    return Chosen(
        confidence=float(scores[at]), precision=float(precision[at]), recall=float(recall[at]), f1=float(f1[at])
    )


def _mean(values: Values | None) -> float | None:
    return None if values is None else float(values.mean())
