"""The picture grid: thumbnails that can be marked, by mouse or keyboard."""

import base64
from typing import Any

from pages._ui import components


def picture_grid(pictures: list[dict[str, str]], thumbnails: list[bytes], *, key: str, clear: str) -> list[str]:
    """Draw thumbnails and return the ids of those that are marked.

    Args:
        pictures: for each: ``id``, ``caption`` and ``detail`` (plain text), in order.
        thumbnails: small JPEGs, in the same order.
        key: of the element.
        clear: the marks last as long as this text stays the same.
    """
    shown: list[dict[str, Any]] = [
        {**picture, "src": "data:image/jpeg;base64," + base64.b64encode(data).decode()}
        for picture, data in zip(pictures, thumbnails, strict=True)
    ]
    data = {"pictures": shown, "clear": clear}
    grid = components.load("picture_grid")
    result = grid(key=f"{key}-{clear}", data=data, default={"marked": []}, on_marked_change=lambda: None)
    known = {picture["id"] for picture in pictures}
    return [each for each in result.marked or [] if each in known]
