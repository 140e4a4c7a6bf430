"""What a model is worth on the sealed test part."""

import time
from pathlib import Path
from typing import Any

import numpy as np

from tl_core import features, manifest, prediction, statistics
from tl_core.errors import InputError, Stopped
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.workspace import write_json


def evaluate(run_folder: str | Path, progress: Progress | None = None) -> dict[str, Any]:
    """Open the test part, count the right answers, and keep the result in ``test.json`` of the run.

    Returns:
        ``accuracy``, ``n``, ``interval`` (95 %, Wilson), ``baseline`` (always naming the commonest class),
        ``classes`` (precision, recall, F1, support of each), ``confusion`` (row: truth, column: answer),
        ``labels`` and ``opened``: how often the test part has been opened for this run.

    Raises:
        NotFoundError: the run has no model yet.
        InputError: there is no test part.
        Stopped: a person pressed Stop; nothing was kept.
    """
    run = RunFolder(Path(run_folder))
    progress = progress or Progress()
    model = prediction.load(run)
    test = manifest.load(run.project, run.recipe.manifest).part("test")
    if test.empty:
        raise InputError(
            f"Run {run.reference} has no test pictures to open. Set a test share for the pictures and train again."
        )
    pictures = features.Pictures([manifest.image_path(run.project, id_) for id_ in test["id"]], model.size)
    answers = []
    for batch in pictures.batches():
        if progress.stopped():
            raise Stopped("Stopped before every test picture was looked at: the test part counts as still sealed.")
        answers.append(model.probabilities(batch).argmax(1))
        progress.emit("progress", what="pictures", done=sum(map(len, answers)), total=len(pictures))
    position = {label: number for number, label in enumerate(model.classes)}
    truth = np.array([position[label] for label in test["label"]])
    counts = statistics.confusion(truth, np.concatenate(answers), len(model.classes))
    result = {
        **summary(counts, model.classes),
        "run": run.reference,
        "opened": run.times_opened() + 1,
        "time": time.time(),
    }
    write_json(run.folder / "test.json", result)
    return result


def run(folder: Path, progress: Progress, *, run: str) -> dict[str, Any]:
    """The ``evaluate`` job: open the test part of the run in the folder ``run``."""
    return evaluate(run, progress)


def summary(counts: Any, labels: list[str]) -> dict[str, Any]:
    """Return the figures of a confusion matrix ``(classes, classes)``."""
    n = int(counts.sum())
    return {
        **statistics.accuracy(int(np.trace(counts)), n),
        "baseline": float(counts.sum(1).max() / n),
        "classes": statistics.per_class(counts, labels),
        "confusion": counts.tolist(),
        "labels": labels,
    }
