"""Two models that draw boxes in the same images: is one better by more than chance?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core.metrics.average_precision import THRESHOLDS, Seen, match, precisions
from tl_core.metrics.precision_difference import Flags, PrecisionDifference, Times, by_drawing, units

DRAWS = 999


@dataclass(frozen=True, kw_only=True)
class BoxDifference:
    """Average precision at an overlap of one half: ``every``, the mean over the classes that are there, and ``each``.

    None stands for a class of which no box is there.
    """

    every: PrecisionDifference
    each: tuple[PrecisionDifference | None, ...]


def difference(
    old: Sequence[Seen], new: Sequence[Seen], classes: int, groups: NDArray[np.integer] | None = None
) -> BoxDifference | None:
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
    >>> found = difference([Seen(box, none)] * 9, [Seen(box, sure)] * 9, classes=1).every
    >>> found.old, found.new, found.p < 0.05
    (0.0, 1.0, True)
    """
    n = len(new)
    # Both in one row: how often each image counts says which of the two is measured, and how an image is exchanged.
    matched = {label: match([*old, *new], label, THRESHOLDS[:1]) for label in range(classes)}
    matched = {label: each for label, each in matched.items() if each.there.any()}
    if not matched:
        return None

    def measured(first: Times, second: Times) -> list[float]:
        """Return the mean and each class, where images count so often as the one and as the other model sees them."""
        curves = [precisions(each, np.concatenate([first, second])) for each in matched.values()]
        values = [math.nan if curve is None else float(curve.mean()) for curve in curves]
        there = [value for value in values if not math.isnan(value)]
        return [sum(there) / len(there) if there else math.nan, *values]

    def gained(first: list[float], second: list[float]) -> list[float]:
        return [after - before for before, after in zip(first, second, strict=True)]

    def resampled(times: Times) -> Sequence[float]:
        return gained(measured(times, never), measured(never, times))

    def exchanged(some: Flags) -> Sequence[float]:
        one = some.astype(np.int64)
        return gained(measured(1 - one, one), measured(one, 1 - one))

    once, never = np.ones(n, np.int64), np.zeros(n, np.int64)
    before, after = measured(once, never), measured(never, once)
    tags = [len(matched), *(1 for _label in matched)]
    unit = units(n, groups)
    trials = [int(unit.max()) + 1, *(len(np.unique(unit[own.there[:n] > 0])) for own in matched.values())]
    every, *each = by_drawing(before, after, resampled, exchanged, unit, DRAWS, tags, trials)
    by_label = dict(zip(matched, each, strict=True))
    return BoxDifference(every=every, each=tuple(map(by_label.get, range(classes))))
