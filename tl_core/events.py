"""What a job reports while it runs: ``events.jsonl`` in its folder, one line per event."""

import contextlib
import json
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tl_core.files import storage_errors
from tl_core.progress import Progress

EVENTS_PER_SECOND = 5.0
#: Files in the folder of a job by which it is asked for something: to stop, to pause, to pause once all is stored.
STOP, PAUSE, TURN = "stop", "pause", "turn"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of ``events.jsonl``. Which fields hold something depends on ``event``; an epoch's are ``runs.EpochRow``.

    Attributes:
        event: ``"progress"``, ``"message"``, ``"warning"``, ``"phase"`` or ``"epoch"``.
        time: in seconds since the epoch.
        what: of progress: what is counted, a word for people.
        done: of progress: how many are done.
        total: of progress: how many there are.
        text: of a message or a warning: a sentence for people.
        phase: which phase begins, or this belongs to.
        epochs: of a phase: how many epochs it has at most.
        epoch: which one, from 1.
        loss: of an epoch, as the next five: over the training images; None where it was not finite.
        accuracy: over the training images, 0 to 1.
        val_loss: over the validation images.
        val_accuracy: over the validation images, 0 to 1.
        val_map50: of boxes, over the validation images, in some epochs.
        seconds: that the epoch took.
    """

    event: str
    time: float
    what: str = ""
    done: int | float = 0
    total: int | float = 0
    text: str = ""
    phase: str = ""
    epochs: int = 0
    epoch: int = 0
    loss: float | None = None
    accuracy: float | None = None
    val_loss: float | None = None
    val_accuracy: float | None = None
    val_map50: float | None = None
    seconds: float = 0.0


_decoder = msgspec.json.Decoder(Event)


def read(folder: Path) -> list[Event]:
    """Return the events of a job so far; a line that is still being written, or is damaged, is left out.

    What was read before is remembered: a page that asks twice a second reads only what is new.
    """
    with _reading:
        tail = _tails.pop(folder, None) or _Tail(folder / "events.jsonl")
        _tails[folder] = tail
        if len(_tails) > MOST_REMEMBERED:
            del _tails[next(iter(_tails))]
        return tail.read()


#: The events of so many jobs are remembered, those that were read last.
MOST_REMEMBERED = 16


class _Tail:
    """A file of events that grows: where reading it has come to, and what was read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = 0
        self._at = 0
        self._events: list[Event] = []

    def read(self) -> list[Event]:
        """Return all events so far. A file that became another one or shorter is read again."""
        try:
            with self.path.open("rb") as file:
                about = os.fstat(file.fileno())
                if about.st_ino != self._file or about.st_size < self._at:
                    self._file, self._at, self._events = about.st_ino, 0, []
                file.seek(self._at)
                lines = file.read().split(b"\n")
        except OSError:  # not there yet, or a damaged thing in its place
            return []
        for line in lines[:-1]:
            self._at += len(line) + 1
            with contextlib.suppress(msgspec.MsgspecError, ValueError):
                self._events.append(_decoder.decode(line))
        return list(self._events)


_tails: dict[Path, _Tail] = {}
_reading = threading.Lock()


class EventLog(Progress):
    """The progress listener that writes ``events.jsonl``. Progress events are thinned to a few per second."""

    def __init__(self, folder: Path, echo: Progress | None = None) -> None:
        self.folder = folder
        self.echo = echo or Progress()
        self._last = 0.0
        self._phase = ""
        self._epochs = 0
        self._end_torn_line()

    def emit(self, event: str, **fields: Any) -> None:
        self.echo.emit(event, **fields)
        if self._is_stored(event, fields) and (self.folder / TURN).exists():
            (self.folder / TURN).replace(self.folder / PAUSE)
        now = time.time()
        if event == "progress" and now - self._last < 1 / EVENTS_PER_SECOND and fields["done"] != fields["total"]:
            return
        self._last = now
        line = json.dumps({"time": round(now, 3), "event": event, **fields}, ensure_ascii=False)
        with storage_errors(), (self.folder / "events.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _is_stored(self, event: str, fields: Mapping[str, Any]) -> bool:
        """Return whether a job can pause here: what it has done since it began, or went on, is stored.

        Pictures of a first pass and heads of a curve are at once. An epoch of batches is at its end, so a job that does
        not tell of that pauses with the first batch of the next one. Whoever predicts all pictures is about to end.
        """
        if event == "phase":
            self._phase = fields["phase"]
        if event != "progress":
            return event == "epoch" and self._epochs > 0
        if fields["what"] == "batches":
            self._epochs += fields["done"] == 1
            return fields["done"] == 1 and self._epochs > 1
        stores = self._phase == "features" or (fields["what"] in ("heads", "folds") and self._phase != "answers")
        return stores and fields["done"] > 0

    def _end_torn_line(self) -> None:
        """Let what follows begin on a line of its own where an earlier process was killed within one."""
        with contextlib.suppress(OSError), (self.folder / "events.jsonl").open("rb+") as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    file.write(b"\n")

    def stopped(self) -> bool:
        return self.echo.stopped() or any((self.folder / name).exists() for name in (STOP, PAUSE))
