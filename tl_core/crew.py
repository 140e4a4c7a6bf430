"""Train workers that help one of them with its first pass, while nothing else is asked of them.

Whoever runs a job hears of an "offer" (``features.shares``) and asks the other train workers for help. A worker that
helps counts as free: Dask gives it the next job, and it goes over to that within a batch.
"""

import contextvars
import logging
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tl_core import language
from tl_core.events import EventLog
from tl_core.files import be_private
from tl_core.language import _
from tl_core.progress import Progress
from tl_core.registry import QUESTIONS, load

if TYPE_CHECKING:
    from distributed import Future

#: The resource of workers that train.
TRAIN = "train"
#: How often those that help are counted, in seconds: who has become free, or has joined, is asked, too.
EVERY = 3.0
#: Of help among what waits for a worker: after everything else.
PRIORITY = -20
#: Niceness of work that gives way, of 19, which is the least.
NICENESS = 10
#: Of training, which gives way to the pages of its machine.
NICENESS_OF_TRAINING = 5

#: The folders of the jobs that this process runs.
_jobs: set[Path] = set()


class Crew(Progress):
    """What a job's progress is told to in a train worker: asks the others for help once there is an offer.

    Args:
        job: folder of the job.
    """

    def __init__(self, job: Path) -> None:
        self._job = job
        self._log = EventLog(job)
        self._context = contextvars.copy_context()  # it knows the worker; the job may go on in a thread that does not
        self._offer: Path | None = None
        self._asked: dict[str, Future] = {}
        self._never: set[str] = set()
        self._next = 0.0

    def emit(self, event: str, **fields: object) -> None:
        """Ask for help if there is an offer, every few seconds."""
        if event == "offer":
            self._offer, self._next = Path(str(fields["folder"])), 0.0
        if self._offer is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY
        try:
            self._context.run(self._ask, self._offer)
        except Exception:  # of whatever kind: the job goes on by itself
            logging.getLogger(__name__).warning("Nobody can be asked for help", exc_info=True)
            self._offer = None

    def _ask(self, offer: Path) -> None:
        from distributed import get_client, get_worker

        if not offer.exists():
            self._offer = None
            self._asked.clear()
            return
        client = get_client()
        others = train_workers(client.scheduler_info(n_workers=-1)) - {get_worker().address}
        waiting = {address: future for address, future in self._asked.items() if not future.done()}
        self._asked = {address: future for address, future in waiting.items() if address in others}
        for address in others - self._asked.keys() - self._never:
            future = client.submit(
                _help, offer, self._job, language.spoken(), workers=[address], pure=False, priority=PRIORITY
            )
            self._asked[address] = future
            future.add_done_callback(partial(self._answered, address))

    def _answered(self, address: str, future: "Future") -> None:
        text = future.result() if future.status == "finished" else None
        if future.status == "error" or text:
            self._never.add(address)
        if text and (self._job / "job.json").exists():  # else the job was deleted meanwhile
            self._log.emit("warning", text=text)


def train_workers(scheduler: Mapping[str, Any]) -> set[str]:
    """Return the addresses of the workers that train, from what Dask says of its scheduler."""
    workers = scheduler["workers"].items()
    return {address for address, about in workers if TRAIN in about.get("resources", {})}


@contextmanager
def at_work(job: Path) -> Iterator[None]:
    """Say that this process runs a job, so that it helps nobody meanwhile."""
    _jobs.add(job)
    try:
        yield
    finally:
        _jobs.discard(job)


def unseen(job: Path) -> str | None:
    """Return what a person should know if this worker does not see the folder of a job; None if it does."""
    if (job / "job.json").is_file():
        return None
    return _(
        "The worker on {host} does not see {folder}. Let all workers have the workspace at the same path, see README."
    ).format(host=socket.gethostname(), folder=job.parent)


def stand_back(niceness: int = NICENESS) -> None:
    """Let everything else go first: on Linux a thread has a niceness, which the threads that it starts inherit."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, 0, niceness)


def dask_setup(worker: object) -> None:
    """Let a worker that trains stand back for the pages of its machine; Dask calls this before it does anything."""
    stand_back(NICENESS_OF_TRAINING)


def _help(offer: Path, job: Path, spoken: str) -> str | None:
    """Help with a pass; return why this worker cannot, a sentence for people."""
    from distributed import secede

    be_private()
    with language.written_in(spoken):
        if text := unseen(job):
            return text
    if _jobs:
        return None
    secede()
    stand_back()
    if load(QUESTIONS["help"])(offer, lambda: bool(_jobs)):
        return None
    with language.written_in(spoken):
        return _(
            "The worker on {host} does not compute the same numbers to the last bit, so it does not help. "
            "Let all workers have the same kind of processor and the same installation."
        ).format(host=socket.gethostname())
