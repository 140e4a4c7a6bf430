"""Beside the live answer: what came after the training is learned, and the new model answers while the camera runs."""

from dataclasses import replace

import streamlit as st

from pages._ui.shell import layout, state, workers
from pages._ui.train import form, progress, start
from tl_core import runs, wording
from tl_core.dataset import manifest
from tl_core.dataset.manifest import Manifest
from tl_core.language import _
from tl_core.runs import RunFolder
from tl_core.tasks import table

#: Seconds between two looks at a training that takes a few.
EVERY = 0.25


def show(run: RunFolder) -> bool:
    """Follow the training of the same run on what came later; else say what came, and let the run learn it.

    Returns:
        True while it trains.
    """
    going = next((each for each in runs.of_project(run.project) if _comes(each) and _once_more(each, run)), None)
    state.follow(going)
    with st.container(key="again"):  # always there, so that the camera below keeps its place
        if going is None:
            _offer(run)
        else:
            st.fragment(run_every=EVERY)(_follow)(run, going)
    return going is not None


def _comes(one: RunFolder) -> bool:
    """Return whether a run trains, or has since this page began to follow it: another rerun may have come between."""
    return one.job.active or one.id == state.followed()


def _once_more(one: RunFolder, run: RunFolder) -> bool:
    """Return whether a run is another one once more, on other pictures."""
    return replace(one.recipe, manifest=0) == replace(run.recipe, manifest=0, everything=None)


def _offer(run: RunFolder) -> None:
    if run.project.about().manifest == run.recipe.manifest:
        return
    current = manifest.load(run.project)
    fresh = len(used(current) - used(manifest.load(run.project, run.recipe.manifest)))
    if not fresh:
        return
    problems = table.of(run.project).problems(current)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        said = _("{pictures} came after this training.").format(pictures=wording.pictures(fresh))
        more = layout.escape(problems[0]) if problems else _("Train again to learn from what is new.")
        st.markdown(f"{said} {more}")
        if problems:
            layout.link("pictures", _("Go to Pictures"))
        elif st.button(_("Train again"), icon=":material/bolt:", type="primary", disabled=start.busy(run.project)):
            recipe = replace(run.recipe, manifest=current.version, everything=None)
            if form.has_weights(recipe):
                workers.engine().submit(runs.create(run.project, recipe).job)
                st.rerun()


def used(data: Manifest) -> set[str]:
    """Return the ids of the pictures that are in a split: those without boxes so far are in none."""
    return set(data.table.loc[data.table["split"] != "", "id"])


def _follow(run: RunFolder, going: RunFolder) -> None:
    with layout.calm(), st.container(border=True, horizontal=True, vertical_alignment="center"):
        if not going.job.active:
            _take_over(run, going)
        now = progress.standing(going.job.events())
        st.progress(now.share, text=now.text)
        progress.stop(going)


def _take_over(run: RunFolder, new: RunFolder) -> None:
    """Let a new run answer in the place of another once it is read.

    One that has not come to its end is shown where it can be helped.
    """
    report = new.report()
    if new.job.state != "done" or report is None:
        state.hand_over(run, new)
        st.switch_page("train.py", query_params=state.query())
    measured, said = report.validation, _("Trained again.")
    if measured.accuracy is not None:
        said = _("Trained again: right on {share} of {pictures}.").format(
            share=wording.percent(measured.accuracy, measured.n), pictures=wording.of_split(measured.n, "validation")
        )
    said = layout.escape(said)
    read, answers = _("The new model is read."), _("The new model answers now.")
    st.progress(1.0, text=f"{said} {read}")
    st.empty()  # in the place of Stop: nothing is left to be stopped
    workers.engine().ask("ready", str(new.folder))
    state.hand_over(run, new)
    st.toast(f"{said} {answers}", icon=":material/bolt:")
    st.rerun()
