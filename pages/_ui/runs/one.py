"""One run: what pages show it, its name and note, the run that it may lead to, and its end."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages._ui.shell import jobs, layout, state
from pages._ui.shell.jobs import Offer
from tl_core import storage
from tl_core.evaluation import everything
from tl_core.experiments import remeasure
from tl_core.language import _
from tl_core.notebook.rows import Row
from tl_core.runs import RunFolder
from tl_core.storage import Trashed
from tl_core.tasks import table
from tl_core.workspace import Project


def show(project: Project, rows: Sequence[Row], titles: Mapping[str, str]) -> None:
    """Let a person choose the run that all pages show, and do something with it."""
    current = state.run()
    st.header(_("Go on with a run"), anchor=False)
    at = current.id if current and current.id in titles else rows[0].id
    with st.container(border=True, key="one-run"):
        binding = state.bound(
            "one-run-choice", at, lambda id_: state.set_run(state.find_run(project, id_)), options=titles
        )
        state.hold_widget("one-run-choice")  # a run may have another name than before
        help_ = _("The same run is shown on Train, Results, Try it and Take away.")
        id_ = st.selectbox(_("Run"), list(titles), format_func=titles.__getitem__, help=help_, **binding)
        row, run = next(each for each in rows if each.id == id_), state.find_run(project, id_)
        if run is None:
            st.info(_("This run was deleted meanwhile."))
            return
        if row.damage:
            st.error(layout.escape(row.damage), icon=":material/broken_image:")
        _open(row, run)
        _said(row, run)
        if row.ready and not row.damage and row.recipe and not row.recipe.everything:
            _again(run)


def _open(row: Row, run: RunFolder) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="one-run-links"):
        layout.link("train", _("Train"), run=run.id)
        if row.ready and not row.damage:
            layout.link("results", _("Results"), run=run.id)
            layout.link("try", _("Try it"), run=run.id)
            layout.link("take", _("Take away"), run=run.id)
    if row.recipe and st.button(
        _("Do this again with …"),
        icon=":material/replay:",
        key="again",
        help=_("Opens Train with the settings of this run filled in. Change what you like, then press Train."),
    ):
        project = run.project
        state.save_draft(project, state.draft(project).following(everything.usual_recipe(run)))
        st.switch_page("train.py", query_params=state.query())


def _again(run: RunFolder) -> None:
    """Show what the run got when it was measured again, or the button that does so."""
    if again := remeasure.load(run):
        st.markdown(layout.escape(again.sentence()))
        return
    if remeasure.KIND not in table.of(run.project).experiments:
        return
    offer = Offer(
        _("Measure it again"),
        ":material/restart_alt:",
        "remeasure",
        _(
            "Chosen among many, a run looks better than it is. Measure it on pictures that had no say: training "
            "pictures, each time with a model that has not learned from them."
        ),
    )
    jobs.panel(remeasure.KIND, _("Measuring the run again"), offer, run=str(run.folder))


def _said(row: Row, run: RunFolder) -> None:
    with st.popover(_("Name, note, delete"), icon=":material/edit:", key=f"said-{run.id}-{hash(row.label)}"):
        with st.form("said", border=False):
            name = st.text_input(_("Name of the run"), value=row.name)
            note = st.text_area(_("Note"), value=row.label.note)
            star = st.checkbox(_("Star"), value=row.label.star)
            if st.form_submit_button(_("Save"), type="primary"):
                with layout.calm():
                    given = row.label.name if name == row.name else name
                    run.annotate(name=given, note=note, star=star)
                    st.rerun()
        layout.delete_button(
            _("Delete the run"),
            run.folder,
            lambda for_good: _delete(row, run, for_good),
            means=_("Its model goes to the trash. Undo brings it back."),
            key="delete-run",
        )


def _delete(row: Row, run: RunFolder, for_good: bool) -> Trashed:
    trashed = storage.trash_run(run, row.name, for_good=for_good)
    state.set_run(None)
    return trashed
