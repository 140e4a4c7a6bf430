"""The queue of jobs: people who share a server take turns, and each sees how many are before them, and for how long."""

import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from pathlib import Path

from tl_core import limits
from tl_core.jobs import Job, JobStatus
from tl_core.registry import KINDS

#: So many jobs of a kind say how long the next one takes.
LAST = 5


@dataclass(frozen=True)
class Place:
    """Where a job stands in the queue.

    Attributes:
        before: jobs that are at work or begin before it, on the same kind of worker.
        seconds: until it begins, if those take as long as the last ones of their kinds; None if that is not known.
    """

    before: int
    seconds: float | None


class Turns:
    """Keeps the order in which the jobs of an engine begin. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: The smallest begins first.
        self._order: dict[Path, tuple[float, int]] = {}
        self._joined = 0
        #: How long the last jobs of each kind took, in seconds.
        self._took: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=LAST))

    def join(self, job: Job) -> float:
        """Put a job into the queue and return its priority for Dask.

        It is that of its kind; of those of one kind of priority the one begins first whose person has the fewest before
        it. Where the app is one person's, that is the order in which they came.
        """
        kind, space = KINDS[job.kind], limits.space_of(job.folder)
        with self._lock:
            others = [folder for folder in self._order if folder != job.folder and limits.space_of(folder) == space]
            turn = sum(KINDS[Job(each).kind].worker == kind.worker for each in others) if space else 0
            priority = kind.priority - turn / 1000
            self._joined += 1
            self._order[job.folder] = (-priority, self._joined)
        return priority

    def leave(self, job: Job, status: JobStatus) -> None:
        """Take a job out of the queue, and remember how long it took if it came to its end."""
        with self._lock:
            self._order.pop(job.folder, None)
            if status.state == "done" and status.started:  # then it has a kind that can be read
                self._took[job.kind].append(time.time() - status.started)

    def place(self, job: Job) -> Place | None:
        """Return where a job that waits stands; None if it does not wait here."""
        with self._lock:
            mine, order = self._order.get(job.folder), dict(self._order)
        if mine is None or job.state != "queued":
            return None
        worker, left = KINDS[job.kind].worker, []
        for other, theirs in ((Job(folder), theirs) for folder, theirs in order.items() if folder != job.folder):
            status = other.status()
            first = status.state == "running" or (status.state == "queued" and theirs < mine)
            if first and KINDS[other.kind].worker == worker:
                left.append(self._left(other.kind, status))
        known = [each for each in left if each is not None]
        return Place(before=len(left), seconds=sum(known) if len(known) == len(left) else None)

    def _left(self, kind: str, status: JobStatus) -> float | None:
        """Return how long a job still takes if it takes as long as the longest of the last ones of its kind.

        None if there is none, or it has taken longer already.
        """
        took = max(self._took[kind], default=0.0)
        gone = time.time() - status.started if status.state == "running" else 0.0
        return took - gone if took > gone else None
