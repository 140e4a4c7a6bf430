"""What is wrong with boxes that are shown: missed, of the wrong class, badly placed, twice, or around nothing.

After D. Bolya et al., "TIDE: A General Toolbox for Identifying Object Detection Errors", 2020: a box that overlaps one
of the truth by a tenth is meant for it; by half, it is well placed.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tl_core.metrics.average_precision import Seen, Values
from tl_core.metrics.overlap import iou

WELL, MEANT = 0.5, 0.1
Sort = Literal["right", "missed", "wrong_class", "badly_placed", "double", "ghost"]


@dataclass(frozen=True, kw_only=True)
class Mistakes:
    """Numbers of boxes.

    Attributes:
        right: found, of the right class, well placed.
        missed: of the truth, that nothing was meant for.
        wrong_class: well placed, of another class.
        badly_placed: of the right class, overlapping by less than half.
        double: of what was found already.
        ghost: around nothing.
    """

    right: int = 0
    missed: int = 0
    wrong_class: int = 0
    badly_placed: int = 0
    double: int = 0
    ghost: int = 0

    @property
    def wrong(self) -> int:
        """All that are not right."""
        return self.missed + self.wrong_class + self.badly_placed + self.double + self.ghost

    def __add__(self, other: "Mistakes") -> "Mistakes":
        """Return the sums."""
        return Mistakes(**{name: value + getattr(other, name) for name, value in vars(self).items()})


@dataclass(frozen=True)
class Judged:
    """The boxes of a picture: those found that are sure enough, what each of them is, and what was missed.

    Attributes:
        found: ``(n, 6)`` edges, class, score.
        sorts: of each of them, a field of ``Mistakes``.
        missed: ``(m, 5)`` of the truth.
    """

    found: Values
    sorts: tuple[Sort, ...]
    missed: Values

    @property
    def counts(self) -> Mistakes:
        """How many boxes there are of each sort."""
        return Mistakes(**{**Counter(self.sorts), "missed": len(self.missed)})


def judge(seen: Seen, confidence: float) -> Judged:
    """Return what is right and wrong in a picture, of the boxes that are at least so sure."""
    found = seen.found[seen.found[:, 5] >= confidence]
    overlaps = iou(found[:, :4], seen.truth[:, :4])
    same = found[:, 4][:, None] == seen.truth[:, 4][None]
    claimed, explained = np.zeros(len(seen.truth), bool), np.zeros(len(seen.truth), bool)
    sorts: list[Sort] = []
    for row in range(len(found)):
        sort, at = _sort(overlaps[row], same[row], claimed)
        sorts.append(sort)
        if at is not None:
            claimed[at] |= sort == "right"
            explained[at] = True
    return Judged(found, tuple(sorts), seen.truth[~explained])


def _sort(
    overlaps: NDArray[np.float64],
    same: NDArray[np.bool_],
    claimed: NDArray[np.bool_],
) -> tuple[Sort, int | None]:
    """Return what a found box is, and which box of the truth it was meant for."""
    asked: tuple[tuple[Sort, NDArray[np.bool_]], ...] = (
        ("right", same & ~claimed & (overlaps >= WELL)),
        ("double", same & claimed & (overlaps >= WELL)),
        ("wrong_class", ~same & (overlaps >= WELL)),
        ("badly_placed", same & (overlaps >= MEANT)),
    )
    for sort, fits in asked:
        if fits.any():
            return sort, int(np.where(fits, overlaps, -1.0).argmax())
    return "ghost", None
