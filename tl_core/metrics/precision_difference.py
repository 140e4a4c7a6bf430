"""Two models that put the same images in order, tag by tag: is one better by more than chance?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core.metrics import intervals

#: Draws, as many as this number of probabilities allows.
MOST_DRAWS, LEAST_DRAWS, AT_ONCE = 999, 199, 8_000_000
Flags = NDArray[np.bool_]
Scores = NDArray[np.floating]
Times = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class PrecisionDifference:
    """The mean average precision of two models on the same images.

    Attributes:
        old: of the first model, 0 to 1.
        new: of the second.
        interval: 95% interval of ``new - old``.
        p: how often chance alone makes a difference at least so large, 0 to 1.
        n: number of images.
        tags: number of tags that some image has; of boxes, of classes.
    """

    old: float
    new: float
    interval: tuple[float, float]
    p: float
    n: int
    tags: int


def difference(
    truth: Flags, old: Scores, new: Scores, groups: NDArray[np.integer] | None = None
) -> PrecisionDifference | None:
    """Return the mean average precision of two models, and what is known of its difference; None without tags.

    The interval is the bootstrap's percentile interval, wider for few images (``intervals.of_draws``): B. Efron and R.
    Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13. The p is that of a permutation test: if the models
    were equally good, the places that both give an image could be exchanged: E. Venkatraman and C. Begg, "A
    distribution-free procedure for comparing receiver operating characteristic curves from a paired experiment",
    Biometrika 83 (1996); recommended for mean average precision by M. Smucker et al., "A Comparison of Statistical
    Significance Tests for Information Retrieval Evaluation", CIKM 2007. Images that are alike are drawn, and exchanged,
    together.

    Args:
        truth: ``(n, tags)`` which image has which tag.
        old: ``(n, tags)`` probabilities, or anything that orders the images, of the first model.
        new: of the second.
        groups: ``(n,)`` number of each image's group; None where no image is like another.

    >>> truth = np.array([[True], [False]] * 20)
    >>> found = difference(truth, 0 * truth, 1.0 * truth)
    >>> found.old, found.new, found.p < 0.05
    (0.5, 1.0, True)
    """
    from scipy.stats import rankdata

    known = truth.any(axis=0)
    if not known.any():
        return None
    truth = truth[:, known]
    places = rankdata(old[:, known], axis=0), rankdata(new[:, known], axis=0)
    n, tags = truth.shape
    ordered = tuple(_Ordered(truth, each) for each in places)
    one = np.ones(n)

    def resampled(times: Times) -> Sequence[float]:
        return [ordered[1].mean(times) - ordered[0].mean(times)]

    def exchanged(some: Flags) -> Sequence[float]:
        first, second = np.where(some[:, None], *places), np.where(some[:, None], *reversed(places))
        return [_Ordered(truth, first).mean(one) - _Ordered(truth, second).mean(one)]

    before, after = ([each.mean(one)] for each in ordered)
    unit = units(n, groups)
    trials = (int(unit.max()) + 1,)
    return by_drawing(before, after, resampled, exchanged, unit, _draws(n, tags), (tags,), trials)[0]


def by_drawing(
    old: Sequence[float],
    new: Sequence[float],
    resampled: Callable[[Times], Sequence[float]],
    exchanged: Callable[[Flags], Sequence[float]],
    unit: NDArray[np.integer],
    draws: int,
    tags: Sequence[int],
    trials: Sequence[int],
) -> list[PrecisionDifference]:
    """Return what is known of differences, by the bootstrap and by exchanging, as in ``difference``.

    Args:
        old: measures of the first model.
        new: the same of the second.
        resampled: returns the differences where each image counts so many times ``(n,)``; not-a-number where a measure
            has nothing to go by then.
        exchanged: returns them where the two models exchange what they say of some images ``(n,)``.
        unit: ``(n,)`` number of each image's group, see ``units``.
        draws: of each.
        tags: of each measure, how many tags it is the mean of.
        trials: of each measure, how many groups have anything to do with it.
    """
    random, count = np.random.default_rng(0), int(unit.max()) + 1
    drawn = np.array([resampled(_drawn(random, unit)) for _draw in range(draws)])
    chance = np.array([exchanged((random.random(count) < 0.5)[unit]) for _draw in range(draws)])
    as_large = (np.abs(chance) >= np.abs(np.subtract(new, old)) - 1e-12).sum(axis=0)
    return [
        PrecisionDifference(
            old=old[at],
            new=new[at],
            interval=_interval(drawn[:, at], new[at] - old[at], trials[at]),
            p=(int(as_large[at]) + 1) / (draws + 1),
            n=len(unit),
            tags=tags[at],
        )
        for at in range(len(old))
    ]


def _interval(drawn: NDArray[np.floating], gain: float, trials: int) -> tuple[float, float]:
    """Return the 95% interval of a gain, given what was drawn: of few images that all say the same it is no point.

    Where every draw says the same, each of ``trials`` images does, and of others at most so many do not as of a rate.
    """
    values = drawn[np.isfinite(drawn)]
    if trials <= 1 or not len(values):
        return -1.0, 1.0
    if np.ptp(values) < 1e-12:
        reach = intervals.rate_interval(0, trials)[1]
        return max(gain - reach, -1.0), min(gain + reach, 1.0)
    return intervals.of_draws(values, trials)


def of_one(
    truth: Flags, scores: Scores, groups: NDArray[np.integer] | None = None
) -> tuple[float, tuple[float, float]]:
    """Return the mean average precision of one model with its 95% interval, by the bootstrap.

    Args:
        truth: ``(n, tags)`` which image has which tag; each tag has images with it.
        scores: ``(n, tags)``.
        groups: ``(n,)`` number of each image's group; None where no image is like another.
    """
    n, tags = truth.shape
    unit, random, ordered = units(n, groups), np.random.default_rng(0), _Ordered(truth, scores)
    drawn = [ordered.mean(_drawn(random, unit)) for _draw in range(_draws(n, tags))]
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    mean = ordered.mean(np.ones(n))
    return mean, (min(float(low), mean), max(float(high), mean))


def units(n: int, groups: NDArray[np.integer] | None) -> NDArray[np.integer]:
    """Return the number of each image's group, from 0 on, ``(n,)``; None where no image is like another."""
    return np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]


def _draws(n: int, tags: int) -> int:
    return int(np.clip(AT_ONCE // (n * tags), LEAST_DRAWS, MOST_DRAWS))


def _drawn(random: np.random.Generator, unit: NDArray[np.integer]) -> Times:
    """Return how often each image is drawn, ``(n,)``: as many groups as there are, with replacement."""
    count = int(unit.max()) + 1
    times: Times = np.bincount(random.integers(0, count, count), minlength=count)[unit]
    return times


class _Ordered:
    """The images in the order of their scores, for each tag: ``truth`` and ``scores`` are ``(n, tags)``."""

    def __init__(self, truth: Flags, scores: Scores) -> None:
        n = len(truth)
        self.order = np.argsort(-scores, axis=0, kind="stable")
        self.own = np.take_along_axis(truth, self.order, axis=0)
        rising = np.take_along_axis(scores, self.order, axis=0)
        last = np.vstack([rising[1:] != rising[:-1], np.ones((1, truth.shape[1]), bool)])
        ends = np.where(last, np.arange(n)[:, None], n)
        #: Of each place the last one with the same score: images of one score count together.
        self.ends = np.minimum.accumulate(ends[::-1], axis=0)[::-1]

    def mean(self, times: NDArray[np.floating] | NDArray[np.integer]) -> float:
        """Return the mean average precision where each image counts so many times; not-a-number without any tag."""
        weight = np.asarray(times, np.float64)[self.order]
        hits, given = np.cumsum(weight * self.own, axis=0), np.cumsum(weight, axis=0)
        hits, given = (np.take_along_axis(each, self.ends, axis=0) for each in (hits, given))
        total = (weight * self.own).sum(axis=0)
        sums = (weight * self.own * hits / np.maximum(given, 1e-12)).sum(axis=0)
        known = total > 0
        return float((sums[known] / total[known]).mean()) if known.any() else float("nan")
