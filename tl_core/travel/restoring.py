"""A workspace from a backup: every file is checked, and all of it is there at the end, or nothing.

A backup is as good as the workspace: what is in its files is believed, as that of a folder that somebody copied would
be. Its names, links and sizes are not: no file leaves the folder, and none is larger than the backup says.
"""

import contextlib
import hashlib
import shutil
import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from tl_core import jobs, wording
from tl_core.dataset.names import plain
from tl_core.errors import DamagedError, InputError, NotFoundError, Stopped, StorageError
from tl_core.files import NEW, PRIVATE, read_json, staging, storage_errors, sync, write_json
from tl_core.ingest.archive import ALWAYS_ALLOWED, MAX_RATIO
from tl_core.ingest.entries import safe_parts
from tl_core.ingest.members import DAMAGED
from tl_core.language import _
from tl_core.paths import target_folder
from tl_core.progress import Progress
from tl_core.travel.backup import FORMAT, NAME, UNDER, Record
from tl_core.travel.record import PackedFile
from tl_core.workspace import Workspace

#: The record has at most this many bytes: those of two million files.
_MOST = 512 * 2**20
#: Room that is left on the disk, in bytes.
_MARGIN = 64 * 2**20
_CHUNK = 2**20
#: What a name must not hold: on one system or another it is more than a name.
_FORBIDDEN = frozenset('\\:*?"<>|\0')


class RestoreError(InputError):
    """A backup cannot be restored; nothing of it was."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(_("“{file}” cannot be restored: {reason} Nothing was restored.").format(file=name, reason=why))


def restore(path: Path, root: Path, progress: Progress) -> Record:
    """Make a workspace from a backup.

    Args:
        path: the backup.
        root: the folder of the new workspace; it is not there yet, or empty.
        progress: hears how many files are done.

    Returns:
        What is in the workspace now.

    Raises:
        InputError: there is something in the folder.
        RestoreError: the backup is damaged, cut off, changed, of a newer version, or none.
        StorageError: the disk is full.
        Stopped: a person pressed Stop. In every case nothing is left.
    """
    called = plain(path.name)[:120]
    _check_empty(root)
    try:
        with zipfile.ZipFile(path) as archive:
            record = _record(archive, called)
            infos = _members(archive, record, called, path.stat().st_size)
            _check_room(target_folder(root.parent), record.bytes)
            with storage_errors(), staging(root.parent, NEW) as staged:
                for number, (info, file) in enumerate(zip(infos, record.files, strict=True), start=1):
                    if progress.stopped():
                        raise Stopped(_("Stopped before the workspace was restored. Nothing was restored."))
                    _extract(archive, info, file, staged, called)
                    progress.emit("progress", what="files", done=number, total=len(infos))
                _move_jobs(staged, record.root, str(root))
                sync()
                if root.is_dir():
                    root.rmdir()
                staged.rename(root)
    except DAMAGED as exc:
        raise RestoreError(called, _("it is damaged, cut off or no zip. Copy it again.")) from exc
    Workspace.open(root)
    return record


def _check_empty(root: Path) -> None:
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise InputError(
            _(
                "There is something in {folder}. A backup is restored into a new or an empty folder: name another."
            ).format(folder=root)
        )


def _record(archive: zipfile.ZipFile, called: str) -> Record:
    if NAME not in archive.namelist():
        raise RestoreError(called, _("it is cut off, or no backup of a workspace."))
    if archive.getinfo(NAME).file_size > _MOST:
        raise RestoreError(called, _("its list of files is larger than one can be."))
    try:
        record = msgspec.json.decode(archive.read(NAME), type=Record)
    except (msgspec.MsgspecError, RecursionError) as exc:
        raise RestoreError(called, _("its list of files is damaged. Copy it again.")) from exc
    if record.format > FORMAT:
        raise RestoreError(called, _("a newer Thaw wrote it. Update Thaw."))
    return record


def _members(archive: zipfile.ZipFile, record: Record, called: str, size: int) -> Sequence[zipfile.ZipInfo]:
    """Return where each file of the record is in the zip. Raises RestoreError for any that may not be restored."""
    names = [each.name for each in record.files]
    if len({name.casefold() for name in names}) < len(names):
        raise RestoreError(called, _("it names a file twice."))
    if record.bytes > max(ALWAYS_ALLOWED, MAX_RATIO * size):
        raise RestoreError(
            called, _("it unpacks to {size}, far more than it can hold.").format(size=wording.size(record.bytes))
        )
    infos = {info.orig_filename: info for info in archive.infolist()}
    found = []
    for file in record.files:
        info = infos.get(f"{UNDER}{file.name}")
        shown = plain(file.name)[:60]
        if not _is_name(file.name) or (info is not None and stat.S_ISLNK(info.external_attr >> 16)):
            raise RestoreError(called, _("“{file}” is no name of a file in a workspace.").format(file=shown))
        if info is None or info.file_size != file.bytes:
            raise RestoreError(called, _("“{file}” is missing or cut off. Copy it again.").format(file=shown))
        found.append(info)
    return found


def _is_name(name: str) -> bool:
    """Return whether a name leads to a place in the workspace on every system."""
    parts = name.split("/")
    ends_well = all(part and not part.startswith(".") and part == part.rstrip(". ") for part in parts)
    return ends_well and bool(safe_parts(name)) and name.isprintable() and not _FORBIDDEN & set(name)


def _check_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if size + _MARGIN > free:
        raise StorageError(
            _("The disk is too full: this backup takes {size}; free: {free}. Nothing was restored.").format(
                size=wording.size(size), free=wording.size(free)
            )
        )


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: PackedFile, into: Path, called: str) -> None:
    """Write a file with the size and the hash that the record gives it."""
    target, digest, size = into / file.name, hashlib.sha256(), 0
    with storage_errors():
        target.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        written = target.open("xb")
    with archive.open(info) as packed, written:
        while size <= file.bytes and (chunk := packed.read(_CHUNK)):
            digest.update(chunk)
            size += len(chunk)
            with storage_errors():
                written.write(chunk)
    if (size, digest.hexdigest()) != (file.bytes, file.sha256):
        raise RestoreError(called, _("“{file}” was changed or damaged. Copy it again.").format(file=file.name[:60]))


def _move_jobs(folder: Path, old: str, new: str) -> None:
    """Let jobs name what they work on by its new path."""
    for job in (job for place in Workspace(folder).with_spaces() for job in jobs.all_jobs(place)):
        path = job.folder / "job.json"
        with contextlib.suppress(NotFoundError, DamagedError):  # damaged before the backup: it stays so
            if (moved := _moved(task := read_json(path), old, new)) != task:
                write_json(path, moved, durable=False)


def _moved(value: Any, old: str, new: str) -> Any:
    match value:
        case str() if old and (value == old or value.startswith((f"{old}/", f"{old}\\"))):
            return new + value[len(old) :]
        case dict():
            return {key: _moved(each, old, new) for key, each in value.items()}
        case list():
            return [_moved(each, old, new) for each in value]
    return value
