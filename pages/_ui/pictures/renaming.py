"""The classes of pictures that may have several: another name, one in place of two, or none; for all at once."""

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from pages._ui.pictures import actions
from pages._ui.shell import layout, paging
from tl_core.dataset import edits, manifest
from tl_core.language import _
from tl_core.workspace import Project

PER_PAGE = 12


def show(project: Project, counted: Mapping[str, str]) -> None:
    """Draw the drawer in which classes are renamed, joined and removed; nothing where there is none.

    Args:
        project: whose classes.
        counted: what is said of each class: how many pictures or boxes it has.
    """
    if not counted:
        return
    with layout.drawer(_("Rename, join or remove classes"), "class-names", ":material/edit:") as drawer:
        if not drawer.open:
            return
        st.caption(_("The name of another class makes one of the two. All pictures stay. Undo takes it back."))
        labels = list(counted)
        for label in labels[paging.page(len(labels), PER_PAGE, "class-names-page")]:
            with st.container(horizontal=True, vertical_alignment="center", key=f"class-name-{label}"):
                _row(project, label, counted[label])


def _row(project: Project, label: str, counted: str) -> None:
    field(project, label, "rename", width=260)
    st.text(counted, width="stretch")
    actions.change_button(
        _("Remove the class"),
        lambda: edits.remove_class(project, label),
        key=f"remove-class-{label}",
        icon=":material/delete:",
    )


def field(project: Project, label: str, place: str, *, width: int | Literal["stretch"] = "stretch") -> None:
    """Draw the field with the name of a class: what is typed there renames it.

    Its key says nothing of the list: what a person types while another one changes that must not be lost.
    """
    name = st.text_input(
        _("Name of the class"),
        value=label,
        key=f"{place}-{label}",
        label_visibility="collapsed",
        width=width,
        on_change=_look_for,
        args=(project, label),
    )
    if name.strip() != label:
        _rename(project, label, name)


def _look_for(project: Project, label: str) -> None:
    """Say so if the class that was named anew is not there any more: its field is not drawn, and nothing is renamed."""
    with layout.calm():
        if label not in manifest.load(project).classes:
            said = _("“{name}” was renamed or removed meanwhile, so nothing was changed.")
            st.toast(layout.escape(said.format(name=label)), icon=":material/info:", duration="long")


def _rename(project: Project, label: str, name: str) -> None:
    """Rename a class; the name of another class merges the two, which is said, and Undo parts them again."""
    with layout.calm():
        before = manifest.load(project).classes
        if len(edits.rename_class(project, label, name).classes) < len(before):
            said = _("“{old}” and “{new}” are one class now. Undo parts them.")
            st.toast(layout.escape(said.format(old=label, new=name.strip())), icon=":material/merge:", duration="long")
        st.rerun()
