"""A first pass that several processes share: chunks of pictures on the disk; whoever is free takes the next one.

While a pass goes on, a folder beside the stores holds a file for each chunk that is not done, and ``pass.json``, which
says how pictures become rows. Who takes a chunk holds its lock, which the system frees when the process ends, however
it ends; who has done it removes the file. Its rows are in the store by then.

A claim only saves work: rows that are there stay, so a chunk that is done twice harms nothing. Therefore nobody waits
for anybody. Once no chunk is free, whoever began the pass computes what is still missing, from the end: who is at a
chunk still began at its front.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from tl_core.errors import Stopped
from tl_core.features.sources import Forward, Inputs
from tl_core.features.store import Activations
from tl_core.files import is_leftover, read_stored, remove_leftovers, staging, write_record
from tl_core.language import _
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.wording import out_of

#: What the name of the folder of a pass begins with; the file that says how; the ending of its chunks.
PREFIX, FILE, CHUNK = ".pass-", "pass.json", ".chunk"
#: A chunk is this share of what is left, so that all end together: C. Polychronopoulos and D. Kuck, "Guided
#: Self-Scheduling", IEEE Transactions on Computers 36, 1987, with room for some hundred processes.
SHARE = 256


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Pictures that one process computes.

    Attributes:
        variant: number of the augmented copy, None for the pictures as they are.
        ids: of the pictures.
        items: what the same ones are made from, see ``Inputs``.
    """

    variant: int | None
    ids: tuple[str, ...]
    items: tuple[str, ...]

    def only(self, rows: Sequence[int]) -> "Chunk":
        """Return some of the pictures."""
        ids, items = tuple(self.ids[row] for row in rows), tuple(self.items[row] for row in rows)
        return Chunk(variant=self.variant, ids=ids, items=items)


@dataclass(frozen=True, kw_only=True)
class Pass:
    """How the pictures of a pass become rows: ``pass.json``, which is there once others may help.

    Attributes:
        recipe, weights, line: as in ``ActivationCache``.
        folder: of all stores.
        converted: folder of the converted trunks.
        sample: pictures whose rows are in the store: who does not get these very numbers may not help.
    """

    recipe: Recipe
    weights: str
    line: str
    folder: str
    converted: str
    sample: Chunk


@dataclass(frozen=True)
class Part:
    """What a pass needs of one store.

    Attributes:
        variant: as in ``Chunk``.
        ids: of the pictures.
        items: what the same ones are made from.
    """

    variant: int | None
    ids: Sequence[str]
    items: Sequence[str]

    def chunk(self, rows: Sequence[int]) -> Chunk:
        """Return some of the pictures."""
        ids, items = tuple(self.ids[row] for row in rows), tuple(self.items[row] for row in rows)
        return Chunk(variant=self.variant, ids=ids, items=items)


@dataclass(frozen=True)
class Work:
    """How this process computes rows.

    Attributes:
        store: returns the store of a variant.
        seen: returns the pictures of a chunk as the network sees them.
        run: the trunk.
        at_a_time: how many pictures go through it together.
    """

    store: Callable[[int | None], Activations]
    seen: Callable[[Chunk], Inputs]
    run: Forward
    at_a_time: int

    def agrees(self, sample: Chunk) -> bool:
        """Return whether this process gets the numbers that are stored, to the last bit."""
        pictures = self.seen(sample).read(range(len(sample.ids)))
        return self.store(sample.variant).holds(sample.ids, self.run(pictures))


class Claims:
    """The chunks of a folder that nobody works on, taken one by one; the ``with`` lets go of what is not done."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[Path, FileLock] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        for lock in self._held.values():
            lock.release()

    def __iter__(self) -> Iterator[tuple[Path, Chunk]]:
        for path in sorted(self._folder.glob(f"*{CHUNK}")):
            if path.exists() and (chunk := self._take(path)):
                yield path, chunk

    def _take(self, path: Path) -> Chunk | None:
        lock = FileLock(path.with_suffix(".lock"), timeout=0, thread_local=False)
        try:
            lock.acquire()
        except (Timeout, OSError):  # the folder may be gone
            return None
        self._held[path] = lock
        return read_stored(path, Chunk)  # None where another has done it meanwhile

    def finish(self, path: Path | None) -> None:
        """Say that a chunk is done, if there is one: its rows are in the store."""
        if path is not None:
            path.unlink(missing_ok=True)
            self._held.pop(path).release()


@dataclass(frozen=True)
class _Batch:
    """Pictures, or texts, that are ready for the network.

    Attributes:
        chunk: which they are.
        pixels: of pictures, ``(n, size, size, 3)`` uint8; the word pieces of texts, ``(n, length)`` int32.
        done: the file of the chunk that is done with them; None before its last batch.
    """

    chunk: Chunk
    pixels: NDArray[np.generic] | None
    done: Path | None


def compute(
    folder: Path, parts: Sequence[Part], work: Work, about: Callable[[Chunk], Pass], progress: Progress
) -> None:
    """Compute and store the rows that are missing, together with whoever helps; all are there when this returns.

    Args:
        folder: of all stores.
        parts: the pictures.
        work: how this process computes rows; it has the stores of all parts.
        about: returns what ``pass.json`` holds, from the first pictures that are stored.
        progress: hears how many pictures are done, by whomever; and of an "offer" with a ``folder``, to which others
            may apply ``help_with``.

    Raises:
        Stopped: a person pressed Stop; the next run finds what was computed.
    """
    missing = [work.store(part.variant).missing(part.ids) for part in parts]
    stores = {part.variant: work.store(part.variant) for part in parts}
    for variant, store in stores.items():
        own = (rows for part, rows in zip(parts, missing, strict=True) if part.variant == variant)
        store.reserve(sum(map(len, own)))
    tally = _Tally(list(stores.values()), sum(map(len, missing)), progress)
    remove_leftovers(folder, PREFIX)
    with staging(folder, PREFIX) as shared:
        chunks = _deal(shared, parts, missing, work.at_a_time)
        with Claims(shared) as claims, closing(_decoded(claims, work)) as batches:
            for batch in batches:
                tally.tell()
                tally.own += _fill(batch, work)
                claims.finish(batch.done)
                if chunks > 1 and batch.chunk.ids and not (shared / FILE).exists():
                    write_record(shared / FILE, about(batch.chunk), durable=False)
                    progress.emit("offer", folder=str(shared))
        left = ((None, part.chunk(stores[part.variant].missing(part.ids)[::-1])) for part in parts)
        with closing(_decoded(left, work)) as batches:
            for batch in batches:
                tally.tell()
                tally.own += _fill(batch, work)
    tally.end()


def help_with(folder: Path, work: Work, is_needed: Callable[[], bool]) -> None:
    """Take chunk after chunk of a pass that another process has begun.

    Args:
        folder: of the pass.
        work: how this process computes rows.
        is_needed: whether this process has something else to do: asked before each batch.
    """
    with Claims(folder) as claims, closing(_decoded(claims, work)) as batches:
        for batch in batches:
            if is_needed() or is_leftover(folder):
                return
            _fill(batch, work)
            claims.finish(batch.done)


def is_open(folder: Path) -> bool:
    """Return whether a pass has a chunk that is free."""
    with Claims(folder) as claims:
        return any(True for _ in claims)


def _deal(folder: Path, parts: Sequence[Part], missing: Sequence[Sequence[int]], least: int) -> int:
    """Write the chunks and return how many there are: of whole batches, large ones first."""
    sizes, number = _sizes(sum(map(len, missing)), least), 0
    for part, rows in zip(parts, missing, strict=True):
        at = 0
        while at < len(rows):
            taken = rows[at : at + next(sizes)]
            write_record(folder / f"{number:06d}{CHUNK}", part.chunk(taken), durable=False)
            at, number = at + len(taken), number + 1
    return number


def _sizes(total: int, least: int) -> Iterator[int]:
    while True:
        size = least * max(1, total // (SHARE * least))
        total -= size
        yield size


def _decoded(taken: Iterable[tuple[Path | None, Chunk]], work: Work) -> Generator[_Batch]:
    """Yield the batches of chunks; while one is used the next one is decoded, in the next chunk, too."""
    batches = _batches(taken, work)
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(next, batches, None)
        while batch := coming.result():
            coming = ahead.submit(next, batches, None)
            yield batch


def _batches(taken: Iterable[tuple[Path | None, Chunk]], work: Work) -> Iterator[_Batch]:
    for path, chunk in taken:
        rows, size = work.store(chunk.variant).missing(chunk.ids), work.at_a_time
        parts = [rows[at : at + size] for at in range(0, len(rows), size)]
        for part, pixels in zip(parts, work.seen(chunk).batches(rows, size), strict=True):
            yield _Batch(chunk.only(part), pixels, path if part is parts[-1] else None)
        if not rows:  # others have computed them
            yield _Batch(chunk.only(rows), None, path)


def _fill(batch: _Batch, work: Work) -> int:
    """Store the rows of a batch, unless another process has been quicker; return how many."""
    store = work.store(batch.chunk.variant)
    new = store.missing(batch.chunk.ids)
    if new and batch.pixels is not None:
        store.add(batch.chunk.ids, work.run(batch.pixels))
    return len(new)


class _Tally:
    """How many pictures of a pass are done, by whomever.

    Attributes:
        own: those that this process has done.
    """

    def __init__(self, stores: Sequence[Activations], total: int, progress: Progress) -> None:
        self._stores, self._total, self._progress = stores, total, progress
        self._before, self.own = self._rows(), 0

    def _rows(self) -> int:
        return sum(store.count() for store in self._stores)

    def tell(self) -> None:
        """Tell the progress. Raises Stopped if a person has pressed Stop."""
        done = min(self._rows() - self._before, self._total)
        self._progress.emit("progress", what="pictures", done=done, total=self._total)
        if self._progress.stopped():
            raise Stopped(_("Stopped during feature extraction. Nothing has been trained yet."))

    def end(self) -> None:
        """Tell that all are done, and who has helped."""
        self._progress.emit("progress", what="pictures", done=self._total, total=self._total)
        if self.own < self._total:
            share = out_of(self._total - self.own, self._total)
            self._progress.emit(
                "message", text=_("Other workers have looked at {pictures} pictures").format(pictures=share)
            )
