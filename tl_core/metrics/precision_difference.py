"""Two models that put the same images in order, tag by tag: is one better by more than chance?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Draws, as many as this number of probabilities allows.
MOST_DRAWS, LEAST_DRAWS, AT_ONCE = 999, 199, 8_000_000
Flags = NDArray[np.bool_]
Scores = NDArray[np.floating]


@dataclass(frozen=True, kw_only=True)
class PrecisionDifference:
    """The mean average precision of two models on the same images.

    Attributes:
        old: of the first model, 0 to 1.
        new: of the second.
        interval: 95% interval of ``new - old``.
        p: how often chance alone makes a difference at least so large, 0 to 1.
        n: number of images.
        tags: number of tags that some image has.
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

    The interval is the bootstrap's percentile interval: B. Efron and R. Tibshirani, "An Introduction to the Bootstrap",
    1993, chapter 13. The p is that of a permutation test: if the models were equally good, the places that both give an
    image could be exchanged: E. Venkatraman and C. Begg, "A distribution-free procedure for comparing receiver
    operating characteristic curves from a paired experiment", Biometrika 83 (1996); recommended for mean average
    precision by M. Smucker et al., "A Comparison of Statistical Significance Tests for Information Retrieval
    Evaluation", CIKM 2007. Images that are alike are drawn, and exchanged, together.

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
    unit = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
    draws = int(np.clip(AT_ONCE // (n * tags), LEAST_DRAWS, MOST_DRAWS))
    random = np.random.default_rng(0)
    ordered = tuple(_Ordered(truth, each) for each in places)
    one = np.ones(n)
    before, after = (each.mean(one) for each in ordered)
    drawn = np.empty(draws)
    for draw in range(draws):
        times = _drawn(random, unit)
        drawn[draw] = ordered[1].mean(times) - ordered[0].mean(times)
    by_chance = np.empty(draws)
    for draw in range(draws):
        exchanged = (random.random(unit.max() + 1) < 0.5)[unit][:, None]
        one_, other = np.where(exchanged, *places), np.where(exchanged, *reversed(places))
        by_chance[draw] = _Ordered(truth, one_).mean(one) - _Ordered(truth, other).mean(one)
    as_large = int((np.abs(by_chance) >= abs(after - before) - 1e-12).sum())
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    return PrecisionDifference(
        old=before,
        new=after,
        interval=(float(low), float(high)),
        p=(as_large + 1) / (draws + 1),
        n=n,
        tags=tags,
    )


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
    unit = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
    random, ordered = np.random.default_rng(0), _Ordered(truth, scores)
    draws = int(np.clip(AT_ONCE // (n * tags), LEAST_DRAWS, MOST_DRAWS))
    drawn = [ordered.mean(_drawn(random, unit)) for _draw in range(draws)]
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    mean = ordered.mean(np.ones(n))
    return mean, (min(float(low), mean), max(float(high), mean))


def _drawn(random: np.random.Generator, unit: NDArray[np.integer]) -> NDArray[np.integer]:
    """Return how often each image is drawn, ``(n,)``: as many groups as there are, with replacement."""
    count = int(unit.max()) + 1
    times: NDArray[np.integer] = np.bincount(random.integers(0, count, count), minlength=count)[unit]
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
