"""What a trained model finds in pictures as boxes."""

import functools
import threading
from collections.abc import Sequence
from pathlib import Path

import keras

from tl_core.dataset import image
from tl_core.dataset.boxes import Box
from tl_core.errors import InputError, Stopped
from tl_core.evaluation import box_record, predictions
from tl_core.evaluation.box_record import BoxFindings, BoxPrediction, FoundBox, results_of
from tl_core.features.runtime import forward
from tl_core.features.sources import Forward
from tl_core.language import _
from tl_core.metrics import overlap
from tl_core.networks import examples, saved
from tl_core.progress import Progress
from tl_core.runs import RunFolder

_loading = threading.Lock()


def see(run: RunFolder, model: keras.Model, split: str, progress: Progress, classes: list[str]) -> BoxFindings:
    """Return what a model finds in the pictures of a split of its run, beside what is there.

    Args:
        run: whose model it is.
        model: pictures → ``(n, places, 4 + classes)``.
        split: ``"validation"`` or ``"test"``.
        progress: hears how many pictures are done.
        classes: names in the order of the model's output.

    Raises:
        Stopped: a person pressed Stop.
    """
    rows = predictions.pictures_of(run, split)
    inputs, answer, found = examples.of_rows(run.project, run.recipe, rows), forward(model), []
    for batch in inputs.batches(batch=inputs.at_a_time):
        if progress.stopped():
            raise Stopped(_("Stopped before every picture was predicted. Nothing was saved."))
        found += [overlap.found(each) for each in answer(batch)]
        progress.emit("progress", what="pictures", done=len(found), total=len(rows))
    return box_record.findings(run, split, classes, found)


def store(run: RunFolder, split: str, progress: Progress) -> BoxFindings:
    """Store what the model of a run finds in a split, and return it."""
    found = see(run, saved.load(run.require_model()), split, progress, run.classes)
    box_record.save(run, found)
    return found


def predict(
    run_folder: str | Path, pictures: Sequence[bytes | str | Path], least: float | None = None
) -> list[BoxPrediction]:
    """Return what the model of a run finds in pictures, the surest first.

    Args:
        run_folder: of a run that has a model.
        pictures: contents of files, or their paths.
        least: of the scores; None for the confidence that the validation pictures chose.

    Raises:
        NotFoundError: the run has no model yet.
    """
    run = RunFolder(Path(run_folder))
    least = results_of(run).chosen.confidence if least is None else least
    path = run.require_model()
    with _loading:  # two threads of the worker may ask at once
        answer = _model(path, path.stat().st_mtime_ns)
    return [_predict(answer, each, run.classes, run.recipe.image_size, least) for each in pictures]


@functools.lru_cache(maxsize=2)
def _model(path: Path, written: int) -> Forward:
    """Return the model of a file; recent ones stay in memory."""
    return forward(saved.load(path))


def _predict(
    answer: Forward, picture: bytes | str | Path, classes: list[str], size: int, least: float
) -> BoxPrediction:
    try:
        stored = image.decode(image.content(picture))
    except InputError as exc:
        return BoxPrediction(error=str(exc))
    rows = overlap.found(answer(image.pixels(stored.data, size)[None])[0], least)
    found = tuple(FoundBox(Box(classes[int(row[4])], *map(float, row[:4])), float(row[5])) for row in rows)
    return BoxPrediction(width=stored.width, height=stored.height, found=found)
