"""Runs: all runs of a project in one table, compared, and the way on from one of them."""

import streamlit as st

from pages._ui.runs import changes, curves, drawing, filters, one, table
from pages._ui.shell import layout, state
from tl_core.language import _
from tl_core.notebook import rows as notebook

layout.begin_page(
    _("Runs"),
    ":material/menu_book:",
    step="runs",
    lead=_(
        "All runs of this project side by side, on the same pictures. Name them, compare them, go on with the best."
    ),
)
project = layout.require_pictures("texts", "tags", "boxes")
book = notebook.of_project(project)
if not book.rows:
    with st.container(border=True, key="missing"):
        st.markdown(_("Nothing has been trained yet. Each run will stand here, to be compared with the others."))
        layout.link("train", _("Go to Train"))
    st.stop()

titles, place = table.names(book.rows), st.container()
ids = table.chosen(book.rows, titles)
with place:
    if shown := filters.choose(book.rows):
        table.show(project, book, shown, ids)
runs = [run for id_ in ids if (run := state.find_run(project, id_))]
curves.show(runs, titles)
changes.show(runs, titles, book.shared)
one.show(project, book.rows, titles)
drawing.complete(book.rows)
