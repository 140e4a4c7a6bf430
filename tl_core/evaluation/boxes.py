"""What a trained model finds in pictures as boxes, and what that is worth."""

import io
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.dataset import boxes, image
from tl_core.dataset.boxes import Box
from tl_core.errors import InputError
from tl_core.evaluation.box_record import FOUND, BoxPrediction, BoxResults, FoundBox, results_of
from tl_core.features.runtime import forward
from tl_core.features.sources import Forward
from tl_core.files import write_bytes
from tl_core.metrics import average_precision, box_mistakes, overlap
from tl_core.metrics.average_precision import Seen
from tl_core.metrics.box_mistakes import Mistakes
from tl_core.networks import examples, saved
from tl_core.progress import Progress
from tl_core.runs import RunFolder


def truth_of(rows: pd.DataFrame, classes: Sequence[str]) -> list[NDArray[np.float64]]:
    """Return the boxes of rows of a manifest, ``(n, 5)`` each: four edges and the position of the class."""
    position = {label: at for at, label in enumerate(classes)}
    every = ([(*box.edges, position[box.label]) for box in boxes.split(text)] for text in rows["boxes"])
    return [np.array(each, np.float64).reshape(-1, 5) for each in every]


def see(
    run: RunFolder, model: keras.Model, rows: pd.DataFrame, classes: Sequence[str], progress: Progress
) -> list[Seen]:
    """Return what a model finds in the pictures of rows of the manifest, beside what is there."""
    inputs, answer, found = examples.of_rows(run.project, run.recipe, rows), forward(model), []
    for batch in inputs.batches(batch=inputs.at_a_time):
        found += [overlap.found(each) for each in answer(batch)]
        progress.emit("progress", what="pictures", done=len(found), total=len(rows))
    return [Seen(*each) for each in zip(truth_of(rows, classes), found, strict=True)]


def results(seen: Sequence[Seen], classes: Sequence[str]) -> BoxResults:
    """Return what boxes are worth."""
    chosen = average_precision.choose(seen, len(classes))
    mistakes = sum((box_mistakes.of_picture(each, chosen.confidence) for each in seen), Mistakes())
    return BoxResults(precision=average_precision.measure(seen, len(classes)), chosen=chosen, mistakes=mistakes)


def save(run: RunFolder, seen: Sequence[Seen]) -> None:
    """Write what was found in the validation pictures, in their order in the manifest."""
    buffer = io.BytesIO()
    parts = {"truth": [each.truth for each in seen], "found": [each.found for each in seen]}
    rows = {name: np.concatenate([*values, np.zeros((0, 5 + (name == "found")))]) for name, values in parts.items()}
    counts = {f"{name}_counts": np.array([len(each) for each in values]) for name, values in parts.items()}
    np.savez_compressed(buffer, **rows, **counts)  # type: ignore[arg-type]  # NumPy's stubs take the names for others
    write_bytes(run.folder / FOUND, buffer.getvalue())


def predict(run: RunFolder, pictures: Sequence[str | Path], confidence: float | None = None) -> list[BoxPrediction]:
    """Return what the model of a run finds in pictures, the surest first.

    Args:
        run: that has a model.
        pictures: paths of files.
        confidence: of the boxes, at least; None for the one that the validation pictures chose.
    """
    least = results_of(run).chosen.confidence if confidence is None else confidence
    classes, size = run.classes, run.recipe.image_size
    answer = forward(saved.load(run.require_model()))
    return [_predict(answer, each, classes, size, least) for each in pictures]


def _predict(answer: Forward, picture: str | Path, classes: list[str], size: int, least: float) -> BoxPrediction:
    try:
        stored = image.decode(image.content(picture))
    except InputError as exc:
        return BoxPrediction(error=str(exc))
    rows = overlap.found(answer(image.pixels(stored.data, size)[None])[0], least)
    found = tuple(FoundBox(Box(classes[int(row[4])], *map(float, row[:4])), float(row[5])) for row in rows)
    return BoxPrediction(width=stored.width, height=stored.height, found=found)
