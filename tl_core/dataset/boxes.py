"""Boxes around things in a picture: how they stand in the list of pictures, which has one text for each picture.

The text is empty where nobody has looked at the picture yet, and ``NOTHING`` where somebody has, and nothing is there:
that teaches a network where nothing is.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import msgspec

from tl_core.dataset import tags

#: Edges are kept to so many digits: of 20,000 pixels, to a fiftieth of one.
DIGITS = 6
#: Of a picture on which there is nothing.
NOTHING = "[]"
_ROWS = msgspec.json.Decoder(list[tuple[str, float, float, float, float]])


@dataclass(frozen=True, order=True)
class Box:
    """A box around one thing.

    Attributes:
        label: its class.
        x1, y1, x2, y2: left, upper, right and lower edge as shares of the picture's width and height, 0 to 1.
    """

    label: str
    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """The edges, in their order."""
        return self.x1, self.y1, self.x2, self.y2


def join(boxes: Iterable[Box]) -> str:
    """Return boxes as one text, in an order of their own.

    >>> join([Box("cat", 0.1, 0.2, 0.5, 1)])
    '[["cat", 0.1, 0.2, 0.5, 1]]'
    >>> join([]) == NOTHING
    True
    """
    rows = [[box.label, *(round(edge, DIGITS) for edge in box.edges)] for box in sorted(boxes)]
    return json.dumps(rows, ensure_ascii=False)


def split(text: str) -> list[Box]:
    """Return the boxes of a text.

    >>> split('[["cat", 0.1, 0.2, 0.5, 1]]')[0].edges, split("")
    ((0.1, 0.2, 0.5, 1.0), [])
    """
    rows = json.loads(text) if text else []
    return [Box(str(label), *map(float, edges)) for label, *edges in rows]


def is_one(text: str) -> bool:
    """Return whether a text is one that ``join`` writes.

    >>> is_one('[["cat", 0.1, 0.2, 0.5, 1]]'), is_one("9 9 9;"), is_one('[["cat", 1]]')
    (True, False, False)
    """
    try:
        _ROWS.decode(text)
    except msgspec.MsgspecError:
        return False
    return True


def label(boxes: Iterable[Box]) -> str:
    """Return what a picture with these boxes is labelled with: each of their classes once, as tags."""
    return tags.join(box.label for box in boxes)


def is_whole(box: Box) -> bool:
    """Return whether a box lies on the picture and has an area."""
    return 0 <= box.x1 < box.x2 <= 1 and 0 <= box.y1 < box.y2 <= 1


def renamed(text: str, old: str, new: str | None) -> str:
    """Return a text with another class for the boxes of one; None takes these boxes away.

    >>> renamed('[["cat", 0.1, 0.2, 0.5, 1]]', "cat", "tom"), renamed('[["cat", 0.1, 0.2, 0.5, 1]]', "cat", None)
    ('[["tom", 0.1, 0.2, 0.5, 1.0]]', '[]')
    """
    if not text:
        return ""
    return join(
        replace(box, label=new) if box.label == old and new is not None else box
        for box in split(text)
        if box.label != old or new is not None
    )


def spelled(text: str, known: Mapping[str, str]) -> str:
    """Return a text with each class as it is spelled already."""
    return join(replace(box, label=known.get(box.label, box.label)) for box in split(text)) if text else ""
