"""What training reads: pictures or texts that are made ready each time, or the cached activations of a frozen trunk."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from loky import cpu_count
from numpy.typing import NDArray
from PIL import Image

from tl_core.dataset import image
from tl_core.errors import DamagedError, InputError
from tl_core.features.store import Activations
from tl_core.language import _

#: Pictures or texts at a time.
BATCH = 32
MOST_AT_A_TIME = 256
#: Decoded pictures that may wait: the first ones wait for the network to be made ready.
AHEAD_BYTES = 64 * 2**20

Forward = Callable[[NDArray[np.generic]], NDArray[np.float32]]
Rows = Sequence[int] | NDArray[np.integer]


class Inputs(ABC):
    """Examples as a network takes them, made ready each time they are read.

    Attributes:
        size: of what the network takes: the side of a picture in pixels, the length of a text in word pieces.
    """

    size: int

    @property
    @abstractmethod
    def items(self) -> list[str]:
        """What each example is made from: the path of a picture, or a text."""

    @property
    @abstractmethod
    def at_a_time(self) -> int:
        """How many of them go through a network at a time."""

    @abstractmethod
    def read(self, rows: Rows, epoch: int = 0) -> NDArray[np.generic]:
        """Return those rows, ``(len(rows), …)``."""

    def __len__(self) -> int:
        return len(self.items)

    def batches(self, rows: Rows | None = None, batch: int = BATCH) -> Iterator[NDArray[Any]]:
        """Yield those rows (None: all); the next batches are made ready while one is used."""
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


class Texts(Inputs):
    """Texts as word pieces.

    Args:
        texts: as people wrote them.
        length: word pieces of each; longer ones are cut off, shorter ones padded with 0.
        encode: returns the word pieces of texts, ``(n, length)`` int32.
    """

    def __init__(
        self, texts: Sequence[str], length: int, encode: Callable[[Sequence[str], int], NDArray[np.int32]]
    ) -> None:
        self.texts = texts
        self.size = length
        self._encode = encode

    @property
    def items(self) -> list[str]:
        """The texts."""
        return list(self.texts)

    @property
    def at_a_time(self) -> int:
        """How many go through a network at a time: among many there are more of one length."""
        return MOST_AT_A_TIME

    def read(self, rows: Rows, epoch: int = 0) -> NDArray[np.int32]:
        """Return the word pieces of those rows, ``(len(rows), length)`` int32; the same in every epoch."""
        return self._encode([self.texts[row] for row in rows], self.size)


class Pictures(Inputs):
    """Pictures that are decoded each time they are read.

    Args:
        paths: the files.
        size: side of the square that each is resized to.
    """

    def __init__(self, paths: Sequence[Path], size: int) -> None:
        self.paths = paths
        self.size = size
        self._pool = ThreadPoolExecutor(cpu_count())

    @property
    def items(self) -> list[str]:
        """The paths."""
        return [str(path) for path in self.paths]

    @property
    def at_a_time(self) -> int:
        """How many go through a network at a time: as many pixels as ``BATCH`` usual ones have, within bounds."""
        return max(1, min(MOST_AT_A_TIME, BATCH * 224**2 // self.size**2))

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
