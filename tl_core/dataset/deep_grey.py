"""Grey pictures of more than 8 bits: which of their values become black and white.

X-ray detectors write 14 bits into 16, thermal cameras temperatures or counts of a narrow band. Scaled picture by
picture, the same tissue or temperature would be of another grey in each; so a project has one range for all of them. It
is chosen by the first import that brings such pictures, and never changes: a model keeps seeing what it learned from.

A project of an earlier version has such pictures and no range: each was scaled by itself and stays as it is, and so is
each that is predicted. The next import that brings some chooses the range, for these and later ones, and says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tl_core.files import read_record, write_record

#: Kinds of values: whole numbers and floating-point numbers. Each has a range of its own.
WHOLE, FRACTION = "whole", "fraction"
#: Largest values of 8, 10, 12, 14 and 16 bits; of floats that are fractions or bytes.
WHITES = {WHOLE: (255.0, 1023.0, 4095.0, 16383.0, 65535.0), FRACTION: (1.0, 255.0)}
#: Percentiles of a picture's values, and then of a set's pictures, between which the range of the set lies: single
#: pixels that are dead or burnt out, and single pictures, do not decide.
PIXELS, PICTURES = (0.1, 99.9), (1.0, 99.0)


@dataclass(frozen=True, kw_only=True)
class Range:
    """Values of deep grey: what lies at ``low`` or below becomes black, what lies at ``high`` or above white."""

    low: float
    high: float


#: The range of each kind that a project has.
Ranges = Mapping[str, Range]


@dataclass(frozen=True)
class Extent:
    """The ``kind`` of a picture's values, and the ``bounds`` between which nearly all of them lie."""

    kind: str
    bounds: Range


def load(folder: Path) -> dict[str, Range]:
    """Return the ranges of the project in a folder. Raises DamagedError where a file of them is damaged."""
    return {kind: read_record(_file(folder, kind), Range) for kind in WHITES if _file(folder, kind).exists()}


def save(folder: Path, ranges: Ranges) -> list[Path]:
    """Write those ranges that the project in a folder does not have yet, and return the new files."""
    new = [kind for kind in ranges if not _file(folder, kind).exists()]
    for kind in new:
        write_record(_file(folder, kind), ranges[kind])
    return [_file(folder, kind) for kind in new]


def _file(folder: Path, kind: str) -> Path:
    return folder / f"grey-{kind}.json"


def is_deep(image: Image.Image) -> bool:
    """Return whether a picture is grey with more than 8 bits."""
    return image.mode.startswith("I") or image.mode == "F"


def values(image: Image.Image) -> NDArray[Any]:
    """Return the values of a deep grey picture, ``(height, width)``; what is no number is 0."""
    grey = np.asarray(image)
    return np.nan_to_num(grey, posinf=0.0, neginf=0.0) if grey.dtype.kind == "f" else grey


def kind_of(grey: NDArray[Any]) -> str:
    """Return the kind of values."""
    return FRACTION if grey.dtype.kind == "f" else WHOLE


def extent(grey: NDArray[Any]) -> Extent:
    """Return the extent of a picture's values."""
    low, high = np.percentile(grey, PIXELS)
    return Extent(kind_of(grey), Range(low=float(low), high=float(high)))


def completed(ranges: Ranges, extents: Sequence[Extent]) -> dict[str, Range]:
    """Return the ranges, and one for each kind of pictures that has none: for all of these pictures."""
    kinds = sorted({each.kind for each in extents} - set(ranges))
    return {**ranges, **{kind: common([each.bounds for each in extents if each.kind == kind], kind) for kind in kinds}}


def common(bounds: Sequence[Range], kind: str) -> Range:
    """Return one range for a set of pictures of one kind.

    Pictures that use most of 8, 10, 12, 14 or 16 bits from black on have that range, so that they keep their light;
    others that from their darkest to their brightest values.
    """
    low = float(np.percentile([each.low for each in bounds], PICTURES[0]))
    high = float(np.percentile([each.high for each in bounds], PICTURES[1]))
    white = next((bound for bound in WHITES[kind] if high <= bound), high)
    if 0 <= low <= white / 8 and high > white / 2:
        return Range(low=0.0, high=white)
    return Range(low=low, high=high)


def to_8_bits(grey: NDArray[Any], ranges: Ranges) -> NDArray[np.uint8]:
    """Return deep grey as 0..255 uint8, by the range of its kind; without one, as if it were a set of its own."""
    kind = kind_of(grey)
    bounds = ranges.get(kind) or common([extent(grey).bounds], kind)
    low, high = np.float32(bounds.low), np.float32(bounds.high)
    scaled = (grey.astype(np.float32).clip(low, high) - low) * (np.float32(255) / max(high - low, np.float32(1e-12)))
    result: NDArray[np.uint8] = np.rint(scaled.clip(0, 255)).astype(np.uint8)
    return result
