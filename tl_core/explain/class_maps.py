"""Grad-CAM averaged over pictures of one class: does the model look at the subject or at the frame? Loads no Keras."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tl_core.evaluation.predictions import Predictions
from tl_core.explain import frame_swap
from tl_core.explain import heatmap as heat_maps
from tl_core.explain.frame_swap import FEW, Swap
from tl_core.metrics.intervals import mean_interval, percent
from tl_core.runs import RunFolder
from tl_core.workspace import storage_errors, write_bytes

#: A map with fewer places than this from side to side cannot tell the frame from the inside.
LEAST_PLACES = 4
#: At most so many pictures of a class are looked at.
MOST = 48


@dataclass(frozen=True, kw_only=True)
class ClassMap:
    """The average map of a class.

    Attributes:
        label: the class.
        n: pictures that were averaged, each counting the same.
        empty: pictures that were left out: nothing in them speaks for the class.
        heat: ``(h, w)`` 0…1.
        frame: share of a map that lies in the frame (``heat.FRAME``): the mean over the pictures, and the ends of the
            95 % interval of that mean (Student's t; the mean itself twice where there is one picture).
        middle: the same for the middle (``heat.MIDDLE``).
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
        return "inside" if high < heat_maps.FRAME_AREA else "frame" if low > heat_maps.FRAME_AREA else "even"

    def sentences(self) -> list[str]:
        """Say what it goes by, how that shows, and what to make of it. The class in it is plain text."""
        told = self.map_sentences()
        if self.swap is None and (self.n == 0 or self.map_verdict == "coarse"):
            return told
        told += [self.swap.sentence(self.label)] if self.swap else []
        against = {self.verdict, self.map_verdict} == {"frame", "inside"}
        advice = [ADVICE.get(self.verdict, ""), DISAGREE if against else ""]
        return [ANSWERS[self.verdict], *told, *filter(None, [" ".join(filter(None, advice))])]

    def map_sentences(self) -> list[str]:
        """Say where the map lies, and how sure that is."""
        if self.n == 0:
            return [f"In none of the {self.empty} pictures did the last feature map hold anything for “{self.label}”."]
        if self.map_verdict == "coarse":
            size = " × ".join(map(str, self.heat.shape))
            return [
                f"The last feature map has {size} places: too coarse to tell the frame from the inside. "
                "Larger pictures for the network give finer maps."
            ]
        mean, low, high = self.frame
        left_out = f", {self.empty} without any left out" if self.empty else ""
        told = [
            f"{percent(mean)} of the map lies in the frame, the outer eighth on each side. The frame is "
            f"{percent(heat_maps.FRAME_AREA)} of the picture, so a look that is the same everywhere would give "
            f"{percent(heat_maps.FRAME_AREA)}. In the middle, a quarter of the picture, lies "
            f"{percent(self.middle[0])}."
        ]
        if self.n == 1:
            return [*told, f"That is one picture{left_out}."]
        interval = f"95 % interval of the share in the frame {percent(low)} to {percent(high)}"
        return [*told, f"Mean of {self.n} pictures{left_out}; {interval}."]


ANSWERS = {
    "few": f"Fewer than {FEW} pictures: too few to say what it goes by.",
    "inside": "It goes by the inside of these pictures more than by their frame.",
    "frame": "It goes by the frame of these pictures more than by their inside.",
    "even": "No clear difference between frame and inside.",
}
ADVICE = {
    "inside": "Subjects are mostly inside. That is a hint, no proof: a background behind the subject lies inside, too.",
    "frame": "If the subjects are in the middle, it may have learnt the background, a border or a mark instead: look "
    "at single pictures, and cut the frame off.",
}
DISAGREE = (
    "The map alone would say otherwise. Believe the swap: each place of the last feature map sees far beyond itself."
)


def sample(found: Predictions, label: str) -> list[str]:
    """Return the ids of up to MOST pictures of a class, evenly drawn from all of them; always the same ones."""
    ids = [found.ids[row] for row in np.flatnonzero(found.truth == found.classes.index(label))]
    chosen = np.linspace(0, len(ids) - 1, min(MOST, len(ids))).round().astype(int)
    return [ids[number] for number in chosen]


def others(found: Predictions, label: str) -> list[str]:
    """Return as many ids of pictures of other classes, evenly drawn from all of them; none if there are none."""
    ids = [found.ids[row] for row in np.flatnonzero(found.truth != found.classes.index(label))]
    chosen = np.linspace(0, len(ids) - 1, len(sample(found, label))).round().astype(int)
    return [ids[number] for number in chosen] if ids else []


def kept(run: RunFolder, label: str, ids: list[str]) -> ClassMap | None:
    """Return the average map over those pictures if it was computed for the present model of the run, else None."""
    path = _path(run, label, ids)
    if not path.is_file():
        return None
    with storage_errors(), np.load(path) as file:
        if "own_inside" not in file:
            return None  # kept before frames were swapped
        frame, middle = (tuple(map(float, file[name])) for name in ("frame", "middle"))
        return ClassMap(
            label=label,
            n=int(file["n"]),
            empty=int(file["empty"]),
            heat=file["heat"],
            frame=(frame[0], frame[1], frame[2]),
            middle=(middle[0], middle[1], middle[2]),
            swap=frame_swap.judged(file["own_inside"], file["own_frame"]),
        )


def keep(
    run: RunFolder,
    ids: list[str],
    found: ClassMap,
    own_inside: NDArray[np.floating],
    own_frame: NDArray[np.floating],
) -> None:
    """Keep the average map over those pictures, and what ``frame_swap.judged`` is given, in the folder of the run."""
    buffer = io.BytesIO()
    np.savez(
        buffer,
        n=found.n,
        empty=found.empty,
        heat=found.heat,
        frame=np.array(found.frame),
        middle=np.array(found.middle),
        own_inside=own_inside,
        own_frame=own_frame,
    )
    write_bytes(_path(run, found.label, ids), buffer.getvalue())


def _path(run: RunFolder, label: str, ids: list[str]) -> Path:
    asked = "\n".join([str(run.require_model().stat().st_mtime_ns), label, *ids])
    return run.folder / "class-maps" / f"{hashlib.sha256(asked.encode()).hexdigest()[:32]}.npz"


def averaged(label: str, maps: NDArray[np.floating]) -> ClassMap:
    """Return the average of maps ``(n, h, w)`` of pictures of a class; a map that is all 0 is left out."""
    used = maps[maps.any(axis=(1, 2))].astype(np.float64)
    used = used / used.sum(axis=(1, 2), keepdims=True)
    mean = used.mean(axis=0) if len(used) else np.zeros(maps.shape[1:])
    return ClassMap(
        label=label,
        n=len(used),
        empty=len(maps) - len(used),
        heat=mean / mean.max() if len(used) else mean,
        frame=mean_interval(np.array([1 - heat_maps.share(each, *heat_maps.FRAME) for each in used])),
        middle=mean_interval(np.array([heat_maps.share(each, *heat_maps.MIDDLE) for each in used])),
    )
