"""The activations of frozen trunks on disk, one row per picture: computed once, read by every later run.

A store belongs to one network, line, picture size and so on (its key). It grows by the pictures that it has not seen:
after an edit of the pictures only new ones are computed, and two projects with the same picture share its row.

Each row has a checksum, which is compared once for each opening, before the row is first used. A row that the disk has
changed counts as missing. Stores of earlier versions have none and are read as they are.
"""

import contextlib
import hashlib
import itertools
import json
import os
import secrets
import shutil
import threading
import time
import weakref
import zlib
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from tl_core.errors import DamagedError, NotFoundError, StorageError
from tl_core.files import locked, read_json, storage_errors, to_json, write_json
from tl_core.language import _
from tl_core.recipe import Pooling, Precision

#: The cache stays below this many bytes (``TL_CACHE_GB``), and leaves this many free on the disk.
BOUND = int(float(os.environ.get("TL_CACHE_GB", "20")) * 2**30)
MIN_FREE = 2**30
ID_LENGTH, CHECKSUM_LENGTH = 64, 8
VALUES, IDS = "values.bin", "ids.txt"
#: What ``about.json`` says of a store whose rows have checksums: CRC-32, which finds every burst of up to 32 bits.
CHECK = "crc32"
#: What the name of the lock begins with that each process holds which has a store open.
USED = ".used-"
#: Of how the stored numbers come about: what another version has stored is not read.
VERSION = 4


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
    """A store: ``values.bin``, row after row, and ``ids.txt``, for each row the id of its picture and its checksum.

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
                raise DamagedError(_("{folder} is damaged: {file} is missing.").format(folder=folder, file=name))
        self.folder = folder
        try:
            self.shape: tuple[int, ...] = tuple(int(side) for side in about["shape"])
            self.precision: Precision = np.dtype(about["precision"]).name
            if min(self.shape, default=0) < 1:
                raise ValueError(self.shape)
        except (KeyError, TypeError, ValueError) as exc:
            raise DamagedError(
                _("{folder} is damaged: about.json holds something else.").format(folder=folder)
            ) from exc
        self._entry = ID_LENGTH + (CHECKSUM_LENGTH if about.get("check") == CHECK else 0)
        self._row: dict[str, int] = {}
        self._unchecked: dict[str, str] = {}
        self._damaged: set[str] = set()
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

    @property
    def damaged(self) -> Set[str]:
        """The pictures whose rows do not fit their checksums, of those that were asked for so far."""
        return self._damaged

    def missing(self, ids: Sequence[str]) -> list[int]:
        """Return the positions of the pictures that have no row yet, or a damaged one; one for each picture.

        Rows that other processes have written meanwhile count.
        """
        with self._use(), self._lock, storage_errors():
            self._read_ids()
            self._check(ids)
            return self._missing(ids)

    def count(self) -> int:
        """Return how many rows are on the disk, whoever has written them."""
        with self._use(), storage_errors():
            return (self.folder / IDS).stat().st_size // self._entry

    def holds(self, ids: Sequence[str], values: NDArray[np.float32]) -> bool:
        """Return whether those pictures have rows, which are these values to the last bit."""
        stored = self._as_stored(values).astype(np.float32, copy=False)
        return not self.missing(ids) and bool(np.array_equal(self.read(ids), stored))

    def _missing(self, ids: Sequence[str]) -> list[int]:
        without = (each for each in enumerate(ids) if each[1] not in self._row or each[1] in self._damaged)
        return list({id_: position for position, id_ in without}.values())

    def _check(self, ids: Sequence[str]) -> None:
        """Compare the rows of those pictures with their checksums, in the order of the disk; each row once."""
        value = np.empty(self.shape, self.precision)
        for id_ in sorted(self._unchecked.keys() & set(ids), key=self._row.__getitem__):
            self._load(id_, value)
            if self._unchecked.pop(id_) != _checksum(value):
                self._damaged.add(id_)

    def read(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """Return the rows of those pictures, ``(len(ids), …)`` float32; ``missing`` says which are fit to be read."""
        values = np.empty((len(ids), *self.shape), self.precision)
        with self._lock, storage_errors():
            for id_, value in zip(ids, values, strict=True):
                self._load(id_, value)
        return values.astype(np.float32, copy=False)

    def _load(self, id_: str, value: NDArray[Any]) -> None:
        self._file.seek(self._row[id_] * value.nbytes)
        if self._file.readinto(value.data) != value.nbytes:
            raise StorageError(_("{folder} is damaged. Remove the folder and train again.").format(folder=self.folder))

    def add(self, ids: Sequence[str], values: NDArray[np.float32]) -> None:
        """Write the rows of pictures; those that are there and whole stay. All are on the disk when this returns."""
        with self._use(), locked(self.folder), self._lock, storage_errors():
            self._add(ids, values)

    @contextlib.contextmanager
    def _use(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as exc:
            raise StorageError(
                _("{folder} was removed while it was in use. Train again.").format(folder=self.folder)
            ) from exc

    def _as_stored(self, values: NDArray[np.float32]) -> NDArray[Any]:
        limit = np.finfo(self.precision).max
        return np.clip(values, -limit, limit).astype(self.precision)

    def _add(self, ids: Sequence[str], values: NDArray[np.float32]) -> None:
        if values.shape[1:] != self.shape:
            raise DamagedError(
                _("{folder} is damaged: about.json holds another shape. Remove the folder.").format(folder=self.folder)
            )
        self._read_ids()
        new = self._missing(ids)
        rows = self._as_stored(values[new])
        added = [ids[position] for position in new]
        places = _places(self._row, added)
        for place, row in zip(places, rows, strict=True):
            self._write(place, row)
        os.fsync(self._file.fileno())
        with (self.folder / IDS).open("r+b") as file:
            file.truncate(len(self._row) * self._entry)
            for id_, place, row in zip(added, places, rows, strict=True):
                file.seek(place * self._entry)
                file.write((id_ + _checksum(row))[: self._entry].encode())
        self._damaged -= set(added)
        self._read_ids()
        for id_ in added:
            self._unchecked.pop(id_, None)

    def _write(self, place: int, row: NDArray[np.generic]) -> None:
        self._file.seek(place * row.nbytes)
        data = memoryview(row.tobytes())
        while data:  # a disk that is nearly full takes a part of it, and says so at the next call
            data = data[self._file.write(data) :]

    def _read_ids(self) -> None:
        """Take in the rows that this process has not seen yet.

        Raises FileNotFoundError if the folder is another one by now: it was removed, and then made again.
        """
        if not os.path.samestat(os.fstat(self._file.fileno()), (self.folder / VALUES).stat()):
            raise FileNotFoundError(self.folder / VALUES)
        with (self.folder / IDS).open("rb") as file:
            file.seek(len(self._row) * self._entry)
            text = file.read().decode("ascii", errors="replace")
        if text and not text.isalnum():
            raise DamagedError(_("{folder} is damaged: ids.txt holds something else.").format(folder=self.folder))
        there = os.fstat(self._file.fileno()).st_size // row_bytes(self.shape, self.precision)
        for at in range(0, len(text) - self._entry + 1, self._entry):
            if len(self._row) < there:  # else the values were cut off: they are computed again
                id_ = text[at : at + ID_LENGTH]
                self._row[id_] = len(self._row)
                if self._entry > ID_LENGTH:
                    self._unchecked[id_] = text[at + ID_LENGTH : at + self._entry]

    def reserve(self, rows: int) -> None:
        """Take the space of more rows now: a full disk is an error here, not after an hour."""
        size = (len(self._row) + rows) * row_bytes(self.shape, self.precision)
        if rows and hasattr(os, "posix_fallocate"):
            with storage_errors():
                os.posix_fallocate(self._file.fileno(), 0, size)


def _places(there: dict[str, int], ids: Sequence[str]) -> list[int]:
    """Return the row of each picture: that of its damaged one, else the next one at the end."""
    end = itertools.count(len(there))
    return [there[id_] if id_ in there else next(end) for id_ in ids]


def _checksum(row: NDArray[Any]) -> str:
    return f"{zlib.crc32(row.data):08x}"


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
    about = {"key": to_json(key), "shape": shape, "precision": key.precision, "check": CHECK}
    write_json(folder / "about.json", about)
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
