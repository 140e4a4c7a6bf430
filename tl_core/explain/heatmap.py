"""Measures a heat map and says where it lies. ``overlay`` draws it. Loads no Keras."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tl_core.language import N_, _

#: The frame is the outer eighth of the picture on each side, the middle the inner half of its height and width.
FRAME = (1 / 8, 7 / 8)
MIDDLE = (1 / 4, 3 / 4)
#: What the frame is of the whole picture: its share of a map that is the same everywhere.
FRAME_AREA = 1 - (FRAME[1] - FRAME[0]) ** 2
#: The line in an overlay surrounds this share of the picture, where the map is strongest.
MARKED = 0.2
#: A map whose strongest fifth holds less than this has no place that stands out; an even map has 0.2 there.
EVEN = 0.3
#: A map is named after a third of the picture that holds more than this of its strongest fifth.
CLEARLY = 0.55
#: Side of the grid on which a map is put into words, in places: the thirds of it are whole.
GRID = 60

#: Where a map lies that is spread out in one direction.
ONE_WAY = {
    ("left", ""): N_("in the left part"),
    ("middle", ""): N_("halfway across"),
    ("right", ""): N_("in the right part"),
    ("", "upper"): N_("in the upper part"),
    ("", "middle"): N_("at half height"),
    ("", "lower"): N_("in the lower part"),
}
#: Where a map lies that has one place.
BOTH_WAYS = {
    ("left", "upper"): N_("in the upper left"),
    ("middle", "upper"): N_("in the upper middle"),
    ("right", "upper"): N_("in the upper right"),
    ("left", "middle"): N_("in the middle left"),
    ("middle", "middle"): N_("in the middle"),
    ("right", "middle"): N_("in the middle right"),
    ("left", "lower"): N_("in the lower left"),
    ("middle", "lower"): N_("in the lower middle"),
    ("right", "lower"): N_("in the lower right"),
}

Heat = NDArray[np.floating]


@dataclass(frozen=True, kw_only=True)
class HeatMap:
    """Where in a picture the evidence for a class lies, by Grad-CAM.

    Attributes:
        label: the class.
        probabilities: of all classes by name, each 0…1, as the model predicts them for the picture.
        heat: ``(h, w)`` float32 0…1 for the picture squashed to a square, all 0 where nothing supports the class.
    """

    label: str
    probabilities: dict[str, float]
    heat: NDArray[np.float32]

    @property
    def probability(self) -> float:
        """Probability of the class, 0…1."""
        return self.probabilities[self.label]


def smooth(heat: Heat, height: int, width: int) -> NDArray[np.float32]:
    """Return a map ``(h, w)`` 0…1 in another size, without edges between its places.

    Each place lies over the part of the picture that it covers, whatever the proportions of the picture.
    """
    resized = Image.fromarray(heat.astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC)
    clipped: NDArray[np.float32] = np.clip(np.asarray(resized), 0, 1)
    return clipped


def marked(heat: Heat, area: float = MARKED) -> NDArray[np.bool_]:
    """Return the places of a map where it is strongest: that share of all, or fewer where the rest is zero.

    >>> marked(np.array([[0.0, 0.9], [0.3, 0.0]]), 0.25).tolist()
    [[False, True], [False, False]]
    """
    order = np.argsort(-heat, axis=None, kind="stable")[: max(1, round(area * heat.size))]
    strongest = np.zeros(heat.size, bool)
    strongest[order] = True
    return strongest.reshape(heat.shape) & (heat > 0)


def share(heat: Heat, low: float, high: float) -> float:
    """Return what share of a map lies between ``low`` and ``high`` of its height and of its width, 0…1.

    >>> round(share(np.ones((7, 7)), 0.25, 0.75), 6)
    0.25
    """
    rows, columns = (_cover(count, low, high) for count in heat.shape)
    return float(rows @ heat @ columns / heat.sum())


def _cover(count: int, low: float, high: float) -> NDArray[np.float64]:
    """Return which share of each of ``count`` equal pieces of the line 0…1 lies between ``low`` and ``high``."""
    starts = np.arange(count) / count
    inside: NDArray[np.float64] = np.minimum(starts + 1 / count, high) - np.maximum(starts, low)
    return np.clip(inside, 0, None) * count


def where(heat: Heat) -> str:
    """Say in which part of the picture a map is strongest: where the line of an overlay is drawn.

    >>> corner = np.zeros((6, 6))
    >>> corner[:2, :2] = 1
    >>> where(corner)
    'in the upper left'
    """
    if not heat.any():
        return _("nowhere")
    fine = smooth(heat, GRID, GRID)
    strongest = np.where(marked(fine), fine, 0)
    if strongest.sum() < EVEN * fine.sum():
        return _("all over the picture")
    down = _third(strongest.sum(axis=1), ("upper", "middle", "lower"))
    across = _third(strongest.sum(axis=0), ("left", "middle", "right"))
    if down is None and across is None:
        return _("in several places")
    if down is None or across is None:
        return _(ONE_WAY[across or "", down or ""])
    return _(BOTH_WAYS[across, down])


def _third(values: NDArray[np.floating], names: tuple[str, str, str]) -> str | None:
    """Return the name of the third in which clearly more than half of the values lies, None if there is none."""
    thirds = values.reshape(3, -1).sum(axis=1)
    largest = int(np.argmax(thirds))
    return names[largest] if thirds[largest] > CLEARLY * thirds.sum() else None
