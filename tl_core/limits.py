"""What one of several people who share a server may take of it: disk, pictures, and jobs at once.

Where the app is one person's, nothing is limited here.
"""

import os
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tl_core import jobs, storage
from tl_core.errors import InputError, StorageError
from tl_core.jobs import Job
from tl_core.language import _
from tl_core.registry import KINDS
from tl_core.wording import number, plural, size
from tl_core.workspace import SPACE_ID, SPACES, Workspace

GB = "TL_PERSON_GB"
PICTURES = "TL_PERSON_PICTURES"
JOBS = "TL_PERSON_JOBS"
HOURS = "TL_SESSION_HOURS"
TURN = "TL_TURN_SECONDS"
#: What holds where the environment says nothing.
USUAL = {GB: 1.0, PICTURES: 5000.0, JOBS: 3.0, HOURS: 12.0, TURN: 60.0}
#: The disk of a person is looked at again after so many seconds.
COUNTED_EVERY = 5.0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What each person may take.

    Attributes:
        bytes: of the disk, without stored activations, which are computed again (``TL_CACHE_GB`` limits those).
        pictures: or texts, of all projects together.
        jobs: that run or wait at once; an experiment counts as one.
        turn: seconds of training after which it lets another person go first who has waited as long.
    """

    bytes: int
    pictures: int
    jobs: int
    turn: float


def current() -> Limits:
    """Return what the environment sets, else the usual. Raises InputError where it sets no positive number."""
    return Limits(
        bytes=int(setting(GB) * 2**30),
        pictures=int(setting(PICTURES)),
        jobs=int(setting(JOBS)),
        turn=setting(TURN),
    )


def setting(name: str) -> float:
    """Return a number that the environment sets, else the usual one. Raises InputError if it is not above 0."""
    given = os.environ.get(name) or str(USUAL[name])
    try:
        value = float(given)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e9:
        raise InputError(_("{name} is “{given}”. Set it to a number above 0.").format(name=name, given=given[:60]))
    return value


def space_of(path: Path) -> Workspace | None:
    """Return the workspace of the person whom a file or folder belongs to; None where the app is one person's."""
    found = (each for each in (path, *path.parents) if each.parent.name == SPACES and SPACE_ID.fullmatch(each.name))
    return next(map(Workspace, found), None)


def used(space: Workspace) -> int:
    """Return the bytes of a person's disk that count, as they were a few seconds ago at most."""
    return _used(space, int(time.monotonic() / COUNTED_EVERY))


@lru_cache(maxsize=256)
def _used(space: Workspace, _time: int) -> int:
    return storage.size(space.root) - storage.size(space.cache) - storage.size(space.own_converted)


def left(path: Path) -> int | None:
    """Return how many bytes a person may still store; None where nothing limits it."""
    space = space_of(path)
    return None if space is None else max(0, current().bytes - used(space))


def check_disk(path: Path, more: int = 0) -> None:
    """Check that a person may store so many more bytes.

    Args:
        path: in the workspace of the person.
        more: bytes that are about to come.

    Raises:
        StorageError: it would be more than a person may have.
    """
    space = space_of(path)
    if space is None:
        return
    limits, has = current(), used(space)
    if has + more > limits.bytes:
        raise StorageError(
            _(
                "Your part of the disk is full: you have {used} of {most}, and this needs {more} more. Delete projects "
                "or runs and empty the trash on Home, or ask the teacher."
            ).format(used=size(has), most=size(limits.bytes), more=size(more))
        )


def check_pictures(path: Path, more: int) -> None:
    """Check that a person may import so many more pictures, or texts. Raises InputError.

    Args:
        path: in the workspace of the person.
        more: pictures that are about to come.
    """
    space = space_of(path)
    if space is None:
        return
    most, has = current().pictures, sum(each.held() for each in space.projects())
    if has + more > most:
        raise InputError(
            _(
                "This would be more than {most} pictures or texts: you have {used}, and {more} would come. Choose "
                "fewer, or delete a project."
            ).format(most=number(most), used=number(has), more=number(more))
        )


def check_job(job: Job) -> None:
    """Check that a person may begin a job. Raises InputError or StorageError."""
    space = space_of(job.folder)
    if space is None or KINDS[job.kind].gives_way:
        return
    check_disk(space.root)
    most, has = current().jobs, at_once(space) - {_counted(job)}
    if len(has) >= most:
        raise InputError(
            _("You have {jobs} at work or waiting, and may have {most} at once. Wait for one, or stop one.").format(
                jobs=plural(len(has), "job", "jobs"), most=number(most)
            )
        )


def at_once(space: Workspace) -> set[Path]:
    """Return what a person has at work or waiting, each by its folder: jobs, and experiments with all their parts."""
    wanted = (job for job in jobs.unfinished(space) if job.active and not KINDS[job.kind].gives_way)
    return {_counted(job) for job in wanted}


def _counted(job: Job) -> Path:
    return job.folder.parent if job.folder.parent.parent.name == "experiments" else job.folder
