"""How long work took on this machine before, from the events that earlier jobs left: what a person may expect."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile

from tl_core.events import Event
from tl_core.files import subfolders
from tl_core.jobs import Job
from tl_core.workspace import Workspace

#: So many earlier jobs are looked at, the newest ones.
MOST = 5
#: Arguments of a job that say how long it takes: the network, and the format of an export.
ALIKE = ("backbone", "format")

#: Least and most, in seconds.
Range = tuple[float, float]


@dataclass(frozen=True)
class Waits:
    """How long earlier jobs took; nothing where nothing was measured.

    Attributes:
        ready: until the first of what they count was done.
        each: for one of what they count, by its name in ``Event.what``.
    """

    ready: Range | None = None
    each: Mapping[str, Range] = field(default_factory=dict)


def earlier(workspace: Workspace, job: Job) -> list[Job]:
    """Return the newest jobs under ``jobs/`` that did the same as this one to their end."""
    kind = job.task.kind
    others = (each for each in subfolders(workspace.jobs_folder) if each.name.startswith(f"{kind}-"))
    newest = map(Job, sorted(others, key=lambda folder: folder.name, reverse=True))
    same = (each for each in newest if each != job and each.state == "done")
    return list(islice((each for each in same if _alike(each) == _alike(job)), MOST))


def _alike(job: Job) -> list[object]:
    return [job.task.args.get(name) for name in ALIKE]


def of(jobs: Iterable[Job], phase: str = "") -> Waits:
    """Return how long jobs took in a phase.

    Args:
        jobs: that have ended.
        phase: the first one of this name; ``""`` for what comes before the first phase, or all if there are none.
    """
    ready: list[float] = []
    each: dict[str, list[float]] = defaultdict(list)
    for job in jobs:
        began, events = _part(job, phase)
        ready += [event.time - began for event in events if _has_counted(event) or event.event == "phase"][:1]
        for what, seconds in _paces(events).items():
            each[what].append(seconds)
    return Waits(_range(ready) if ready else None, {what: _range(seconds) for what, seconds in each.items()})


def _range(seconds: Sequence[float]) -> Range:
    return min(seconds), max(seconds)


def _part(job: Job, phase: str) -> tuple[float, list[Event]]:
    """Return when a phase began, and its events, last the beginning of the next one; none if it is not known."""
    events, began = job.events(), job.status().started
    if phase:
        first = next((each for each in events if each.event == "phase" and each.phase == phase), None)
        began, events = (first.time, events[events.index(first) + 1 :]) if first else (0.0, [])
    events = [event for event in events if event.time >= began > 0]
    within = list(takewhile(lambda event: event.event != "phase", events))
    return began, events[: len(within) + 1]


def _has_counted(event: Event) -> bool:
    """Return whether an event says that the first of what is counted is done."""
    return event.event == "epoch" or (event.event == "progress" and event.total > 0 and event.done > 0)


def _paces(events: Sequence[Event]) -> dict[str, float]:
    """Return the seconds that one of each kind of thing took that was counted."""
    steps: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.event == "progress" and event.total:
            steps[event.what].append(event)
    gains = {what: (of_kind[0], of_kind[-1]) for what, of_kind in steps.items()}
    return {
        what: (last.time - first.time) / (last.done - first.done)
        for what, (first, last) in gains.items()
        if last.done > first.done
    }
