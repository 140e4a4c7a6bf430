"""One change at a time, across threads and processes that share a folder."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tl_core.errors import StorageError
from tl_core.workspace import storage_errors

LOCK_SECONDS = 30.0

_held = threading.local()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one thread of one process at a time change what lies in a folder. May be nested.

    Raises:
        StorageError: someone else has held it for 30 s.
    """
    path = folder / ".changing"
    held: set[Path] = _held.__dict__.setdefault("paths", set())
    if path in held:
        yield
        return
    _acquire(path)
    held.add(path)
    try:
        yield
    finally:
        held.discard(path)
        path.unlink(missing_ok=True)


def _acquire(path: Path) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        with contextlib.suppress(FileExistsError), storage_errors():
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            return
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > LOCK_SECONDS:  # left behind by a process that was killed
                path.unlink()
        if time.monotonic() > deadline:
            raise StorageError(f"This is being changed elsewhere (see {path}). Try again in a moment.")
        time.sleep(0.01)
