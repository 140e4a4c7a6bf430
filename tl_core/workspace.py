"""The folder that holds everything: projects, runs, jobs, caches. The user interface and the workers share only this.

Every write is atomic: a reader sees the old file or the new one, never half of it.
"""

import contextlib
import errno
import json
import os
import re
import secrets
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec
from filelock import FileLock, Timeout

from tl_core.errors import NotFoundError, StorageError

Record = TypeVar("Record")

DEFAULT_ROOT = Path("~/.thaw")
#: How long a change waits for another change of the same folder.
LOCK_SECONDS = 30.0


@dataclass(frozen=True)
class Workspace:
    """A workspace on disk.

    >>> import tempfile
    >>> workspace = Workspace.open(tempfile.mkdtemp())
    >>> workspace.create_project("Cats & dogs").slug
    'cats-dogs'
    """

    root: Path

    @classmethod
    def open(cls, root: str | Path | None = None) -> Self:
        """Open (and create) a workspace: ``root``, else the environment's ``TL_WORKSPACE``, else ``~/.thaw``."""
        path = Path(root or os.environ.get("TL_WORKSPACE") or DEFAULT_ROOT).expanduser().absolute()
        with storage_errors():
            path.mkdir(parents=True, exist_ok=True)
        return cls(path)

    @property
    def projects_folder(self) -> Path:
        return self.root / "projects"

    @property
    def jobs_folder(self) -> Path:
        """Folders of the jobs that are not training runs."""
        return self.root / "jobs"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def weights(self) -> Path:
        return self.root / "weights"

    @property
    def uploads(self) -> Path:
        """Staging folders of uploads from the browser, one per upload."""
        return self.root / "uploads"

    def projects(self) -> list["Project"]:
        """Return all projects, the one used last first."""
        projects = [Project(path.parent) for path in self.projects_folder.glob("*/project.json")]
        return sorted(projects, key=lambda project: project.touched, reverse=True)

    def project(self, slug: str) -> "Project":
        """Return the project of that slug. Raises NotFoundError if there is none."""
        folder = self.projects_folder / slug
        if not slug or folder.parent != self.projects_folder or not (folder / "project.json").is_file():
            known = ", ".join(project.slug for project in self.projects()) or "none yet"
            raise NotFoundError(f"There is no project “{slug}” in {self.root}. Projects here: {known}.")
        return Project(folder)

    def create_project(self, name: str, **about: Any) -> "Project":
        """Create an empty project; ``about`` is stored in ``project.json`` (as ``source``, say)."""
        folder = new_folder(self.projects_folder, slugify(name) or "project")
        write_json(folder / "project.json", {"name": name, "created": time.time(), **about})
        return Project(folder)


@dataclass(frozen=True)
class Project:
    """One set of pictures with its manifests and runs: ``projects/<slug>/``."""

    folder: Path

    @property
    def slug(self) -> str:
        return self.folder.name

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.folder.parent.parent)

    @property
    def name(self) -> str:
        """The name as the person typed it: show it as plain text, never as Markdown."""
        return str(self.about()["name"])

    @property
    def touched(self) -> float:
        """When the project was last changed, in seconds since the epoch."""
        return (self.folder / "project.json").stat().st_mtime

    @property
    def images(self) -> Path:
        return self.folder / "images"

    @property
    def manifests(self) -> Path:
        return self.folder / "manifests"

    @property
    def runs(self) -> Path:
        return self.folder / "runs"

    def about(self) -> dict[str, Any]:
        """Return ``project.json``."""
        return read_json(self.folder / "project.json")

    def update(self, **changes: Any) -> None:
        """Change entries of ``project.json`` and mark the project as the one used last."""
        with locked(self.folder):
            write_json(self.folder / "project.json", {**self.about(), **changes})


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one thread of one process at a time change what lies in a folder. May be nested.

    The operating system holds the lock, so a process that dies lets go of it, and one that takes long keeps it.

    Raises:
        StorageError: another one still has it after 30 s.
    """
    lock = FileLock(folder / ".changing", timeout=LOCK_SECONDS, is_singleton=True)
    with storage_errors():
        try:
            lock.acquire()
        except Timeout as exc:
            raise StorageError(
                f"Something else is changing {folder} and has not finished after {LOCK_SECONDS:.0f} s. Try again later."
            ) from exc
    try:
        yield
    finally:
        lock.release()


def slugify(name: str, longest: int = 40) -> str:
    """Return ``name`` as a folder name: lower-case ASCII letters, digits and dashes; may be empty.

    >>> slugify("Été à la plage!")
    'ete-a-la-plage'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].rstrip("-")


def new_folder(parent: Path, name: str) -> Path:
    """Create and return ``parent/name``, or ``name-2``, ``name-3`` … where that is taken."""
    with storage_errors():
        parent.mkdir(parents=True, exist_ok=True)
        for number in range(1, 10_000):
            folder = parent / (name if number == 1 else f"{name}-{number}")
            with contextlib.suppress(FileExistsError):
                folder.mkdir()
                return folder
    raise StorageError(f"No free name for “{name}” in {parent}. Remove some of the folders there.")


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees all of it or none of it. Raises StorageError."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    with storage_errors():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(data)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file atomically."""
    write_bytes(path, json.dumps(value, indent=1, ensure_ascii=False).encode())


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object. Raises NotFoundError if the file is not there."""
    try:
        value: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError as exc:
        raise NotFoundError(f"{path} is not there.") from exc
    return value


def to_json(record: object) -> dict[str, Any]:
    """Return a dataclass as a JSON object: dataclasses in it become objects, tuples lists."""
    value: dict[str, Any] = msgspec.to_builtins(record)
    return value


def write_record(path: Path, record: object) -> None:
    """Write a dataclass as a JSON file, atomically."""
    write_json(path, to_json(record))


def read_record(path: Path, kind: type[Record]) -> Record:
    """Read a JSON file as a dataclass. Fields that it does not know are ignored, those that are missing have defaults.

    Raises:
        NotFoundError: the file is not there.
        StorageError: it does not hold such a record.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind, strict=False)
    except FileNotFoundError as exc:
        raise NotFoundError(f"{path} is not there.") from exc
    except msgspec.MsgspecError as exc:
        raise StorageError(f"{path} is damaged or of another version: {exc}. Remove it and try again.") from exc


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Turn a full disk or a forbidden folder into a StorageError with a sentence."""
    try:
        yield
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(
                f"The disk is full: {exc.filename or 'a file'} could not be written. "
                "Free some space and try again. Existing data is unchanged."
            ) from exc
        if exc.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StorageError(
                f"{exc.filename} cannot be written: permission denied. "
                "Choose another folder with TL_WORKSPACE or --workspace."
            ) from exc
        raise
