"""The activations of frozen trunks on disk, one row per picture: computed once, read by every later run.

A store belongs to one network, line, picture size and so on (its key). It grows by the pictures that it has not seen:
after an edit of the pictures only new ones are computed, and two projects with the same picture share its row.
"""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from tl_core.errors import DamagedError, NotFoundError, StorageError
from tl_core.files import locked, read_json, storage_errors, to_json, write_json
from tl_core.recipe import Pooling, Precision

#: The cache stays below this many bytes (``TL_CACHE_GB``), and leaves this many free on the disk.
BOUND = int(float(os.environ.get("TL_CACHE_GB", "20")) * 2**30)
MIN_FREE = 2**30
ID_LENGTH = 64
VALUES, IDS = "values.bin", "ids.txt"
#: What the name of the lock begins with that each process holds which has a store open.
USED = ".used-"
#: Of how the stored numbers come about: what another version has stored is not read.
VERSION = 3


@dataclass(frozen=True, kw_only=True)
class Key:
    """What identifies a store; its JSON gives the name of the folder.

    Attributes:
        backbone: id of a row of the catalogue.
        weights: ``"imagenet"`` with a digest of their file, or ``"random"`` with the seed.
        line: the last frozen layer; ``"all"`` for the whole backbone with the head's pooling.
        pooling: of the head, None where the line is inside the backbone.
        size: side of the pictures in pixels.
        precision: of the numbers on the disk.
        variant: level of augmentation, seed and number of the copy; None for the pictures as they are.
        version: of how the numbers come about.
    """

    backbone: str
    weights: str
    line: str
    pooling: Pooling | None
    size: int
    precision: Precision
    variant: tuple[str, int, int] | None
    version: int = VERSION


class Activations:
    """A store: ``values.bin``, row after row, and ``ids.txt``, the picture of each row.

    It is read in place, not through a memory map: the pages of a map count as resident memory, and an epoch would hold
    all of them. The system's file cache holds what is used often. Safe to use from several threads and processes.

    Attributes:
        shape: of one row.
        precision: of the numbers on the disk; rows are read as float32.
    """

    def __init__(self, folder: Path) -> None:
        about = read_json(folder / "about.json")
        for name in (VALUES, IDS):
            if not (folder / name).is_file():
                raise DamagedError(f"{folder} is damaged: {name} is missing.")
        self.folder = folder
        try:
            self.shape: tuple[int, ...] = tuple(int(side) for side in about["shape"])
            self.precision: Precision = np.dtype(about["precision"]).name
        except (KeyError, TypeError, ValueError) as exc:
            raise DamagedError(f"{folder} is damaged: about.json holds something else.") from exc
        self._row: dict[str, int] = {}
        self._lock = threading.Lock()
        with storage_errors(), locked(folder.parent):
            used = FileLock(folder / f"{USED}{secrets.token_hex(8)}", thread_local=False)
            used.acquire()
        with storage_errors():
            self._file = (folder / VALUES).open("r+b", buffering=0)
        self._closing = weakref.finalize(self, _close, self._file, used)
        self._read_ids()

    def close(self) -> None:
        """Let go of the files; the store is of no use afterwards. Otherwise that happens once nobody refers to it."""
        self._closing()

    def missing(self, ids: Sequence[str]) -> list[int]:
        """Return the positions of the pictures that have no row yet, one for each picture."""
        return list({id_: position for position, id_ in enumerate(ids) if id_ not in self._row}.values())

    def read(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """Return the rows of those pictures, ``(len(ids), …)`` float32."""
        values = np.empty((len(ids), *self.shape), self.precision)
        size = row_bytes(self.shape, self.precision)
        with self._lock, storage_errors():
            for id_, value in zip(ids, values, strict=True):
                self._file.seek(self._row[id_] * size)
                if self._file.readinto(value) != size:
                    raise StorageError(f"{self.folder} is damaged. Remove the folder and train again.")
        return values.astype(np.float32, copy=False)

    def add(self, ids: Sequence[str], values: NDArray[np.float32]) -> None:
        """Write the rows of pictures; a row that is there already stays. They are on the disk when this returns."""
        try:
            with locked(self.folder), self._lock, storage_errors():
                self._add(ids, values)
        except FileNotFoundError as exc:
            raise StorageError(f"{self.folder} was removed while it was in use. Train again.") from exc

    def _add(self, ids: Sequence[str], values: NDArray[np.float32]) -> None:
        limit = np.finfo(self.precision).max
        self._read_ids()
        new = self.missing(ids)
        self._file.seek(len(self._row) * row_bytes(self.shape, self.precision))
        data = memoryview(np.clip(values[new], -limit, limit).astype(self.precision).tobytes())
        while data:  # a disk that is nearly full takes a part of it, and says so at the next call
            data = data[self._file.write(data) :]
        os.fsync(self._file.fileno())
        with (self.folder / IDS).open("r+b") as file:
            file.truncate(len(self._row) * ID_LENGTH)
            file.seek(0, os.SEEK_END)
            file.write(b"".join(ids[position].encode() for position in new))
        self._read_ids()

    def _read_ids(self) -> None:
        """Take in the rows that this process has not seen yet."""
        with (self.folder / IDS).open("rb") as file:
            file.seek(len(self._row) * ID_LENGTH)
            text = file.read().decode("ascii", errors="replace")
        if text and not text.isalnum():
            raise DamagedError(f"{self.folder} is damaged: ids.txt holds something else.")
        there = os.fstat(self._file.fileno()).st_size // row_bytes(self.shape, self.precision)
        for at in range(0, len(text) - ID_LENGTH + 1, ID_LENGTH):
            if len(self._row) < there:  # else the values were cut off: they are computed again
                self._row[text[at : at + ID_LENGTH]] = len(self._row)

    def reserve(self, rows: int) -> None:
        """Take the space of more rows now: a full disk is an error here, not after an hour."""
        size = (len(self._row) + rows) * row_bytes(self.shape, self.precision)
        if rows and hasattr(os, "posix_fallocate"):
            with storage_errors():
                os.posix_fallocate(self._file.fileno(), 0, size)


def row_bytes(shape: tuple[int, ...], precision: Precision) -> int:
    """Return the size of one picture's activations on the disk."""
    return int(np.prod(shape)) * np.dtype(precision).itemsize


def find(cache: Path, key: Key) -> Activations | None:
    """Return the store of a key, None if there is none."""
    return opened(cache / name(key))


def opened(folder: Path) -> Activations | None:
    """Return the store in a folder; None if there is none. A damaged one is removed: it is computed again."""
    if not (folder / "about.json").exists():
        return None
    try:
        _touch(folder)
        return Activations(folder)
    except (DamagedError, NotFoundError):
        shutil.rmtree(folder, ignore_errors=True)
        return None


def find_or_create(cache: Path, key: Key, shape: tuple[int, ...]) -> Activations:
    """Return the store of a key, a new one if there is none."""
    folder = cache / name(key)
    if store := opened(folder):
        return store
    with storage_errors():
        folder.mkdir(parents=True, exist_ok=True)
        for file in (VALUES, IDS):
            (folder / file).touch()
    write_json(folder / "about.json", {"key": to_json(key), "shape": shape, "precision": key.precision})
    _touch(folder)
    return Activations(folder)


def make_room(cache: Path, needed: int, in_use: Sequence[Path]) -> bool:
    """Remove stores that nobody uses, the oldest first, until ``needed`` more bytes are within the bound.

    Args:
        cache: the folder of all stores.
        needed: bytes that are about to be written.
        in_use: folders of stores that stay.

    Returns:
        False if they do not fit, or would leave less than 1 GiB of the disk free; then nothing was removed.
    """
    with storage_errors():
        cache.mkdir(parents=True, exist_ok=True)
    with locked(cache):
        return _make_room(cache, needed, in_use)


def _make_room(cache: Path, needed: int, in_use: Sequence[Path]) -> bool:
    stores = sorted(cache.glob("*/values.bin"), key=lambda path: path.parent.stat().st_mtime)
    sizes = {path.parent: path.stat().st_size for path in stores}
    removable = [folder for folder in sizes if folder not in in_use and not _is_used(folder)]
    total, free = sum(sizes.values()), shutil.disk_usage(cache).free
    going = []
    while total + needed > BOUND or needed > free - MIN_FREE:
        if not removable:
            return False
        going.append(removable.pop(0))
        total, free = total - sizes[going[-1]], free + sizes[going[-1]]
    for folder in going:
        shutil.rmtree(folder, ignore_errors=True)
    return True


def _is_used(folder: Path) -> bool:
    """Return whether any process has the store open: each holds a lock, which the system frees when it ends."""
    for path in folder.glob(f"{USED}*"):
        lock = FileLock(path, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            return True
        _let_go(lock)
    return False


def _close(file: FileIO, used: FileLock) -> None:
    file.close()
    _let_go(used)


def _let_go(used: FileLock) -> None:
    used.release()
    with contextlib.suppress(OSError):
        Path(used.lock_file).unlink()


def _touch(folder: Path) -> None:
    now = time.time_ns()
    os.utime(folder, ns=(now, now))


def name(key: Key) -> str:
    """Return the name of what belongs to a key, 32 characters."""
    return hashlib.sha256(json.dumps(to_json(key), sort_keys=True).encode()).hexdigest()[:32]
