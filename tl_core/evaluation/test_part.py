"""What a model is worth on the sealed test part."""

import time
from pathlib import Path
from typing import Any

import keras

from tl_core import runs
from tl_core.errors import InputError, Stopped
from tl_core.evaluation import inference, predictions, scores
from tl_core.evaluation.predictions import Predictions
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.workspace import write_json


def evaluate(run_folder: str | Path, progress: Progress | None = None) -> dict[str, Any]:
    """Open the test part, count the right answers, and keep the result in ``test.json`` of the run.

    Returns:
        what ``scores.of`` returns, ``opened``: how often the test part has been opened for this run, and
        ``opened_in_project``: the same for all runs of the project.

    Raises:
        NotFoundError: the run has no model yet.
        InputError: there is no test part.
        Stopped: a person pressed Stop; nothing was kept.
    """
    run = RunFolder(Path(run_folder))
    path = run.require_model()
    if predictions.pictures_of(run, "test").empty:
        raise InputError(
            f"Run {run.reference} has no test pictures to open. Set a test share, where each class has three "
            "pictures or more to share out, and train again."
        )
    inference.ensure(run, progress)
    found = predictions.load(run, "test") or _asked(run, path, progress or Progress())
    opened = run.times_opened() + 1
    result = {
        **scores.of(run, found),
        "run": run.reference,
        "opened": opened,
        "opened_in_project": sum(each.times_opened() for each in runs.of_project(run.project)) + 1,
        "time": time.time(),
    }
    write_json(run.folder / "test.json", result)
    return result


def _asked(run: RunFolder, path: Path, progress: Progress) -> Predictions:
    model = keras.models.load_model(path, compile=False)
    try:
        found = inference.ask(run, model, "test", progress, run.classes)
    except Stopped as exc:
        raise Stopped("Stopped before every test picture was looked at: the test part counts as still sealed.") from exc
    predictions.save(run, found)
    return found


def run(folder: Path, progress: Progress, *, run: str) -> dict[str, Any]:
    """The ``evaluate`` job: open the test part of the run in the folder ``run``."""
    return evaluate(run, progress)
