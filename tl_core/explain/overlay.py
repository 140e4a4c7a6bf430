"""Draws a heat map: over the picture in its own proportions, or alone. Loads no Keras."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tl_core.dataset import image
from tl_core.explain.heatmap import FRAME, Heat, marked, smooth


def coloured(values: Heat) -> NDArray[np.uint8]:
    """Return values 0…1 ``(h, w)`` as colours ``(h, w, 3)``, dark for weak and bright for strong."""
    import matplotlib as mpl

    colours: NDArray[np.uint8] = mpl.colormaps["viridis"](np.asarray(values), bytes=True)[..., :3]
    return colours


def overlay(picture: str | Path | bytes, heat: Heat, side: int = 640, *, outlined: bool = True) -> bytes:
    """Return a picture in greys with a map over it in colours, as a JPEG.

    Args:
        picture: path of a stored picture, or the contents of its file.
        heat: ``(h, w)`` 0…1, as ``Lens.maps`` gives it for the picture squashed to a square.
        side: longer side of the result in pixels, at most.
        outlined: draw a line around what ``marked`` gives.

    Raises:
        InputError: the picture cannot be read.
    """
    shown = Image.open(io.BytesIO(image.thumbnail(picture, side)))
    grey = np.asarray(shown.convert("L").convert("RGB"), np.float32)
    strength = smooth(heat, shown.height, shown.width)
    if not heat.any():
        return _jpeg(grey)
    weight = (0.25 + 0.35 * strength)[..., None]
    colours = (1 - weight) * grey + weight * coloured(strength)
    return _jpeg(_outline(colours, marked(strength)) if outlined else colours)


def square(heat: Heat, side: int = 480) -> bytes:
    """Return a map alone with a line where the frame begins, as a JPEG: a square, as the network sees pictures."""
    inside = np.zeros((side, side), bool)
    low, high = (round(edge * side) for edge in FRAME)
    inside[low:high, low:high] = True
    return _jpeg(_outline(coloured(smooth(heat, side, side)).astype(np.float32), inside))


def _outline(colours: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Draw a white line with a dark one outside it around an area: it shows on any picture."""
    from scipy.ndimage import binary_dilation, binary_erosion

    line = binary_dilation(inside)
    colours[binary_dilation(line, iterations=2) & ~line] = 20
    colours[line & ~binary_erosion(inside, border_value=1)] = 255
    return colours


def _jpeg(colours: NDArray[np.float32]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(colours.round().astype(np.uint8)).save(buffer, "JPEG", quality=88, subsampling=0)
    return buffer.getvalue()
