"""What takes how much of the disk, and the trash: what was deleted is restored from it, or removed for good."""

import streamlit as st

from pages._ui.shell import layout, state
from tl_core import storage
from tl_core.language import N_, _
from tl_core.storage import Usage
from tl_core.wording import plural, size
from tl_core.workspace import Workspace

MOST = 12
KINDS = {"project": N_("Project “{name}”"), "run": N_("Run “{name}”")}


def show(workspace: Workspace) -> None:
    """Show what takes how much room. Nothing is counted while it is closed."""
    with layout.drawer(_("Storage"), "storage", ":material/hard_drive:") as drawer:
        if drawer.open:
            with layout.calm():
                _usage(storage.usage(workspace))
                _trash(workspace)


def _usage(used: Usage) -> None:
    figures = {
        _("Pictures"): (used.pictures, _("Of all projects, with those of earlier versions of their lists.")),
        _("Runs"): (used.runs, _("Models, their predictions and what resuming needs.")),
        _("Activations"): (used.activations, _("The output of frozen blocks. It is computed again when it is needed.")),
        _("Weights"): (used.weights, _("Of the pre-trained networks.")),
        _("Trash"): (
            used.trash,
            _("What was deleted. It can be restored for {number} days.").format(number=storage.TRASH_DAYS),
        ),
        _("Free on the disk"): (used.free, None),
    }
    with st.container(horizontal=True, key="usage"):
        for title, (number, about) in figures.items():
            st.metric(title, size(number), help=about)
    rows = [
        {
            _("Project"): each.name,
            _("In all"): size(each.bytes),
            _("Pictures"): size(each.pictures),
            _("Runs"): _("{size} in {runs}").format(
                size=size(sum(run.bytes for run in each.runs)), runs=plural(len(each.runs), "run", "runs")
            ),
        }
        for each in used.projects
    ]
    if rows:
        st.dataframe(rows, hide_index=True, width="stretch")
        st.caption(_("Delete a project on its Pictures page, and a run on Runs or Train."))


def _trash(workspace: Workspace) -> None:
    deleted = storage.trash(workspace)
    if not deleted:
        return
    st.subheader(_("Trash"), anchor=False)
    for each in deleted[:MOST]:
        with st.container(horizontal=True, vertical_alignment="center", key=f"trash-{each.id}"):
            st.text(" · ".join((_(KINDS[each.kind]).format(name=each.name), size(each.bytes))), width="stretch")
            if st.button(_("Restore"), icon=":material/undo:", key=f"restore-{each.id}"):
                layout.restore(each)
                st.rerun()
    if len(deleted) > MOST:
        st.caption(_("The {some} deleted last of {every}.").format(some=MOST, every=len(deleted)))
    taken = size(sum(each.bytes for each in deleted))
    if st.button(_("Empty the trash ({size})").format(size=taken), icon=":material/delete_forever:", key="empty-trash"):
        storage.empty_trash(workspace)
        state.set_deleted(None)
        st.rerun()
