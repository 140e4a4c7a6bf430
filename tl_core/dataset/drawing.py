"""Boxes that a person draws on an image, saved as the next version of the list."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pandas as pd

from tl_core import wording
from tl_core.dataset import box_splits, boxes, edits, manifest, tags
from tl_core.dataset.boxes import Box
from tl_core.dataset.manifest import Manifest
from tl_core.dataset.names import matching_class
from tl_core.errors import InputError
from tl_core.files import locked
from tl_core.language import _
from tl_core.wording import number
from tl_core.workspace import Project

#: On an image; what is drawn by hand never comes near.
MOST = 5000


def draw(project: Project, id_: str, drawn: Sequence[Box], *, looked: bool = True) -> Manifest:
    """Give a picture these boxes instead of those that it has, and return the version that has them.

    Args:
        project: of pictures with boxes.
        id_: of the picture.
        drawn: around things in it. Classes are spelled as they are already.
        looked: without a box, whether there is nothing on it; otherwise nobody has looked at it yet.

    Raises:
        InputError: a box lies outside of the picture or has no name, or there are too many.
        NotFoundError: the picture is not in the list.
    """
    if len(drawn) > MOST:
        raise InputError(
            _("{boxes} on one picture: at most {most} can be kept.").format(
                boxes=wording.plural(len(drawn), "box", "boxes"), most=number(MOST)
            )
        )
    if not all(map(boxes.is_whole, drawn)):
        raise InputError(_("A box does not lie on the picture. Draw it again."))

    def change(table: pd.DataFrame) -> pd.DataFrame:
        row = edits.chosen_rows(table, {id_})
        text = _text(drawn, table["label"].unique(), looked=looked)
        label = boxes.label(boxes.split(text))
        table = table.assign(boxes=table["boxes"].mask(row, text), label=table["label"].mask(row, label))
        return box_splits.fill(table, edits.split_settings(project))

    with locked(project.folder):
        current = manifest.load(project)
        changed = change(current.table)
        if changed["boxes"].equals(current.table["boxes"]):
            return current
        return manifest.save(project, changed, _("Drew boxes on one picture"), drawn=id_)


def _text(drawn: Iterable[Box], labels: Iterable[str], *, looked: bool) -> str:
    known = sorted({name for label in labels for name in tags.split(label)})
    named = []
    for box in drawn:
        label = matching_class(tags.tag_name(box.label), known)
        known = known if label in known else [*known, label]
        named.append(replace(box, label=label))
    return boxes.join(dict.fromkeys(named)) if named or looked else ""
