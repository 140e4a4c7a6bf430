"""Does the answer follow the inside of a picture or its frame? The frames of two pictures are swapped to find out.

After K. Xiao et al., "Noise or Signal: The Role of Image Backgrounds in Object Recognition", 2020,
https://arxiv.org/abs/2006.09994, whose "mixed" pictures show one class before the background of another. A map of the
last feature map cannot answer this alone: each of its places sees far beyond itself, to the frame and past it.
Loads no Keras.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core.explain import heatmap
from tl_core.explain.occlusion import MUCH
from tl_core.language import _
from tl_core.metrics.intervals import mean_interval
from tl_core.wording import level, percent, points, points_between

#: Fewer pairs than this say nothing.
FEW = 5


@dataclass(frozen=True)
class Swap:
    """What a model predicts for pairs of pictures, one of a class and one of another, with their frames swapped.

    Attributes:
        n: pairs.
        inside: mean probability of the class for its own inside in the frame of the other picture, 0…1.
        frame: the same for its own frame around the inside of the other picture.
        difference: of ``frame`` from ``inside``, -1…1, and the ends of its 95% interval (Student's t of the pairs).
    """

    n: int
    inside: float
    frame: float
    difference: tuple[float, float, float]

    @property
    def verdict(self) -> str:
        """Return ``"few"`` pairs; ``"inside"`` or ``"frame"``: the answer follows it more; ``"even"``: not clear."""
        mean, low, high = self.difference
        if self.n < FEW:
            return "few"
        return "even" if low <= 0 <= high or abs(mean) < MUCH else "frame" if mean > 0 else "inside"

    def sentence(self, label: str) -> str:
        """Say what happened. The class in it is plain text."""
        counted = (
            _("one pair")
            if self.n == 1
            else _("{lead} (mean of {number} pairs, {level} interval)").format(
                lead=self._lead(), number=self.n, level=level()
            )
        )
        return _(
            "With frames swapped between classes, “{class_name}” gets {inside} where its own inside is, and {frame} "
            "where its own frame is: {counted}."
        ).format(class_name=label, inside=percent(self.inside), frame=percent(self.frame), counted=counted)

    def _lead(self) -> str:
        low, high = self.difference[1:]
        if low > 0:
            return _("{points} more for the frame").format(points=points_between(low, high))
        if high < 0:
            return _("{points} more for the inside").format(points=points_between(-high, -low))
        return _("anything from {inside} more for the inside to {frame} more for the frame").format(
            inside=_points(-low), frame=_points(high)
        )


def swapped(mine: NDArray[np.uint8], others: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Swap the frames (``heatmap.FRAME``) of pictures with those of others, one by one.

    Args:
        mine: ``(n, size, size, 3)`` uint8, as the network sees them.
        others: as many others.

    Returns:
        The insides of the first in the frames of the others, and the frames of the first around the others' insides.
    """
    size = mine.shape[1]
    low, high = (round(edge * size) for edge in heatmap.FRAME)
    inside = np.zeros((size, size, 1), bool)
    inside[low:high, low:high] = True
    return np.where(inside, mine, others), np.where(inside, others, mine)


def judge(own_inside: NDArray[np.floating], own_frame: NDArray[np.floating]) -> Swap | None:
    """Return what follows from the probabilities ``(n,)`` of a class for both kinds of pictures; None without any."""
    if not len(own_inside):
        return None
    difference = mean_interval(own_frame - own_inside)
    return Swap(len(own_inside), float(own_inside.mean()), float(own_frame.mean()), difference)


def _points(share: float) -> str:
    return points(share).removeprefix("+")
