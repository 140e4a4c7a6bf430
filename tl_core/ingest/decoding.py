"""Files become stored images: several at a time, in order, with one range for all that are deep grey."""

import contextlib
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tl_core import language, wording
from tl_core.dataset import deep_grey
from tl_core.dataset.deep_grey import Extent, Ranges
from tl_core.dataset.image import StoredImage
from tl_core.errors import InputError, Stopped, TLError
from tl_core.ingest.decoder import Decoder, begin, content
from tl_core.ingest.entries import Entry, LeftOut
from tl_core.ingest.merge import Picture
from tl_core.ingest.reading import Place
from tl_core.language import _
from tl_core.progress import Progress
from tl_core.workspace import Project

WORKERS = min(4, os.cpu_count() or 1)
#: From so many images on, processes decode them: they take a second to begin, and need not wait for each other's Python
#: or for what else this process does, such as loading TensorFlow.
MANY = 400
#: Images that a worker takes at once: threads that change places with each small picture take longer.
TOGETHER = 8
#: Portions begun ahead of the one that is asked for: bounds the memory, whatever the number of images.
AHEAD = WORKERS + 1

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Task:
    """An image to decode: its ``entry`` and its ``place``."""

    entry: Entry
    place: Place


@dataclass(frozen=True, kw_only=True)
class Decodings:
    """What became of the files.

    Attributes:
        pictures: what could be decoded; the files lie in the staging folder, or in the project already.
        left_out: the files that cannot be read.
        ranges: of deep grey, for the project.
        notes: sentences on what was done to some pictures.
    """

    pictures: list[Picture]
    left_out: list[LeftOut]
    ranges: Ranges
    notes: list[str] = field(default_factory=list)


def decode_all(tasks: Sequence[Task], project: Project, staging: Path, progress: Progress) -> Decodings:
    """Decode every entry into the staging folder. Deep grey comes last, once the range of all of it is known.

    Raises:
        Stopped: a person pressed Stop.
        ZipBombError: an archive unpacks to too much.
    """
    work = _Work(project, staging, progress, len(tasks))
    ranges = deep_grey.load(project.folder)
    results = work.decode(tasks, ranges)
    deep = [at for at, result in enumerate(results) if isinstance(result, Extent)]
    if deep:
        ranges = deep_grey.completed(ranges, [result for result in results if isinstance(result, Extent)])
        for at, result in zip(deep, work.decode([tasks[at] for at in deep], ranges), strict=True):
            results[at] = result
    pictures = [result for result in results if isinstance(result, Picture)]
    return Decodings(
        pictures=pictures,
        left_out=[result for result in results if isinstance(result, LeftOut)],
        ranges=ranges,
        notes=_notes(pictures, ranges),
    )


def _notes(pictures: Sequence[Picture], ranges: Ranges) -> list[str]:
    notes = []
    if deep := sum(picture.image.deep for picture in pictures):
        named = (" " + _("and") + " ").join(
            _("{low} (black) to {high} (white)").format(low=f"{each.low:,.6g}", high=f"{each.high:,.6g}")
            for each in ranges.values()
        )
        notes.append(
            _("{pictures} with grey of more than 8 bits. This project has one range: {range}.").format(
                pictures=wording.pictures(deep), range=named
            )
        )
    several = [picture.name for picture in pictures if picture.image.frames > 1]
    if several:
        named = wording.plural(len(several), "file", "files")
        notes.append(
            _("{files} with several frames or pages, for instance {name}. The first one was taken.").format(
                files=named, name=several[0]
            )
        )
    return notes


@dataclass
class _Work:
    """Decoding into the files of a project.

    Attributes:
        project: has some of the images already.
        staging: where the others are written.
        progress: hears how many are done.
        total: how many there are.
        done: how many are done.
    """

    project: Project
    staging: Path
    progress: Progress
    total: int
    done: int = 0

    def decode(self, tasks: Sequence[Task], ranges: Ranges) -> list[Picture | LeftOut | Extent]:
        """Return what each task gave, in their order."""
        results = []
        decoder = Decoder(self.project.images, self.staging, ranges)
        contents = (
            [content(task.entry) for task in tasks[at : at + TOGETHER]] for at in range(0, len(tasks), TOGETHER)
        )
        with _workers(len(tasks)) as pool:
            decoded = (each for portion in _in_order(pool, decoder.decode, contents) for each in portion)
            for task, result in zip(tasks, decoded, strict=True):
                results.append(_placed(task.place, result))
                self.done += not isinstance(result, Extent)
                self.progress.emit("progress", what="pictures", done=self.done, total=self.total)
                if self.progress.stopped():
                    raise Stopped(_("Stopped. No picture was imported and the project is unchanged."))
        return results


def _placed(place: Place, result: StoredImage | Extent | InputError) -> Picture | LeftOut | Extent:
    if isinstance(result, StoredImage):
        return Picture(place.name, place.label, place.split, result, place.group, place.boxes)
    return LeftOut(place.name, str(result)) if isinstance(result, InputError) else result


@contextlib.contextmanager
def _workers(count: int) -> Iterator[Executor]:
    """Give what decodes so many images. What has not begun at the end does not begin.

    Raises:
        TLError: a process was killed.
    """
    if count < MANY or multiprocessing.current_process().daemon:  # such a process may not have any itself
        with ThreadPoolExecutor(WORKERS, "decode", language.speak, (language.spoken(),)) as pool:
            yield pool
        return
    from loky.process_executor import ProcessPoolExecutor, TerminatedWorkerError

    try:
        with ProcessPoolExecutor(WORKERS, initializer=begin, initargs=(os.getpid(), language.spoken())) as pool:
            yield pool
    except TerminatedWorkerError as exc:
        raise TLError(
            _(
                "A process that decodes pictures was killed: most often the memory is full. Nothing was "
                "imported. Close other programs and import again."
            )
        ) from exc


def _in_order(pool: Executor, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield the results in order, with at most AHEAD items begun and not yet asked for."""
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for each in waiting:
            each.cancel()
