"""The camera of a class card: takes go straight into the class, the last one can be undone with one press."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.pictures import projects, upload_route
from pages._ui.pictures.importing import hand_over, start
from pages._ui.pictures.reading import Choice
from pages._ui.pictures.recorder import recorder
from pages._ui.pictures.uploader import Uploaded, finished
from pages._ui.shell import layout, state
from tl_core import wording
from tl_core.language import _, ngettext
from tl_core.workspace import Project

if TYPE_CHECKING:
    import pandas as pd

    from tl_core.dataset.manifest import Manifest

#: Takes of a class that are asked for: one each to train, to validate and to test.
TAKES = 3
#: Classes that an empty project begins with.
FIRST = 2
#: Frames that are added while the page waits; a longer take is imported by a job, which shows how far it is.
AT_ONCE = 200
OPEN = "camera"
#: What the group of a take begins with.
TAKE = "take "


def without_pictures(project: Project | None) -> list[str]:
    """Return the classes that a person has named and that have no pictures yet; two for an empty project."""
    planned = state.planned_classes(project)
    return planned or ([] if state.has_pictures(project) else [_numbered(number) for number in range(1, FIRST + 1)])


def _numbered(number: int) -> str:
    return _("Class {number}").format(number=number)


def planned_cards(project: Project | None, classes: list[str], add: Callable[[Project | None, str], object]) -> None:
    """Draw a card for each class that has no pictures yet, in the grid that is open.

    Args:
        project: the current one.
        classes: its classes with pictures.
        add: asks for pictures of a class of the project.
    """
    names = without_pictures(project)
    taken = {label.casefold() for label in classes}
    labels = [label for label in names if label.casefold() not in taken]
    if len(labels) < len(names):
        state.plan_classes(project, labels)
    for number, label in enumerate(labels):
        with st.container(key=f"planned-{number}", gap="xsmall"):
            key = f"planned-name-{number}-{label}"
            name = st.text_input(_("Name of the class"), value=label, key=key, label_visibility="collapsed")
            if name.strip() and name != label:
                _rename_planned(project, label, name)
            st.caption(_("No pictures yet."))
            button(project, label)
            with st.container(horizontal=True, gap="xsmall"):
                if st.button(_("Add pictures"), icon=":material/add_photo_alternate:", key=f"add-planned-{label}"):
                    add(project, label)
                if len(labels) + len(classes) > 1:
                    key, args = f"drop-{label}", (project, label)
                    st.button(_("Remove"), icon=":material/delete:", key=key, on_click=_drop, args=args)


def _drop(project: Project | None, label: str) -> None:
    state.plan_classes(project, [each for each in without_pictures(project) if each != label])
    if state.opened(OPEN) == label:
        state.set_opened(OPEN, None)


def _rename_planned(project: Project | None, label: str, name: str) -> None:
    from tl_core.dataset.names import class_name

    with layout.calm():
        changed = [class_name(name) if each == label else each for each in without_pictures(project)]
        state.plan_classes(project, changed)
        if state.opened(OPEN) == label:
            state.set_opened(OPEN, class_name(name))
        st.rerun()


def open_first(project: Project | None) -> None:
    """Let the camera of a project's first class without pictures be open."""
    state.set_opened(OPEN, next(iter(without_pictures(project)), None))


def add_class(project: Project | None, classes: list[str]) -> None:
    """Draw the button that adds a class without pictures."""

    def add() -> None:
        planned = without_pictures(project)
        taken = {each.casefold() for each in [*classes, *planned]}
        free = next(name for number in range(1, len(taken) + 2) if (name := _numbered(number)).casefold() not in taken)
        state.plan_classes(project, [*planned, free])

    st.button(_("Add a class"), icon=":material/add:", key="add-class", on_click=add)


def button(project: Project | None, label: str) -> None:
    """Draw the button that opens the camera of a class, and the recorder while it is open."""
    opened = state.opened(OPEN) == label
    words = _("Close the camera") if opened else _("Camera")
    icon = ":material/videocam_off:" if opened else ":material/videocam:"
    key = f"camera-{label}"
    st.button(words, icon=icon, key=key, on_click=state.set_opened, args=(OPEN, None if opened else label))
    if opened:
        places = [f"record-{slug}-{label}" for slug in ([project.slug, ""] if project else [""])]
        # A take may have begun before another tab made the project.
        if (uploaded := next(filter(None, map(finished, places)), None)) is not None:
            with layout.calm(), st.spinner(_("The pictures are added.")):
                _add(project, label, uploaded)
                st.rerun()
        recorder(places[0], label)


def _add(project: Project | None, label: str, uploaded: Uploaded) -> None:
    """Add a take to its class. Its frames are one group: they stay in one split, and count as one in intervals."""
    from tl_core.ingest import importer

    target = project
    if target is None:
        target = projects.create(_(projects.NEW_NAME))
        hand_over(target)
    group = f"{TAKE}{time.strftime('%Y-%m-%d %H:%M:%S')} {uploaded.token[:6]}"
    if len(upload_route.names(uploaded.folder)) > AT_ONCE:
        start(target, uploaded.source, "", uploaded.taken, Choice(label=label, group=group))
    planned = [each for each in without_pictures(target) if each != label]
    settings = target.about().split
    try:
        made = importer.import_source(target, uploaded.source, label=label, group=group, settings=settings)
    finally:
        upload_route.discard(uploaded.token, state.workspace())
    state.plan_classes(target, planned)
    added = made.report.imported
    said = ngettext("{number} picture added.", "{number} pictures added.", added)
    st.toast(said.format(number=wording.number(added)), icon=":material/videocam:")


def undo_take(project: Project, current: "Manifest") -> None:
    """Draw the button that takes the last take back, while nothing was changed since: another day, too."""
    if group := _last_take(project, current):
        st.button(
            _("Undo the last take"),
            icon=":material/undo:",
            key="undo-take",
            on_click=_undo,
            args=(project, group),
        )


def _last_take(project: Project, current: "Manifest") -> str | None:
    """Return the group of the take that made the current version of the list; None if something else did."""
    from tl_core.dataset import manifest

    if not recorded(current.table):
        return None
    groups = manifest.added(project, current)["group"].unique()
    return str(groups[0]) if len(groups) == 1 and groups[0].startswith(TAKE) else None


def _undo(project: Project, group: str) -> None:
    from tl_core.dataset import edits, manifest

    before = manifest.load(project)
    if manifest.can_undo(project):
        manifest.undo(project)
    else:  # the first pictures of the project
        edits.remove(project, before.table.loc[before.table["group"] == group, "id"])
    gone = sorted(set(before.classes) - set(manifest.load(project).classes))
    state.plan_classes(project, [*gone, *state.planned_classes(project)])


def recorded(pictures: "pd.DataFrame") -> bool:
    """Return whether the camera recorded some of these pictures."""
    return bool(pictures["group"].str.startswith(TAKE).any())


def takes(rows: "pd.DataFrame") -> str:
    """Return what to do about the takes of a class of takes alone, given its rows; nothing where all is well."""
    count = rows["group"].nunique()
    if rows["group"].eq("").any():
        return ""
    recorded = wording.plural(count, "take", "takes")
    if count < TAKES:
        said = _("{takes}. Record {number} more, in another place or light, for a fair test.")
        return said.format(takes=recorded, number=TAKES - count)
    if rows.groupby("group")["split"].nunique().max() > 1:
        said = _("{takes}, of which one has several uses. Press “Split” and “Split again”: each then has one.")
        return said.format(takes=recorded)
    return f"{recorded}."
