"""The queue of jobs: people who share a server take turns, and each sees how many are before them, and for how long."""

import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tl_core import limits
from tl_core.jobs import Job, JobStatus
from tl_core.registry import KINDS
from tl_core.workspace import Workspace

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


#: A person, with a kind of worker.
_Who = tuple[str, Workspace]


@dataclass(frozen=True)
class _AtWork:
    """A job at work: whose, for how many seconds, whether it takes turns, and whether it ends or pauses soon."""

    who: _Who
    seconds: float
    job: Job
    turns: bool
    ends_soon: bool


@dataclass
class _Entry:
    """A job in the queue or at work. Times are those of ``time.monotonic`` here: clocks of other machines may differ.

    Attributes:
        rank: the smallest begins first.
        usual: its priority before it has paused.
        since: when it has joined, the last time.
        at_work: when it was seen at work first since then; None before.
        spent: seconds at work before it has paused.
    """

    rank: tuple[float, int]
    usual: float
    since: float
    at_work: float | None = None
    spent: float = 0.0


class Turns:
    """Keeps the order in which the jobs of an engine begin. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._order: dict[Path, _Entry] = {}
        self._joined = 0
        #: How long the last jobs of each kind took, in seconds.
        self._took: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=LAST))

    def join(self, job: Job) -> float:
        """Put a job into the queue and return its priority for Dask.

        It is that of its kind; of those of one kind of priority the one begins first whose person has the fewest before
        it. Where the app is one person's, that is the order in which they came. A job that has paused, so that it has
        not left, goes on after the next one of each other person who waits. What cannot pause, such as a lesson, counts
        among people as a run does: else all that comes later would pass a run that has let a lesson go first.
        """
        kind, space, now = KINDS[job.kind], limits.space_of(job.folder), time.monotonic()
        with self._lock:
            before = self._order.pop(job.folder, None)
            others = [folder for folder in self._order if limits.space_of(folder) == space]
            turn = sum(KINDS[Job(each).kind].worker == kind.worker for each in others) if space else 0
            of_kind = 0 if space and not (kind.pauses or kind.gives_way) else kind.priority
            priority = usual = before.usual if before else of_kind - turn / 1000
            spent = before.spent + (now - before.at_work if before.at_work else 0.0) if before else 0.0
            if before and space:
                priority = min([usual, *self._next_of_others(space, kind.worker).values()])
            self._joined += 1
            self._order[job.folder] = _Entry(rank=(-priority, self._joined), usual=usual, since=now, spent=spent)
        return priority

    def _next_of_others(self, space: Workspace, worker: str) -> dict[Workspace, float]:
        """Return the priority of the next job of each other person who waits for such a worker."""
        found: dict[Workspace, float] = {}
        for folder, entry in self._order.items():
            other, job = limits.space_of(folder), Job(folder)
            if other is None or other == space or job.state != "queued":
                continue
            if (kind := KINDS[job.kind]).worker == worker and not kind.gives_way:
                found[other] = max(-entry.rank[0], found.get(other, -entry.rank[0]))
        return found

    def leave(self, job: Job, status: JobStatus) -> None:
        """Take a job out of the queue, and remember how long it took if it came to its end."""
        with self._lock:
            entry = self._order.pop(job.folder, None)
            if status.state == "done" and status.started:  # then it has a kind that can be read
                self._took[job.kind].append(time.time() - status.started + (entry.spent if entry else 0.0))

    def over(self, seconds: float) -> list[Job]:
        """Return the jobs at work whose turn is over: one for each person who has waited so long.

        Each has been at work as long, and is of somebody who has more at work than who waits. What ends soon anyway is
        for the first of these.
        """
        now, waiting, running = time.monotonic(), dict[_Who, float](), list[_AtWork]()
        with self._lock:
            order = dict(self._order)
        for folder, entry in order.items():
            job, space = Job(folder), limits.space_of(folder)
            state = job.state if space else "done"
            if space is None or state not in ("queued", "running") or (kind := KINDS[job.kind]).gives_way:
                continue
            who = kind.worker, space
            if state == "running":
                entry.at_work = entry.at_work or now
                running.append(_AtWork(who, now - entry.at_work, job, kind.turns, job.ends_soon))
            elif now - entry.since >= seconds:
                waiting[who] = min(entry.since, waiting.get(who, entry.since))
        return _ended(sorted(waiting, key=waiting.__getitem__), running, seconds)

    def place(self, job: Job) -> Place | None:
        """Return where a job that waits stands; None if it does not wait here."""
        with self._lock:
            mine, order = self._order.get(job.folder), dict(self._order)
        if mine is None or job.state != "queued":
            return None
        worker, space, left = KINDS[job.kind].worker, limits.space_of(job.folder), []
        for other, theirs in ((Job(folder), theirs) for folder, theirs in order.items() if folder != job.folder):
            status = other.status()
            first = status.state == "running" or (status.state == "queued" and theirs.rank < mine.rank)
            if first and KINDS[other.kind].worker == worker:
                takes = self._left(other.kind, status, theirs.spent)
                shared = space != limits.space_of(other.folder) and KINDS[other.kind].turns
                left.append(min(takes, limits.setting(limits.TURN)) if takes and shared else takes)
        known = [each for each in left if each is not None]
        return Place(before=len(left), seconds=sum(known) if len(known) == len(left) else None)

    def _left(self, kind: str, status: JobStatus, spent: float) -> float | None:
        """Return how long a job still takes if it takes as long as the longest of the last ones of its kind.

        None if there is none, or it has taken longer already.
        """
        took = max(self._took[kind], default=0.0)
        gone = spent + (time.time() - status.started if status.state == "running" else 0.0)
        return took - gone if took > gone else None


def _ended(waiting: Sequence[_Who], running: Sequence[_AtWork], seconds: float) -> list[Job]:
    """Return which of the jobs at work let those people go first who wait, the longest first; see ``Turns.over``."""
    busy = Counter(each.who for each in running if not each.ends_soon)
    free = Counter(each.who[0] for each in running if each.ends_soon)
    may, ended = [each for each in running if each.turns and not each.ends_soon and each.seconds >= seconds], []
    for worker, space in waiting:
        if free[worker]:
            free[worker] -= 1
            continue
        of_others = [each for each in may if each.who[0] == worker and busy[each.who] > busy[worker, space]]
        if of_others:
            chosen = max(of_others, key=lambda each: (busy[each.who], each.seconds))
            may.remove(chosen)
            ended.append(chosen.job)
            busy[chosen.who] -= 1
            busy[worker, space] += 1
    return ended
