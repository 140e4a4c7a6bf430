"""Counts of correct answers as honest numbers. SciPy is imported by the function that needs it: pages open fast."""

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tl_core.accuracy import Accuracy
from tl_core.metrics import evidence
from tl_core.metrics.evidence import Evidence

#: Standard normal quantile of a two-sided confidence of 95%.
Z95 = 1.959963984540054


def rate_interval(correct: float, n: float, z: float = Z95, *, effective: float | None = None) -> tuple[float, float]:
    """Return the interval of a rate, by default at 95%: Wilson's score interval, the same wherever a rate is told.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    Not ``scipy.stats.binomtest(…).proportion_ci``: that takes whole numbers only.

    Args:
        correct: successes, 0 to ``n``; a mean over repeated trials need not be whole.
        n: trials; without any the interval is (0, 1).
        z: standard normal quantile of the two-sided confidence; ``quantile`` widens it where trials count as fewer.
        effective: independent trials that would say as much, above 0; None for all ``n``.

    >>> [round(x, 3) for x in rate_interval(18, 20)]
    [0.699, 0.972]
    """
    if n == 0:
        return 0.0, 1.0
    rate, all_right = correct / n, correct >= n
    trials = n if effective is None else effective
    z = quantile(z, trials, n)
    centre = rate + z * z / (2 * trials)
    reach = z * math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    low, high = (centre - reach) / (1 + z * z / trials), (centre + reach) / (1 + z * z / trials)
    return low if correct > 0 else 0.0, 1.0 if all_right else high  # exactly, not but for rounding


def quantile(z: float, effective: float, n: float) -> float:
    """Return ``z``, larger where trials count as fewer: how few is not known but estimated from them.

    It is multiplied by the quantile of Student's t for the trials that count over that for all of them: E. L. Korn and
    B. I. Graubard, "Confidence Intervals for Proportions With Small Expected Number of Positive Counts Estimated From
    Survey Data", Survey Methodology 24 (1998). They take the number of groups for the degrees of freedom, which is what
    ``effective`` comes to where groups agree as a whole; where groups do not matter, neither does this then.

    Args:
        z: standard normal quantile of the two-sided confidence, above 0.
        effective: independent trials that would say as much, above 0 to ``n``.
        n: trials.

    >>> round(quantile(1.96, 10, 100), 2), quantile(1.96, 100, 100)
    (2.23, 1.96)
    """
    if effective >= n:
        return z
    from scipy.special import stdtrit

    level = NormalDist().cdf(z)
    return z * float(stdtrit(max(effective - 1, 1), level) / stdtrit(max(n - 1, 1), level))


def of_draws(drawn: NDArray[np.floating], groups: int) -> tuple[float, float]:
    """Return the 95% interval of a measure that was taken of images drawn again and again.

    Drawing few images again says too little of others, by the factor ``sqrt((n - 1) / n)`` and as the normal
    distribution does beside Student's t: the percentiles lie farther out by both (T. Hesterberg, "What Teachers Should
    Know About the Bootstrap", The American Statistician 69, 2015).

    Args:
        drawn: the measure in each draw.
        groups: how many independent images there are, at least 2.
    """
    from scipy.special import ndtr, stdtrit

    tail = float(ndtr(math.sqrt(groups / (groups - 1)) * stdtrit(groups - 1, 0.025)))
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)


def accuracy(
    correct: float,
    n: int,
    *,
    counted: Evidence | None = None,
    baseline: float | None = None,
    baseline_class: str | None = None,
) -> Accuracy:
    """Return an accuracy with its 95% interval, and what guessing one class gets; it is None without images.

    Args:
        correct: right answers, 0 to ``n``; a mean over repeated counts need not be whole.
        n: images.
        counted: what the answers count as; None for images of which none is like another.
        baseline: accuracy of guessing, 0 to 1.
        baseline_class: the class that is guessed.

    >>> accuracy(3, 4).accuracy
    0.75
    """
    return Accuracy(
        accuracy=correct / n if n else None,
        n=n,
        interval=rate_interval(correct, n, effective=counted.effective if counted and n else None),
        groups=counted.groups if counted else n,
        effective=counted.effective if counted else float(n),
        baseline=baseline,
        baseline_class=baseline_class,
    )


def share(
    right: NDArray[np.bool_],
    groups: NDArray[np.integer] | None,
    *,
    baseline: float | None = None,
    baseline_class: str | None = None,
) -> Accuracy:
    """Return the share of right answers with its 95% interval, in which images that are alike count as fewer.

    Args:
        right: ``(n,)`` whether each answer is right.
        groups: ``(n,)`` number of each image's group; None where no image is like another.
        baseline: accuracy of guessing, 0 to 1.
        baseline_class: the class that is guessed.
    """
    return accuracy(
        int(right.sum()),
        len(right),
        counted=evidence.of(right, groups),
        baseline=baseline,
        baseline_class=baseline_class,
    )


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_], groups: NDArray[np.integer] | None = None) -> float:
    """Return the two-sided p of McNemar's exact test: how often chance alone makes a difference at least so large.

    Images on which both models are right, or both wrong, say nothing about the difference. If the models were
    equally good, each of the others would fall to either side like a coin. Source: Q. McNemar, "Note on the sampling
    error of the difference between correlated proportions or percentages", Psychometrika 12 (1947); recommended for
    two classifiers on one test set by T. G. Dietterich, "Approximate statistical tests for comparing supervised
    classification learning algorithms", Neural Computation 10 (1998).

    Images that are alike are right or wrong together. So it is a group that falls to either side, with its whole
    difference: R. A. Fisher, "The Design of Experiments", 1935, section 21.

    Args:
        first: ``(n,)`` which images the first model has right.
        second: ``(n,)`` which the second has.
        groups: ``(n,)`` number of each image's group; None where no image is like another.

    >>> round(mcnemar(np.array([1, 0, 0, 0], bool), np.array([0, 1, 1, 1], bool)), 3)
    0.625
    """
    place = np.arange(len(first)) if groups is None else np.unique(groups, return_inverse=True)[1]
    differences = np.bincount(place, second.astype(int) - first).round().astype(int)
    steps, counts = np.unique(np.abs(differences[differences != 0]), return_counts=True)
    chance, reach = np.ones(1), int(steps @ counts)
    for step, count in zip(steps.tolist(), counts.tolist(), strict=True):
        part = np.zeros(2 * step * count + 1)
        part[:: 2 * step] = _coins(count)
        chance = np.convolve(chance, part)
    sums = np.arange(len(chance)) - reach
    return min(1.0, float(chance[np.abs(sums) >= abs(int(differences.sum()))].sum()))


def difference_interval(
    first: NDArray[np.bool_], second: NDArray[np.bool_], groups: NDArray[np.integer] | None = None
) -> tuple[float, float]:
    """Return the 95% interval of how much more often the second model is right than the first, -1 to 1.

    Half a picture is added to either side of those on which they differ, and two pictures in all: A. Agresti and
    Y. Min, "Simple improved confidence intervals for comparing matched proportions", Statistics in Medicine 24 (2005).
    Images that are alike fall to one side together, as in ``mcnemar``.

    Args:
        first: ``(n,)`` which images the first model has right; at least one.
        second: ``(n,)`` which the second has.
        groups: ``(n,)`` number of each image's group; None where no image is like another.

    >>> [round(end, 3) for end in difference_interval(np.zeros(10, bool), np.arange(10) < 5)]
    [0.093, 0.74]
    """
    place = np.arange(len(first)) if groups is None else np.unique(groups, return_inverse=True)[1]
    differences = np.bincount(place, second.astype(int) - first)
    n, total, count = len(first) + 2, float(differences.sum()), len(differences) + 2
    spread = float((differences**2).sum()) + 1 - total**2 / count
    middle, reach = total / n, Z95 * math.sqrt(max(spread, 0.0)) / n
    return max(-1.0, middle - reach), min(1.0, middle + reach)


def _coins(count: int) -> NDArray[np.float64]:
    """Return ``(count + 1,)`` how probable each number of heads of so many coins is. Spares loading ``scipy.stats``."""
    heads = np.arange(1, count + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log((count + 1 - heads) / heads))])
    shares: NDArray[np.float64] = np.exp(logs - count * np.log(2))
    return shares


def mean_interval(values: NDArray[np.floating]) -> tuple[float, float, float]:
    """Return the mean of ``(n,)`` values and the ends of its 95% interval by Student's t.

    One value is all three of them; without any they are 0. Each value counts by itself, so give it those of images of
    which none is like another.
    """
    from scipy import stats

    mean = float(np.mean(values)) if len(values) else 0.0
    if len(values) < 2 or not (error := float(stats.sem(values))):
        return mean, mean, mean
    low, high = stats.t.interval(0.95, len(values) - 1, loc=mean, scale=error)
    return mean, float(low), float(high)
