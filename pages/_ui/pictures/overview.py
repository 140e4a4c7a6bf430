"""A project's pictures at a glance: numbers, chart, notes; and the edits of whole classes and splits."""

from collections.abc import Callable

import streamlit as st

from pages._ui.pictures.report import sentences
from pages._ui.shell import charts, layout, state
from pages._ui.shell.help import SEALED
from tl_core import wording
from tl_core.about import SplitSettings
from tl_core.dataset import edits, manifest
from tl_core.dataset.manifest import Manifest
from tl_core.language import _
from tl_core.tasks import table as tasks
from tl_core.workspace import Edition, Project


def overview(project: Project, current: Manifest) -> None:
    """Show how many pictures there are, of which class and split, and what to know about them."""
    table = current.counts()
    with st.container(horizontal=True, key="sizes"):
        st.metric(_("Pictures"), wording.number(len(current.table)), border=True)
        st.metric(_("Classes"), wording.number(len(table)), border=True)
        for split, title in charts.SPLIT_TITLES.items():
            if split != "unused" or table[split].any():
                about = _(SEALED) if split == "test" else None
                st.metric(_(title), wording.number(table[split].sum()), border=True, help=about)
    to_know(project, current)


def to_know(project: Project, current: Manifest) -> None:
    """Say why training cannot start, and what a person should know before it does."""
    problems, notes = _to_know(project.edition(current.version), state.spoken())
    for problem in problems:
        st.warning(layout.escape(problem), icon=":material/warning:")
    sentences(notes)


@st.cache_data(max_entries=256, show_spinner=False)
def _to_know(of: Edition, spoken: str) -> tuple[list[str], list[str]]:
    """Return the sentences on a version, which never changes, in the language of who reads."""
    task, listed = tasks.of(of.project), manifest.load(of.project, of.version)
    return task.problems(listed), task.notes(listed)


def change_all(project: Project, current: Manifest) -> None:
    """Draw what changes the whole list: undo, redo, split again."""
    with st.container(horizontal=True, vertical_alignment="center", key="edits"):
        if st.button(_("Undo"), icon=":material/undo:", disabled=not manifest.can_undo(project)):
            _apply(lambda: manifest.undo(project))
        if st.button(_("Redo"), icon=":material/redo:", disabled=not manifest.can_redo(project)):
            _apply(lambda: manifest.redo(project))
        with st.popover(_("Split"), icon=":material/call_split:"), st.form("split", border=False):
            _split(project, current)


def _split(project: Project, current: Manifest) -> None:
    now = edits.split_settings(project)
    validation = st.slider(_("Validation"), 0, 50, round(100 * now.validation), format="%d%%")
    test = st.slider(_("Test"), 0, 50, round(100 * now.test), format="%d%%", help=_(SEALED))
    same = _("The same number gives the same split.")
    seed = st.number_input(_("Shuffle number"), 0, 2**31 - 1, now.seed, help=same)
    keeps = st.checkbox(_("Keep the splits of the folders"), value=True) if current.given else True
    if st.form_submit_button(_("Split again"), type="primary"):
        settings = SplitSettings(validation=validation / 100, test=test / 100, seed=int(seed))
        _apply(lambda: edits.resplit(project, settings, preserve_given=keeps))


def _apply(change: Callable[[], object]) -> None:
    with layout.calm():
        change()
        st.rerun()
