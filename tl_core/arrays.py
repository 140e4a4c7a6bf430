"""The arrays of a run: one ``.npz`` for each name in its folder, written as a whole.

What is computed with a model is tied to it: once the run has another model, the arrays count as not stored. A file
that cannot be read, or whose arrays do not fit together, counts as not stored, too, so that they are computed again.
"""

import functools
import hashlib
import io
import math
import struct
import threading
import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cachetools
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


@dataclass(frozen=True, kw_only=True)
class Array:
    """What an array of a file is.

    Attributes:
        kind: of its type, numpy's letter for it: text, whole numbers, fractions, or whether something is so.
        axes: a letter for each; those of the same letter are as long as each other in the whole file. A digit is a
            length. Texts along one axis are names: each stands there once.
        of: whole numbers are positions along that axis, or anything for None.
        least, most: numbers are between them, inclusive.
        gaps: whether fractions may be not-a-number.
        needed: whether each file has it; those of earlier versions lack some.
    """

    kind: Literal["U", "i", "f", "b"]
    axes: str = ""
    of: str | None = None
    least: float = -math.inf
    most: float = math.inf
    gaps: bool = False
    needed: bool = True

    def holds(self, values: NDArray[Any], lengths: dict[str, int]) -> bool:
        """Return whether an array is such a one beside those before it, whose axes are so long; adds its own."""
        if values.dtype.kind != self.kind or values.ndim != len(self.axes):
            return False
        for axis, length in zip(self.axes, values.shape, strict=True):
            if lengths.setdefault(axis, int(axis) if axis.isdigit() else length) != length:
                return False
        if self.kind == "U":
            return values.ndim != 1 or len(np.unique(values)) == len(values)
        if self.kind == "b" or not values.size:
            return True
        if self.kind == "f" and not np.isfinite(values).all():
            if not self.gaps or np.isinf(values).any():
                return False
            values = values[~np.isnan(values)]
        least, most = (self.least, self.most) if self.of is None else (0, lengths[self.of] - 1)
        return bool((values >= least).all() and (values <= most).all())


#: The arrays of a file by name; an axis that ``Array.of`` names belongs to one that comes before it.
Layout = Mapping[str, Array]


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


def load(
    run: RunFolder, name: str, layout: Layout, only: Collection[str] | None = None, *, by_time: bool = False
) -> Arrays | None:
    """Return the arrays of a name; None if there are none that fit together, or only those of an earlier model.

    Args:
        run: to which they belong.
        name: of the file without its ending.
        layout: what they are.
        only: names of the arrays that are read; None for all.
        by_time: take arrays that were stored after the present model for those of it, without reading the model. For
            lists of many runs: a model has 10 MB and more.
    """
    path = _path(run, name)
    return read(path, layout, only, lambda model: _is_of(run, model, path if by_time else None))


def read(
    path: Path,
    layout: Layout,
    only: Collection[str] | None = None,
    is_of: Callable[[str], bool] = lambda model: True,
) -> Arrays | None:
    """Return the arrays of a file, or ``only`` some; None if it is not there, damaged, or of a model that is not."""
    if not path.is_file():
        return None
    wanted = {each: array for each, array in layout.items() if only is None or each in only}
    try:
        with storage_errors(), path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            if MODEL in file and not is_of(str(file[MODEL])):
                return None
            stored = {each: file[each] for each in wanted if each in file}
    except _DAMAGED:
        return None
    return stored if fit(stored, wanted) else None


def fit(stored: Arrays, layout: Layout) -> bool:
    """Return whether arrays are those of a layout and fit together.

    >>> layout = {"names": Array(kind="U", axes="c"), "truth": Array(kind="i", axes="n", of="c")}
    >>> fit({"names": np.array(["a", "b"]), "truth": np.array([0, 1, 1])}, layout)
    True
    >>> fit({"names": np.array(["a", "b"]), "truth": np.array([0, 1, 2])}, layout)
    False
    """
    lengths: dict[str, int] = {}
    return all(
        each.holds(stored[name], lengths) if name in stored else not each.needed for name, each in layout.items()
    )


def _is_of(run: RunFolder, model: str, later: Path | None) -> bool:
    """Return whether a digest is that of a run's model, or whether a file was written later than it."""
    if not run.ready:
        return False
    if later is not None and later.stat().st_mtime_ns >= run.model_path.stat().st_mtime_ns:
        return True
    return model == model_of(run)


def _times(run: RunFolder, name: str, load: Callable[[], object | None]) -> tuple[Path, str, int, int]:
    return run.folder, name, changed(run, name), run.model_path.stat().st_mtime_ns if run.ready else 0


@cachetools.cached(cachetools.LRUCache(4096), _times, lock=threading.Lock())
def is_stored(run: RunFolder, name: str, load: Callable[[], object | None]) -> bool:
    """Return whether ``load`` returns what is stored under a name, None if not; it is asked once for each file."""
    return load() is not None


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
