"""A heat map over a picture: drawn in the picture's own proportions, measured, and put into words. Loads no Keras."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tl_core.dataset import image

#: The frame is the outer eighth of the picture on each side, the middle the inner half of its height and width.
FRAME = (1 / 8, 7 / 8)
MIDDLE = (1 / 4, 3 / 4)
#: What these areas are of the whole picture: their share of a map that is the same everywhere.
FRAME_AREA = 1 - (FRAME[1] - FRAME[0]) ** 2
MIDDLE_AREA = (MIDDLE[1] - MIDDLE[0]) ** 2
#: The line in an overlay goes around so much of the picture, where the map is strongest.
MARKED = 0.2
#: Viridis: even steps look even, in greys and to colour-blind people, too. https://bids.github.io/colormap/ (CC0)
VIRIDIS = "440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725"

#: Where a map lies that is spread out in one direction.
ONE_WAY = {
    ("left", ""): "in the left part",
    ("middle", ""): "halfway across",
    ("right", ""): "in the right part",
    ("", "upper"): "in the upper part",
    ("", "middle"): "at half height",
    ("", "lower"): "in the lower part",
}

Heat = NDArray[np.floating]


def coloured(values: Heat) -> NDArray[np.uint8]:
    """Return values 0…1 ``(h, w)`` as colours ``(h, w, 3)``, dark for weak and bright for strong."""
    anchors = np.array([list(bytes.fromhex(colour)) for colour in VIRIDIS.split()])
    places = np.linspace(0, 1, len(anchors))
    return np.stack([np.interp(values, places, anchor) for anchor in anchors.T], axis=-1).round().astype(np.uint8)


def smooth(heat: Heat, height: int, width: int) -> NDArray[np.float32]:
    """Return a map ``(h, w)`` 0…1 in another size, without edges between its places.

    Each place lies over the part of the picture that it covers, whatever the proportions of the picture.
    """
    resized = Image.fromarray(heat.astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC)
    clipped: NDArray[np.float32] = np.clip(np.asarray(resized), 0, 1)
    return clipped


def marked(heat: Heat, area: float = MARKED) -> NDArray[np.bool_]:
    """Return the places of a map where it is strongest: that share of all, or fewer where the rest is zero.

    >>> marked(np.array([[0.0, 0.9], [0.3, 0.0]]), 0.25).tolist()
    [[False, True], [False, False]]
    """
    order = np.argsort(-heat, axis=None, kind="stable")[: max(1, round(area * heat.size))]
    found = np.zeros(heat.size, bool)
    found[order] = True
    return found.reshape(heat.shape) & (heat > 0)


def overlay(picture: str | Path | bytes, heat: Heat, side: int = 640, *, outlined: bool = True) -> bytes:
    """Return a picture in greys with a map over it in colours, as a JPEG.

    Args:
        picture: a kept picture or the contents of its file.
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
    return _jpeg(_outlined(colours, marked(strength)) if outlined else colours)


def _outlined(colours: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Draw a white line with a dark one outside it around the marked places: it shows on any picture."""
    grown = _grown(inside)
    outer = _grown(_grown(grown))
    colours[outer & ~grown] = 20
    colours[grown & ~_shrunk(inside)] = 255
    return colours


def _grown(area: NDArray[np.bool_]) -> NDArray[np.bool_]:
    wide = np.pad(area, 1)
    return area | wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:]


def _shrunk(area: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return ~_grown(~area)


def _jpeg(colours: NDArray[np.float32]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(colours.round().astype(np.uint8)).save(buffer, "JPEG", quality=88, subsampling=0)
    return buffer.getvalue()


def square(heat: Heat, side: int = 480) -> bytes:
    """Return a map alone with a line where the frame begins, as a JPEG: a square, as the network sees pictures."""
    inside = np.zeros((side, side), bool)
    low, high = (round(edge * side) for edge in FRAME)
    inside[low:high, low:high] = True
    return _jpeg(_outlined(coloured(smooth(heat, side, side)).astype(np.float32), inside))


def share(heat: Heat, low: float, high: float) -> float:
    """Return what share of a map lies between ``low`` and ``high`` of its height and of its width, 0…1.

    >>> round(share(np.ones((7, 7)), 0.25, 0.75), 6)
    0.25
    """
    rows, columns = (_cover(count, low, high) for count in heat.shape)
    return float(rows @ heat @ columns / heat.sum())


def _cover(count: int, low: float, high: float) -> NDArray[np.float64]:
    """Return which share of each of ``count`` equal pieces of the line 0…1 lies between ``low`` and ``high``."""
    starts = np.arange(count) / count
    inside: NDArray[np.float64] = np.minimum(starts + 1 / count, high) - np.maximum(starts, low)
    return np.clip(inside, 0, None) * count


def measured(heat: Heat) -> dict[str, Any]:
    """Return ``in_middle`` and ``in_frame``, shares of the map 0…1 (None for an empty one), and ``where`` in words."""
    if not heat.any():
        return {"in_middle": None, "in_frame": None, "where": where(heat)}
    return {"in_middle": share(heat, *MIDDLE), "in_frame": 1 - share(heat, *FRAME), "where": where(heat)}


def where(heat: Heat) -> str:
    """Say in which part of the picture most of a map lies.

    >>> corner = np.zeros((6, 6))
    >>> corner[:2, :2] = 1
    >>> where(corner)
    'mostly in the upper left'
    """
    if not heat.any():
        return "nowhere"
    down = _third(heat.sum(axis=1), ("upper", "middle", "lower"))
    across = _third(heat.sum(axis=0), ("left", "middle", "right"))
    if down is None and across is None:
        return "all over the picture"
    if down is None or across is None:
        return "mostly " + ONE_WAY[across or "", down or ""]
    return f"mostly in the {' '.join(dict.fromkeys((down, across)))}"


def _third(values: NDArray[np.floating], names: tuple[str, str, str]) -> str | None:
    """Return the name of the third in which more than half of the values lies, None if there is none."""
    parts = [float(_cover(len(values), number / 3, (number + 1) / 3) @ values) for number in range(3)]
    best = int(np.argmax(parts))
    return names[best] if parts[best] > 0.5 * sum(parts) else None
