"""What can be done with pictures wherever they are shown: another class, another part, out of the list, undone."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages._ui.shell import layout
from tl_core.dataset import edits, manifest
from tl_core.dataset.manifest import Manifest
from tl_core.errors import TLError
from tl_core.workspace import Project

PARTS = {"train": "Train", "validation": "Validation", "test": "Test", "": "Not used"}
Then = Callable[[], None]


def several(project: Project, current: Manifest, marked: Sequence[str], then: Then | None = None) -> None:
    """Draw the actions for marked pictures. Each is done before the page runs again, so nothing is drawn twice.

    Args:
        project: the project.
        current: its list of pictures as shown.
        marked: ids.
        then: called after an action that has succeeded.
    """
    with st.container(border=True, horizontal=True, vertical_alignment="bottom", key="marked"):
        st.text(f"{len(marked)} marked", width="content")
        label = st.selectbox("Move to class", current.classes, index=None, accept_new_options=True, width=240)
        relabel_button("Move", project, marked, label, then, icon=":material/drive_file_move:", key="move-marked")
        remove_button(project, marked, then, key="remove-marked")


def relabel_button(
    words: str,
    project: Project,
    ids: Sequence[str],
    label: str | None,
    then: Then | None = None,
    *,
    key: str,
    icon: str = ":material/label:",
    primary: bool = False,
) -> None:
    """Draw the button that gives pictures a class; off while there is none chosen. ``words`` is our own or escaped."""
    change = (lambda: edits.move(project, ids, label)) if label else None
    _button(words, change, then, key=key, icon=icon, primary=primary)


def remove_button(project: Project, ids: Sequence[str], then: Then | None = None, *, key: str) -> None:
    """Draw the button that takes pictures out of the list."""
    _button("Remove", lambda: edits.remove(project, ids), then, key=key, icon=":material/delete:")


def put_button(project: Project, ids: Sequence[str], part: str | None, then: Then | None = None, *, key: str) -> None:
    """Draw the button that puts pictures into a part; off while there is none chosen."""
    change = (lambda: edits.set_split(project, ids, part)) if part else None
    _button("Put there", change, then, key=key, icon=":material/call_split:")


def undo_button(project: Project, then: Then | None = None, *, key: str, ready: bool = True) -> None:
    """Draw the button that takes the last change of the pictures back; off if there is none or not ``ready``."""
    change = (lambda: manifest.undo(project)) if ready and manifest.can_undo(project) else None
    _button("Undo", change, then, key=key, icon=":material/undo:")


def _button(
    words: str,
    change: Callable[[], object] | None,
    then: Then | None,
    *,
    key: str,
    icon: str,
    primary: bool = False,
) -> None:
    st.button(
        words,
        icon=icon,
        key=key,
        type="primary" if primary else "secondary",
        disabled=change is None,
        on_click=_do,
        args=(change, then),
    )


def _do(change: Callable[[], object], then: Then | None) -> None:
    try:
        change()
    except TLError as exc:
        st.toast(layout.escape(str(exc)), icon=":material/error:", duration="long")
        return
    if then is not None:
        then()
