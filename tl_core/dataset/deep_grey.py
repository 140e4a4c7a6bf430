"""Grey pictures of more than 8 bits: which of their values become black and white.

X-ray detectors write 14 bits into 16, thermal cameras temperatures or counts of a narrow band. Scaled picture by
picture, the same tissue or temperature would be of another grey in each; so a project has one range for all of them. It
is chosen at the first import that brings such pictures, and never changes: a model keeps seeing what it learned from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tl_core.files import read_record, write_record

#: Name of the file in a project's folder.
FILE = "grey.json"
#: Percentiles of a picture's values, and then of a set's pictures, between which the range of the set lies: single
#: pixels that are dead or burnt out, and single pictures, do not decide.
PIXELS, PICTURES = (0.1, 99.9), (1.0, 99.0)
#: Largest values of 8, 10, 12, 14 and 16 bits; of floats that are fractions or bytes.
WHOLE, FRACTION = (255.0, 1023.0, 4095.0, 16383.0, 65535.0), (1.0, 255.0)


@dataclass(frozen=True, kw_only=True)
class Range:
    """Values of deep grey: what lies at ``low`` or below becomes black, what lies at ``high`` or above white."""

    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Ranges:
    """The ranges of a project.

    Attributes:
        whole: of pictures whose values are whole numbers; None if there are none.
        fraction: of pictures whose values are floating-point numbers.
    """

    whole: Range | None = None
    fraction: Range | None = None

    def of(self, kind: str) -> Range | None:
        """Return the range of a kind: ``"whole"`` or ``"fraction"``."""
        return self.fraction if kind == "fraction" else self.whole

    def missing(self, kinds: Sequence[str]) -> list[str]:
        """Return those of the kinds that have no range yet."""
        return sorted(kind for kind in set(kinds) if self.of(kind) is None)


def load(folder: Path) -> Ranges:
    """Return the ranges of the project in a folder. Raises DamagedError where the file is damaged."""
    path = folder / FILE
    return read_record(path, Ranges) if path.exists() else Ranges()


def save(folder: Path, ranges: Ranges) -> Path:
    """Write the ranges of the project in a folder and return the file."""
    write_record(folder / FILE, ranges)
    return folder / FILE


def is_deep(image: Image.Image) -> bool:
    """Return whether a picture is grey with more than 8 bits."""
    return image.mode.startswith("I") or image.mode == "F"


def values(image: Image.Image) -> NDArray[Any]:
    """Return the values of a deep grey picture, ``(height, width)``; what is no number is 0."""
    grey = np.asarray(image)
    return np.nan_to_num(grey, posinf=0.0, neginf=0.0) if grey.dtype.kind == "f" else grey


def kind_of(grey: NDArray[Any]) -> str:
    """Return the kind of values: ``"whole"`` or ``"fraction"``."""
    return "fraction" if grey.dtype.kind == "f" else "whole"


def extent(grey: NDArray[Any]) -> Range:
    """Return the values between which nearly all of a picture lies."""
    low, high = np.percentile(grey, PIXELS)
    return Range(low=float(low), high=float(high))


def common(extents: Sequence[Range], kind: str) -> Range:
    """Return one range for a set of pictures of one kind.

    Pictures that use most of 8, 10, 12, 14 or 16 bits from black on have that range, so that they keep their light;
    others that from their darkest to their brightest values.
    """
    low = float(np.percentile([each.low for each in extents], PICTURES[0]))
    high = float(np.percentile([each.high for each in extents], PICTURES[1]))
    white = next((bound for bound in (FRACTION if kind == "fraction" else WHOLE) if high <= bound), high)
    if 0 <= low <= white / 8 and high > white / 2:
        return Range(low=0.0, high=white)
    return Range(low=low, high=high)


def to_8_bits(grey: NDArray[Any], given: Range | None) -> NDArray[np.uint8]:
    """Return deep grey as 0..255 uint8, by a range; None: by the one that this picture alone would have."""
    bounds = given or common([extent(grey)], kind_of(grey))
    low, high = np.float32(bounds.low), np.float32(bounds.high)
    scaled = (grey.astype(np.float32) - low) * (np.float32(255) / max(high - low, np.float32(1e-12)))
    result: NDArray[np.uint8] = np.rint(scaled.clip(0, 255)).astype(np.uint8)
    return result
