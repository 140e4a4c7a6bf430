"""Numbers about answers with several labels: thresholds, the scores of each tag, what comes together.

Counted here and not by ``sklearn.metrics``, which takes a second to load on a page and warns of a tag without images.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core.metrics import intervals

#: The threshold of a tag for which no images choose one.
USUAL = 0.5
Flags = NDArray[np.bool_]
Groups = NDArray[np.integer] | None


@dataclass(frozen=True, kw_only=True)
class TagScores:
    """The scores of one tag. Shares are 0 to 1 and None where there is nothing to count; intervals are of 95%.

    Attributes:
        label: the tag.
        threshold: the tag is given from this probability on.
        support: images that have it.
        given: images that it is given to.
        accuracy: share of all images on which it is given if, and only if, they have it.
        accuracy_interval: Wilson's, as the next two.
        precision: share of the images that it is given to that have it.
        precision_interval: (0, 1) without images.
        recall: share of the images that have it that it is given to.
        recall_interval: (0, 1) without images.
        f1: harmonic mean of precision and recall.
        f1_interval: see ``f1``.
        average_precision: of the order of all images by its probability, see ``average_precision``.
    """

    label: str
    threshold: float
    support: int
    given: int
    accuracy: float | None
    accuracy_interval: tuple[float, float]
    precision: float | None
    precision_interval: tuple[float, float]
    recall: float | None
    recall_interval: tuple[float, float]
    f1: float | None
    f1_interval: tuple[float, float]
    average_precision: float | None


def per_tag(
    truth: Flags, probabilities: NDArray[np.floating], thresholds: Sequence[float], names: Sequence[str], groups: Groups
) -> list[TagScores]:
    """Return the scores of each tag.

    Args:
        truth: ``(n, tags)`` which image has which tag.
        probabilities: ``(n, tags)``.
        thresholds: of each tag.
        names: of the tags.
        groups: ``(n,)`` number of each image's group; None where no image is like another.
    """
    return [_of_tag(truth[:, at], probabilities[:, at], thresholds[at], name, groups) for at, name in enumerate(names)]


def _of_tag(own: Flags, probability: NDArray[np.floating], threshold: float, name: str, groups: Groups) -> TagScores:
    called = probability >= threshold

    def among(rows: Flags, right: Flags) -> tuple[float | None, tuple[float, float]]:
        share = intervals.share(right[rows], None if groups is None else groups[rows])
        return share.accuracy, share.interval

    accuracy, accuracy_interval = among(np.ones(len(own), bool), own == called)
    precision, precision_interval = among(called, own)
    recall, recall_interval = among(own, called)
    both, both_interval = among(own | called, own & called)
    return TagScores(
        label=name,
        threshold=threshold,
        support=int(own.sum()),
        given=int(called.sum()),
        accuracy=accuracy,
        accuracy_interval=accuracy_interval,
        precision=precision,
        precision_interval=precision_interval,
        recall=recall,
        recall_interval=recall_interval,
        f1=None if both is None else f1(both),
        f1_interval=(f1(both_interval[0]), f1(both_interval[1])),
        average_precision=average_precision(own, probability),
    )


def f1(overlap: float) -> float:
    """Return F1 by the share of images that have a tag and are given it among those with either.

    It rises with that share, whose interval is Wilson's: so the ends of the one become the ends of the other.

    >>> f1(1.0), round(f1(0.5), 3)
    (1.0, 0.667)
    """
    return 2 * overlap / (1 + overlap)


def average_precision(own: Flags, score: NDArray[np.floating]) -> float | None:
    """Return the mean of the precision at each image that has a tag, in the order of its scores; None without such.

    Images of one score count together. It is what ``sklearn.metrics.average_precision_score`` gives.

    >>> average_precision(np.array([True, False, True]), np.array([0.9, 0.8, 0.7]))
    0.8333333333333333
    """
    if not own.any():
        return None
    _, given, hits = _steps(own, score)
    return float((np.diff(hits, prepend=0) * hits / given).sum() / own.sum())


def _steps(
    own: Flags, score: NDArray[np.floating]
) -> tuple[NDArray[np.floating], NDArray[np.int64], NDArray[np.int64]]:
    """Return the different scores, falling, and how many images have that one or more: all, and those with the tag."""
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    return score[order][ends], ends + 1, np.cumsum(own[order])[ends]


def mean_average_precision(scores: Sequence[TagScores]) -> float | None:
    """Return the mean over the tags that some image has; None where none has any."""
    known = [each.average_precision for each in scores if each.average_precision is not None]
    return float(np.mean(known)) if known else None


def mean_average_precision_of(truth: Flags, scores: NDArray[np.floating]) -> float | None:
    """Return the same of scores ``(n, tags)``, given which image has which tag ``(n, tags)``."""
    known = [average_precision(own, score) for own, score in zip(truth.T, scores.T, strict=True)]
    some = [each for each in known if each is not None]
    return float(np.mean(some)) if some else None


def thresholds(truth: Flags, probabilities: NDArray[np.floating]) -> list[float]:
    """Return for each tag the threshold with the highest F1 on some images.

    Between two probabilities all thresholds give the same: it is one half, where that is among the best, else the
    middle between two. Where all images have a tag, or none has, it is one half.

    Args:
        truth: ``(n, tags)`` which image has which tag.
        probabilities: ``(n, tags)``.

    >>> thresholds(np.array([[True], [True], [False]]), np.array([[0.4], [0.3], [0.1]]))
    [0.2]
    """
    return [_threshold(truth[:, at], probabilities[:, at].astype(np.float64)) for at in range(truth.shape[1])]


def _threshold(own: Flags, probability: NDArray[np.float64]) -> float:
    if not own.any() or own.all():
        return USUAL
    levels, given, hits = _steps(own, probability)
    below = np.append(levels[1:], 0.0)
    scores = 2 * hits / (given + own.sum())
    best = scores >= scores.max() - 1e-12
    middle = (levels[best] + below[best]) / 2
    inside = (below[best] < USUAL) & (levels[best] >= USUAL)
    chosen = np.where(inside, USUAL, middle)
    return float(chosen[np.abs(chosen - USUAL).argmin()])


def together(truth: Flags) -> NDArray[np.int64]:
    """Return how many images have both of two tags, ``(tags, tags)``; on the diagonal, how many have the one.

    >>> together(np.array([[True, True], [True, False]])).tolist()
    [[2, 1], [1, 1]]
    """
    return truth.T.astype(np.int64) @ truth.astype(np.int64)
