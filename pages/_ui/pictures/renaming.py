"""The classes of pictures that may have several: another name, one in place of two, or none; for all at once."""

from collections.abc import Mapping

import streamlit as st

from pages._ui.pictures import actions
from pages._ui.shell import layout, paging
from tl_core.dataset import edits, manifest
from tl_core.dataset.manifest import Manifest
from tl_core.language import _
from tl_core.workspace import Project

PER_PAGE = 12


def show(project: Project, current: Manifest, counted: Mapping[str, str]) -> None:
    """Draw the drawer in which classes are renamed, joined and removed; nothing where there is none.

    Args:
        project: whose classes.
        current: its list of pictures as shown.
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
                _row(project, current, label, counted[label])


def _row(project: Project, current: Manifest, label: str, counted: str) -> None:
    key = f"rename-{label}-{current.version}"
    name = st.text_input(_("Name of the class"), value=label, key=key, label_visibility="collapsed", width=260)
    if name.strip() != label:
        rename(project, label, name)
    st.text(counted, width="stretch")
    actions.change_button(
        _("Remove the class"),
        lambda: edits.remove_class(project, label),
        key=f"remove-class-{label}",
        icon=":material/delete:",
    )


def rename(project: Project, label: str, name: str) -> None:
    """Rename a class; the name of another class merges the two, which is said, and Undo parts them again."""
    with layout.calm():
        before = manifest.load(project).classes
        if len(edits.rename_class(project, label, name).classes) < len(before):
            said = _("“{old}” and “{new}” are one class now. Undo parts them.")
            st.toast(layout.escape(said.format(old=label, new=name.strip())), icon=":material/merge:", duration="long")
        st.rerun()
