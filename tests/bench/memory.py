"""Resident memory of a process and of all that it starts, sampled while it runs."""

import contextlib
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

EVERY = 0.2
MB = 1e6


class Watch:
    """Samples a family of processes five times a second, between entering and leaving the ``with``.

    Args:
        pid: the eldest; its descendants of any generation are seen as they come and go.
    """

    def __init__(self, pid: int) -> None:
        self.root = psutil.Process(pid)
        self.names: dict[int, str] = {}
        #: Samples of each process: seconds since the start, resident bytes, resident bytes not shared with a file.
        self.samples: dict[int, list[tuple[float, int, int]]] = {}
        self._began = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with contextlib.suppress(psutil.NoSuchProcess):
                for process in (self.root, *self.root.children(recursive=True)):
                    self._sample(process)
            if self._ended.wait(EVERY):
                return

    def _sample(self, process: psutil.Process) -> None:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            samples = self.samples.setdefault(process.pid, [])
            if len(samples) < 5:  # a process that was just born may still bear its parent's name
                self.names[process.pid] = _name(process)
            now = process.memory_info()
            shared = getattr(now, "shared", 0)
            samples.append((time.monotonic() - self._began, now.rss, now.rss - shared))

    def peaks(self) -> list[dict[str, Any]]:
        """Return each process with its peak of resident memory and that of its private part, in MB; largest first."""
        rows = [
            {
                "process": self.names[pid],
                "peak_mb": round(max(rss for _, rss, _ in samples) / MB),
                "peak_private_mb": round(max(private for _, _, private in samples) / MB),
            }
            for pid, samples in self.samples.items()
        ]
        return sorted(rows, key=lambda row: -int(str(row["peak_mb"])))

    def peak_mb(self, pid: int, until: float = float("inf")) -> int:
        """Return the peak of resident memory of one process up to that second, in MB."""
        return round(max(rss for at, rss, _ in self.samples[pid] if at <= until) / MB)

    def course(self, pid: int, points: int = 10) -> list[list[int]]:
        """Return ``[second, resident MB]`` of one process at evenly spread times."""
        samples = self.samples[pid]
        chosen = [samples[round(number * (len(samples) - 1) / (points - 1))] for number in range(points)]
        return [[round(at), round(rss / MB)] for at, rss, _ in chosen]

    def largest(self) -> int:
        """Return the process id of the largest."""
        return max(self.samples, key=lambda pid: max(rss for _, rss, _ in self.samples[pid]))


def _name(process: psutil.Process) -> str:
    command = process.cmdline()
    return " ".join(Path(part).name if part.startswith("/") else part for part in command)[:60] or process.name()


def rss_mb(pid: int) -> int:
    """Return the resident memory of a process, in MB."""
    return round(psutil.Process(pid).memory_info().rss / MB)


def loads_tensorflow(pid: int) -> bool:
    """Return whether a process has TensorFlow's library mapped."""
    return any("libtensorflow" in mapped.path for mapped in psutil.Process(pid).memory_maps())
