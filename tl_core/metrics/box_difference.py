"""Two models that draw boxes in the same images: is one better by more than chance?"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tl_core.metrics.average_precision import THRESHOLDS, Matched, Seen, match, precisions
from tl_core.metrics.precision_difference import PrecisionDifference

DRAWS = 999


def difference(
    old: Sequence[Seen], new: Sequence[Seen], classes: int, groups: NDArray[np.integer] | None = None
) -> PrecisionDifference | None:
    """Return mAP@50 of two models, and what is known of its difference; None where no box is there.

    Interval and p are those of ``precision_difference``: images are drawn again, and what both models have found in an
    image is exchanged, which nothing would show if they were equally good. Images that are alike go together.

    Args:
        old: the images with what the first model has found.
        new: the same images, in the same order, with what the second has found.
        classes: how many there are.
        groups: ``(n,)`` number of each image's group; None where no image is like another.

    >>> box = np.array([[0.1, 0.1, 0.5, 0.5, 0.0]])
    >>> sure, none = np.array([[*box[0], 0.9]]), np.zeros((0, 6))
    >>> found = difference([Seen(box, none)] * 9, [Seen(box, sure)] * 9, classes=1)
    >>> found.old, found.new, found.p < 0.05
    (0.0, 1.0, True)
    """
    n = len(new)
    # Both in one row: how often each image counts says which of the two is measured, and how an image is exchanged.
    every = [match([*old, *new], label, THRESHOLDS[:1]) for label in range(classes)]
    every = [each for each in every if each.there.any()]
    if not every:
        return None
    once, never = np.ones(n, np.int64), np.zeros(n, np.int64)
    before, after = _mean(every, once, never), _mean(every, never, once)
    unit = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
    count, random = int(unit.max()) + 1, np.random.default_rng(0)
    drawn, by_chance = np.empty(DRAWS), np.empty(DRAWS)
    for draw in range(DRAWS):
        times = np.bincount(random.integers(0, count, count), minlength=count)[unit]
        drawn[draw] = _mean(every, never, times) - _mean(every, times, never)
        one = (random.random(count) < 0.5)[unit].astype(np.int64)
        by_chance[draw] = _mean(every, one, 1 - one) - _mean(every, 1 - one, one)
    as_large = int((np.abs(by_chance) >= abs(after - before) - 1e-12).sum())
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    return PrecisionDifference(
        old=before,
        new=after,
        interval=(float(low), float(high)),
        p=(as_large + 1) / (DRAWS + 1),
        n=n,
        tags=len(every),
    )


def _mean(every: Sequence[Matched], old: NDArray[np.int64], new: NDArray[np.int64]) -> float:
    """Return the mean over classes where images count so often as the one and as the other model sees them."""
    curves = [precisions(each, np.concatenate([old, new])) for each in every]
    there = [float(curve.mean()) for curve in curves if curve is not None]
    return sum(there) / len(there) if there else float("nan")
