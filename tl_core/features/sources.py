"""What training reads: pictures that are decoded each time, or the cached activations of a frozen trunk."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from loky import cpu_count
from numpy.typing import NDArray
from PIL import Image

from tl_core.dataset import image
from tl_core.errors import DamagedError, InputError
from tl_core.features.store import Activations
from tl_core.language import _

#: Pictures at a time: as many pixels as 32 pictures of 224 × 224 have, within bounds.
BATCH = 32
MOST_AT_A_TIME = 256
#: Decoded pictures that may wait: the first ones wait for the network to be made ready.
AHEAD_BYTES = 64 * 2**20

Forward = Callable[[NDArray[np.generic]], NDArray[np.float32]]
Rows = Sequence[int] | NDArray[np.integer]


class Pictures:
    """Pictures that are decoded each time they are read.

    Args:
        paths: the files.
        size: side of the square that each is resized to.
    """

    def __init__(self, paths: Sequence[Path], size: int) -> None:
        self.paths = paths
        self.size = size
        self._pool = ThreadPoolExecutor(cpu_count())

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, rows: Rows, epoch: int = 0) -> NDArray[np.uint8]:
        """Return the pictures of those rows, ``(len(rows), size, size, 3)`` uint8; the same in every epoch."""
        return np.stack(list(self._pool.map(self._pixels, rows)))

    def _pixels(self, row: int) -> NDArray[np.uint8]:
        return image.squashed(self._opened(row), self.size)

    def _opened(self, row: int) -> Image.Image:
        path = self.paths[row]
        try:
            return image.opened(path, self.size)
        except (InputError, OSError) as exc:
            raise DamagedError(
                _(
                    "The picture {path} is damaged or gone. Remove it from the list on the Pictures page, or "
                    "import it again. Then train again."
                ).format(path=path)
            ) from exc

    def batches(self, rows: Rows | None = None, batch: int = BATCH) -> Iterator[NDArray[np.uint8]]:
        """Yield the pictures of those rows (None: all); the next batches are decoded while one is used."""
        rows = range(len(self)) if rows is None else rows
        parts = [rows[at : at + batch] for at in range(0, len(rows), batch)]
        depth = max(2, AHEAD_BYTES // (batch * self.size**2 * 3))
        with ThreadPoolExecutor(1) as ahead:
            coming = deque(ahead.submit(self.read, part) for part in parts[:depth])
            try:
                for following in range(depth, depth + len(parts)):
                    yield coming.popleft().result()
                    coming.extend(ahead.submit(self.read, part) for part in parts[following : following + 1])
            finally:
                ahead.shutdown(cancel_futures=True)


class CachedActivations:
    """Activations by row.

    Args:
        variants: one store for each variant of the pictures; each has a row for every id.
        ids: the picture of each row.
    """

    def __init__(self, variants: Sequence[Activations], ids: Sequence[str]) -> None:
        self.variants = variants
        self.ids = ids
        self.shape = variants[0].shape

    def close(self) -> None:
        """Let go of the stores: TensorFlow keeps what a fit has read from for as long as the process lives."""
        for store in self.variants:
            store.close()

    def __len__(self) -> int:
        return len(self.ids)

    def read(self, rows: Rows, epoch: int = 0) -> NDArray[np.float32]:
        """Return those rows, ``(len(rows), …)`` float32: of each picture its next variant in every epoch."""
        values = np.empty((len(rows), *self.shape), np.float32)
        which = (np.asarray(rows) + epoch) % len(self.variants)
        for number, store in enumerate(self.variants):
            own = np.flatnonzero(which == number)
            values[own] = store.read([self.ids[row] for row in np.asarray(rows)[own]])
        return values


def at_a_time(size: int) -> int:
    """Return how many pictures of that side go through a network at a time."""
    return max(1, min(MOST_AT_A_TIME, BATCH * 224**2 // size**2))
