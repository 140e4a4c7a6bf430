"""Counts of correct answers as honest numbers. SciPy is imported by the function that needs it: pages open fast."""

import math

import numpy as np
from numpy.typing import NDArray

from tl_core.accuracy import Accuracy

#: What people call the formula of ``rate_interval``.
RATE_INTERVAL = "Wilson interval"


def rate_interval(correct: float, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Return the interval of a rate, by default at 95%: Wilson's score interval, the same wherever a rate is told.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    Not ``scipy.stats.binomtest(…).proportion_ci``: that takes whole numbers only.

    Args:
        correct: successes, 0 to ``n``; a mean over repeated trials need not be whole.
        n: trials; without any the interval is (0, 1).
        z: standard normal quantile of the two-sided confidence.

    >>> [round(x, 3) for x in rate_interval(18, 20)]
    [0.699, 0.972]
    """
    if n == 0:
        return 0.0, 1.0
    rate = correct / n
    centre = rate + z * z / (2 * n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    low, high = (centre - reach) / (1 + z * z / n), (centre + reach) / (1 + z * z / n)
    return low if correct > 0 else 0.0, high if correct < n else 1.0  # exactly, not but for rounding


def accuracy(correct: float, n: int, *, baseline: float | None = None, baseline_class: str | None = None) -> Accuracy:
    """Return an accuracy with its 95% interval, and what guessing one class gets; it is None without images.

    >>> accuracy(3, 4).accuracy
    0.75
    """
    return Accuracy(
        accuracy=correct / n if n else None,
        n=n,
        interval=rate_interval(correct, n),
        baseline=baseline,
        baseline_class=baseline_class,
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided p of McNemar's exact test: how often chance alone makes a difference at least so large.

    Images on which both models are right, or both wrong, say nothing about the difference. If the models were
    equally good, each of the others would fall to either side like a coin.

    Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
    Psychometrika 12 (1947); recommended for two classifiers on one test set by T. G. Dietterich, "Approximate
    statistical tests for comparing supervised classification learning algorithms", Neural Computation 10 (1998).

    Args:
        only_first: images on which only the first model is right, 0 or more.
        only_second: images on which only the second is.

    >>> round(mcnemar(1, 3), 3)
    0.625
    """
    from scipy.stats import binomtest

    n = only_first + only_second
    return float(binomtest(only_first, n).pvalue) if n else 1.0


def mean_interval(values: NDArray[np.floating]) -> tuple[float, float, float]:
    """Return the mean of ``(n,)`` values and the ends of its 95% interval by Student's t.

    One value is all three of them; without any they are 0.
    """
    from scipy import stats

    mean = float(np.mean(values)) if len(values) else 0.0
    if len(values) < 2 or not (error := float(stats.sem(values))):
        return mean, mean, mean
    low, high = stats.t.interval(0.95, len(values) - 1, loc=mean, scale=error)
    return mean, float(low), float(high)
