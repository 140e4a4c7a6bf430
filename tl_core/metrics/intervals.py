"""Counts of right answers as honest numbers."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def wilson(right: float, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Return the Wilson score interval of a rate, by default at 95 %.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).

    Args:
        right: successes, 0 to ``n``; a mean over repeated trials need not be whole.
        n: trials; with 0 nothing is known and the interval is (0, 1).
        z: standard normal quantile of the two-sided confidence.

    >>> [round(x, 3) for x in wilson(18, 20)]
    [0.699, 0.972]
    """
    if n == 0:
        return 0.0, 1.0
    rate = right / n
    centre = rate + z * z / (2 * n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    low, high = (centre - reach) / (1 + z * z / n), (centre + reach) / (1 + z * z / n)
    return max(0.0, low), min(1.0, high)


def accuracy(right: int, n: int) -> dict[str, Any]:
    """Return ``{"accuracy", "n", "interval"}``; the accuracy is None if there was nothing to answer."""
    return {"accuracy": right / n if n else None, "n": n, "interval": list(wilson(right, n))}


def percent(share: float, decimals: int = 0) -> str:
    """Return a share 0…1 as it stands in a sentence.

    >>> percent(0.414), percent(0.0345, 1)
    ('41 %', '3.5 %')
    """
    return f"{share:.{decimals}%}".replace("%", " %")


def in_words(right: float, n: int) -> str:
    """Return what is known after ``n`` answers of which some were right, as a sentence.

    >>> in_words(18, 20)
    '18 of 20 right: the true rate may lie anywhere between 70 % and 97 %.'
    >>> in_words(103.6, 104)
    '103.6 of 104 right: the true rate may lie anywhere between 96 % and 100 %.'
    """
    if n == 0:
        return "There were no pictures to answer: nothing is known."
    low, high = wilson(right, n)
    count = f"{right:,.1f}".removesuffix(".0")
    return f"{count} of {n:,} right: the true rate may lie anywhere between {percent(low)} and {percent(high)}."


def confusion(truth: NDArray[np.integer], answer: NDArray[np.integer], classes: int) -> NDArray[np.int64]:
    """Return counts ``(classes, classes)``: row the true class, column the answer."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (truth, answer), 1)
    return counts


def per_class(counts: NDArray[np.int64], names: list[str]) -> list[dict[str, Any]]:
    """Return precision, recall, F1 (None where undefined) and support of each class of a confusion matrix."""
    rows = []
    for position, name in enumerate(names):
        hit, support, answers = (
            int(x) for x in (counts[position, position], counts[position].sum(), counts[:, position].sum())
        )
        rows.append(
            {
                "label": name,
                "precision": hit / answers if answers else None,
                "recall": hit / support if support else None,
                "f1": 2 * hit / (support + answers) if support + answers else None,
                "support": support,
                "recall_interval": list(wilson(hit, support)),
            }
        )
    return rows


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided p of McNemar's test, exact: how often chance alone makes a difference at least so large.

    Pictures on which both models are right, or both wrong, say nothing about the difference. If the models were
    equally good, each of the others would fall to either side like a coin.

    Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
    Psychometrika 12 (1947); recommended for two classifiers on one test set by T. G. Dietterich, "Approximate
    statistical tests for comparing supervised classification learning algorithms", Neural Computation 10 (1998).

    Args:
        only_first: pictures on which only the first model is right, 0 or more.
        only_second: pictures on which only the second is.

    >>> mcnemar(1, 3)
    0.625
    """
    n = only_first + only_second
    tail = sum(math.comb(n, k) for k in range(min(only_first, only_second) + 1))
    return min(1.0, 2 * tail / (1 << n))


def mean_interval(values: NDArray[np.floating]) -> tuple[float, float, float]:
    """Return the mean of ``(n,)`` values and the ends of its 95 % interval by Student's t.

    One value is all three of them; without any they are 0.
    """
    from scipy import stats

    mean = float(np.mean(values)) if len(values) else 0.0
    if len(values) < 2:
        return mean, mean, mean
    reach = float(stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / len(values) ** 0.5)
    return mean, mean - reach, mean + reach
