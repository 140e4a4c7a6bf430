"""What takes how much of the disk, and the trash: what was deleted is restored from it, or removed for good."""

import streamlit as st

from pages._ui.shell import layout, state
from tl_core import storage
from tl_core.storage import Usage
from tl_core.wording import plural, size
from tl_core.workspace import Workspace

MOST = 12


def show(workspace: Workspace) -> None:
    """Show what takes how much room. Nothing is counted while it is closed."""
    with layout.drawer("Storage", "storage", ":material/hard_drive:") as drawer:
        if drawer.open:
            with layout.calm():
                _usage(storage.usage(workspace))
                _trash(workspace)


def _usage(used: Usage) -> None:
    figures = {
        "Pictures": (used.pictures, "Of all projects, with those of earlier versions of their lists."),
        "Runs": (used.runs, "Models, their predictions and what resuming needs."),
        "Activations": (used.activations, "The output of frozen blocks. It is computed again when it is needed."),
        "Weights": (used.weights, "Of the pre-trained networks."),
        "Trash": (used.trash, f"What was deleted. It can be restored for {storage.TRASH_DAYS} days."),
        "Free on the disk": (used.free, None),
    }
    with st.container(horizontal=True, key="usage"):
        for title, (number, about) in figures.items():
            st.metric(title, size(number), help=about)
    rows = [
        {
            "Project": each.name,
            "In all": size(each.bytes),
            "Pictures": size(each.pictures),
            "Runs": f"{size(sum(run.bytes for run in each.runs))} in {plural(len(each.runs), 'run', 'runs')}",
        }
        for each in used.projects
    ]
    if rows:
        st.dataframe(rows, hide_index=True, width="stretch")
        st.caption("Delete a project on its Pictures page, and a run on Runs or Train.")


def _trash(workspace: Workspace) -> None:
    deleted = storage.trash(workspace)
    if not deleted:
        return
    st.subheader("Trash", anchor=False)
    for each in deleted[:MOST]:
        with st.container(horizontal=True, vertical_alignment="center", key=f"trash-{each.id}"):
            st.text(f"{each.kind.capitalize()} “{each.name}” · {size(each.bytes)}", width="stretch")
            if st.button("Restore", icon=":material/undo:", key=f"restore-{each.id}"):
                layout.restore(each)
                st.rerun()
    if len(deleted) > MOST:
        st.caption(f"The {MOST} deleted last of {len(deleted)}.")
    taken = size(sum(each.bytes for each in deleted))
    if st.button(f"Empty the trash ({taken})", icon=":material/delete_forever:", key="empty-trash"):
        storage.empty_trash(workspace)
        state.set_deleted(None)
        st.rerun()
