"""Grad-CAM averaged over pictures of one class: does the model look at the subject or at the frame? Loads no Keras."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core import arrays
from tl_core.arrays import Array
from tl_core.evaluation.predictions import Predictions
from tl_core.explain import frame_swap, heatmap
from tl_core.explain.frame_swap import FEW, Swap
from tl_core.language import N_, _
from tl_core.metrics.intervals import mean_interval
from tl_core.runs import RunFolder
from tl_core.wording import interval, level, percent

#: A map with fewer places than this from side to side cannot tell the frame from the inside.
LEAST_PLACES = 4
#: At most this many pictures of a class are looked at: more change the mean little and take longer.
MOST = 48


@dataclass(frozen=True, kw_only=True)
class ClassMap:
    """The average map of a class.

    Attributes:
        label: the class.
        n: pictures that were averaged, each counting the same.
        empty: pictures that were left out: nothing in them supports the class.
        heat: ``(h, w)`` 0…1.
        frame: share of a map that lies in the frame (``heatmap.FRAME``), 0…1: the mean over the pictures, and the ends
            of the 95% interval of that mean (Student's t; the mean itself twice where there is one picture).
        middle: the same for the middle (``heatmap.MIDDLE``).
        swap: what swapping the frames of these pictures with those of other classes does; None if there are none.
    """

    label: str
    n: int
    empty: int
    heat: NDArray[np.float64]
    frame: tuple[float, float, float]
    middle: tuple[float, float, float]
    swap: Swap | None = None

    @property
    def verdict(self) -> str:
        """Return what the answer follows: as the swap says, or, where there is none, as the map does.

        ``"coarse"`` or ``"few"``: cannot tell; ``"inside"``; ``"frame"``; ``"even"``.
        """
        return self.map_verdict if self.swap is None else self.swap.verdict

    @property
    def map_verdict(self) -> str:
        """Return the same from the map alone: the frame has more of it than its area, or less."""
        _, low, high = self.frame
        if min(self.heat.shape) < LEAST_PLACES:
            return "coarse"
        if self.n < FEW:
            return "few"
        return "inside" if high < heatmap.FRAME_AREA else "frame" if low > heatmap.FRAME_AREA else "even"

    def sentences(self) -> list[str]:
        """Say what the model relies on, how that shows, and what to make of it. The class in it is plain text."""
        measured = self._map_sentences()
        if self.swap is None and (self.n == 0 or self.map_verdict == "coarse"):
            return measured
        if self.swap is not None:
            measured.append(self.swap.sentence(self.label))
        contradicted = {self.verdict, self.map_verdict} == {"frame", "inside"}
        advice = [_(ADVICE.get(self.verdict, "")), _(CONTRADICTED) if contradicted else ""]
        return [self._conclusion(), *measured, *filter(None, [" ".join(filter(None, advice))])]

    def _conclusion(self) -> str:
        if self.verdict == "few":
            return _("Fewer than {number} pictures: too few to say what the model relies on.").format(number=FEW)
        return _(CONCLUSIONS[self.verdict])

    def _map_sentences(self) -> list[str]:
        """Say where the map lies, and how sure that is."""
        if self.n == 0:
            return [
                _(
                    "In none of the {number} pictures does the last feature map hold evidence for “{class_name}”."
                ).format(number=self.empty, class_name=self.label)
            ]
        if self.map_verdict == "coarse":
            size = " × ".join(map(str, self.heat.shape))
            return [
                _(
                    "The last feature map has {places} places: too coarse to tell the frame from the inside. A "
                    "larger picture size gives finer maps."
                ).format(places=size)
            ]
        mean, low, high = self.frame
        even = percent(heatmap.FRAME_AREA)
        return [
            _(
                "{frame} of the map lies in the frame, the outer eighth on each side. An even map would have "
                "{even} there. {middle} lies in the middle quarter of the picture."
            ).format(frame=percent(mean), even=even, middle=percent(self.middle[0])),
            self._base().format(
                number=self.n, empty=self.empty, level=level(), interval=interval(low, high) if self.n > 1 else ""
            ),
        ]

    def _base(self) -> str:
        """Return how many pictures this rests on, with placeholders."""
        if self.n == 1:
            return (
                _("That is one picture, {empty} without any evidence left out.")
                if self.empty
                else _("That is one picture.")
            )
        return (
            _(
                "Mean of {number} pictures, {empty} without any evidence left out; {level} interval of the share in "
                "the frame: {interval}."
            )
            if self.empty
            else _("Mean of {number} pictures; {level} interval of the share in the frame: {interval}.")
        )


CONCLUSIONS = {
    "inside": N_("The model relies on the inside of these pictures more than on their frame."),
    "frame": N_("The model relies on the frame of these pictures more than on their inside."),
    "even": N_("No clear difference between frame and inside."),
}
#: What is stored: a map of ``h`` rows, of ``n`` pictures; a share and its interval; what the swaps of ``m`` showed.
LAYOUT = {
    "n": Array(kind="i", least=0),
    "empty": Array(kind="i", least=0),
    "heat": Array(kind="f", axes="hw"),
    "frame": Array(kind="f", axes="3", gaps=True),
    "middle": Array(kind="f", axes="3", gaps=True),
    "own_inside": Array(kind="f", axes="m"),
    "own_frame": Array(kind="f", axes="m"),
}
ADVICE = {
    "inside": N_("Subjects are usually inside. This is a hint, not proof: part of the background lies inside, too."),
    "frame": N_(
        "If the subjects are in the middle, the model may have learned the background, a border or a mark. Look "
        "at single pictures, and crop the frame off."
    ),
}
CONTRADICTED = N_(
    "The map alone suggests the opposite. Trust the swap: each place of the last feature map sees far beyond itself."
)


def sample(predictions: Predictions, label: str) -> list[str]:
    """Return the ids of up to MOST pictures of a class, evenly drawn from all of them; always the same ones.

    No two of them are alike, so each counts by itself in the intervals.
    """
    ids = predictions.at(predictions.truth == predictions.classes.index(label)).apart().ids
    chosen = np.linspace(0, len(ids) - 1, min(MOST, len(ids))).round().astype(int)
    return [ids[number] for number in chosen]


def others(predictions: Predictions, label: str) -> list[str]:
    """Return ids of pictures of other classes, as many as ``sample`` has if there are so many; no two are alike."""
    ids = predictions.at(predictions.truth != predictions.classes.index(label)).apart().ids
    chosen = np.linspace(0, len(ids) - 1, min(len(ids), len(sample(predictions, label)))).round().astype(int)
    return [ids[number] for number in chosen]


def load(run: RunFolder, label: str, ids: list[str]) -> ClassMap | None:
    """Return the average map over those pictures if it was computed for the present model of the run, else None."""
    stored = arrays.load(run, _name(label, ids), LAYOUT)
    if stored is None:
        return None
    frame, middle = (tuple(map(float, stored[name])) for name in ("frame", "middle"))
    return ClassMap(
        label=label,
        n=int(stored["n"]),
        empty=int(stored["empty"]),
        heat=stored["heat"],
        frame=(frame[0], frame[1], frame[2]),
        middle=(middle[0], middle[1], middle[2]),
        swap=frame_swap.judge(stored["own_inside"], stored["own_frame"]),
    )


def save(
    run: RunFolder,
    ids: list[str],
    class_map: ClassMap,
    own_inside: NDArray[np.floating],
    own_frame: NDArray[np.floating],
) -> None:
    """Store the average map over those pictures, and what ``frame_swap.judge`` takes, in the folder of the run."""
    arrays.save(
        run,
        _name(class_map.label, ids),
        n=np.array(class_map.n),
        empty=np.array(class_map.empty),
        heat=class_map.heat,
        frame=np.array(class_map.frame),
        middle=np.array(class_map.middle),
        own_inside=own_inside,
        own_frame=own_frame,
    )


def _name(label: str, ids: list[str]) -> str:
    return f"class-maps/{hashlib.sha256(chr(10).join([label, *ids]).encode()).hexdigest()[:32]}"


def average(label: str, maps: NDArray[np.floating]) -> ClassMap:
    """Return the average of maps ``(n, h, w)`` of pictures of a class; a map that is all 0 is left out."""
    used = maps[maps.any(axis=(1, 2))].astype(np.float64)
    used = used / used.sum(axis=(1, 2), keepdims=True)
    mean = used.mean(axis=0) if len(used) else np.zeros(maps.shape[1:])
    return ClassMap(
        label=label,
        n=len(used),
        empty=len(maps) - len(used),
        heat=mean / mean.max() if len(used) else mean,
        frame=_mean_share(np.array([1 - heatmap.share(each, *heatmap.FRAME) for each in used])),
        middle=_mean_share(np.array([heatmap.share(each, *heatmap.MIDDLE) for each in used])),
    )


def _mean_share(shares: NDArray[np.floating]) -> tuple[float, float, float]:
    mean, low, high = mean_interval(shares)
    return mean, max(low, 0.0), min(high, 1.0)
