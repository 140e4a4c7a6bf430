"""Why a run's model says what it says of a picture: asked of the interactive worker, which keeps recent models."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from tl_core.dataset import manifest
from tl_core.errors import InputError, Stopped
from tl_core.evaluation import predict
from tl_core.explain import class_maps, feature_maps, frame_swap, heatmap, occlusion
from tl_core.explain.gradcam import BATCH, Lens
from tl_core.features.sources import Pictures
from tl_core.networks import catalogue
from tl_core.progress import Progress
from tl_core.runs import RunFolder

#: Positions of the grey patch in each direction, for networks up to so many multiply-adds: about a second on two cores.
POSITIONS = ((1e9, 9), (4e9, 7), (float("inf"), 5))

_lenses: WeakKeyDictionary[predict.Model, Lens] = WeakKeyDictionary()
_making = threading.Lock()


def grad_cam(run_folder: str | Path, picture: bytes | str, label: str | None = None) -> dict[str, Any]:
    """Show where in a picture lies what speaks for a class.

    Args:
        run_folder: folder of a run that has a model.
        picture: the content of a picture file, or its path.
        label: the class; None for the one that the model says.

    Returns:
        ``label``; ``probability`` of it; ``probabilities`` of all classes, by name; ``heat`` ``(h, w)`` float32 0…1 for
        the picture squashed to a square (``heat.overlay`` draws it in the picture's proportions), all 0 where nothing
        speaks for the class; ``layer``, whose output was looked at; and what ``heat.measured`` says of it:
        ``in_middle``, ``in_frame``, ``where``.

    Raises:
        InputError: the picture cannot be read, there is no such class, or the network has no feature map.
        NotFoundError: the run has no model yet.
    """
    _, model, lens, pixels = _opened(run_folder, picture)
    said = model.looked(pixels[None])[1][0]
    label = model.classes[int(said.argmax())] if label is None else label
    maps, _ = lens.maps(pixels[None], np.array([_number(model, label)]))
    probabilities = dict(zip(model.classes, said.tolist(), strict=True))
    return {
        "label": label,
        "probability": probabilities[label],
        "probabilities": probabilities,
        "heat": maps[0],
        "layer": lens.layer,
        **heatmap.measured(maps[0]),
    }


def cover(run_folder: str | Path, picture: bytes | str, label: str) -> dict[str, Any]:
    """Cover parts of a picture and tell what that does to the probability of a class.

    Args:
        run_folder: folder of a run that has a model.
        picture: the content of a picture file, or its path.
        label: the class.

    Returns:
        ``sweep``, an ``occlusion.Sweep``: a grey patch slid over the picture; and ``check``, an ``occlusion.Check`` of
        the Grad-CAM for this class, None where that is empty.

    Raises:
        InputError: as ``grad_cam``.
        NotFoundError: the run has no model yet.
    """
    run, model, lens, pixels = _opened(run_folder, picture)
    chosen = _number(model, label)
    maps, _ = lens.maps(pixels[None], np.array([chosen]))

    def say(batch: NDArray[np.uint8]) -> NDArray[np.float64]:
        return model.looked(batch)[1]

    cost = catalogue.get(run.recipe.backbone).multiply_adds
    positions = next(number for most, number in POSITIONS if cost <= most)
    return {
        "sweep": occlusion.sweep(pixels, say, chosen, positions),
        "check": occlusion.check(pixels, maps[0], say, chosen) if maps[0].any() else None,
    }


def features_of(run_folder: str | Path, picture: bytes | str) -> NDArray[np.float32]:
    """Return what the head sees of a picture, ``(channels,)``: as ``Predictions.features`` of the pictures of the run.

    Raises:
        InputError: the picture cannot be read.
        NotFoundError: the run has no model yet.
    """
    run = RunFolder(Path(run_folder))
    model = predict.load(run)
    features, _ = model.looked(_pixels(run, picture, model)[None])
    found: NDArray[np.float32] = features[0]
    return found


def run(
    folder: Path, progress: Progress, *, run: str, label: str, ids: list[str], others: list[str] | None = None
) -> dict[str, Any]:
    """The ``class-map`` job: average the Grad-CAM for a class over kept pictures, and swap their frames with others'.

    What was found is kept with the run (``class_maps.kept``).

    Args:
        folder: the job's folder.
        progress: told how far it is.
        run: folder of a run that has a model.
        label: the class.
        ids: pictures of the class.
        others: as many pictures of other classes; none if there are none.

    Raises:
        Stopped: a person pressed Stop; nothing was kept.
    """
    of = RunFolder(Path(run))
    model = predict.load(of)
    number, lens = _number(model, label), _lens(model)
    maps: list[NDArray[np.float32]] = []
    said: list[tuple[float, float]] = []
    progress.emit("progress", what="pictures", done=0, total=len(ids))
    strangers = iter(_batches(of, others, model) if others else ())
    for batch in _batches(of, ids, model):
        if progress.stopped():
            raise Stopped("Stopped before every picture was looked at; nothing was kept of it.")
        maps += list(lens.maps(batch, np.full(len(batch), number))[0])
        if others:
            both = (model.looked(each)[1][:, number] for each in frame_swap.swapped(batch, next(strangers)))
            said += zip(*both, strict=True)
        progress.emit("progress", what="pictures", done=len(maps), total=len(ids))
    averaged = class_maps.averaged(label, np.reshape(maps, (-1, *lens.grid)))
    class_maps.keep(of, ids, averaged, *np.reshape(said, (-1, 2)).astype(np.float64).T)
    return {}


def _batches(run: RunFolder, ids: list[str], model: predict.Model) -> Iterator[NDArray[np.uint8]]:
    return Pictures([manifest.image_path(run.project, id_) for id_ in ids], model.size).batches(batch=BATCH)


def _opened(run_folder: str | Path, picture: bytes | str) -> tuple[RunFolder, predict.Trained, Lens, Any]:
    run = RunFolder(Path(run_folder))
    model = predict.load(run)
    return run, model, _lens(model), _pixels(run, picture, model)


def _pixels(run: RunFolder, picture: bytes | str, model: predict.Model) -> NDArray[np.uint8]:
    return feature_maps.seen(run.project.workspace, picture, model.size)


def _lens(model: predict.Model) -> Lens:
    with _making:
        if model not in _lenses:
            _lenses[model] = Lens(model.network)
        return _lenses[model]


def _number(model: predict.Model, label: str) -> int:
    if label not in model.classes:
        raise InputError(f"This model knows no class “{label}”. Choose one of: {', '.join(model.classes)}.")
    return model.classes.index(label)
