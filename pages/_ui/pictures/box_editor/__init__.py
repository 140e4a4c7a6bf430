"""The editor of boxes: one picture after the other, drawn on by mouse, finger or keyboard, saved as the hand rests."""

from collections.abc import Sequence
from pathlib import Path

from pages._ui.pictures import box_route
from pages._ui.pictures.thumbnails import file_name
from pages._ui.shell import components, state
from tl_core.dataset import boxes
from tl_core.dataset.manifest import Manifest, Row
from tl_core.language import N_, _
from tl_core.workspace import Project

#: What the editor says, by its name in the script.
SAID = {
    "previous": N_("Previous picture"),
    "next": N_("Next picture"),
    "unseen": N_("Next without boxes"),
    "place": N_("{number} of {every}"),
    "classes": N_("Class of the next boxes, and of the chosen one"),
    "newClass": N_("New class"),
    "add": N_("Add"),
    "stage": N_("Picture to draw on. Drag to draw a box, or press B for one in the middle."),
    "undo": N_("Undo"),
    "redo": N_("Redo"),
    "delete": N_("Delete the box"),
    "nothing": N_("Nothing is here"),
    "out": N_("Smaller"),
    "fit": N_("Whole picture"),
    "in": N_("Larger"),
    "suggest": N_("Suggest boxes"),
    "accept": N_("Accept"),
    "always": N_("Suggest on every picture without boxes"),
    "keys": N_("Keys"),
    "saving": N_("Saving …"),
    "saved": N_("Saved"),
    "notSaved": N_("Not saved. It is tried again."),
    "silent": N_("The server did not answer. Try again."),
    "none": N_("Nobody has looked at this picture yet. Draw its boxes, or press “Nothing is here”."),
    "isNothing": N_("Nothing is here: the picture teaches the network where nothing is."),
    "allSeen": N_("Every picture has its boxes, or nothing on it."),
    "classFirst": N_("Add a class first: what is it that you draw boxes around?"),
    "added": N_("New box {box}."),
    "changed": N_("Changed box {box}."),
    "deleted": N_("Deleted box {box}."),
    "deleteOne": N_("Delete box {box}"),
    "box": N_("{number}. {label}, {width} × {height} at {x}, {y}"),
    "sure": N_("suggested, {share}"),
    "one": N_("{number} box"),
    "several": N_("{number} boxes"),
    "more": N_("And {number} more."),
    "suggesting": N_("The model looks at the picture …"),
    "suggested": N_(
        "Suggested: {number}. Enter accepts all, a press one. Drag to correct it, Delete or × rejects it. What you do "
        "not accept is not saved."
    ),
    "accepted": N_("Accepted: {number}. Page Down shows the next picture."),
    "noneSuggested": N_("The model finds nothing that has no box yet."),
}
KEYS = (
    N_("1 to 9: the class"),
    N_("B: a box in the middle; arrows move it, with Ctrl by ten pixels, with Shift they change its size"),
    N_("Shift and drag: a new box, also where the chosen one is"),
    N_("E and W: the next and the previous box; Delete removes it, Escape deselects it"),
    N_("N: nothing is here"),
    N_("S: suggest boxes; Enter accepts them"),
    N_("Page Down and Page Up: the next and the previous picture; U: the next one without boxes"),
    N_("Z and Y: undo and redo"),
    N_("Plus, minus, 0: larger, smaller, the whole picture. Two fingers or Ctrl and the wheel do the same"),
)


def box_editor(project: Project, current: Manifest, rows: Sequence[Row], first: str, *, suggests: bool) -> None:
    """Draw the editor.

    Args:
        project: whose pictures.
        current: their list; it has the classes that there are.
        rows: of the pictures that one goes through, in order.
        first: id of the one that is shown first.
        suggests: whether there is a model that suggests boxes.
    """
    place = f"boxes-{project.slug}"
    token = state.upload_token(place)
    if not box_route.tokens.is_of(token, project):
        token = box_route.tokens.issue(project)
        state.set_upload_token(place, token)
    data = {
        "token": token,
        "url": box_route.URL,
        "classes": current.classes,
        "first": first,
        "suggests": suggests,
        "pictures": [[row.id, file_name(row.source), _state(row), row.width, row.height] for row in rows],
        "words": {name: _(text) for name, text in SAID.items()},
        "keys": [_(text) for text in KEYS],
    }
    components.load(Path(__file__).parent, components.WORDS)(key="box-editor", data=data)


def _state(row: Row) -> int | None:
    """Return how many boxes a picture has, None where nobody has looked at it."""
    return len(boxes.split(row.boxes)) if row.boxes else None
