"""A picture with boxes on it: what is there, and what a model finds, told apart by colour, line and words."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pages._ui.shell import box_layer, components
from tl_core.language import _

#: Boxes may be of the truth, or found by a model.
Look = Literal["there", "found"]


@dataclass(frozen=True)
class Drawn:
    """A box on a picture.

    Attributes:
        edges: left, upper, right and lower edge as shares of the sides.
        caption: what is written at it, plain text.
        look: how it is drawn.
    """

    edges: tuple[float, ...]
    caption: str
    look: Look


def box_picture(data: bytes, boxes: Sequence[Drawn], alt: str, *, key: str) -> None:
    """Draw a picture with boxes.

    Args:
        data: the picture, a JPEG.
        boxes: on it.
        alt: what is to be seen, for somebody who cannot see it.
        key: of the element.
    """
    draw = components.load(Path(__file__).parent, box_layer.SCRIPT)
    looks = {each.look for each in boxes}
    shown = {
        "src": f"data:image/jpeg;base64,{base64.b64encode(data).decode()}",
        "alt": alt,
        "boxes": [[*each.edges, each.caption, each.look] for each in boxes],
        "legend": [[look, _(text)] for look, text in box_layer.LEGEND.items() if look in looks],
    }
    draw(key=key, data=shown)
