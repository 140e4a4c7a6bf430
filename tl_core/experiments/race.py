"""The race: the same pictures learned from scratch, with a frozen network, and fine-tuned, each in a run of its own.

Each contestant is a part, a job of its own, that trains a run. All have the same pictures, split and seed, and either
the same epochs or the same seconds, everything counted. The runs stay among those of the project. They are compared on
the validation pictures; the test split is never read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tl_core import jobs, runs
from tl_core.about import Things
from tl_core.dataset import manifest
from tl_core.draft import Draft
from tl_core.errors import InputError, Stopped
from tl_core.evaluation import predictions, said
from tl_core.experiments import experiment, pictures, ranking
from tl_core.experiments.experiment import Experiment, Limited
from tl_core.experiments.ranking import Ranking, Rival
from tl_core.files import read_stored, to_json, write_record
from tl_core.language import _
from tl_core.metrics import intervals
from tl_core.networks import tables, weights
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.runs import EpochRow, RunFolder
from tl_core.tasks import table as tasks
from tl_core.workspace import Project

KIND = "race"
FILE = "run.json"
FROZEN, SCRATCH, LINE = "frozen", "scratch", "line-"
#: Where everything learns from the beginning, there is nothing to be careful with; but a BERT learns nothing at all at
#: a high rate (J. Devlin et al., "BERT", 2019, appendix A.2).
SCRATCH_RATES: dict[Things, float] = {"pictures": 1e-3, "tags": 1e-3, "texts": 1e-4}
#: In a race against the clock nothing but the clock ends a phase that may go on.
MOST_EPOCHS = 1000


@dataclass(frozen=True, kw_only=True)
class Started:
    """Which run a part trains: ``run.json``. Its ``run`` is the id."""

    run: str


@dataclass(frozen=True, kw_only=True)
class Runner:
    """A contestant, as far as it is.

    Attributes:
        name: of its part: ``"frozen"``, ``"scratch"``, or ``"line-"`` and the last frozen block.
        run: what it trains.
        epochs: the finished ones.
    """

    name: str
    run: RunFolder
    epochs: list[EpochRow]

    @property
    def seconds(self) -> float | None:
        """What all of it took; None before the end."""
        report = self.run.report()
        return report.seconds["total"] if report else None

    def seen(self) -> dict[str, int]:
        """Return how many pictures went ``"once"`` through the frozen blocks, and ``"trained"`` through what learns.

        A head alone learns from stored numbers: no picture goes through anything again.
        """
        report, tuned = self.run.report(), sum(row.phase == "fine-tune" for row in self.epochs)
        if report is None:
            return {"once": 0, "trained": 0}
        once = 0 if self.name == SCRATCH else report.counts.train + report.counts.validation
        return {"once": once, "trained": tuned * report.counts.train}


def create(
    project: Project,
    draft: Draft,
    lines: Sequence[str] = (),
    *,
    scratch: bool = True,
    epochs: int | None = None,
    seconds: float | None = None,
) -> Experiment:
    """Write a new race on the present pictures. The frozen network begins, since it is the first to have a point.

    Args:
        project: whose pictures.
        draft: network, size, head, augmentation and seed of all contestants.
        lines: last frozen block of each contestant that is fine-tuned.
        scratch: whether one begins with random weights.
        epochs: that each learns, at least 2, half of them the head's where blocks are fine-tuned.
        seconds: that each has, the first pass included; given instead of epochs.

    Raises:
        InputError: the pictures cannot be learned from, or the choices do not fit together.
        MissingWeightsError: the network's weights are not here.
    """
    if (epochs is None) == (seconds is None):
        raise InputError(_("A race needs either epochs or seconds. Give one of them."))
    if (epochs or 2) < 2 or (seconds or 1) <= 0:
        raise InputError(_("A race needs at least 2 epochs, or more than 0 seconds."))
    if len(lines) + scratch == 0:
        raise InputError(_("A race needs two contestants. Add one beside the frozen network."))
    pictures.require(project, KIND)
    task = tasks.of(project)
    data, network = manifest.load(project), tables.get(draft.backbone or task.network)
    tasks.check_network(project, network.id)
    if problems := task.problems(data):
        raise InputError(" ".join(problems))
    weights.ensure(network, project.workspace)
    entries = recipes(project, draft, lines, scratch=scratch, epochs=epochs, seconds=seconds)
    parts = {name: {"recipe": to_json(recipe), "seconds": seconds} for name, recipe in entries.items()}
    return experiment.create(project, KIND, data.version, parts, draft.seed)


def recipes(
    project: Project,
    draft: Draft,
    lines: Sequence[str] = (),
    *,
    scratch: bool = True,
    epochs: int | None = None,
    seconds: float | None = None,
) -> dict[str, Recipe]:
    """Return the recipe of each contestant of a race as ``create`` writes it, by name, the quickest first.

    Raises:
        InputError: the choices do not fit together.
    """
    task, data = tasks.of(project), manifest.load(project)
    if seconds:  # nobody knows at which step a cosine would have to end
        draft = replace(draft, schedule="constant")
    # Contestants are compared by their epochs, which only gradient descent has.
    descent = replace(draft, solver="adam", epochs=1)
    plain = replace(descent, weights="imagenet", freeze="all", keep_frozen=(), train_batch_norm=False)
    frozen = plain.recipe(data.version, len(data.classes), tables.get(draft.backbone or task.network))
    return _entries(frozen, list(dict.fromkeys(lines)), scratch, epochs, SCRATCH_RATES[task.id])


def _entries(
    frozen: Recipe, lines: Sequence[str], scratch: bool, epochs: int | None, scratch_rate: float
) -> dict[str, Recipe]:
    """Return the recipe of each contestant, by the name of its part, the quickest first."""
    most, patient = epochs or MOST_EPOCHS, epochs or MOST_EPOCHS
    half = max(1, epochs // 2) if epochs else Draft().epochs
    patience = patient if epochs else frozen.patience
    entries = {FROZEN: replace(frozen, epochs=most, patience=patience)}
    for line in lines:
        tuned = replace(frozen, epochs=half, freeze=line, fine_tune_epochs=most - half if epochs else most)
        entries[f"{LINE}{line}"] = replace(tuned, patience=patience)
    if scratch:
        entries[SCRATCH] = replace(
            frozen,
            weights="random",
            freeze="none",
            epochs=0,
            fine_tune_epochs=most,
            fine_tune_learning_rate=scratch_rate,
            train_batch_norm=True,
            block_decay=1.0,
            patience=patient,
        )
    return entries


def draft_like(draft: Draft, recipe: Recipe) -> Draft:
    """Return a draft with the network, weights and line of a contestant; how long it learned was the race's choice."""
    names = ("weights", "backbone", "image_size", "freeze", "head", "train_batch_norm")
    steps = ("fine_tune_learning_rate", "schedule", "weight_decay", "block_decay")
    chosen = {name: getattr(recipe, name) for name in (*names, *steps)}
    return replace(draft, **chosen)


def run(folder: Path, progress: Progress, *, recipe: Mapping[str, object], seconds: float | None) -> None:
    """The ``race`` job: train the run of one contestant.

    Raises:
        InputError: the seconds were not enough for one epoch, or what training raises.
        NotFoundError: the experiment was deleted meanwhile.
        Stopped: a person pressed Stop before the first epoch was finished.
    """
    project = experiment.of_part(folder).project
    learning = _run_of(folder, project)
    if learning is None:
        learning = runs.create(project, Recipe.from_json(recipe))
        experiment.require(folder)
        write_record(folder / FILE, Started(run=learning.id))
    elif not learning.job.claim():
        return
    limited = progress if seconds is None else Limited(progress, seconds / 60)
    try:
        jobs.execute(learning.folder, jobs.this_process(), limited)
    except Stopped as exc:
        if progress.stopped():
            raise
        text = _("{seconds} seconds were not enough for one epoch. Give the race more time.").format(
            seconds=f"{seconds:g}"
        )
        raise InputError(text) from exc


def _run_of(folder: Path, project: Project) -> RunFolder | None:
    started = read_stored(folder / FILE, Started)
    learning = RunFolder(project.runs / started.run) if started else None
    return learning if learning and learning.folder.is_dir() else None


def runners(of: Experiment) -> list[Runner]:
    """Return the contestants that have begun, in the order of the parts."""
    begun = {job.id: _run_of(job.folder, of.project) for job in of.parts()}
    return [
        Runner(name=name, run=learning, epochs=learning.history().rows) for name, learning in begun.items() if learning
    ]


@dataclass(frozen=True, kw_only=True)
class Thawing:
    """What the best of the fine-tuned contestants has gained over the frozen one.

    Attributes:
        name: of its part.
        gain: in accuracy, -1 to 1.
        p: how often chance alone would make a difference at least so large, corrected for the number of lines.
        n: pictures that both were asked for.
    """

    name: str
    gain: float
    p: float
    n: int


def ranked(of: Experiment) -> Ranking | None:
    """Return the contestants that have ended, the best first, with the time that they took; None before the first.

    The one that is suggested is the quickest to train of those that cannot be told apart from the best.
    """
    rivals, groups = _rivals(of)
    return ranking.rank(rivals, groups) if rivals else None


def thawing(of: Experiment) -> Thawing | None:
    """Return whether thawing has helped; None while the frozen one or all lines are missing."""
    rivals, groups = _rivals(of)
    by_name = {each.name: each for each in rivals}
    lines = [each for each in rivals if each.name.startswith(LINE)]
    if FROZEN not in by_name or not lines:
        return None
    frozen, best = by_name[FROZEN].right, max(lines, key=lambda each: each.right.mean())
    p = min(1.0, len(lines) * intervals.mcnemar(frozen, best.right, groups))
    return Thawing(name=best.name, gain=float(best.right.mean() - frozen.mean()), p=p, n=len(frozen))


def _rivals(of: Experiment) -> tuple[list[Rival], NDArray[np.int64] | None]:
    """Return the contestants that have ended, and the group of each picture that all of them were asked for."""
    rivals, groups = [], None
    for each in runners(of):
        report, answers = each.run.report(), said.of_run(each.run, "validation")
        if report is None or answers is None or not answers.labels:
            continue
        truth = predictions.pictures_of(each.run, "validation").set_index("id")["label"]
        ids = sorted(answers.labels)
        groups = predictions.groups_of(each.run, ids)
        right = np.array([answers.labels[id_] == truth[id_] for id_ in ids])
        took = 1000 * report.seconds["total"]
        rival = Rival(name=each.name, accuracy=report.validation, right=right, milliseconds=took, bytes=1)
        rivals.append(rival)
    return rivals, groups
