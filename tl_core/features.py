"""The activations of a frozen trunk, computed once and kept on disk.

A frozen layer gives the same output for the same picture in every epoch, so its output is kept as an array
in the workspace's cache and found again by every later run with the same pictures, network and freeze line.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tl_core import images
from tl_core.errors import Stopped
from tl_core.progress import Progress
from tl_core.workspace import read_json, storage_errors, write_json

BATCH = 32
#: The cache is kept below this many bytes (``TL_CACHE_GB``), and leaves this many free on the disk.
BOUND = int(float(os.environ.get("TL_CACHE_GB", "20")) * 2**30)
KEEP_FREE = 2**30

Forward = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


class Pictures:
    """Pictures that are decoded each time they are read.

    Args:
        paths: the files.
        size: side of the square that each is brought to.
    """

    def __init__(self, paths: Sequence[Path], size: int) -> None:
        self.paths = paths
        self.size = size
        self._pool = ThreadPoolExecutor(os.cpu_count() or 2)

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, rows: Sequence[int] | NDArray[np.integer]) -> NDArray[np.uint8]:
        """Return the pictures of those rows, ``(len(rows), size, size, 3)`` uint8."""
        return np.stack(list(self._pool.map(lambda row: images.pixels(self.paths[row], self.size), rows)))

    def batches(self, start: int = 0, batch: int = BATCH) -> Iterator[NDArray[np.uint8]]:
        """Yield the pictures from row ``start`` on, the next batch being decoded while one is used."""
        ranges = [range(at, min(at + batch, len(self))) for at in range(start, len(self), batch)]
        with ThreadPoolExecutor(1) as ahead:
            coming = [ahead.submit(self.read, rows) for rows in ranges[:2]]
            for number in range(len(ranges)):
                yield coming.pop(0).result()
                if number + 2 < len(ranges):
                    coming.append(ahead.submit(self.read, ranges[number + 2]))


class Activations:
    """An array on disk, one row per picture, float32.

    It is read and written in place, not through a memory map: the pages of a map count as resident memory, and an
    epoch would hold all of them. The system's file cache keeps what is used often.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "array.npy"
        mapped = np.load(self.path, mmap_mode="r")
        self.shape: tuple[int, ...] = mapped.shape
        self._offset = int(mapped.offset)

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def done(self) -> int:
        """How many rows have been computed."""
        return int(read_json(self.folder / "done.json")["rows"])

    def read(self, rows: Sequence[int] | NDArray[np.integer]) -> NDArray[np.float32]:
        """Return those rows, ``(len(rows), …)`` float32."""
        values = np.empty((len(rows), *self.shape[1:]), np.float32)
        with self.path.open("rb", buffering=0) as file:
            for row, value in zip(rows, values, strict=True):
                file.seek(self._place(row))
                file.readinto(value)
        return values

    def write(self, start: int, values: NDArray[np.float32]) -> None:
        """Write rows from ``start`` on."""
        with storage_errors(), self.path.open("r+b") as file:
            file.seek(self._place(start))
            file.write(values.astype(np.float32, copy=False).tobytes())

    def _place(self, row: int | np.integer) -> int:
        return self._offset + needed_bytes(int(row), self.shape[1:])

    def finish(self, rows: int) -> None:
        """Bring to disk what was written and note that the first ``rows`` rows are there."""
        with storage_errors(), self.path.open("r+b") as file:
            os.fsync(file.fileno())
        write_json(self.folder / "done.json", {"rows": rows})


def needed_bytes(rows: int, shape: tuple[int, ...]) -> int:
    """Return the size of an array of float32 activations."""
    return rows * int(np.prod(shape)) * 4


def fits(cache: Path, key: dict[str, Any], rows: int, shape: tuple[int, ...]) -> bool:
    """Return whether that array is there or may be kept: within the bound, and with 1 GiB of the disk left free."""
    if _folder(cache, key).exists():
        return True
    with storage_errors():
        cache.mkdir(parents=True, exist_ok=True)
    return needed_bytes(rows, shape) <= min(BOUND, shutil.disk_usage(cache).free - KEEP_FREE)


def opened(cache: Path, key: dict[str, Any], rows: int, shape: tuple[int, ...]) -> Activations:
    """Return the array of that key, new and empty if there is none, after making room for it (oldest out first)."""
    folder = _folder(cache, key)
    if not (folder / "done.json").exists():
        _make_room(cache, needed_bytes(rows, shape))
        with storage_errors():
            folder.mkdir(parents=True, exist_ok=True)
            np.lib.format.open_memmap(folder / "array.npy", "w+", np.float32, (rows, *shape)).flush()
            _reserve(folder / "array.npy")
        write_json(folder / "done.json", {"rows": 0})
    os.utime(folder)
    return Activations(folder)


def _folder(cache: Path, key: dict[str, Any]) -> Path:
    return cache / hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:32]


def compute(array: Activations, pictures: Pictures, forward: Forward, progress: Progress) -> None:
    """Run the pictures that are still missing through ``forward`` and keep what comes out.

    Raises:
        Stopped: a person pressed Stop; what was computed is found again by the next run.
    """
    at = array.done
    progress.emit("progress", what="pictures", done=at, total=len(pictures))
    for number, batch in enumerate(pictures.batches(at), 1):
        if progress.stopped():
            array.finish(at)
            raise Stopped("Stopped while the pictures were looked at for the first time: nothing was trained yet.")
        array.write(at, forward(batch))
        at += len(batch)
        if number % 16 == 0:
            array.finish(at)
        progress.emit("progress", what="pictures", done=at, total=len(pictures))
    array.finish(at)


def _reserve(path: Path) -> None:
    """Take the blocks of a sparse file now: a full disk is an error here, not after an hour."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def _make_room(cache: Path, needed: int) -> None:
    kept = sorted(cache.glob("*/array.npy"), key=lambda path: path.parent.stat().st_mtime)
    total = sum(path.stat().st_size for path in kept)
    while kept and total + needed > BOUND:
        oldest = kept.pop(0)
        total -= oldest.stat().st_size
        shutil.rmtree(oldest.parent, ignore_errors=True)
