"""Checks that the files of runs of every kind share."""

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tl_core.errors import InputError
from tl_core.ingest.members import DAMAGED
from tl_core.language import _
from tl_core.runs import RunFolder


def sealed(run: RunFolder, split: str) -> None:
    """Refuse what was predicted of test pictures that nobody has opened."""
    if split == "test" and not run.times_opened():
        raise InputError(_("It holds predictions of sealed test pictures."))


def size(path: Path) -> None:
    """Refuse arrays that unpack to far more than their file."""
    try:
        with zipfile.ZipFile(path) as parts:
            unpacked = sum(each.file_size for each in parts.infolist())
    except DAMAGED as exc:
        raise InputError(_("It is damaged.")) from exc
    if unpacked > 2**20 + 20 * path.stat().st_size:
        raise InputError(_("It unpacks to far more than predictions should."))


def finite(values: NDArray[np.floating], shape: tuple[int, ...]) -> bool:
    """Return whether an array has a shape, and numbers alone."""
    return values.shape == shape and values.dtype.kind == "f" and bool(np.isfinite(values).all())


def shares(*values: float | None) -> None:
    """Refuse what is no share, 0 to 1, or None."""
    if not all(value is None or 0 <= value <= 1 for value in values):
        raise InputError(_("Its numbers do not fit together."))
