"""What can be done with pictures wherever they are shown: move to a class, use for a split, remove, undo."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages._ui.pictures.thumbnails import SPLIT_TITLES
from pages._ui.shell import layout
from tl_core.dataset import edits, manifest
from tl_core.dataset.manifest import Manifest
from tl_core.errors import TLError
from tl_core.language import _
from tl_core.wording import number
from tl_core.workspace import Project

Then = Callable[[], None]


def several(
    project: Project,
    current: Manifest,
    marked: Sequence[str],
    then: Then | None = None,
    *,
    every: Sequence[str] = (),
    key: str = "",
) -> None:
    """Draw the actions for marked pictures. Each is done before the page runs again, so nothing is drawn twice.

    Args:
        project: the project.
        current: its list of pictures as shown.
        marked: ids.
        then: called after an action that has succeeded.
        every: ids of the whole list, where a page of it is shown: they can be chosen together.
        key: names what is shown: with other pictures the choice of all of them is dropped.
    """
    with st.container(border=True, horizontal=True, vertical_alignment="bottom", key="marked"):
        chosen = marked
        all_of_them = _("All {number}").format(number=number(len(every)))
        if len(every) > len(marked) and st.checkbox(all_of_them, key=f"all-{key}", width="content"):
            chosen = every
        st.text(_("{number} marked").format(number=number(len(chosen))), width="content")
        label = st.selectbox(_("Move to class"), current.classes, index=None, accept_new_options=True, width=200)
        relabel_button(_("Move"), project, chosen, label, then, icon=":material/drive_file_move:", key="move-marked")
        splits = {split: title for split, title in SPLIT_TITLES.items() if split}
        split = st.selectbox(_("Use for"), splits, index=None, format_func=lambda each: _(splits[each]), width=150)
        put_button(project, chosen, split, then, key="put-marked")
        remove_button(project, chosen, then, key="remove-marked")


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
    """Draw the button that gives pictures a class; off while none is chosen. ``words`` is our own or escaped."""
    change = (lambda: edits.move(project, ids, label)) if label else None
    _button(words, change, then, key=key, icon=icon, primary=primary)


def remove_button(
    project: Project, ids: Sequence[str], then: Then | None = None, *, key: str, words: str | None = None
) -> None:
    """Draw the button that removes pictures from the list. ``words`` is our own, "Remove" if None."""
    _button(words or _("Remove"), lambda: edits.remove(project, ids), then, key=key, icon=":material/delete:")


def put_button(project: Project, ids: Sequence[str], split: str | None, then: Then | None = None, *, key: str) -> None:
    """Draw the button that puts pictures into a split; off while none is chosen."""
    change = (lambda: edits.set_split(project, ids, split)) if split else None
    _button(_("Use for this"), change, then, key=key, icon=":material/call_split:")


def undo_button(project: Project, then: Then | None = None, *, key: str, ready: bool = True) -> None:
    """Draw the button that undoes the last change of the pictures; off if there is none or not ``ready``."""
    change = (lambda: manifest.undo(project)) if ready and manifest.can_undo(project) else None
    _button(_("Undo"), change, then, key=key, icon=":material/undo:")


def change_button(words: str, change: Callable[[], object] | None, *, key: str, icon: str) -> None:
    """Draw a button for another change of the pictures; off where there is none. ``words`` is our own or escaped."""
    _button(words, change, None, key=key, icon=icon)


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
