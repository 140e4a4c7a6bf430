"""The picture grid: thumbnails that can be marked, and opened or shown large, by mouse or keyboard."""

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from pages._ui.shell import components, state
from tl_core.language import N_, _

OPENED, MARKED, ZOOMED = "opened", "marked", "zoomed"
#: What each grid says, by its name in the script.
SAID = {
    "opens": N_("Pictures; arrow keys move, a press opens one"),
    "marks": N_("Pictures; arrow keys move, a press marks one"),
    "mark": N_("Mark"),
    "markOne": N_("Mark {caption}, {detail}"),
    "large": N_("Show it large"),
    "largeOne": N_("Show {caption}, {detail}, large"),
    "all": N_("Mark all {number} shown"),
    "none": N_("Unmark all"),
}


class Shown(Protocol):
    """What the grid shows of a picture: its id, and two lines of plain text."""

    @property
    def id(self) -> str: ...
    @property
    def caption(self) -> str: ...
    @property
    def detail(self) -> str: ...


def picture_grid(
    pictures: Sequence[Shown],
    thumbnails: Sequence[bytes],
    *,
    key: str,
    clear: str,
    opened: str | None = None,
    on_open: Callable[[str], None] | None = None,
    on_zoom: Callable[[str], None] | None = None,
    marks: bool = True,
) -> list[str]:
    """Draw thumbnails and return the ids of those that are marked.

    Args:
        pictures: what to show, in order.
        thumbnails: small JPEGs, in the same order.
        key: of the element.
        clear: the marks last as long as this text stays the same.
        opened: id of the picture that is shown as opened.
        on_open: called with the id of a picture that is pressed; pictures are then marked in their corner.
        on_zoom: called with the id of a picture that is to be shown large, by the button in its corner.
        marks: False where pictures can only be opened.
    """
    shown = [
        {
            "id": picture.id,
            "caption": picture.caption,
            "detail": picture.detail,
            "src": f"data:image/jpeg;base64,{base64.b64encode(data).decode()}" if data else "",
        }
        for picture, data in zip(pictures, thumbnails, strict=True)
    ]
    ids = {picture.id for picture in pictures}
    name = f"{key}-{clear}"

    def pressed() -> None:
        id_ = (state.widget(name) or {}).get(OPENED)
        if on_open is not None and id_ in ids:
            on_open(id_)

    # The browser forgets the marks when the grid is mounted again; this side still has them.
    marked = [each for each in (state.widget(name) or {}).get(MARKED) or [] if each in ids]
    data = {
        "pictures": shown,
        "clear": clear,
        "opens": on_open is not None,
        "zooms": on_zoom is not None,
        "marks": marks,
        "opened": opened,
        "marked": marked,
        "words": {name: _(text) for name, text in SAID.items()},
    }
    grid = components.load(Path(__file__).parent, components.WORDS)
    result = grid(
        key=name,
        data=data,
        default={MARKED: []},
        on_marked_change=lambda: None,
        on_opened_change=pressed,
        on_zoomed_change=lambda: None,
    )
    if on_zoom is not None and result.zoomed in ids:
        on_zoom(result.zoomed)
    return [each for each in result.marked or [] if each in ids]
