"""What takes how much room in a workspace, and the trash: what is deleted can be restored until the trash is emptied.

>>> from tl_core.workspace import Workspace
>>> import tempfile
>>> workspace = Workspace.open(tempfile.mkdtemp())
>>> deleted = trash_project(workspace.create_project("Cats"))
>>> [each.name for each in trash(workspace)], workspace.projects()
(['Cats'], [])
>>> restore(workspace, deleted.id).name
'cats'
"""

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tl_core import jobs
from tl_core.errors import DamagedError, InputError, NotFoundError
from tl_core.files import (
    NEW,
    PART,
    move,
    new_folder,
    read_record,
    remove_leftovers,
    storage_errors,
    subfolder,
    subfolders,
    sync_folder,
    write_record,
)
from tl_core.jobs import Job
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.workspace import Project, Workspace

#: What is deleted lies in the trash under this name, beside what is known of it.
CONTENT = "content"
#: What the name of a folder of pictures begins with while they are imported.
INCOMING = ".incoming-"
#: How long what was deleted can be restored.
TRASH_DAYS = 30
#: In seconds.
DAY = 86_400.0
#: How old a half-written file is before it counts as left behind by a process that was killed, in seconds.
LEFT_BEHIND_SECONDS = 3600.0


@dataclass(frozen=True, kw_only=True)
class RunUsage:
    """The room that a run takes.

    Attributes:
        id: of the run.
        name: that a person gave it, else the id; plain text.
        bytes: of its folder: what deleting it frees.
    """

    id: str
    name: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class ProjectUsage:
    """The room that a project takes.

    Attributes:
        slug: of the project.
        name: that a person gave it; plain text.
        bytes: of its folder: what deleting it frees.
        pictures: of its pictures, with those of earlier versions of the list.
        runs: each run, the largest first.
    """

    slug: str
    name: str
    bytes: int
    pictures: int
    runs: tuple[RunUsage, ...]


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What takes how many bytes of the disk.

    Attributes:
        pictures: of all projects.
        runs: of all projects: models, predictions, checkpoints.
        activations: stored activations of frozen blocks; they are computed again when they are needed.
        weights: of pre-trained networks, as far as they lie in the workspace.
        jobs: what work in the background left, and uploads that wait for their import.
        trash: what was deleted and can be restored.
        other: lists of pictures, reports, measurements.
        free: on the disk.
        projects: each project, the largest first.
    """

    pictures: int
    runs: int
    activations: int
    weights: int
    jobs: int
    trash: int
    other: int
    free: int
    projects: tuple[ProjectUsage, ...]

    @property
    def total(self) -> int:
        """All bytes of the workspace."""
        parts = (self.pictures, self.runs, self.activations, self.weights, self.jobs, self.trash, self.other)
        return sum(parts)


def usage(workspace: Workspace) -> Usage:
    """Return what takes how much room. Looks at every file once: a few seconds for a hundred thousand pictures."""
    projects = [_usage_of(Project(folder)) for folder in subfolders(workspace.projects_folder)]
    projects.sort(key=lambda each: each.bytes, reverse=True)
    known = {
        "pictures": sum(each.pictures for each in projects),
        "runs": sum(run.bytes for each in projects for run in each.runs),
        "activations": size(workspace.cache),
        "weights": size(workspace.weights) if workspace.shared == workspace.root else 0,  # else they are nobody's own
        "jobs": size(workspace.jobs_folder) + size(workspace.uploads),
        "trash": size(workspace.trash),
    }
    folders = set(workspace.folders) - {workspace.projects_folder}
    above = sum(size(path) for path in workspace.root.iterdir() if path not in folders)
    other = above - known["pictures"] - known["runs"]
    return Usage(**known, other=other, free=shutil.disk_usage(workspace.root).free, projects=tuple(projects))


def _usage_of(project: Project) -> ProjectUsage:
    every = [RunFolder(folder) for folder in subfolders(project.runs)]
    taken = (RunUsage(id=run.id, name=run.name, bytes=size(run.folder)) for run in every)
    return ProjectUsage(
        slug=project.slug,
        name=_name(project),
        bytes=size(project.folder),
        pictures=size(project.images),
        runs=tuple(sorted(taken, key=lambda each: each.bytes, reverse=True)),
    )


def size(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder. What disappears meanwhile counts nothing."""
    if not path.is_dir():
        return _bytes(path)
    return sum(_bytes(Path(folder, file)) for folder, __, files in os.walk(path) for file in files)


def _bytes(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


@dataclass(frozen=True, kw_only=True)
class Trashed:
    """Something that was deleted and can be restored.

    Attributes:
        kind: what it is.
        name: of the project or run, as a person gave it; plain text.
        place: where it was, below the workspace: ``projects/pets`` or ``projects/pets/runs/20260101-120000``.
        bytes: that emptying the trash frees.
        deleted: when, in seconds since the epoch.
        id: names it in ``restore``.
    """

    kind: Literal["project", "run"]
    name: str
    place: str
    bytes: int
    deleted: float
    id: str = ""


def trash_project(project: Project, *, for_good: bool = False) -> Trashed:
    """Delete a project with its pictures and runs; ``restore`` undoes it. A damaged one can be deleted, too.

    Args:
        project: the project.
        for_good: delete it without the trash, where that has no room.

    Raises:
        InputError: something of it is in progress.
        FullDiskError: there is no room for what the trash notes of it. Nothing was deleted.
    """
    running = (job for job in jobs.unfinished(project.workspace) if job.active)
    if any(_belongs(job, project) for job in running):
        raise InputError(
            _("Work on “{name}” is in progress. Stop it first, then delete the project.").format(name=_name(project))
        )
    return _trash(project.workspace, project.folder, "project", _name(project), for_good)


def trash_run(run: RunFolder, name: str | None = None, *, for_good: bool = False) -> Trashed:
    """Delete a run with its model; ``restore`` undoes it. A damaged one can be deleted, too.

    Args:
        run: the run.
        name: by which a person knows it; None for the one that it was given, else its id.
        for_good: delete it without the trash, where that has no room.

    Raises:
        InputError: it is training.
        FullDiskError: there is no room for what the trash notes of it. Nothing was deleted.
    """
    if run.job.active:
        raise InputError(
            _("The run {reference} is in progress. Stop it first, then delete it.").format(reference=run.reference)
        )
    return _trash(run.project.workspace, run.folder, "run", name or run.name, for_good)


def _belongs(job: Job, project: Project) -> bool:
    place = str(project.folder)
    paths = [str(job.folder), *(str(value) for value in job.task.args.values())]
    return any(path == place or path.startswith(place + os.sep) for path in paths)


def _name(project: Project) -> str:
    try:
        return project.name
    except (NotFoundError, DamagedError, KeyError):
        return project.slug


_GONE = {"project": N_("The project {name} is no longer there."), "run": N_("The run {name} is no longer there.")}


def _trash(workspace: Workspace, folder: Path, kind: Literal["project", "run"], name: str, for_good: bool) -> Trashed:
    if not folder.is_dir():
        raise NotFoundError(_(_GONE[kind]).format(name=name))
    place = folder.relative_to(workspace.root).as_posix()
    trashed = Trashed(kind=kind, name=name, place=place, bytes=size(folder), deleted=time.time())
    with storage_errors():
        if for_good:
            # Under a name that nobody lists, and that ``sweep`` removes should this process be killed.
            shutil.rmtree(folder.rename(folder.with_name(f"{NEW}{secrets.token_hex(8)}")), ignore_errors=True)
            return trashed
        into = new_folder(workspace.trash, folder.name, lambda made: write_record(made / "about.json", trashed))
        folder.rename(into / CONTENT)
        sync_folder(folder.parent)
    return replace(trashed, id=into.name)


def trash(workspace: Workspace) -> list[Trashed]:
    """Return what was deleted and can be restored, the latest first."""
    return sorted(_trashed(workspace), key=lambda each: each.deleted, reverse=True)


def _trashed(workspace: Workspace) -> Iterator[Trashed]:
    for folder in subfolders(workspace.trash):
        with contextlib.suppress(NotFoundError, DamagedError):
            if (folder / CONTENT).is_dir():
                yield replace(read_record(folder / "about.json", Trashed), id=folder.name)


def restore(workspace: Workspace, id: str) -> Path:  # noqa: A002 - the word of the record
    """Put something that was deleted back to its place, beside what has taken it since, and return its folder.

    Raises:
        NotFoundError: the trash was emptied, or the project of a run is deleted, too.
    """
    folder = subfolder(workspace.trash, id)
    if folder is None or not (folder / CONTENT).is_dir():
        raise NotFoundError(_("This is no longer in the trash. It cannot be restored."))
    trashed = read_record(folder / "about.json", Trashed)
    place = workspace.root / trashed.place
    if trashed.kind == "run" and not place.parent.parent.is_dir():
        raise NotFoundError(
            _("The project of the run {name} was deleted. Restore the project first.").format(name=trashed.name)
        )
    with storage_errors():
        place.parent.mkdir(parents=True, exist_ok=True)
        back = move(folder / CONTENT, place.parent, place.name)
        shutil.rmtree(folder, ignore_errors=True)
    return back


def empty_trash(workspace: Workspace, days: float = 0.0) -> int:
    """Remove for good what was deleted at least so many days ago, and return how many bytes that freed."""
    freed, before = size(workspace.trash), time.time() - days * DAY
    deleted = {each.id: each.deleted for each in trash(workspace)}
    for folder in subfolders(workspace.trash):
        # What is noted of it may be damaged: then the folder says when it came here.
        if deleted.get(folder.name, folder.stat().st_mtime) <= before:
            shutil.rmtree(folder, ignore_errors=True)
    return freed - size(workspace.trash)


def sweep(workspace: Workspace) -> None:
    """Remove what processes left behind that were killed, what nothing needs any more, and what is long in the trash.

    For the start of a server: what living processes work on stays.
    """
    projects = subfolders(workspace.projects_folder)
    for parent in (
        workspace.projects_folder,
        workspace.jobs_folder,
        workspace.trash,
        *(each / "runs" for each in projects),
        *(each / "experiments" for each in projects),
    ):
        remove_leftovers(parent, NEW)
    for project in projects:
        remove_leftovers(project / "imports", INCOMING)
        with contextlib.suppress(OSError):
            project.rmdir()  # only an empty one goes
    for path in _half_written(workspace):
        path.unlink(missing_ok=True)
    for job in jobs.all_jobs(workspace):
        if (job.folder / jobs.CHECKPOINT).is_dir() and job.state == "done":
            shutil.rmtree(job.folder / jobs.CHECKPOINT, ignore_errors=True)
    jobs.prune(workspace)
    empty_trash(workspace, TRASH_DAYS)


def _half_written(workspace: Workspace) -> Iterator[Path]:
    before = time.time() - LEFT_BEHIND_SECONDS
    for folder, folders, files in os.walk(workspace.root):
        folders[:] = [each for each in folders if each != "images"]  # the many pictures are moved there whole
        for path in (Path(folder, file) for file in files if file.endswith(PART)):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < before:
                    yield path
