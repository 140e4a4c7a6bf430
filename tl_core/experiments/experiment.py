"""An experiment on disk: what is compared on which pictures, as jobs that may run side by side.

``projects/<slug>/experiments/<id>/`` holds ``experiment.json`` and a folder for each part. A part is a job, so several
workers share an experiment, and a worker that dies loses only its part. The result is what the parts say together, read
from them at any time: it is there while it grows, and outlives the page that began it.
"""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tl_core import jobs
from tl_core.errors import NotFoundError, Stopped, TLError
from tl_core.files import new_folder, read_record, read_stored, subfolder, subfolders, write_record
from tl_core.jobs import Job, State
from tl_core.language import _
from tl_core.progress import Progress
from tl_core.workspace import Project

FILE = "experiment.json"
#: Of each kind so many experiments stay in a project, the newest ones.
MOST_KEPT = 10
#: Which state the whole has: the first of these that one of its parts has.
_ORDER: tuple[State, ...] = ("running", "queued", "interrupted", "damaged", "failed", "cancelled", "done")


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What is compared: ``experiment.json``.

    Attributes:
        kind: a key of ``registry.KINDS``, what each part does.
        manifest: version of the list of pictures.
        parts: names of their folders, in the order in which they begin.
        created: in seconds since the epoch.
        seed: of all that is drawn, 0 to 2³¹ - 1.
    """

    kind: str
    manifest: int
    parts: tuple[str, ...]
    created: float
    seed: int = 0


@dataclass(frozen=True)
class Experiment:
    """An experiment by its folder."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def project(self) -> Project:
        return Project(self.folder.parent.parent)

    @property
    def setup(self) -> Setup:
        """Raises NotFoundError or DamagedError if ``experiment.json`` cannot be read."""
        return read_record(self.folder / FILE, Setup)

    def parts(self) -> list[Job]:
        """Return the jobs, in the order in which they begin."""
        return [Job(self.folder / name) for name in self.setup.parts]

    @property
    def state(self) -> State:
        """How far the whole is: it runs while one part runs or waits, and is done once all are."""
        states = {job.state for job in self.parts()}
        return next(state for state in _ORDER if state in states)

    @property
    def active(self) -> bool:
        """True while a part is queued or running."""
        return self.state in ("running", "queued")

    def stop(self) -> None:
        """Ask all parts to stop. What is done stays."""
        for job in reversed(self.parts()):  # those that wait first, so that none begins
            if job.state in ("queued", "running", "interrupted"):
                job.stop()

    def errors(self) -> dict[str, str]:
        """Return why parts have failed, a sentence by the name of the part."""
        every = {job.id: job.status() for job in self.parts()}
        return {name: each.error or "" for name, each in every.items() if each.state in ("failed", "damaged")}


def of_part(folder: Path) -> Experiment:
    """Return the experiment of a part's folder.

    Raises:
        NotFoundError: it was deleted meanwhile, or its project was.
    """
    require(folder)
    return Experiment(folder.parent)


def require(folder: Path) -> None:
    """Raise NotFoundError if the folder of a part is gone: nothing must be written where it was."""
    if not (folder / "job.json").is_file():
        raise NotFoundError(_("The experiment or its project was deleted meanwhile. Restore it, or start again."))


def create(
    project: Project, kind: str, manifest: int, parts: Mapping[str, Mapping[str, object]], seed: int = 0
) -> Experiment:
    """Write a new experiment; ``jobs.execute`` or ``Engine.submit`` runs its parts.

    Args:
        project: whose pictures it is about.
        kind: a key of ``registry.KINDS``.
        manifest: version of the list of pictures.
        parts: arguments of each job, by the name of its folder, in the order in which they begin.
        seed: of all that is drawn.
    """
    setup = Setup(kind=kind, manifest=manifest, parts=tuple(parts), created=time.time(), seed=seed)

    def fill(folder: Path) -> None:
        write_record(folder / FILE, setup)
        for name, args in parts.items():
            (folder / name).mkdir()
            jobs.create(folder / name, kind, **args)

    made = Experiment(new_folder(project.experiments, f"{kind}-{time.strftime('%Y%m%d-%H%M%S')}", fill))
    for old in of_project(project, kind)[MOST_KEPT:]:
        if not old.active:
            shutil.rmtree(old.folder, ignore_errors=True)
    return made


def of_project(project: Project, kind: str) -> list[Experiment]:
    """Return the experiments of one kind that can be read, the newest first."""
    every = [Experiment(folder) for folder in subfolders(project.experiments)]
    setups = {each: read_stored(each.folder / FILE, Setup) for each in every}
    chosen = [
        (setup.created, each.id, each) for each, setup in setups.items() if setup and setup.kind == kind and setup.parts
    ]
    return [each for *_, each in sorted(chosen, key=lambda each: each[:2], reverse=True)]


def newest(project: Project, kind: str) -> Experiment | None:
    """Return the newest experiment of a kind, None if there is none."""
    return next(iter(of_project(project, kind)), None)


def find(project: Project, id_: str) -> Experiment | None:
    """Return the experiment of that id, None if there is none."""
    folder = subfolder(project.experiments, id_)
    return Experiment(folder) if folder and (folder / FILE).is_file() else None


def execute(experiment: Experiment, progress: Progress) -> None:
    """Run the parts one after the other in this process. A part that fails lets the others go on.

    Raises:
        TLError: what the only part has raised, or the last one where all of them failed.
        Stopped: it was stopped before any part had a result.
    """
    problems: list[TLError] = []
    for job in experiment.parts():
        try:
            jobs.execute(job.folder, jobs.this_process(), progress)
        except Stopped:
            experiment.stop()
        except TLError as problem:
            problems.append(problem)
    if len(problems) == len(experiment.parts()):
        raise problems[-1]


class Limited(Progress):
    """A listener that asks the work to stop after some minutes, or when the listener that it passes all on to does."""

    def __init__(self, progress: Progress, minutes: float) -> None:
        self._progress, self._end = progress, time.monotonic() + 60 * minutes

    def emit(self, event: str, **fields: object) -> None:
        self._progress.emit(event, **fields)

    def stopped(self) -> bool:
        return self._progress.stopped() or time.monotonic() > self._end
