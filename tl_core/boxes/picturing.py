"""A small picture with its boxes drawn on it."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from tl_core.dataset import image
from tl_core.dataset.boxes import Box

#: Of the boxes of one class after the other; the editor has the same.
COLOURS = ("#ffb000", "#4fc3ff", "#00c98d", "#f0e442", "#ff7f50", "#e58fc0", "#8f9bff", "#b0e03c", "#ffffff")
#: On a small picture more boxes than these cover it.
MOST = 300


def thumbnail(picture: str | Path | bytes, side: int, boxes: Sequence[Box], classes: Sequence[str]) -> bytes:
    """Return a small JPEG of an image with its boxes, its longer side at most ``side`` pixels.

    Args:
        picture: a stored image.
        side: in pixels.
        boxes: drawn on it, the largest ``MOST`` of them.
        classes: in the order in which they have their colours.

    Raises:
        InputError: the image cannot be read.
    """
    with Image.open(io.BytesIO(image.thumbnail(picture, side))) as small:
        drawn = small.convert("RGB")
    pen, colour = ImageDraw.Draw(drawn), {label: COLOURS[at % len(COLOURS)] for at, label in enumerate(classes)}
    largest = sorted(boxes, key=lambda box: (box.x2 - box.x1) * (box.y2 - box.y1), reverse=True)[:MOST]
    for box in largest:
        x1, y1 = round(box.x1 * (drawn.width - 1)), round(box.y1 * (drawn.height - 1))
        x2, y2 = round(box.x2 * (drawn.width - 1)), round(box.y2 * (drawn.height - 1))
        pen.rectangle((x1 - 1, y1 - 1, x2 + 1, y2 + 1), outline="black")
        pen.rectangle((x1, y1, x2, y2), outline=colour.get(box.label, COLOURS[-1]), width=2)
    buffer = io.BytesIO()
    drawn.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
