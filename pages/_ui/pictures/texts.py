"""A project of texts: its classes, its texts, and what can be done with them so far."""

import streamlit as st

from pages._ui.shell import layout
from tl_core import wording
from tl_core.dataset import kinds, manifest
from tl_core.language import N_, _
from tl_core.text import notes
from tl_core.workspace import Project

#: What each split is called in the table.
SPLITS = {"train": N_("training"), "validation": N_("validation"), "test": N_("test"), "": N_("not used")}


def show(project: Project) -> None:
    """Show the texts of a project, and how they are trained on."""
    listed = manifest.load(project)
    st.info(layout.escape(kinds.only_pictures(project)), icon=":material/terminal:")
    for each in (*notes.problems(listed), *notes.notes(listed)):
        st.caption(layout.escape(each))
    st.header(wording.texts(len(listed.table)), anchor=False)
    counts = [f"{label}: {wording.number(count)}" for label, count in listed.counts()["total"].items()]
    st.markdown(layout.escape(wording.listed(counts, 20)))
    table = listed.table[["text", "label", "split"]].assign(split=[_(SPLITS[each]) for each in listed.table["split"]])
    columns = {"text": st.column_config.TextColumn(_("Text"), width="large"), "label": _("Class"), "split": _("Use")}
    st.dataframe(table, column_config=columns, hide_index=True, width="stretch")
