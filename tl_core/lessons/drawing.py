"""How the pictures of lessons are drawn: grey values from 0 to 255, enlarged, blurred, dealt to splits.

NumPy and Pillow are imported by the function that draws, so that pages open fast.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

SIDE = 96


@dataclass(frozen=True)
class Made:
    """A picture of a set, ``(height, width)`` or ``(height, width, 3)`` uint8, with its split and class."""

    split: str
    label: str
    pixels: "Grey"


def dealt(pictures: "Iterable[tuple[str, Grey]]", counts: Mapping[str, int]) -> Iterator[Made]:
    """Deal the pictures of each class, in order, to splits."""
    splits = [split for split, count in counts.items() for _ in range(count)]
    places: Counter[str] = Counter()
    for label, pixels in pictures:
        if places[label] < len(splits):
            yield Made(splits[places[label]], label, pixels)
            places[label] += 1


def enlarged(pixels: "NDArray[np.float64]") -> "Grey":
    """Return a picture, ``(height, width)`` from 0 to 255, as ``(SIDE, SIDE)`` uint8."""
    import numpy as np
    from PIL import Image

    return np.asarray(Image.fromarray(whole(pixels)).resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def blurred(pixels: "Grey", radius: float) -> "NDArray[np.float64]":
    """Return a picture out of focus: a Gaussian blur with a radius in pixels."""
    import numpy as np
    from PIL import Image, ImageFilter

    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)), np.float64)


def whole(pixels: "NDArray[np.float64]") -> "Grey":
    """Return values as whole ones from 0 to 255, uint8."""
    import numpy as np

    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
