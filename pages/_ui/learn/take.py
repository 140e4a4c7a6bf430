"""The end of a lesson: its model as the learner's own web page, to take away."""

import streamlit as st

from pages._ui.learn import figures
from pages._ui.shell import jobs, layout, state, workers
from pages._ui.take_away import files, share
from tl_core import runs
from tl_core.errors import NotFoundError
from tl_core.export import formats, page_words, stored
from tl_core.language import N_, _
from tl_core.lessons import record
from tl_core.lessons.lesson import Lesson
from tl_core.lessons.record import Figure, Result
from tl_core.runs import RunFolder

GONE = N_("The run of this model was deleted. Restore it from the trash on Home, or start its part over.")


def show(of: Lesson, measured: Result) -> None:
    """Draw what a learner takes away from a lesson.

    Args:
        of: the lesson.
        measured: by its last part: where links without a model lead to.
    """
    with st.container(border=True, key="take"):
        st.header(_(":material/ios_share: Take away"), anchor=False)
        st.markdown(_(of.take.text))
        if not of.take.part:
            with st.container(horizontal=True):
                for each in of.take.links:
                    figures.link(each, measured)
            return
        figure = record.to_take(state.workspace(), of)
        if figure is None:
            first = _("Its part comes first: “{title}”, above.").format(title=_(of.round(of.take.part).title))
            st.info(first, icon=":material/school:")
            return
        _model(figure)


def _model(figure: Figure) -> None:
    """Say which model it is and how good, then offer its page."""
    st.markdown(f"**{figures.in_words(figure)}**")
    try:
        run = runs.find(state.workspace(), figure.run)
    except NotFoundError:
        st.info(_(GONE), icon=":material/delete:")
        return
    made = stored.find(run, files.FIRST)
    busy = jobs.panel(files.KIND, _("Making your web page"), run=str(run.folder), format=files.FIRST)
    if made and not busy:
        _page(run, made)
    elif not busy:
        _offer(run)
    layout.link("take", _("More ways to take it away"), project=run.project.slug, run=run.id)


def _offer(run: RunFolder) -> None:
    st.markdown(
        _("The page is one file with the model in it. It runs in any browser, without Thaw and without a network.")
    )
    if st.button(_("Make my web page"), icon=":material/build:", type="primary", key="make-page"):
        workers.start_job(files.KIND, run=str(run.folder), format=files.FIRST)
        st.rerun()


def _page(run: RunFolder, made: stored.Export) -> None:
    chosen = formats.get(files.FIRST)
    with st.container(horizontal=True, vertical_alignment="center"):
        files.download(run, chosen, made)
        st.caption(files.proved(made))
    if made.made < page_words.changed(run):
        st.caption(_(files.OUTDATED))
    share.here(run)
    st.caption(_("It is one file. Open it with any browser, here or on another computer; it asks nobody for anything."))
