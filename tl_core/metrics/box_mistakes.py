"""What is wrong with boxes that are shown: missed, of the wrong class, badly placed, twice, or around nothing.

After D. Bolya et al., "TIDE: A General Toolbox for Identifying Object Detection Errors", 2020: a box that overlaps one
of the truth by a tenth is meant for it; by half, it is well placed.
"""

from dataclasses import dataclass

import numpy as np

from tl_core.metrics.average_precision import Seen
from tl_core.metrics.overlap import iou

WELL, MEANT = 0.5, 0.1


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

    def __add__(self, other: "Mistakes") -> "Mistakes":
        """Return the sums."""
        return Mistakes(**{name: value + getattr(other, name) for name, value in vars(self).items()})


def of_picture(seen: Seen, confidence: float) -> Mistakes:
    """Return what is right and wrong in a picture, of the boxes that are at least so sure."""
    found = seen.found[seen.found[:, 5] >= confidence]
    overlaps = iou(found[:, :4], seen.truth[:, :4])
    same = found[:, 4][:, None] == seen.truth[:, 4][None]
    claimed, explained = np.zeros(len(seen.truth), bool), np.zeros(len(seen.truth), bool)
    counts = dict.fromkeys(vars(Mistakes()), 0)
    for row in range(len(found)):
        kind, at = _kind(overlaps[row], same[row], claimed)
        counts[kind] += 1
        if at is not None:
            claimed[at] |= kind == "right"
            explained[at] = True
    counts["missed"] = int((~explained).sum())
    return Mistakes(**counts)


def _kind(
    overlaps: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    same: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    claimed: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
) -> tuple[str, int | None]:
    """Return what a found box is, and which box of the truth it was meant for."""
    asked = (
        ("right", same & ~claimed & (overlaps >= WELL)),
        ("double", same & claimed & (overlaps >= WELL)),
        ("wrong_class", ~same & (overlaps >= WELL)),
        ("badly_placed", same & (overlaps >= MEANT)),
    )
    for kind, fits in asked:
        if fits.any():
            return kind, int(np.where(fits, overlaps, -1.0).argmax())
    return "ghost", None
