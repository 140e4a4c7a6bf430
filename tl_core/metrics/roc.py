"""Two classes at every threshold: ROC curve, precision–recall curve, and what happens at one threshold.

An image counts as positive where its score is at or above the threshold. Equal scores change sides together.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core.accuracy import Accuracy
from tl_core.metrics import evidence, intervals


@dataclass(frozen=True, kw_only=True)
class Curves:
    """Both curves over ``k`` thresholds; the numbers of their points need not be equal.

    Attributes:
        false_alarms: ``(k,)`` share of the negatives that are called positive, rising from 0 to 1.
        hits: ``(k,)`` recall at the same thresholds, rising from 0 to 1: with ``false_alarms`` the ROC curve.
        recall: ``(m,)`` share of the positives that are called positive, falling from 1 to 0.
        precision: ``(m,)`` share of those called positive that are, at ``recall``; 1 where nothing is called so.
        area: under the ROC curve, 0 to 1: the chance that a positive scores higher than a negative, equal scores
            counting half (J. A. Hanley and B. J. McNeil, Radiology 143, 1982).
        interval: of the area, 95%, see ``area_interval``.
        average_precision: the area under the precision–recall curve as a sum of steps, 0 to 1.
        base_rate: share of positives, 0 to 1: the precision of guessing.
    """

    false_alarms: NDArray[np.float64]
    hits: NDArray[np.float64]
    recall: NDArray[np.float64]
    precision: NDArray[np.float64]
    area: float
    interval: tuple[float, float]
    average_precision: float
    base_rate: float


@dataclass(frozen=True, kw_only=True)
class AtThreshold:
    """What happens when an image counts as positive from one threshold on.

    Attributes:
        hits: positives that are called so.
        missed: positives that are not.
        false_alarms: negatives that are called positive.
        passed: negatives that are not.
        recall: hits of all positives.
        precision: hits of all that are called positive.
        specificity: passed of all negatives.
        accuracy: hits and passed of all.
    """

    hits: int
    missed: int
    false_alarms: int
    passed: int
    recall: Accuracy
    precision: Accuracy
    specificity: Accuracy
    accuracy: Accuracy


def curves(
    positive: NDArray[np.bool_], score: NDArray[np.floating], groups: NDArray[np.integer] | None = None
) -> Curves | None:
    """Return both curves, None where one of the two classes is absent.

    Args:
        positive: ``(n,)`` which images are of the class that is looked for; ``n`` may be 0.
        score: ``(n,)`` its probability, 0 to 1 (any numbers that are the larger the surer).
        groups: ``(n,)`` number of each image's group; None where no image is like another.
    """
    from sklearn import metrics

    m = int(positive.sum())
    n = len(positive) - m
    if not m or not n:
        return None
    false_alarms, hits, _ = metrics.roc_curve(positive, score, drop_intermediate=False)
    precision, recall, _ = metrics.precision_recall_curve(positive, score)
    area = float(metrics.auc(false_alarms, hits))
    counted = _effective(positive, score, groups)
    z = max(intervals.quantile(intervals.Z95, each, of) for each, of in zip(counted, (m, n), strict=True))
    return Curves(
        false_alarms=false_alarms,
        hits=hits,
        recall=recall,
        precision=precision,
        area=area,
        interval=area_interval(area, *counted, z),
        average_precision=float(metrics.average_precision_score(positive, score)),
        base_rate=m / (m + n),
    )


def _effective(
    positive: NDArray[np.bool_], score: NDArray[np.floating], groups: NDArray[np.integer] | None
) -> tuple[float, float]:
    """Return how many independent positives and negatives would say as much about the area.

    The area is the mean over the positives of the share of negatives that they beat, and the other way round: N. A.
    Obuchowski, "Nonparametric Analysis of Clustered ROC Curve Data", Biometrics 53 (1997).
    """
    mine, others = score[positive], np.sort(score[~positive])
    beaten = (np.searchsorted(others, mine, "left") + np.searchsorted(others, mine, "right")) / (2 * len(others))
    mine, others = score[~positive], np.sort(score[positive])
    beating = 1 - (np.searchsorted(others, mine, "left") + np.searchsorted(others, mine, "right")) / (2 * len(others))
    of_each = (None, None) if groups is None else (groups[positive], groups[~positive])
    return evidence.of(beaten, of_each[0]).effective, evidence.of(beating, of_each[1]).effective


def area_interval(area: float, m: float, n: float, z: float = intervals.Z95) -> tuple[float, float]:
    """Return a score interval of an area under a ROC curve, by default at 95%.

    It holds the areas θ from which the observed one lies at most ``z`` standard errors away, with Hanley and McNeil's
    variance taken at θ. So it is not empty at an area of 1, where intervals from the observed variance are. Source:
    R. G. Newcombe, "Confidence intervals for an effect size measure based on the Mann–Whitney statistic. Part 2",
    Statistics in Medicine 25 (2006), method 5.

    Args:
        area: the observed one, 0 to 1.
        m: positives, 1 or more; not whole where images that are alike count as fewer.
        n: negatives, likewise.
        z: standard normal quantile of the two-sided confidence.
    """
    from scipy.optimize import brentq

    def room(theta: float) -> float:
        """Return how far the observed area is within reach of θ; negative where it is beyond."""
        star = (m + n) / 2 - 1
        spread = 1 + star * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        return z * math.sqrt(theta * (1 - theta) * spread / (m * n)) - abs(theta - area)

    inside = min(max(area, 1e-12), 1 - 1e-12)  # at 0 and 1 themselves there is no room either
    low = float(brentq(room, 0.0, inside)) if area > 0 else 0.0
    high = float(brentq(room, inside, 1.0)) if area < 1 else 1.0
    return low, high


def at(
    positive: NDArray[np.bool_],
    score: NDArray[np.floating],
    threshold: float,
    groups: NDArray[np.integer] | None = None,
) -> AtThreshold:
    """Return what happens when an image counts as positive from ``threshold`` on.

    Args:
        positive: ``(n,)`` which images are of the class that is looked for.
        score: ``(n,)`` its probability, 0 to 1.
        threshold: 0 to 1.
        groups: ``(n,)`` number of each image's group; None where no image is like another.
    """

    def share(right: NDArray[np.bool_], of: NDArray[np.bool_]) -> Accuracy:
        return intervals.share(right[of], None if groups is None else groups[of])

    truth, called = np.asarray(positive, bool), np.asarray(score) >= threshold
    hits, false = int((truth & called).sum()), int((~truth & called).sum())
    missed, passed = int((truth & ~called).sum()), int((~truth & ~called).sum())
    return AtThreshold(
        hits=hits,
        missed=missed,
        false_alarms=false,
        passed=passed,
        recall=share(called, truth),
        precision=share(truth, called),
        specificity=share(~called, ~truth),
        accuracy=intervals.share(called == truth, groups),
    )
