"""Two classes at every threshold: ROC curve, precision–recall curve, and what happens at one threshold.

A picture counts as positive where its score is at or above the threshold. Equal scores change sides together.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tl_core.metrics import intervals


@dataclass(frozen=True)
class Thresholds:
    """The counts at each distinct threshold, from the one that nothing reaches downwards.

    Attributes:
        at: ``(k + 1,)`` thresholds, falling; the first is infinite, the others are the ``k`` distinct scores.
        hits: ``(k + 1,)`` positives at or above it, rising from 0 to ``positives``.
        false: ``(k + 1,)`` negatives at or above it, rising from 0 to ``negatives``.
    """

    at: NDArray[np.float64]
    hits: NDArray[np.int64]
    false: NDArray[np.int64]

    @property
    def positives(self) -> int:
        return int(self.hits[-1])

    @property
    def negatives(self) -> int:
        return int(self.false[-1])

    @property
    def recall(self) -> NDArray[np.float64]:
        """``(k + 1,)`` share of the positives that are found; not-a-number where there are none."""
        return _shares(self.hits, self.positives)

    @property
    def false_alarms(self) -> NDArray[np.float64]:
        """``(k + 1,)`` share of the negatives that are called positive; not-a-number where there are none."""
        return _shares(self.false, self.negatives)

    @property
    def precision(self) -> NDArray[np.float64]:
        """``(k + 1,)`` share of those called positive that are; 1 where nothing is called so."""
        called = self.hits + self.false
        return np.where(called > 0, self.hits / np.maximum(called, 1), 1.0)


def of(positive: NDArray[np.bool_], score: NDArray[np.floating]) -> Thresholds:
    """Return the counts at each threshold.

    Args:
        positive: ``(n,)`` which pictures are of the class that is looked for; ``n`` may be 0.
        score: ``(n,)`` its probability, 0 to 1 (any numbers that are the larger the surer).
    """
    values = np.asarray(score, np.float64)
    order = np.argsort(-values, kind="stable")
    falling, hit = values[order], np.asarray(positive, bool)[order]
    last = np.flatnonzero(np.append(falling[1:] != falling[:-1], True)[: len(falling)])  # the last of equal scores
    hits, every = np.cumsum(hit)[last], last + 1
    return Thresholds(
        at=np.concatenate([[np.inf], falling[last]]),
        hits=np.concatenate([[0], hits]).astype(np.int64),
        false=np.concatenate([[0], every - hits]).astype(np.int64),
    )


def area_under_roc(found: Thresholds) -> dict[str, Any]:
    """Return ``{"area", "interval", "positives", "negatives"}``; the area is None where one of the classes is absent.

    The area is the chance that a positive has a higher score than a negative, equal scores counting half
    (J. A. Hanley and B. J. McNeil, "The meaning and use of the area under a ROC curve", Radiology 143 (1982)). The
    interval says something true at an area of 1, too, where those made from the observed variance have no width.
    """
    m, n = found.positives, found.negatives
    counts = {"positives": m, "negatives": n}
    if not m or not n:
        return {"area": None, "interval": [0.0, 1.0], **counts}
    steps = np.diff(found.false) * (found.hits[1:] + found.hits[:-1]) / 2
    area = float(steps.sum() / (m * n))
    return {"area": area, "interval": list(area_interval(area, m, n)), **counts}


def area_interval(area: float, m: int, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Return a score interval of an area under a ROC curve, by default at 95 %.

    It holds the areas θ from which the observed one lies at most ``z`` standard errors away, with Hanley and McNeil's
    variance taken at θ. Source: R. G. Newcombe, "Confidence intervals for an effect size measure based on the
    Mann–Whitney statistic. Part 2", Statistics in Medicine 25 (2006), method 5.

    Args:
        area: the observed one, 0 to 1.
        m: positives, 1 or more.
        n: negatives, 1 or more.
        z: standard normal quantile of the two-sided confidence.
    """

    def beyond(theta: float) -> bool:
        star = (m + n) / 2 - 1
        spread = 1 + star * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        return abs(theta - area) > z * math.sqrt(theta * (1 - theta) * spread / (m * n))

    def edge(outside: float) -> float:
        if not beyond(outside):
            return outside
        inside = area
        for _ in range(50):  # halving: exact to the last digit
            middle = (outside + inside) / 2
            outside, inside = (middle, inside) if beyond(middle) else (outside, middle)
        return inside

    return edge(0.0), edge(1.0)


def average_precision(found: Thresholds) -> float | None:
    """Return the area under the precision–recall curve as a sum of steps, None where there are no positives."""
    if not found.positives:
        return None
    return float(np.sum(np.diff(found.hits) * found.precision[1:]) / found.positives)


def at(positive: NDArray[np.bool_], score: NDArray[np.floating], threshold: float) -> dict[str, Any]:
    """Return what happens when a picture counts as positive from ``threshold`` on.

    Returns:
        ``hits``, ``missed``, ``false_alarms``, ``passed`` (pictures), and ``recall``, ``precision``, ``specificity``,
        ``accuracy``, each as ``statistics.accuracy`` says it: with its ``n`` and ``interval``.
    """
    truth, called = np.asarray(positive, bool), np.asarray(score) >= threshold
    hits, false = int((truth & called).sum()), int((~truth & called).sum())
    missed, passed = int((truth & ~called).sum()), int((~truth & ~called).sum())
    return {
        "hits": hits,
        "missed": missed,
        "false_alarms": false,
        "passed": passed,
        "recall": intervals.accuracy(hits, hits + missed),
        "precision": intervals.accuracy(hits, hits + false),
        "specificity": intervals.accuracy(passed, passed + false),
        "accuracy": intervals.accuracy(hits + passed, len(truth)),
    }


def _shares(counts: NDArray[np.int64], whole: int) -> NDArray[np.float64]:
    return counts / whole if whole else np.full(len(counts), np.nan)
