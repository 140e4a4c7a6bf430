"""Progress on a terminal: one bar that redraws itself, or plain lines where there is no terminal."""

from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from tl_core.progress import Progress
from tl_core.wording import duration, percent


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
            self._console.print(epoch_line(fields))
        elif event in ("message", "warning"):
            self._console.print(fields["text"])

    def stop(self) -> None:
        """Ask the work to stop; it keeps what it has."""
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


def epoch_line(row: dict[str, Any]) -> str:
    """Return an epoch as a line for a person."""

    def loss(name: str) -> str:
        return "not a number" if row[name] is None else f"{row[name]:.4f}"

    return (
        f"{row['phase']} epoch {row['epoch']}: loss {loss('loss')}, accuracy {percent(row['accuracy'])}; "
        f"validation loss {loss('val_loss')}, accuracy {percent(row['val_accuracy'])} ({duration(row['seconds'])})"
    )
