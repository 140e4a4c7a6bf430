"""Training runs on disk: starting one, finding it again, reading what it wrote."""

import csv
import dataclasses
import io
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from tl_core import jobs
from tl_core.about import Label
from tl_core.accuracy import Accuracy
from tl_core.errors import DamagedError, InputError, NotFoundError, TLError
from tl_core.events import Event
from tl_core.files import (
    damage,
    locked,
    new_folder,
    read_json,
    read_record,
    read_stored,
    subfolders,
    write_bytes,
    write_record,
)
from tl_core.jobs import Job, State
from tl_core.language import N_, _
from tl_core.recipe import Recipe
from tl_core.workspace import LONGEST_NAME, LONGEST_NOTE, Project, Workspace, fitting, given_name

Phase = Literal["head", "fine-tune"]


@dataclass(frozen=True, kw_only=True)
class EpochRow:
    """One finished epoch: a row of ``history.csv``, which has no column that is empty in every row.

    Attributes:
        phase: which part of the training.
        epoch: within the phase, from 1.
        loss: over the training images; None where a number was not finite, as in the next three.
        accuracy: over the training images, 0 to 1.
        val_loss: over the validation images; None, too, where there are none.
        val_accuracy: over the validation images, 0 to 1; None only where there are none.
        val_map50: of boxes, the mean average precision over the validation images at an overlap of one half, 0 to 1;
            None in the epochs in which it was not measured.
        seconds: that the epoch took.
    """

    phase: Phase
    epoch: int
    loss: float | None
    accuracy: float | None = None
    val_loss: float | None = None
    val_accuracy: float | None = None
    val_map50: float | None = None
    seconds: float = 0.0

    @property
    def validated(self) -> bool:
        """Whether there were validation images."""
        return self.val_loss is not None or self.val_accuracy is not None


#: How far a run without a model is, for people.
_STATES: dict[State, str] = {
    "queued": N_("queued"),
    "running": N_("running"),
    "failed": N_("failed"),
    "cancelled": N_("cancelled"),
    "interrupted": N_("interrupted"),
    "damaged": N_("damaged"),
}
METRICS = ("loss", "accuracy", "val_loss", "val_accuracy", "val_map50")


def best_epoch(rows: Iterable[EpochRow]) -> EpochRow | None:
    """Return the epoch whose weights are used: the lowest validation loss; None if no epoch has a finite one.

    Without validation images it is the last one.
    """
    rows = list(rows)
    if rows and not rows[-1].validated:
        return rows[-1] if rows[-1].loss is not None else None
    finite = [(row.val_loss, row) for row in rows if row.val_loss is not None]
    return min(finite, key=lambda each: each[0], default=(None, None))[1]


def epochs(events: Iterable[Event]) -> list[EpochRow]:
    """Return the epochs among the events of a run; one that was run again after a restart replaces the first."""
    names = [field.name for field in dataclasses.fields(EpochRow)]
    rows = (EpochRow(**{name: getattr(each, name) for name in names}) for each in events if each.event == "epoch")
    return list({(row.phase, row.epoch): row for row in rows}.values())


@dataclass(frozen=True)
class Counts:
    """Number of images in ``train``, ``validation`` and ``test``."""

    train: int
    validation: int
    test: int


@dataclass(frozen=True)
class Best:
    """Names the epoch whose weights are in the model: its phase, and its number within the phase, from 1."""

    phase: Phase
    epoch: int


@dataclass(frozen=True)
class Parameters:
    """Numbers in the network: all of them, and those that the last phase trained."""

    all: int
    trained: int


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """What training wrote at its end: ``report.json``.

    Attributes:
        counts: images of each split.
        history: every finished epoch, in order.
        validation: accuracy of the best weights on the validation images.
        temperature: the logits are divided by it; above 1 makes the model less confident.
        seconds: of the steps: ``features``, ``train``, ``total``, on the command line also ``import``. Of a run that
            went on after an interruption, a pause or Stop all are of the time since, but ``total``, which is of all.
        best: the epoch whose weights are in the model.
        stopped: whether a person ended the training.
        parameters: of the network.
        weights: what the training began with, as ``weights.identity`` names it; empty in runs of earlier versions.
        l2: strength of the penalty of a head that has learned by logistic regression; None for one by gradient descent.
    """

    counts: Counts
    history: tuple[EpochRow, ...]
    validation: Accuracy
    temperature: float
    seconds: dict[str, float]
    best: Best
    stopped: bool
    parameters: Parameters
    weights: str = ""
    l2: float | None = None

    def __post_init__(self) -> None:
        if min(self.counts.train, self.counts.validation, self.counts.test) < 0:
            raise ValueError(f"numbers of images are below 0: {self.counts}")
        if not (0 < self.temperature < math.inf and (self.l2 is None or 0 < self.l2 < math.inf)):
            raise ValueError(f"temperature {self.temperature} and penalty {self.l2} are not both above 0")


class History:
    """The finished epochs of a run, read from and written to its ``history.csv``.

    Args:
        path: the file; it need not exist yet.

    Attributes:
        rows: the epochs in order.

    Raises:
        DamagedError: the file holds something else, or was cut off.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[EpochRow] = _read_rows(path) if path.exists() else []

    def of(self, phase: Phase) -> list[EpochRow]:
        """Return the epochs of one phase."""
        return [row for row in self.rows if row.phase == phase]

    def add(self, row: EpochRow) -> EpochRow:
        """Write a finished epoch and return it, None in place of numbers that are not finite.

        An epoch that was run again after a restart replaces the first.
        """
        finite: dict[str, Any] = {name: _finite(getattr(row, name)) for name in METRICS}
        row = dataclasses.replace(row, **finite)
        self.rows = [each for each in self.rows if (each.phase, each.epoch) != (row.phase, row.epoch)] + [row]
        self._write()
        return row

    def _write(self) -> None:
        text, names = io.StringIO(), [field.name for field in dataclasses.fields(EpochRow)]
        empty = {name for name in METRICS[1:] if all(getattr(row, name) is None for row in self.rows)}
        columns = [name for name in names if name not in empty]
        table = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
        table.writeheader()
        table.writerows(map(dataclasses.asdict, self.rows))
        write_bytes(self.path, text.getvalue().encode())

    def cut(self, phase: Phase, epoch: int) -> None:
        """Forget every epoch after that one of a phase, on the disk, too: they are run again."""
        order = get_args(Phase)
        at = order.index(phase), epoch
        rows = [row for row in self.rows if (order.index(row.phase), row.epoch) <= at]
        if rows != self.rows:
            self.rows = rows
            self._write()

    def best(self) -> EpochRow | None:
        """Return the best of all epochs, see ``best_epoch``."""
        return best_epoch(self.rows)


def _read_rows(path: Path) -> list[EpochRow]:
    try:
        text = path.read_text(encoding="utf-8")
        lines = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        rows = [_parsed(line) for line in lines]
    except OSError as exc:
        raise DamagedError(damage(path, N_("{file} cannot be read"))) from exc
    except (ValueError, TypeError, csv.Error, msgspec.MsgspecError) as exc:
        raise DamagedError(damage(path, N_("{file} is cut off or holds something else"))) from exc
    if not text.endswith("\n"):
        raise DamagedError(damage(path, N_("{file} is cut off") if text else N_("{file} is empty")))
    return rows


def _parsed(line: dict[str, str]) -> EpochRow:
    return msgspec.convert({name: value or None for name, value in line.items()}, EpochRow, strict=False)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


@dataclass(frozen=True)
class RunFolder:
    """A training run: ``projects/<slug>/runs/<id>/``."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def project(self) -> Project:
        return Project(self.folder.parent.parent)

    @property
    def label(self) -> Label:
        """What a person has said of the run; nothing where the file is missing or damaged."""
        return read_stored(self.folder / "name.json", Label) or Label()

    @property
    def name(self) -> str:
        """The name that a person gave the run, else its id: show it as plain text, never as Markdown.

        ``freezing.names`` has a name that says more than the id.
        """
        return self.label.name or self.id

    def rename(self, name: str) -> None:
        """Give the run a name; its folder and its links stay. Raises InputError if the name is empty or too long."""
        self.annotate(name=given_name(name))

    def annotate(self, *, name: str | None = None, note: str | None = None, star: bool | None = None) -> None:
        """Write down what a person says of the run; what is None stays as it is, an empty text is none.

        Raises:
            NotFoundError: the run was deleted.
            InputError: the name or the note is too long.
        """
        with locked(self.folder):
            before = self.label
            said = Label(
                name=before.name if name is None else fitting(N_("A name"), name, LONGEST_NAME),
                note=before.note if note is None else fitting(N_("A note"), note, LONGEST_NOTE),
                star=before.star if star is None else star,
            )
            if said != before:
                write_record(self.folder / "name.json", said)

    @property
    def reference(self) -> str:
        """``<project>/<run>``: names the run in a whole workspace."""
        return f"{self.project.slug}/{self.id}"

    @property
    def job(self) -> Job:
        return Job(self.folder)

    @property
    def recipe(self) -> Recipe:
        """Raises NotFoundError or DamagedError if ``recipe.json`` cannot be read."""
        path = self.folder / "recipe.json"
        value = read_json(path)
        try:
            return Recipe.from_json(value)
        except InputError as exc:
            raise DamagedError(damage(path, N_("{file} cannot be used ({reason})"), reason=exc)) from exc

    @property
    def model_path(self) -> Path:
        return self.folder / "model.keras"

    @property
    def exports(self) -> Path:
        """Where what was made of the model lies; the folder is there once something was."""
        return self.folder / "exports"

    @property
    def ready(self) -> bool:
        """True once there is a model to predict with."""
        return self.model_path.is_file()

    @property
    def classes(self) -> list[str]:
        """The class names in the order of the model's output."""
        path = self.folder / "classes.json"
        try:
            return [str(name) for name in read_json(path)["classes"]]
        except (KeyError, TypeError) as exc:
            raise DamagedError(damage(path, N_("{file} holds something else"))) from exc

    def history(self) -> History:
        """Return the finished epochs, as far as the run is. Raises DamagedError if the file was cut off."""
        history = History(self.folder / "history.csv")
        try:
            report = self.report()
        except DamagedError:
            return history
        if report is not None and len(history.rows) < len(report.history):
            why = N_("{file} is cut off") if history.path.exists() else N_("{file} is missing")
            raise DamagedError(damage(history.path, why))
        return history

    def damage(self) -> str | None:
        """Return what is damaged about the run, a sentence; None if nothing is. Reads a few small files."""
        status = self.job.status()
        if status.state == "damaged":
            return status.error
        if self.job.task.kind != "train":
            return damage(self.folder / "job.json", N_("{file} holds something else"))
        try:
            self.recipe, self.history(), self.ready and self.classes
            if status.state == "done":
                self.require_model()
                read_record(self.folder / "report.json", RunReport)
        except TLError as exc:
            return str(exc)
        return None

    def report(self) -> RunReport | None:
        """Return what training wrote at its end, None before."""
        path = self.folder / "report.json"
        return read_record(path, RunReport) if path.exists() else None

    def times_opened(self) -> int:
        """Return how often the test images have been opened for this run. A damaged record tells only of once."""
        path = self.folder / "test.json"
        try:
            return int(read_json(path)["opened"]) if path.exists() else 0
        except (DamagedError, KeyError, TypeError, ValueError):
            return 1

    def require_model(self) -> Path:
        """Return the path of the model.

        Raises:
            NotFoundError: there is none yet; the message says how far the run is.
            DamagedError: there was one.
        """
        if not self.ready:
            state = self.job.state
            if state == "done":
                why = N_("{file} is a folder") if self.model_path.exists() else N_("{file} is missing")
                raise DamagedError(damage(self.model_path, why))
            raise NotFoundError(
                _("Run {reference} has no model: it is {state}. Wait for it to end, or resume it.").format(
                    reference=self.reference, state=_(_STATES[state])
                )
            )
        return self.model_path


def create(project: Project, recipe: Recipe, also: Callable[[RunFolder], object] = lambda run: None) -> RunFolder:
    """Write a new run; ``jobs.execute`` or ``Engine.submit`` trains it.

    Args:
        project: to which it belongs.
        recipe: of the run.
        also: writes what else lies in its folder from the beginning.
    """

    def fill(folder: Path) -> None:
        write_record(folder / "recipe.json", recipe)
        also(RunFolder(folder))
        jobs.create(folder, "train")

    folder = new_folder(project.runs, time.strftime("%Y%m%d-%H%M%S"), fill)
    project.update()
    return RunFolder(folder)


def of_project(project: Project) -> list[RunFolder]:
    """Return the runs of a project, the newest first; damaged ones, too (``RunFolder.damage``)."""
    runs = [RunFolder(folder) for folder in subfolders(project.runs)]
    return sorted(runs, key=lambda run: (run.job.created, run.id), reverse=True)


def times_opened(project: Project) -> int:
    """Return how often test images have been opened in a project, by runs that another machine has, too."""
    return project.about().opened + sum(run.times_opened() for run in of_project(project))


def find(workspace: Workspace, reference: str) -> RunFolder:
    """Return the run of ``<project>/<run>``, of a run id alone, or of the path of its folder.

    Raises:
        NotFoundError: there is none, or a run id alone fits several.
    """
    every = [run for project in workspace.projects() for run in of_project(project)]
    wanted = reference.rstrip("/")
    matches = [run for run in every if wanted in (run.reference, run.id, str(run.folder))]
    if len(matches) == 1:
        return matches[0]
    offered = ", ".join(run.reference for run in matches or every[:10]) or _("none yet")
    if matches:
        text = _("“{reference}” fits several runs. Name one of: {offered}.").format(
            reference=reference, offered=offered
        )
        raise NotFoundError(text)
    raise NotFoundError(
        _("There is no run “{reference}” in {folder}. Name one of: {offered}.").format(
            reference=reference, folder=workspace.root, offered=offered
        )
    )
