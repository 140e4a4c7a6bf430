"""Progress on a terminal: a bar that redraws itself, or plain lines where there is no terminal."""

import time
from typing import Any, TextIO

from tl_core.progress import Progress

WIDTH = 30


class Terminal(Progress):
    """Draws what long work reports.

    Args:
        stream: where to draw, usually stderr.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.live = stream.isatty()
        self._stopped = False
        self._drawn = 0.0
        self._began: dict[str, float] = {}

    def emit(self, event: str, **fields: Any) -> None:
        """Draw one event."""
        if event == "progress":
            self._bar(**fields)
        elif event == "epoch":
            self._line(epoch_line(fields))
        elif event == "message":
            self._line(fields["text"])

    def stop(self) -> None:
        """Ask the work to stop; it keeps what it has."""
        self._line("Stopping after this batch …")
        self._stopped = True

    def stopped(self) -> bool:
        """Return True once ``stop`` was called."""
        return self._stopped

    def close(self) -> None:
        """Wipe the bar."""
        if self.live:
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def _bar(self, what: str, done: float, total: float, **_: Any) -> None:
        now = time.monotonic()
        began = self._began.setdefault(what, now)
        if done <= 1:
            began = self._began[what] = now
        if not self.live or (now - self._drawn < 0.1 and done != total):
            return
        self._drawn = now
        full = int(WIDTH * done / max(total, 1))
        left = (now - began) / done * (total - done) if done else 0
        text = f"{what} {'█' * full}{'░' * (WIDTH - full)} {done:g}/{total:g}, {left:.0f} s left"
        self.stream.write(f"\r\x1b[K{text}")
        self.stream.flush()

    def _line(self, text: str) -> None:
        self.close()
        self.stream.write(text + "\n")
        self.stream.flush()


def epoch_line(row: dict[str, Any]) -> str:
    """Return an epoch as a line for a person."""

    def number(name: str) -> str:
        return "not a number" if row[name] is None else f"{row[name]:.4f}"

    return (
        f"{row['phase']} epoch {row['epoch']}: loss {number('loss')}, accuracy {number('accuracy')}; "
        f"validation loss {number('val_loss')}, accuracy {number('val_accuracy')} ({row['seconds']:.1f} s)"
    )
