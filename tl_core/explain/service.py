"""Why a run's model predicts what it does for a picture: asked of the interactive worker, which keeps recent models."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from tl_core.dataset import deep_grey, manifest
from tl_core.errors import Stopped
from tl_core.evaluation import predict
from tl_core.explain import class_maps, feature_maps, frame_swap, occlusion
from tl_core.explain.gradcam import BATCH, Lens
from tl_core.explain.heatmap import HeatMap
from tl_core.explain.occlusion import Occlusion
from tl_core.features.sources import Pictures
from tl_core.language import _
from tl_core.networks import catalogue
from tl_core.progress import Progress
from tl_core.runs import RunFolder

#: Multiply-adds of a network at most, and positions of the grey patch in each direction: about a second on two cores.
POSITIONS = ((1e9, 9), (4e9, 7), (float("inf"), 5))

_lenses: WeakKeyDictionary[predict.Model, Lens] = WeakKeyDictionary()
_making = threading.Lock()


def grad_cam(run_folder: str | Path, picture: bytes | str, label: str | None = None) -> HeatMap:
    """Show where in a picture the evidence for a class lies.

    Args:
        run_folder: folder of a run that has a model.
        picture: the content of a picture file, or its path.
        label: the class; None for the one that the model predicts.

    Raises:
        InputError: the picture cannot be read, there is no such class, or the network has no feature map.
        NotFoundError: the run has no model yet.
    """
    opened = _opened(run_folder, picture)
    classes, predicted = opened.model.classes, opened.model.infer(opened.pixels[None])[1][0]
    label = classes[int(predicted.argmax())] if label is None else label
    return HeatMap(
        label=label,
        probabilities=dict(zip(classes, predicted.tolist(), strict=True)),
        heat=opened.heat(opened.model.number(label)),
    )


def cover(run_folder: str | Path, picture: bytes | str, label: str) -> Occlusion:
    """Cover parts of a picture and measure what that does to the probability of a class.

    Args:
        run_folder: folder of a run that has a model.
        picture: the content of a picture file, or its path.
        label: the class.

    Raises:
        InputError: as ``grad_cam``.
        NotFoundError: the run has no model yet.
    """
    opened = _opened(run_folder, picture)
    chosen = opened.model.number(label)
    heat = opened.heat(chosen)
    cost = catalogue.get(opened.run.recipe.backbone).multiply_adds
    positions = next(number for most, number in POSITIONS if cost <= most)
    return Occlusion(
        sweep=occlusion.sweep(opened.pixels, opened.probabilities, chosen, positions),
        check=occlusion.check(opened.pixels, heat, opened.probabilities, chosen) if heat.any() else None,
    )


def run(folder: Path, progress: Progress, *, run: str, label: str, ids: list[str], others: list[str]) -> None:
    """The ``class-map`` job: average the Grad-CAM for a class over pictures, and swap their frames with others'.

    The result is stored with the run (``class_maps.load``).

    Args:
        folder: the job's folder.
        progress: how far it is.
        run: folder of a run that has a model.
        label: the class.
        ids: pictures of the class.
        others: at most as many pictures of other classes.

    Raises:
        Stopped: a person pressed Stop; nothing was saved.
    """
    of = RunFolder(Path(run))
    model = predict.load(of)
    number, lens = model.number(label), _lens(model)
    maps: list[NDArray[np.float32]] = []
    swapped: list[tuple[float, float]] = []
    progress.emit("progress", what="pictures", done=0, total=len(ids))
    partners = _batches(of, others, model)
    for batch in _batches(of, ids, model):
        if progress.stopped():
            raise Stopped(_("Stopped before every picture was looked at; nothing was saved."))
        maps += list(lens.maps(batch, _units(model, number, len(batch)))[0])
        if (theirs := next(partners, None)) is not None:
            pairs = frame_swap.swapped(batch[: len(theirs)], theirs)
            swapped += zip(*(model.infer(each)[1][:, number] for each in pairs), strict=True)
        progress.emit("progress", what="pictures", done=len(maps), total=len(ids))
    average = class_maps.average(label, np.reshape(maps, (-1, *lens.grid)))
    class_maps.save(of, ids, average, *np.reshape(swapped, (-1, 2)).astype(np.float64).T)


@dataclass(frozen=True)
class _Opened:
    """A picture before the ``model`` of a ``run`` and its ``lens``; ``pixels`` are ``(size, size, 3)`` uint8."""

    run: RunFolder
    model: predict.Trained
    lens: Lens
    pixels: NDArray[np.uint8]

    def heat(self, chosen: int) -> NDArray[np.float32]:
        """Return the Grad-CAM of the picture for the class of that number."""
        heat: NDArray[np.float32] = self.lens.maps(self.pixels[None], _units(self.model, chosen, 1))[0][0]
        return heat

    def probabilities(self, batch: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return ``(n, classes)`` for pictures like this one."""
        return self.model.infer(batch)[1]


def _opened(run_folder: str | Path, picture: bytes | str) -> _Opened:
    run = RunFolder(Path(run_folder))
    model = predict.load(run)
    return _Opened(run, model, _lens(model), _pixels(run, picture, model))


def _units(model: predict.Trained, number: int, count: int) -> NDArray[np.int64]:
    """Return how a class is named to a lens, ``(count,)``: a label that is the only one stands second."""
    return np.full(count, number + (len(model.classes) == 1))


def _batches(run: RunFolder, ids: list[str], model: predict.Model) -> Iterator[NDArray[np.uint8]]:
    return Pictures([manifest.image_path(run.project, id_) for id_ in ids], model.size).batches(batch=BATCH)


def _pixels(run: RunFolder, picture: bytes | str, model: predict.Model) -> NDArray[np.uint8]:
    ranges = deep_grey.load(run.project.folder)
    return feature_maps.as_trained(run.project.workspace, picture, model.size, ranges)


def _lens(model: predict.Model) -> Lens:
    with _making:
        if model not in _lenses:
            _lenses[model] = Lens(model.network)
        return _lenses[model]
