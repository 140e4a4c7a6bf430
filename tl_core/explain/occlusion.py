"""Covers parts of a picture and asks again: what the answer depends on, without a look inside the network.

Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014, https://arxiv.org/abs/1311.2901.
Loads no Keras.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tl_core.explain import heatmap
from tl_core.language import N_, _
from tl_core.wording import percent

#: Side of the patch that slides over the picture, as a share of the picture's.
PATCH = 0.25
#: What is put over the picture: middle grey.
GREY = 128
#: Pictures at a time.
BATCH = 32
#: The marked shape is laid over this many other places, for comparison.
ELSEWHERE = 8
#: A place matters if covering it costs the class more than LITTLE of its probability, and matters much from MUCH on.
LITTLE, MUCH = 0.01, 0.05
#: Places of a sweep's map in each direction: steps finer than those of the patch would show nothing more.
PLACES = 16

#: Pictures ``(n, size, size, 3)`` uint8 → probabilities ``(n, classes)``.
Predict = Callable[[NDArray[np.uint8]], NDArray[np.floating]]


@dataclass(frozen=True)
class Sweep:
    """What covering a picture place by place does to the probability of a class.

    Attributes:
        before: the probability of the class with nothing covered, 0…1.
        lowest: the least that any position of the patch leaves of it, 0…1.
        drop: ``(PLACES, PLACES)`` how far it falls where each place is covered, the mean of the patches that cover
            it, -1…1; below 0 where it rises.
        positions: of the patch, in each direction.
    """

    before: float
    lowest: float
    drop: NDArray[np.float64]
    positions: int

    @property
    def heat(self) -> NDArray[np.float64]:
        """The falls alone, scaled to 0…1; all 0 where no place costs the class more than LITTLE."""
        falls = np.clip(self.drop, 0, None)
        return np.zeros_like(falls) if falls.max() <= LITTLE else falls / falls.max()


@dataclass(frozen=True)
class Check:
    """What happens to the probability of a class when the part that a map marks is covered, and when others are.

    Attributes:
        before: with nothing covered, 0…1.
        there: with the marked part covered, 0…1.
        elsewhere: with a part of the same shape covered elsewhere, the mean of several places, 0…1.
    """

    before: float
    there: float
    elsewhere: float

    @property
    def verdict(self) -> str:
        """Return ``"holds"``: the marked part matters twice as much; ``"fails"``; or ``"neither"`` matters much."""
        there, elsewhere = self.before - self.there, self.before - self.elsewhere
        if max(abs(there), abs(elsewhere)) < MUCH:
            return "neither"
        return "holds" if there > max(MUCH, 2 * elsewhere) else "fails"

    def sentences(self, label: str) -> tuple[str, str]:
        """Say what happened and what follows from it. The class in it is plain text."""
        before, there, elsewhere = map(percent, (self.before, self.there, self.elsewhere))
        return (
            _(
                "Covering the part inside the line takes “{class_name}” from {before} to {there}. Covering parts "
                "of the same shape elsewhere leaves {elsewhere} (mean of {number})."
            ).format(class_name=label, before=before, there=there, elsewhere=elsewhere, number=ELSEWHERE),
            _(VERDICTS[self.verdict]),
        )


VERDICTS = {
    "holds": N_("The marked part matters more than others: the map holds for this picture."),
    "fails": N_("Other parts matter about as much: do not rely on the map for this picture."),
    "neither": N_("Neither changes the answer much: it does not depend on this part alone."),
}


@dataclass(frozen=True)
class Occlusion:
    """What covering parts of a picture shows.

    Attributes:
        sweep: a grey patch moved over the whole picture.
        check: of the part that the Grad-CAM marks; None where that map is empty.
    """

    sweep: Sweep
    check: Check | None


def sweep(picture: NDArray[np.uint8], predict: Predict, chosen: int, positions: int = 9) -> Sweep:
    """Slide a grey patch over a picture.

    Args:
        picture: ``(size, size, 3)`` uint8, as the network sees it.
        predict: the network.
        chosen: number of the class.
        positions: of the patch in each direction; the network is asked ``positions²`` times, and once before.
    """
    size = len(picture)
    side = max(1, round(PATCH * size))
    starts = np.linspace(0, size - side, positions).round().astype(int)
    covers = np.zeros((positions**2, size, size), bool)
    for cover, (top, left) in zip(covers, itertools.product(starts, starts), strict=True):
        cover[top : top + side, left : left + side] = True
    before, *after = _probabilities(picture, [np.zeros((size, size), bool), *covers], predict, chosen)
    times = np.maximum(covers.sum(axis=0), 1)
    drop = np.tensordot(before - np.array(after), covers, axes=1) / times
    places = Image.fromarray(drop.astype(np.float32)).resize((PLACES, PLACES), Image.Resampling.BOX)
    return Sweep(before, min(after), np.asarray(places, np.float64), positions)


def check(picture: NDArray[np.uint8], heat: NDArray[np.floating], predict: Predict, chosen: int) -> Check:
    """Cover what a map marks (the strongest fifth of the picture), then parts of the same shape elsewhere.

    Args:
        picture: ``(size, size, 3)`` uint8, as the network sees it.
        heat: ``(h, w)`` 0…1, not all 0.
        predict: the network.
        chosen: number of the class.
    """
    size = len(picture)
    there = heatmap.marked(heatmap.smooth(heat, size, size))
    covers = [np.zeros_like(there), there, *_moved(there)]
    before, covered, *others = _probabilities(picture, covers, predict, chosen)
    return Check(before, covered, float(np.mean(others)))


def _moved(area: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Return the area shifted around the picture, to the places where it overlaps itself least."""
    step = max(1, len(area) // 5)
    shifts = [(down * step, right * step) for down in range(5) for right in range(5) if down or right]
    moved = [np.roll(area, shift, axis=(0, 1)) for shift in shifts]
    return sorted(moved, key=lambda each: int((each & area).sum()))[:ELSEWHERE]


def _probabilities(
    picture: NDArray[np.uint8], covers: Sequence[NDArray[np.bool_]], predict: Predict, chosen: int
) -> list[float]:
    """Return the probability of the class with each of the covers ``(size, size)`` over the picture."""
    probabilities: list[float] = []
    for at in range(0, len(covers), BATCH):
        batch = [np.where(cover[..., None], np.uint8(GREY), picture) for cover in covers[at : at + BATCH]]
        probabilities += predict(np.stack(batch))[:, chosen].astype(float).tolist()
    return probabilities
