"""A whole workspace as one zip, taken while people work in it; ``restoring`` makes a workspace of it again.

The workspaces of people who share it are copied each in the same way.

Every file of a workspace appears as a whole, so each is copied whole. What refers to something is copied before it:
experiments, then runs, then the list of pictures, then the pictures. What is added meanwhile is at most too much, never
too little. What is in progress is kept as far as it has come: its status says that it was interrupted.
"""

import contextlib
import hashlib
import io
import os
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

import msgspec

from tl_core import wording
from tl_core.errors import DamagedError, InputError, NotFoundError, Stopped
from tl_core.events import PAUSE, STOP, TURN
from tl_core.files import PART, locked, read_record, replacing, subfolders, to_json
from tl_core.jobs import Job, JobStatus
from tl_core.language import _
from tl_core.progress import Progress
from tl_core.travel.record import PackedFile
from tl_core.workspace import Project, Workspace

#: The format that is written, and the newest one that is restored.
FORMAT = 1
#: The list of what is in a backup; it is written last, so one that was cut off has none.
NAME = "thaw-backup.json"
#: Every file of the workspace lies in this folder of the zip.
UNDER = "workspace/"
#: Endings of files that are compressed already, or hardly shrink.
_DENSE = frozenset({".jpg", ".png", ".npz", ".keras", ".parquet", ".zip", ".h5", ".bin", ".onnx", ".tflite"})
_CHUNK = 2**20
#: How a person asks a job to stop or to pause: what is in a backup does not run.
_ASKED = (STOP, PAUSE, TURN)


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is in a backup.

    Attributes:
        format: of the zip; a newer one is not restored.
        created: in seconds since the epoch.
        root: the folder of the workspace: jobs name what they work on by its path.
        projects: how many of them, those of all people together.
        interrupted: how many runs and parts of experiments were in progress.
        activations: whether the stored activations are in it.
        files: each of them, by its name below ``workspace/``.
    """

    format: int
    created: float
    root: str
    projects: int
    interrupted: int
    activations: bool
    files: tuple[PackedFile, ...]

    @property
    def bytes(self) -> int:
        """Of all files together."""
        return sum(each.bytes for each in self.files)


def write(workspace: Workspace, target: Path, progress: Progress, *, activations: bool = False) -> Record:
    """Write a workspace into a zip, whatever is written into the workspace meanwhile.

    Left out is what waits for its import, what jobs in progress beside the runs have made so far, what was converted
    from weights, and, unless asked for, the stored activations: all of it can be made again.

    Args:
        workspace: the workspace.
        target: the zip, outside the workspace; one that is there is replaced once the new one is whole.
        progress: hears how many files are done.
        activations: whether stored activations go along.

    Raises:
        InputError: the zip would lie in the workspace.
        StorageError: the disk is full, or a file cannot be read.
        Stopped: a person pressed Stop. In every case nothing is left.
    """
    if target.resolve().is_relative_to(workspace.root.resolve()):
        raise InputError(
            _("{file} is in the workspace itself. Name a file elsewhere, best on another disk.").format(file=target)
        )
    with replacing(target) as part, zipfile.ZipFile(part, "w", allowZip64=True) as archive:
        copy = _Copy(archive, workspace, progress)
        projects = copy.everything(activations=activations)
        record = Record(
            format=FORMAT,
            created=time.time(),
            root=str(workspace.root),
            projects=projects,
            interrupted=copy.interrupted,
            activations=activations,
            files=tuple(copy.files),
        )
        archive.writestr(NAME, msgspec.json.encode(record), zipfile.ZIP_DEFLATED)
    return record


@dataclass
class _Copy:
    """A workspace on its way into a zip: what is in it so far."""

    archive: zipfile.ZipFile
    workspace: Workspace
    progress: Progress
    files: list[PackedFile] = field(default_factory=list)
    interrupted: int = 0
    expected: int = 0

    def everything(self, *, activations: bool) -> int:
        """Copy all that a backup holds, and return how many projects there were."""
        every = self.workspace.with_spaces()
        left = [folder for each in every for folder in (each.uploads, *(() if activations else (each.cache,)))]
        self.expected = _count(self.workspace.root, without=set(left))
        return sum(self._workspace(each, {one.root for one in every}, activations=activations) for each in every)

    def _workspace(self, place: Workspace, others: set[Path], *, activations: bool) -> int:
        """Copy one person's, all but the ``others`` in it; return how many projects it had."""
        with self._whole(place.root):
            projects: set[Path] = set()
            self._projects(place, projects)
            for folder in sorted(subfolders(place.trash)):
                with self._whole(folder):
                    self._tree(folder)
            self._projects(place, projects)  # those that were restored from the trash meanwhile
            for folder in sorted(subfolders(place.jobs_folder)):
                with self._whole(folder):
                    if not _is_open(folder):
                        self._tree(folder)
            copied = {place.projects_folder, place.trash, place.jobs_folder}
            self._tree(place.root, others | copied | {place.uploads, place.cache, place.converted, place.own_converted})
            for folder in sorted(subfolders(place.cache)) if activations else ():
                with self._whole(folder):  # checksums tell rows that were written meanwhile; those of ids come first
                    for name in ("about.json", "ids.txt", "values.bin"):
                        self._file(folder / name)
        return len(projects) if place.root.is_dir() else 0

    def _projects(self, place: Workspace, copied: set[Path]) -> None:
        """Copy the projects that were not, and note them."""
        for folder in sorted(set(subfolders(place.projects_folder)) - copied):
            if self._project(Project(folder)):
                copied.add(folder)

    def _project(self, project: Project) -> bool:
        """Copy a project; one that is deleted meanwhile is left out. Return whether it is in."""
        begin, folder = len(self.files), project.folder
        parts = {part for of in subfolders(project.experiments) for part in subfolders(of)}
        for part in sorted(parts):
            self._job(part)
        self._tree(project.experiments, without=parts)
        for run in sorted(subfolders(project.runs)):
            self._job(run)
        with contextlib.suppress(NotFoundError), locked(folder):
            self._tree(folder, without={project.experiments, project.runs, project.images})
        self._tree(project.images)
        there = folder.is_dir()
        if not there:
            del self.files[begin:]
        return there

    def _job(self, folder: Path) -> None:
        """Copy a run, or a part of an experiment; where it is in progress, as one that was interrupted."""
        with self._whole(folder):
            status = folder / "status.json"
            if _is_open(folder):
                with contextlib.suppress(NotFoundError, DamagedError):
                    said = replace(read_record(status, JobStatus), owner=None, worker=None, claimed=False)
                    self._file(status, msgspec.json.encode(to_json(replace(said, state="interrupted"))))
                    self.interrupted += 1
                    self._tree(folder, without={status})
            else:
                self._tree(folder)

    @contextlib.contextmanager
    def _whole(self, folder: Path) -> Iterator[None]:
        """Forget a folder that was removed while it was copied."""
        begin, before = len(self.files), self.interrupted
        yield
        if not folder.is_dir():
            del self.files[begin:]
            self.interrupted = before

    def _tree(self, folder: Path, without: set[Path] | frozenset[Path] = frozenset()) -> None:
        """Copy what lies in a folder: its files, then its folders."""
        folders, files = _listed(folder)
        for path in files:
            if path not in without:
                self._file(path)
        for path in folders:
            if path not in without:
                self._tree(path, without)

    def _file(self, path: Path, content: bytes | None = None) -> None:
        """Copy a file; one that is removed meanwhile is left out."""
        if self.progress.stopped():
            raise Stopped(_("Stopped before the backup was ready. Nothing was saved."))
        try:
            source = _opened(path) if content is None else io.BytesIO(content)
        except FileNotFoundError:
            return
        name = path.relative_to(self.workspace.root).as_posix()
        info = zipfile.ZipInfo(f"{UNDER}{name}", time.localtime()[:6])
        info.compress_type = zipfile.ZIP_STORED if path.suffix in _DENSE else zipfile.ZIP_DEFLATED
        digest, size = hashlib.sha256(), 0
        with source, self.archive.open(info, "w", force_zip64=True) as into:
            while chunk := source.read(_CHUNK):
                into.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        self.files.append(PackedFile(name=name, bytes=size, sha256=digest.hexdigest()))
        done = len(self.files)
        self.progress.emit("progress", what="files", done=done, total=max(done, self.expected))


def _count(root: Path, without: set[Path]) -> int:
    """Return about how many files a backup has."""
    counted = 0
    for folder, folders, files in os.walk(root):
        folders[:] = [each for each in folders if Path(folder, each) not in without]
        counted += sum(not each.startswith(".") for each in files)
    return counted


def _is_open(folder: Path) -> bool:
    """Return whether a job has neither ended nor been interrupted; read before its other files."""
    return Job(folder).active


def _opened(path: Path) -> BinaryIO:
    """Return a file to read; of one that grows line by line, the lines that are whole."""
    if path.name != "events.jsonl":
        return path.open("rb")
    lines = path.read_bytes()
    return io.BytesIO(lines[: lines.rfind(b"\n") + 1])


def _listed(folder: Path) -> tuple[Sequence[Path], Sequence[Path]]:
    """Return the folders and the files in a folder, without locks and what is half-written."""
    try:
        kept = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return [], []
    files = [path for path in kept if path.is_file() and not path.name.endswith((PART, ".lock"))]
    return [path for path in kept if path.is_dir()], [path for path in files if path.name not in _ASKED]


def sentence(record: Record) -> str:
    """Return what is in a backup, for a person.

    >>> sentence(Record(format=1, created=0, root="", projects=2, interrupted=0, activations=False, files=()))
    '2 projects, 0 files, nothing.'
    """
    return _("{projects}, {files}, {size}.").format(
        projects=wording.plural(record.projects, "project", "projects"),
        files=wording.plural(len(record.files), "file", "files"),
        size=wording.size(record.bytes),
    )
