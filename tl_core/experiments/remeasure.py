"""A run measured again: choosing it among many has made its validation accuracy look better than it is.

Its training pictures had no say in the choice. They are dealt into folds. The recipe of the run learns again without
one fold, with the same validation pictures for its best epoch, and predicts that fold. A head alone does so for every
fold, what fine-tunes for one. The test split is never read.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tl_core import seeds
from tl_core.accuracy import Accuracy
from tl_core.dataset import kinds, manifest
from tl_core.dataset.splits import TRAIN, VALIDATION
from tl_core.errors import InputError
from tl_core.evaluation.questions import Questions, of_table
from tl_core.experiments import pictures as pictures_of
from tl_core.files import read_stored, write_record
from tl_core.language import _
from tl_core.metrics import intervals
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.wording import fraction, percent, pictures, points

KIND = "remeasure"
FILE, TRIALS = "again.json", ".again"
FOLDS = 5


@dataclass(frozen=True, kw_only=True)
class Again:
    """What a run is worth on pictures that had no say in its choice: ``again.json`` of the run.

    Attributes:
        accuracy: on training pictures, by models that have not learned from them.
        validation: of the run itself; None where it had no validation pictures.
        learned: training pictures that each of those models has learned from, of ``every``.
        every: training pictures of the run.
        precision: mean average precision there, where a picture has several labels; None where it has one.
    """

    accuracy: Accuracy
    validation: float | None
    learned: int
    every: int
    precision: float | None = None

    def sentence(self) -> str:
        """Return what was measured, and how much better the run looked, as sentences."""
        n, right = self.accuracy.n, self.accuracy.accuracy or 0.0
        said = _("Measured again on {pictures} that had no say in the choice: {accuracy}").format(
            pictures=pictures(n), accuracy=self.accuracy.sentence()
        )
        if self.precision is not None:
            known = _("Mean average precision: {precision}.").format(precision=fraction(self.precision))
            said = " ".join([said, known])
        if self.validation is None:
            return said
        looked = (
            _("On validation pictures it looked {difference} better ({accuracy}).")
            if self.validation > right
            else _("On validation pictures it looked no better ({accuracy}).")
        ).format(difference=points(abs(self.validation - right)).removeprefix("+"), accuracy=percent(self.validation))
        return " ".join([said, looked, _("It has learned from fewer pictures here.")])


def load(run: RunFolder) -> Again | None:
    """Return what a run got when it was measured again; None where it was not."""
    return read_stored(run.folder / FILE, Again)


def require(run: RunFolder) -> None:
    """Raise unless a run can be measured again.

    Raises:
        NotFoundError: it has no model yet.
        InputError: it learned from everything, so that no choice stands behind it, or from texts.
    """
    run.require_model()
    pictures_of.require(run.project, KIND)
    if run.recipe.everything:
        raise InputError(
            _("Run {run} has learned from everything. Measure the run that it comes from.").format(run=run.reference)
        )


def run(folder: Path, progress: Progress, *, run: str) -> Again:
    """The ``remeasure`` job: measure the run in the folder ``run`` again, and store that with it.

    Raises:
        InputError: the training pictures are too few, or the run learned from everything.
        Stopped: a person pressed Stop; the next time goes on from there.
    """
    of = RunFolder(Path(run))
    require(of)
    again = measure(of, progress)
    of.require_model()  # it may have been deleted meanwhile
    write_record(of.folder / FILE, again)
    shutil.rmtree(of.folder / TRIALS, ignore_errors=True)
    return again


def measure(of: RunFolder, progress: Progress) -> Again:
    """Return what a run gets when it is measured again. Raises what ``run`` raises."""
    from tl_core.experiments import trial

    questions, fold, count = _dealt(of)
    validated = fold < 0
    chosen = range(1 if of.recipe.fine_tune_epochs else count)
    right, judged, precisions = [], [], []
    for number in chosen:
        out = fold == number
        place = of.folder / TRIALS / f"fold-{number}"
        place.mkdir(parents=True, exist_ok=True)
        learned = ~out & ~validated
        result = trial.run(place, of.recipe, questions, (learned, [out]), progress, validated=validated)
        right.append(result.right)
        judged.append(np.flatnonzero(out))
        precisions += [] if result.precision is None else [result.precision]
        progress.emit("progress", what="folds", done=number + 1, total=len(chosen))
    rows, report = np.concatenate(judged), of.report()
    counts = np.bincount(questions.labels[rows], minlength=len(questions.classes))
    accuracy = intervals.share(
        np.concatenate(right).astype(bool),
        questions.groups[rows],
        baseline=float(counts.max() / len(rows)),
        baseline_class=questions.classes[int(counts.argmax())],
    )
    every = int((~validated).sum())
    validation = report.validation.accuracy if report else None
    return Again(
        accuracy=accuracy,
        validation=validation,
        learned=every - len(rows) // len(chosen),
        every=every,
        precision=float(np.mean(precisions)) if precisions else None,
    )


def _dealt(of: RunFolder) -> tuple[Questions, NDArray[np.int64], int]:
    """Return the pictures of a run, the fold of each, -1 for validation pictures, and how many folds there are."""
    data = manifest.of_run(of)
    table = data.table[data.table["split"].isin([TRAIN, VALIDATION])]
    questions = of_table(table, data.classes, kinds.of(of.project))
    train = (table["split"] == TRAIN).to_numpy()
    count, fold = min(FOLDS, questions.folds), np.full(len(table), -1, np.int64)
    try:
        seed = seeds.derive(of.recipe.seed, "again")
        fold[train] = questions.of(train).deal(seed, count)
    except ValueError as exc:
        raise InputError(_("There are too few training pictures to measure this run again. Add some.")) from exc
    return questions, fold, count
