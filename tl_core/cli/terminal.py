"""Progress on a terminal: one bar that redraws itself, or plain lines where there is no terminal."""

from collections.abc import Callable
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from tl_core.progress import Progress
from tl_core.runs import EpochRow
from tl_core.wording import duration, loss, percent


class Terminal(Progress):
    """Draws what long work reports.

    Args:
        stream: where to draw, usually stderr.
    """

    def __init__(self, stream: TextIO) -> None:
        # Nothing that a person has named is read as markup, and no line is broken: a log may be searched.
        self._console = Console(file=stream, markup=False, emoji=False, highlight=False, soft_wrap=True)
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
        self._bar = Bar(
            *columns,
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", visible=False)
        self._stopped = False

    def emit(self, event: str, **fields: Any) -> None:
        """Draw one event."""
        if event == "progress":
            self._move(**fields)
        elif event == "epoch":
            self._console.print(epoch_line(EpochRow(**fields)))
        elif event in ("message", "warning"):
            self._console.print(fields["text"])

    def stop(self) -> None:
        """Ask the work to stop; what it has stored stays."""
        self._console.print("Stopping after this batch …")
        self._stopped = True

    def stopped(self) -> bool:
        """Return True once ``stop`` was called."""
        return self._stopped

    def close(self) -> None:
        """Wipe the bar."""
        self._bar.stop()

    def _move(self, what: str, done: float, total: float, **_: Any) -> None:
        """Move the bar; other work, or the same work from its beginning, starts it again with a clock of its own."""
        self._bar.start()
        task = self._bar.tasks[0]
        if task.description != what or done < task.completed:
            self._bar.reset(self._task, total=total, completed=int(done), description=what, visible=True)
        else:
            self._bar.update(self._task, total=total, completed=done)


def epoch_line(row: EpochRow) -> str:
    """Return an epoch as a line for a person."""
    learned, unseen = _both(row.loss, row.accuracy), _both(row.val_loss, row.val_accuracy)
    precise = "" if row.val_map50 is None else f", mAP@50 {row.val_map50:.3f}"
    numbers = f"{learned}; validation {unseen}{precise}" if row.validated else learned
    return f"{row.phase} epoch {row.epoch}: {numbers} ({duration(row.seconds)})"


def _both(lost: float | None, right: float | None) -> str:
    """Return loss and accuracy; of boxes no epoch has an accuracy."""
    said = f"loss {_number(lost, loss)}"
    return said if right is None and lost is not None else f"{said}, accuracy {_number(right, percent)}"


def _number(value: float | None, in_words: Callable[[float], str]) -> str:
    return "not a number" if value is None else in_words(value)
