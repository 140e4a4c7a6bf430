"""The arrays of a run: one ``.npz`` for each name in its folder, written as a whole.

What is computed with a model is tied to it: once the run has another model, the arrays count as not stored. A file
that cannot be read counts as not stored, too, so that its arrays are computed again.
"""

import functools
import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tl_core.files import storage_errors, write_bytes
from tl_core.runs import RunFolder

#: Of numbers or text, by name.
Arrays = dict[str, NDArray[Any]]
#: What a file raises that was cut off, or holds something else. It is never unpickled: that would run its code.
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, KeyError, EOFError, RuntimeError, MemoryError)
#: The entry of a file that holds the digest of the model.
MODEL = "model"


def save(run: RunFolder, name: str, *, tied: bool = True, **arrays: NDArray[Any]) -> None:
    """Store arrays under a name.

    Args:
        run: to which they belong.
        name: of the file without its ending; may hold a folder, as ``class-maps/…``.
        tied: they were computed with the run's present model, which has to be there.
        arrays: of numbers or text, by name.
    """
    tie = {MODEL: np.array(model_of(run))} if tied else {}
    buffer = io.BytesIO()
    np.savez(buffer, **tie, **arrays)  # type: ignore[arg-type]
    write_bytes(_path(run, name), buffer.getvalue())


def load(run: RunFolder, name: str, only: Collection[str] | None = None, *, by_time: bool = False) -> Arrays | None:
    """Return the arrays of a name; None if there are none, or only those of an earlier model.

    Args:
        run: to which they belong.
        name: of the file without its ending.
        only: names of the arrays that are read; None for all.
        by_time: take arrays that were stored after the present model for those of it, without reading the model. For
            lists of many runs: a model has 10 MB and more.
    """
    path = _path(run, name)
    return read(path, only, lambda model: _is_of(run, model, path if by_time else None))


def read(
    path: Path, only: Collection[str] | None = None, is_of: Callable[[str], bool] = lambda model: True
) -> Arrays | None:
    """Return the arrays of a file, or ``only`` some; None if it is not there, damaged, or of a model that is not."""
    if not path.is_file():
        return None
    try:
        with storage_errors(), path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            if MODEL in file and not is_of(str(file[MODEL])):
                return None
            return {each: file[each] for each in file.files if only is None or each in only}
    except _DAMAGED:
        return None


def _is_of(run: RunFolder, model: str, later: Path | None) -> bool:
    """Return whether a digest is that of a run's model, or whether a file was written later than it."""
    if not run.ready:
        return False
    if later is not None and later.stat().st_mtime_ns >= run.model_path.stat().st_mtime_ns:
        return True
    return model == model_of(run)


def is_stored(run: RunFolder, name: str) -> bool:
    """Return whether ``load`` would return arrays; it does not read them."""
    return load(run, name, only=()) is not None


def changed(run: RunFolder, name: str) -> int:
    """Return when the arrays of a name were stored, in nanoseconds since the epoch; 0 if there are none."""
    path = _path(run, name)
    return path.stat().st_mtime_ns if path.is_file() else 0


def remove(run: RunFolder, name: str) -> None:
    """Remove the arrays of a name, if there are any."""
    _path(run, name).unlink(missing_ok=True)


def _path(run: RunFolder, name: str) -> Path:
    return run.folder / f"{name}.npz"


def model_of(run: RunFolder) -> str:
    """Return the digest of the model of a run, which has to be there: it names the model."""
    return _digest(run.model_path, run.model_path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=1024)
def _digest(path: Path, changed: int) -> str:
    """Return the digest of a model file: a copy of a workspace has other times but the same models."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
