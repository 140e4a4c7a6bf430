"""Boxes as files have them become boxes on the picture as it is stored: upright, within its edges, each one once."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from tl_core.boxes.annotations import Annotated, Drawn, Tally
from tl_core.dataset import opening, tags
from tl_core.dataset.boxes import DIGITS, Box
from tl_core.errors import InputError

ORIENTATION = 0x0112
#: Values of EXIF's orientation with which a picture lies on its side in the file.
ON_ITS_SIDE = frozenset({5, 6, 7, 8})
#: By how much the shape of a picture may differ from what the annotations say before that is told.
SHAPE = 0.02
#: A box whose sides are smaller shares of the picture's is hardly found: 4 of the 320 pixels that the network sees.
TINY = 4 / 320
#: Of a box, how far it may reach beyond the edge before that is told, in pixels: rounding, and counting from 1 or 0.
ROUNDING = 1.0
#: A box that reaches beyond this multiple of a side that a file names was not drawn on a picture of that size.
BEYOND = 1.1


@dataclass(frozen=True)
class Shape:
    """A picture file: its sides in pixels as they lie in the file, and EXIF's orientation, 1 to 8."""

    width: int
    height: int
    orientation: int = 1

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height of the upright picture."""
        return (self.height, self.width) if self.orientation in ON_ITS_SIDE else (self.width, self.height)


def shape_of(picture: Path | bytes) -> Shape | None:
    """Return the shape of a picture file, given by its path or its bytes; None if it is no picture.

    Raises:
        InputError: it is larger than what is decoded.
    """
    file = io.BytesIO(picture) if isinstance(picture, bytes) else picture
    try:
        with Image.open(file, formats=opening.formats()) as image:
            opening.check_size(image)
            orientation = image.getexif().get(ORIENTATION, 1)
            return Shape(*image.size, orientation if orientation in range(1, 9) else 1)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as exc:
        raise opening.bomb() from exc
    except (OSError, ValueError, SyntaxError):
        return None


def boxes_on(shape: Shape, annotated: Sequence[Annotated], name: str, tally: Tally) -> list[Box]:
    """Return the boxes of a picture, and count what was wrong with them.

    Args:
        shape: of its file.
        annotated: what files say of it.
        name: of the picture, for a person.
        tally: counts.
    """
    found: list[Box] = []
    for each in (_of_its_size(shape, said, name, tally) for said in annotated):
        turned = _turned(shape, each, name, tally)
        found += [box for drawn in each.boxes if (box := _box(shape, each, drawn, turned, name, tally))]
    once = list(dict.fromkeys(found))
    if len(once) < len(found):
        tally.add("double", name, len(found) - len(once))
    if tiny := sum(max(box.x2 - box.x1, box.y2 - box.y1) < TINY for box in once):
        tally.add("tiny", name, tiny)
    if not once:
        tally.add("lost" if any(each.has_boxes for each in annotated) else "negative", name)
    return once


def _of_its_size(shape: Shape, each: Annotated, name: str, tally: Tally) -> Annotated:
    """Return what a file says without a size that cannot be meant: none, or one that its own boxes do not fit into."""
    if min(each.width, each.height) < 1 or max(each.width, each.height) > 1e6:
        return replace(each, width=0, height=0)
    across, down = max((box.x2 for box in each.boxes), default=0), max((box.y2 for box in each.boxes), default=0)
    beyond = across > BEYOND * each.width or down > BEYOND * each.height
    if each.shares or not beyond or across > shape.shown[0] + ROUNDING or down > shape.shown[1] + ROUNDING:
        return each
    tally.add("size", name)
    return replace(each, width=0, height=0)


def _turned(shape: Shape, each: Annotated, name: str, tally: Tally) -> bool:
    """Return whether the boxes were drawn on the picture as it lies in the file, and not as it is shown."""
    if shape.orientation == 1 or not each.boxes:
        return False
    said, stored = (each.width, each.height), (shape.width, shape.height)
    if each.width and _alike(said, shape.shown) != _alike(said, stored):
        turned = _alike(said, stored)
        if turned:
            tally.add("turned", name)
        return turned
    tally.add("upright", name)
    return False


def _alike(one: Sequence[float], other: Sequence[float]) -> bool:
    """Return whether two pictures have the same shape, whatever their sizes."""
    return abs(math.log(one[0] * other[1] / (one[1] * other[0]))) < SHAPE if min(*one, *other) > 0 else False


def _box(shape: Shape, each: Annotated, drawn: Drawn, turned: bool, name: str, tally: Tally) -> Box | None:
    sides = (shape.width, shape.height) if turned else shape.shown
    if each.width and each.height and not each.shares:
        if not _alike((each.width, each.height), sides) and drawn is each.boxes[0]:
            tally.add("resized", name)
        sides = (round(each.width), round(each.height))
    width, height = (1, 1) if each.shares else sides
    edges = [drawn.x1 / width, drawn.y1 / height, drawn.x2 / width, drawn.y2 / height]
    if turned:
        edges = _upright(edges, shape.orientation)
    label = _label(drawn.label)
    if not label:
        tally.add("unknown", name)
        return None
    if edges[2] <= edges[0] or edges[3] <= edges[1]:
        tally.add("empty", name)
        return None
    if edges[2] <= 0 or edges[3] <= 0 or edges[0] >= 1 or edges[1] >= 1:
        tally.add("outside", name)
        return None
    inside = [min(max(edge, 0.0), 1.0) for edge in edges]
    side = [sides[0], sides[1], sides[0], sides[1]]
    if any(abs(edge - to) * pixels > ROUNDING for edge, to, pixels in zip(edges, inside, side, strict=True)):
        tally.add("clipped", name)
    return Box(label, *(round(edge, DIGITS) for edge in inside))


def _label(text: str) -> str:
    try:
        return tags.tag_name(text)
    except InputError:
        return ""


def _upright(edges: Sequence[float], orientation: int) -> list[float]:
    """Return edges on the upright picture, given those on the picture as it lies in the file.

    >>> _upright([0.0, 0.0, 0.25, 0.5], 6)  # turned by a quarter to the right: the upper left corner goes right
    [0.5, 0.0, 1.0, 0.25]
    """
    x1, y1, x2, y2 = edges
    corners = [_moved(x, y, orientation) for x, y in ((x1, y1), (x2, y2))]
    (ax, ay), (bx, by) = corners
    return [min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)]


def _moved(x: float, y: float, orientation: int) -> tuple[float, float]:
    return {
        1: (x, y),
        2: (1 - x, y),
        3: (1 - x, 1 - y),
        4: (x, 1 - y),
        5: (y, x),
        6: (1 - y, x),
        7: (1 - y, 1 - x),
        8: (y, 1 - x),
    }[orientation]
