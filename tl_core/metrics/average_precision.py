"""Average precision of boxes as COCO defines it, with an interval by drawing pictures again.

T.-Y. Lin et al., "Microsoft COCO: Common Objects in Context", 2014, and https://cocodataset.org/#detection-eval: boxes
of a class are taken from the surest on, at most 100 in a picture; each claims the box of the truth that it overlaps
most, if nobody has claimed that yet and they overlap by at least a threshold. Precision is read at 101 recalls. mAP@50
is the mean over classes at the threshold 0.5, mAP@50:95 also over the thresholds 0.5, 0.55, … 0.95.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core.metrics.intervals import of_draws, rate_interval
from tl_core.metrics.overlap import MOST, iou

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
class ClassPrecision:
    """How good the boxes of one class are.

    Attributes:
        there: boxes of the truth.
        ap50: average precision at an overlap of one half; None where no box is there.
        interval: of 95% of ``ap50``.
        curve: precision at each of ``RECALLS``, at an overlap of one half; empty where no box is there.
    """

    there: int
    ap50: float | None
    interval: tuple[float, float]
    curve: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class AveragePrecision:
    """How good boxes are.

    Attributes:
        map50, map50_95: means over the classes that are there; None if there is no box.
        interval, interval50_95: of 95% of each, by drawing pictures again.
        classes: each class, in the order of the model's output.
        pictures: how many.
    """

    map50: float | None
    map50_95: float | None
    interval: tuple[float, float]
    interval50_95: tuple[float, float]
    classes: tuple[ClassPrecision, ...]
    pictures: int


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A score from which on boxes are shown, with the precision, recall and F1 of all classes together there."""

    confidence: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The boxes of one class that are at least so sure: of the truth, found, and right of those found."""

    there: int
    found: int
    right: int

    @property
    def precision(self) -> float | None:
        """Share of the found boxes that are right; None if none was found."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Share of the boxes of the truth that were found; None if none is there."""
        return self.right / self.there if self.there else None


def match(seen: Sequence[Seen], label: int, thresholds: Values = THRESHOLDS) -> Matched:
    """Return which boxes of one class are right at some thresholds."""
    scores, hits, picture = [np.zeros(0)], [np.zeros((len(thresholds), 0), bool)], [np.zeros(0, np.int64)]
    there = np.zeros(len(seen), np.int64)
    for number, each in enumerate(seen):
        truth, found = each.truth[each.truth[:, 4] == label], each.found[each.found[:, 4] == label]
        found = found[np.argsort(-found[:, 5], kind="stable")[:MOST]]
        there[number] = len(truth)
        scores.append(found[:, 5])
        hits.append(_hits(iou(found[:, :4], truth[:, :4]), thresholds))
        picture.append(np.full(len(found), number, np.int64))
    order = np.argsort(-np.concatenate(scores), kind="stable")
    return Matched(
        scores=np.concatenate(scores)[order],
        hits=np.concatenate(hits, axis=1)[:, order],
        picture=np.concatenate(picture)[order],
        there=there,
    )


def _hits(overlaps: Values, thresholds: Values) -> NDArray[np.bool_]:
    """Return which found boxes claim one of the truth at each threshold, ``(thresholds, n)``."""
    hits = np.zeros((len(thresholds), len(overlaps)), bool)
    if not overlaps.size:
        return hits
    for at, threshold in enumerate(thresholds):
        free = np.ones(overlaps.shape[1], bool)
        for row, each in enumerate(overlaps):
            left = np.where(free, each, -1.0)
            best = len(left) - 1 - int(left[::-1].argmax())  # of equal ones COCO takes the last
            if left[best] >= min(threshold, 1 - 1e-10):
                hits[at, row], free[best] = True, False
    return hits


def precisions(matched: Matched, times: NDArray[np.int64] | None = None) -> Values | None:
    """Return the precision at each of ``RECALLS``, ``(thresholds, recalls)``; None where no box is there.

    Args:
        matched: of a class.
        times: how often each picture counts, ``(pictures,)``; None for once.
    """
    counts = np.ones(len(matched.there), np.int64) if times is None else times
    there = int((matched.there * counts).sum())
    if not there:
        return None
    weights = counts[matched.picture]
    right, every = np.cumsum(weights * matched.hits, axis=1), np.cumsum(weights)
    precision = np.divide(right, every, out=np.zeros(right.shape), where=every > 0)
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    envelope = np.concatenate([envelope, np.zeros((len(envelope), 1))], axis=1)
    return np.stack(
        [own[np.searchsorted(row / there, RECALLS, side="left")] for own, row in zip(envelope, right, strict=True)]
    )


def map50(seen: Sequence[Seen], classes: int) -> float | None:
    """Return mAP@50 alone, as ``measure`` has it, in a moment; None if there is no box."""
    curves = [precisions(match(seen, label, THRESHOLDS[:1])) for label in range(classes)]
    there = [float(curve.mean()) for curve in curves if curve is not None]
    return sum(there) / len(there) if there else None


def measure(
    seen: Sequence[Seen], classes: int, groups: NDArray[np.int64] | None = None, seed: int = 0
) -> AveragePrecision:
    """Return how good boxes are, those of every class.

    Args:
        seen: the pictures.
        classes: how many there are.
        groups: ``(pictures,)`` the group of each: what is alike is drawn together. None where each is by itself.
        seed: of the drawing for the intervals.
    """
    every = [match(seen, label) for label in range(classes)]
    curves = [precisions(each) for each in every]
    there = np.array([_means(curve) for curve in curves if curve is not None])
    own = np.arange(len(seen)) if groups is None else np.unique(groups, return_inverse=True)[1]
    count = len(np.unique(own))
    drawn = _drawn(every, own, seed) if len(there) else np.full((0, classes, 2), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a draw in which no box is
        both = np.nanmean(drawn, axis=1) if len(drawn) else np.zeros((0, 2))
    map50, map50_95 = map(float, there.mean(axis=0)) if len(there) else (None, None)
    return AveragePrecision(
        map50=map50,
        map50_95=map50_95,
        interval=_between(both[:, 0], map50, count),
        interval50_95=_between(both[:, 1], map50_95, count),
        classes=tuple(
            ClassPrecision(
                there=int(matched.there.sum()),
                ap50=(own_ap := None if curve is None else float(curve[0].mean())),
                interval=_between(drawn[:, label, 0], own_ap, len(np.unique(own[matched.there > 0]))),
                curve=() if curve is None else tuple(curve[0].round(4).tolist()),
            )
            for label, (matched, curve) in enumerate(zip(every, curves, strict=True))
        ),
        pictures=len(seen),
    )


def _drawn(every: Sequence[Matched], groups: NDArray[np.int64], seed: int) -> Values:
    """Return average precision at 0.5 and at all thresholds of each class in each draw, ``(draws, classes, 2)``.

    It is NaN where a draw has no box of a class.
    """
    random, count = np.random.default_rng(seed), int(groups.max()) + 1
    values = np.full((DRAWS if count > 1 else 0, len(every), 2), np.nan)
    for draw in values:
        times = np.bincount(random.integers(0, count, count), minlength=count)[groups]
        for label, each in enumerate(every):
            if (curve := precisions(each, times)) is not None:
                draw[label] = _means(curve)
    return values


def _means(curve: Values) -> tuple[float, float]:
    return float(curve[0].mean()), float(curve.mean())


def _between(drawn: Values, measured: float | None, groups: int) -> tuple[float, float]:
    """Return the interval of 95% of what was drawn; all that there can be, where nothing was.

    Where every draw says the same, as where all is right, it is that of a rate of as many trials; otherwise that of
    ``intervals.of_draws``.

    Args:
        drawn: a value for each draw; NaN where there is none.
        measured: the value of the pictures as they are.
        groups: how many independent pictures there are.
    """
    values = drawn[np.isfinite(drawn)]
    if measured is None or not len(values) or groups <= 1:
        return 0.0, 1.0
    if np.ptp(values) == 0:
        return rate_interval(measured * groups, groups)
    return of_draws(values, groups)


def choose(seen: Sequence[Seen], classes: int) -> Chosen:
    """Return the confidence with the best F1 of all classes together, at an overlap of at least one half."""
    every = [match(seen, label) for label in range(classes)]
    scores = np.concatenate([each.scores for each in every] or [np.zeros(0)])
    hits = np.concatenate([each.hits[0] for each in every] or [np.zeros(0, bool)])
    there = sum(int(each.there.sum()) for each in every)
    order = np.argsort(-scores, kind="stable")
    scores, right = scores[order], np.cumsum(hits[order])
    if not len(scores) or not right[-1]:
        return at(seen, classes, 0.5)
    f1 = 2 * right / (np.arange(1, len(right) + 1) + there)
    return at(seen, classes, float(scores[f1.argmax()]))


def at(seen: Sequence[Seen], classes: int, confidence: float) -> Chosen:
    """Return precision, recall and F1 of the boxes of all classes that are at least so sure; 0 where none is right."""
    every = shown(seen, classes, confidence)
    there, found, right = (sum(getattr(each, name) for each in every) for name in ("there", "found", "right"))
    return Chosen(
        confidence=confidence,
        precision=right / max(found, 1),
        recall=right / max(there, 1),
        f1=2 * right / max(found + there, 1),
    )


def shown(seen: Sequence[Seen], classes: int, confidence: float) -> list[Shown]:
    """Return how many boxes of each class are there, found and right, of those that are at least so sure."""
    every = (match(seen, label) for label in range(classes))
    return [
        Shown(
            there=int(each.there.sum()),
            found=int((each.scores >= confidence).sum()),
            right=int(each.hits[0][each.scores >= confidence].sum()),
        )
        for each in every
    ]
