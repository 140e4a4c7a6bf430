"""Files and folders that appear as a whole or not at all, and what is said where one of them is damaged.

Every write is atomic: a reader sees the old file or the new one, never half of it. What must outlive a power cut is on
the disk when the write returns. Nobody but the person whose workspace it is may look into what is written here.
"""

import contextlib
import errno
import json
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from filelock import FileLock, Timeout

from tl_core.errors import DamagedError, FullDiskError, NotFoundError, StorageError, TLError
from tl_core.language import N_, _
from tl_core.wording import number

Record = TypeVar("Record")

#: How long a change waits for another change of the same folder.
LOCK_SECONDS = 30.0
#: And how often it tries: several workers that fill one store change it all the time, for some milliseconds each.
POLL_SECONDS = 0.005
#: Mode of a folder that only its owner may enter.
PRIVATE = 0o700
#: What the name of a file ends in while it is written.
PART = ".part"
#: What the name of a folder begins with while it is filled.
NEW = ".new-"


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one thread of one process at a time change what lies in a folder. May be nested.

    The operating system holds the lock, so a process that dies lets go of it, and one that takes long keeps it.

    Raises:
        NotFoundError: the folder is not there: the lock alone would make it again.
        StorageError: another one still has it after 30 s.
    """
    _require(folder)
    lock = FileLock(folder / ".changing", timeout=LOCK_SECONDS, is_singleton=True)
    with storage_errors():
        try:
            lock.acquire(poll_interval=POLL_SECONDS)
        except Timeout as exc:
            raise StorageError(
                _(
                    "Something else is changing {folder} and has not finished after {seconds} s. Try again later."
                ).format(folder=folder, seconds=number(LOCK_SECONDS))
            ) from exc
    try:
        yield
    finally:
        lock.release()


def subfolders(parent: Path) -> list[Path]:
    """Return the folders in a folder without those whose name begins with a dot; none if it is not there."""
    try:
        return [path for path in parent.iterdir() if path.is_dir() and not path.name.startswith(".")]
    except OSError:
        return []


def subfolder(parent: Path, name: str) -> Path | None:
    """Return the folder of that name in a folder. None if there is none, or if that is no name of a folder.

    Args:
        parent: the folder.
        name: may come from outside: of any length, with any character.
    """
    folder = parent / name
    if folder.parent != parent or name.startswith("."):
        return None
    try:
        return folder if folder.is_dir() else None
    except (OSError, ValueError):  # too long a name; a NUL in it
        return None


def new_folder(parent: Path, name: str, fill: Callable[[Path], object] = lambda folder: None) -> Path:
    """Create and return ``parent/name``, or ``name-2``, ``name-3`` … where that is taken.

    Args:
        parent: where it lies.
        name: that it has if that is free.
        fill: writes what lies in it from the beginning. The folder appears with all of that or not at all.
    """
    with storage_errors(), staging(parent, NEW) as staged:
        fill(staged)
        return move(staged, parent, name)


def move(folder: Path, parent: Path, name: str) -> Path:
    """Move a folder to ``parent/name``, or ``name-2``, ``name-3`` … where that is taken, and return where it is now."""
    for nth in range(1, 10_000):
        target = parent / (name if nth == 1 else f"{name}-{nth}")
        if target.exists():
            continue
        try:
            folder.rename(target)
        except OSError:
            if not target.exists():  # else another process was quicker
                raise
        else:
            return target
    raise StorageError(
        _("No free name for “{name}” in {parent}. Remove some of the folders there.").format(name=name, parent=parent)
    )


@contextlib.contextmanager
def staging(parent: Path, prefix: str) -> Iterator[Path]:
    """Give a new folder for what is not whole yet; what is in it at the end is removed.

    While this process lives it holds a lock beside it, by which ``remove_leftovers`` tells it from a leftover.

    Raises:
        NotFoundError: the folder belongs to a project, a run or a job that was deleted.
    """
    folder = parent / f"{prefix}{secrets.token_hex(8)}"
    lock = FileLock(_staging_lock(folder))
    _require_thing(folder)
    with storage_errors():
        parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        lock.acquire()
        folder.mkdir(mode=PRIVATE)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()
        _staging_lock(folder).unlink(missing_ok=True)


def _staging_lock(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def is_leftover(folder: Path) -> bool:
    """Return whether the process that has made a staging folder is done with it, or was killed."""
    if not folder.exists():
        return True
    try:
        with FileLock(_staging_lock(folder), timeout=0):
            return True
    except Timeout:
        return False
    except OSError:
        return True


def remove_leftovers(parent: Path, prefix: str) -> None:
    """Remove the staging folders in a folder whose process was killed."""
    for path in parent.glob(f"{prefix}*"):
        folder = path.with_name(path.name.removesuffix(".lock"))
        with contextlib.suppress(Timeout, OSError), FileLock(_staging_lock(folder), timeout=0):
            shutil.rmtree(folder, ignore_errors=True)
            _staging_lock(folder).unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write a file so that a reader sees all of it or none of it.

    Args:
        path: the file.
        data: what it holds from now on.
        durable: whether it is on the disk when this returns, whatever becomes of the power. That takes a moment.

    Raises:
        NotFoundError: it belongs to a project, a run or a job that was deleted.
        StorageError: the disk is full, or the folder cannot be written. The file is as it was.
    """
    part = path.with_name(f".{secrets.token_hex(8)}{PART}")
    _require_thing(path)
    with storage_errors():
        path.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        try:
            with open(part, "xb", opener=partial(os.open, mode=0o600)) as file:
                file.write(data)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            part.replace(path)
            if durable:
                sync_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a file beside ``path`` to write to, which replaces it at the end of the ``with``, if all went well.

    Raises:
        StorageError: the disk is full, or the folder cannot be written. The file is as it was.
    """
    part = path.with_name(f".{secrets.token_hex(8)}{PART}")
    with storage_errors():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk. Windows has no such call, and needs none."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sync() -> None:
    """Wait until all that was written is on the disk: quicker than file by file where there are many."""
    if hasattr(os, "sync"):
        os.sync()


def write_json(path: Path, value: Any, *, durable: bool = True) -> None:
    """Write a JSON file, see ``write_bytes``. Half a character, which a text from outside may hold, becomes a "?"."""
    write_bytes(path, json.dumps(value, indent=1, ensure_ascii=False).encode(errors="replace"), durable=durable)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        NotFoundError: the file is not there.
        DamagedError: it cannot be read, or holds something else.
    """
    try:
        value = msgspec.json.decode(_read(path))  # unlike Python's own it takes neither NaN nor half a character
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DamagedError(damage(path, N_("{file} is cut off or holds something else"))) from exc
    if not isinstance(value, dict):
        raise DamagedError(damage(path, N_("{file} holds something else")))
    return value


def to_json(record: object) -> dict[str, Any]:
    """Return a dataclass as a JSON object: dataclasses in it become objects, tuples lists."""
    value: dict[str, Any] = msgspec.to_builtins(record)
    return value


def write_record(path: Path, record: object, *, durable: bool = True) -> None:
    """Write a dataclass as a JSON file, see ``write_bytes``."""
    write_json(path, to_json(record), durable=durable)


def read_record(path: Path, kind: type[Record]) -> Record:
    """Read a JSON file as a dataclass. Fields that it does not know are ignored, those that are missing have defaults.

    Raises:
        NotFoundError: the file is not there.
        DamagedError: it does not hold such a record.
    """
    try:
        return msgspec.json.decode(_read(path), type=kind, strict=False)
    except (msgspec.MsgspecError, ValueError, RecursionError, TLError) as exc:
        if isinstance(exc, NotFoundError | DamagedError):
            raise
        raise DamagedError(
            damage(path, N_("{file} is cut off or holds something else ({reason})"), reason=exc)
        ) from exc


def read_stored(path: Path, kind: type[Record]) -> Record | None:
    """Read what can be computed again, as ``read_record`` does; None where it is not there or damaged."""
    try:
        return read_record(path, kind)
    except (NotFoundError, DamagedError):
        return None


def _read(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise NotFoundError(_missing(path)) from exc
    except OSError as exc:
        raise DamagedError(
            damage(path, N_("{file} is a folder") if path.is_dir() else N_("{file} cannot be read"))
        ) from exc
    if not data.strip(b"\0 \t\r\n"):
        raise DamagedError(damage(path, N_("{file} is empty")))
    return data


def _missing(path: Path) -> str:
    """Return a sentence on a file that is not there: what it belongs to is damaged, or its run was deleted."""
    run = re.match(r"(.*/projects/[^/]+/runs/[^/]+)/", path.as_posix())
    if run and not Path(run[1]).is_dir():
        return _gone(Path(run[1]))
    return damage(path, N_("{file} is missing"))


def _gone(folder: Path) -> str:
    """Return a sentence on a folder that is not there: it was deleted."""
    if folder.parent.name == "runs":
        sentence = _("The run {reference} is no longer there. It may have been deleted.")
        return sentence.format(reference=f"{folder.parent.parent.name}/{folder.name}")
    return _("{folder} is no longer there. It may have been deleted.").format(folder=folder)


def _require(folder: Path) -> None:
    if not folder.is_dir():
        raise NotFoundError(_gone(folder))


def _require_thing(path: Path) -> None:
    """Raise NotFoundError if what a file belongs to was deleted: written, the file would make it again, in pieces."""
    for parent in path.parents:
        if parent.parent.name in _OF_THINGS and not parent.name.startswith("."):
            _require(parent)
            return


#: What the folders are called in which each folder is a thing that a person can delete.
_OF_THINGS = ("runs", "projects", "jobs")


def damage(path: Path, why: str, **about: object) -> str:
    """Return a sentence that names what a damaged file belongs to.

    Args:
        path: the file.
        why: what is wrong with ``{file}``, marked with ``N_``.
        about: what else ``why`` names.

    >>> damage(Path("/w/projects/pets/runs/1/status.json"), "{file} is empty")
    'The run pets/1 is damaged: status.json is empty. Restore the file, or delete the run.'
    """
    text = path.as_posix()
    for pattern, sentence in _THINGS.items():
        if match := re.search(pattern, text):
            *names, file = match.groups()
            return _(sentence).format(name="/".join(names), problem=_(why).format(file=file, **about))
    return _("{problem}. Restore the file, or delete it.").format(problem=_(why).format(file=path, **about))


#: Where the files of each thing lie, its name in one or two groups and the file, and what is said if one is damaged.
_THINGS = {
    r".*/projects/([^/]+)/runs/([^/]+)/(.+)": N_(
        "The run {name} is damaged: {problem}. Restore the file, or delete the run."
    ),
    r".*/projects/([^/]+)/experiments/([^/]+)/(.+)": N_(
        "The experiment {name} is damaged: {problem}. Restore the file, or start a new one."
    ),
    r".*/projects/([^/]+)/(.+)": N_(
        "The project {name} is damaged: {problem}. Restore the file, or delete the project."
    ),
    r".*/jobs/([^/]+)/(.+)": N_("The job {name} is damaged: {problem}. Restore the file, or delete the job."),
}


def be_private() -> None:
    """Let whatever this process writes from now on be readable by its own user alone."""
    os.umask(0o077)


def keep_private(folder: Path) -> None:
    """Let nobody else into a folder that an earlier version made for everybody."""
    with contextlib.suppress(OSError):
        if stat.S_IMODE(folder.stat().st_mode) & 0o077:
            folder.chmod(PRIVATE)


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Turn a full disk, a forbidden folder and whatever else keeps a file from being written into a sentence.

    Raises:
        StorageError: the sentence. A file that is not there, or there already, stays what it is to the caller.
    """
    try:
        yield
    except (FileNotFoundError, FileExistsError):
        raise
    except OSError as exc:
        what = exc.filename or _("A file")
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise FullDiskError(
                _(
                    "The disk is full: {file} could not be written. Free some space and try again. "
                    "Existing data is unchanged."
                ).format(file=exc.filename or _("a file"))
            ) from exc
        if exc.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StorageError(
                _(
                    "{file} cannot be written: permission denied. Choose another folder with TL_WORKSPACE or "
                    "--workspace."
                ).format(file=what)
            ) from exc
        reason = exc.strerror or type(exc).__name__
        raise StorageError(
            _("{file} cannot be written or read: {reason}. Existing data is unchanged.").format(
                file=what, reason=reason
            )
        ) from exc
