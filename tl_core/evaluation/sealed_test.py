"""What a model is worth on the sealed test split."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tl_core import runs
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.errors import InputError, Stopped
from tl_core.evaluation import box_record, boxes, inference, predictions, scores, tags
from tl_core.evaluation.box_record import BoxEvaluation, BoxResults
from tl_core.evaluation.scores import Evaluation, Scores
from tl_core.evaluation.tags import Results, TagEvaluation
from tl_core.files import write_record
from tl_core.language import _
from tl_core.networks import saved
from tl_core.progress import Progress
from tl_core.runs import RunFolder

#: What is stored of an opened test split.
Opened = Evaluation | TagEvaluation | BoxEvaluation


def evaluate(run_folder: str | Path, progress: Progress | None = None) -> Opened:
    """Open the test split of a run, score it, and store the result.

    Raises:
        NotFoundError: the run has no model yet.
        InputError: there is no test split, or the run has learned from it.
        Stopped: a person pressed Stop; nothing was stored.
    """
    run = RunFolder(Path(run_folder))
    run.require_model()
    if (everything := run.recipe.everything) and everything.test:
        raise InputError(
            _(
                "Run {reference} has learned from the test pictures, so they cannot measure it. Evaluate "
                "the run that it comes from: {run}."
            ).format(reference=run.reference, run=everything.run)
        )
    if predictions.pictures_of(run, "test").empty:
        raise InputError(
            _(
                "Run {reference} has no test pictures. Set a test share, where each class has three "
                "pictures or more to split, and train again."
            ).format(reference=run.reference)
        )
    inference.ensure(run, progress)
    try:
        score, record = _BY_KIND[kinds.of(run.project)]
        scored = score(run, progress or Progress())
    except Stopped as exc:
        raise Stopped(_("Stopped before every test picture was predicted. The test pictures stay sealed.")) from exc
    evaluation = record(
        **vars(scored),
        run=run.reference,
        opened=run.times_opened() + 1,
        opened_in_project=runs.times_opened(run.project) + 1,
        time=time.time(),
    )
    write_record(run.folder / "test.json", evaluation)
    return evaluation


def _classes(run: RunFolder, progress: Progress) -> Scores:
    predicted = predictions.load(run, "test")
    if predicted is None:
        predicted = inference.infer(run, saved.of_run(run), "test", progress, run.classes)
        predictions.save(run, predicted)
    return scores.of(run, predicted)


def _tags(run: RunFolder, progress: Progress) -> Results:
    predicted = tags.load(run, "test")
    if predicted is None:
        predicted = inference.infer_tags(run, saved.of_run(run), "test", progress, run.classes)
        tags.save(run, predicted)
    return tags.results(run, predicted, tags.thresholds_of(run))


def _boxes(run: RunFolder, progress: Progress) -> BoxResults:
    found = box_record.load(run, "test") or boxes.store(run, "test", progress)
    return box_record.results(found, box_record.results_of(run).chosen.confidence)


#: What scores the test images, and the record of that.
_BY_KIND: Mapping[Things, tuple[Callable[[RunFolder, Progress], Any], Callable[..., Opened]]] = {
    "pictures": (_classes, Evaluation),
    "texts": (_classes, Evaluation),
    "tags": (_tags, TagEvaluation),
    "boxes": (_boxes, BoxEvaluation),
}


def run(folder: Path, progress: Progress, *, run: str) -> None:
    """The ``evaluate`` job: open the test split of the run in the folder ``run``."""
    evaluate(run, progress)
