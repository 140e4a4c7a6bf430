"""The time of a search: how much its workers have used, which no restart forgets, and when a trial has to end."""

import time
from dataclasses import dataclass
from pathlib import Path

from tl_core.experiments.experiment import Experiment
from tl_core.files import locked, read_stored, write_record
from tl_core.progress import Progress

FILE = "clock.json"
#: Seconds after which the time that was used is written down again.
SAVE_SECONDS = 5.0
#: What is of interest in a run, but not in each of many trials.
EACH_TRIAL = ("phase", "epoch", "message")


@dataclass(frozen=True, kw_only=True)
class Spent:
    """How many ``seconds`` of its budget a search has used: ``clock.json``."""

    seconds: float = 0.0


def spent(of: Experiment) -> float:
    """Return how many seconds of its budget a search has used, trials that run left out."""
    return (read_stored(of.folder / FILE, Spent) or Spent()).seconds


class Clock(Progress):
    """The time of a search, as one of its workers sees it: what was used before a restart counts, the pause does not.

    Args:
        of: the search.
        part: folder of the worker's part; once it is gone, all stops.
        minutes: that it may take.
        progress: to which all is passed on.
    """

    def __init__(self, of: Experiment, part: Path, minutes: float, progress: Progress) -> None:
        self.of, self.progress, self._job = of, progress, part / "job.json"
        self.budget, self._base, self._began = 60 * minutes, spent(of), time.monotonic()
        self._saved = self._began

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.budget - self._base - (time.monotonic() - self._began)

    def save(self) -> None:
        """Write down how much was used."""
        self._saved = time.monotonic()
        if not self._job.exists():
            return
        with locked(self.of.folder):
            used = max(spent(self.of), self.budget - self.left)
            write_record(self.of.folder / FILE, Spent(seconds=used), durable=False)

    def emit(self, event: str, **fields: object) -> None:
        if event not in EACH_TRIAL:
            self.progress.emit(event, **fields)
        if time.monotonic() - self._saved > SAVE_SECONDS:
            self.save()

    def stopped(self) -> bool:
        return self.progress.stopped() or not self._job.exists()


class Until(Progress):
    """Passes all on, and stops the work once no more seconds are left than are kept for something else."""

    def __init__(self, clock: Clock, kept: float) -> None:
        self._clock, self._kept = clock, kept

    def emit(self, event: str, **fields: object) -> None:
        self._clock.emit(event, **fields)

    def stopped(self) -> bool:
        return self._clock.stopped() or self._clock.left <= self._kept
