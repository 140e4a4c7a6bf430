"""The picture grid: thumbnails that can be marked and, where that is asked for, opened, by mouse or keyboard."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pages._ui.shell import components, state

OPENED = "opened"


def picture_grid(
    pictures: list[dict[str, str]],
    thumbnails: list[bytes],
    *,
    key: str,
    clear: str,
    opened: str | None = None,
    on_open: Callable[[str], None] | None = None,
) -> list[str]:
    """Draw thumbnails and return the ids of those that are marked.

    Args:
        pictures: for each: ``id``, ``caption`` and ``detail`` (plain text), in order.
        thumbnails: small JPEGs, in the same order.
        key: of the element.
        clear: the marks last as long as this text stays the same.
        opened: id of the picture that is shown as opened.
        on_open: called with the id of a picture that is pressed; pictures are then marked in their corner.
    """
    shown: list[dict[str, Any]] = [
        {**picture, "src": "data:image/jpeg;base64," + base64.b64encode(data).decode()}
        for picture, data in zip(pictures, thumbnails, strict=True)
    ]
    known = {picture["id"] for picture in pictures}
    name = f"{key}-{clear}"

    def pressed() -> None:
        id_ = (state.widget(name) or {}).get(OPENED)
        if on_open is not None and id_ in known:
            on_open(id_)

    data = {"pictures": shown, "clear": clear, "opens": on_open is not None, "opened": opened}
    grid = components.load(Path(__file__).parent)
    result = grid(key=name, data=data, default={"marked": []}, on_marked_change=lambda: None, on_opened_change=pressed)
    return [each for each in result.marked or [] if each in known]
