"""What a project holds, shown and corrected: for each kind of thing its own way."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from pages._ui.pictures import (
    boxes,
    camera,
    classes,
    exported,
    gallery,
    health,
    leaks,
    overview,
    renaming,
    tags,
    texts,
    ways_in,
)
from pages._ui.shell import layout, strips
from tl_core import wording
from tl_core.about import Things
from tl_core.dataset import box_notes
from tl_core.dataset.manifest import Manifest
from tl_core.language import N_, _
from tl_core.tasks import table as tasks
from tl_core.workspace import Project

MORE_PICTURES, MORE_TEXTS = ":material/add_photo_alternate:", ":material/note_add:"
#: At most so many tags are named with their numbers.
MOST_TAGS = 20


def show(project: Project, current: Manifest) -> None:
    """Show what a project holds."""
    SHOWN[project.about().kind](project, current)


def instead(project: Project, current: Manifest) -> bool:
    """Show what takes the whole page for a while, if it is open; return whether it is."""
    show = INSTEAD.get(project.about().kind)
    return show is not None and show(project, current)


def _pictures(project: Project, current: Manifest) -> None:
    overview.overview(project, current)
    exported.show_missing(project)
    leaks.show(project, current, leaks.pictures)
    overview.change_all(project, current)
    classes.show(project, current, PICTURE_CARD)
    _more(project, _("Add more pictures"), MORE_PICTURES)
    if current.table.empty:
        return
    health.show(project, current)
    st.header(_("All pictures"), anchor=False)
    gallery.gallery(project, current.version)


def _texts(project: Project, current: Manifest) -> None:
    overview.overview(project, current)
    leaks.show(project, current, texts.beside)
    overview.change_all(project, current)
    classes.show(project, current, TEXT_CARD)
    _more(project, _("Add more texts"), MORE_TEXTS)
    if current.table.empty:
        return
    st.header(_("All texts"), anchor=False)
    texts.listed(project, current.version)


def _tags(project: Project, current: Manifest) -> None:
    task = tasks.of(project)
    overview.to_know(project, current)
    st.header(task.count(len(current.table)), anchor=False)
    totals = current.counts()["total"]
    counts = [f"{tag}: {wording.number(count)}" for tag, count in totals.items()]
    st.markdown(layout.escape(wording.listed(counts, MOST_TAGS)))
    overview.change_all(project, current)
    renaming.show(project, {str(tag): wording.pictures(int(count)) for tag, count in totals.items()})
    _more(project, _("Add more pictures"), MORE_PICTURES)
    if current.table.empty:
        return
    health.show(project, current)
    st.header(_("All pictures"), anchor=False)
    tags.gallery(project, current.version)


def _boxes(project: Project, current: Manifest) -> None:
    boxes.summary(project, current)
    overview.to_know(project, current)
    overview.change_all(project, current)
    counts = box_notes.box_counts(current)
    renaming.show(project, {label: wording.plural(n, "box", "boxes") for label, n in counts.items()})
    _more(project, _("Add more pictures"), MORE_PICTURES)
    if current.table.empty:
        return
    st.header(_("All pictures"), anchor=False)
    boxes.gallery(project, current.version)


def _more(project: Project, title: str, icon: str) -> None:
    with layout.drawer(title, "add-more", icon) as more:
        if more.open:
            ways_in.ways_in(project)


def _head(project: Project, current: Manifest) -> None:
    camera.add_class(project, current.classes)
    camera.undo_take(project, current)


def _strip(project: Project, rows: pd.DataFrame) -> None:
    if strip := strips.of_pictures(project, rows["id"]):
        alt = _("Pictures of the class {label}").format(label=rows["label"].iloc[0])
        st.image(strip, width="stretch", alt=alt)


def _record(project: Project, label: str, rows: pd.DataFrame) -> None:
    if asked := camera.takes(rows):
        st.caption(asked)
    camera.button(project, label)


PICTURE_CARD = classes.Card(
    head=_head,
    glimpse=_strip,
    record=_record,
    into=ways_in.into_class,
    icon=MORE_PICTURES,
    more=lambda project, labels: camera.planned_cards(project, labels, ways_in.into_class),
    dropped=ways_in.onto_cards,
    hint=N_("Or drop pictures on this card."),
)
TEXT_CARD = classes.Card(
    head=lambda project, current: None,
    glimpse=texts.glimpse,
    record=lambda project, label, rows: None,
    into=ways_in.texts_into_class,
    icon=MORE_TEXTS,
    more=lambda project, labels: None,
    dropped=lambda project, labels, mark: None,
)
INSTEAD: dict[Things, Callable[[Project, Manifest], bool]] = {"boxes": boxes.drawing}
SHOWN: dict[Things, Callable[[Project, Manifest], None]] = {
    "pictures": _pictures,
    "tags": _tags,
    "boxes": _boxes,
    "texts": _texts,
}
