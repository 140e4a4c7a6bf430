"""Mistakes: which class is taken for which, the most confident mistakes, labels to check, and ways to correct them."""

import streamlit as st

from pages._ui.results import changes, doubts, matrix, picture_list, threshold
from pages._ui.shell import layout, state
from tl_core.dataset import manifest
from tl_core.evaluation import diff, scores
from tl_core.evaluation.predictions import Predictions
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.wording import number, pictures

VIEW = "errors-view"
MATRIX, CONFIDENT, LABELS = N_("Matrix"), N_("Confident mistakes"), N_("Labels to check")
THRESHOLD = N_("Threshold")


@st.fragment
def show(run: RunFolder, predicted: Predictions) -> None:
    """Show the mistakes of a run's model on a split. A fragment: an edit of a picture runs nothing else of the page."""
    with layout.calm():
        changed = diff.since(run)
        here = (set(changed.relabelled) | set(changed.removed)) & set(predicted.ids)
        current = changes.show(run, changed, len(here))
        table = manifest.load(run.project).table
        counted = predicted.relabelled(diff.by_old_names(table, changed)) if current else predicted
        done = set(changed.removed) if current else changed.ids
        views = [MATRIX, CONFIDENT, LABELS, *([THRESHOLD] if len(predicted.classes) == 2 else [])]
        view = st.segmented_control(
            _("Look at"),
            views,
            format_func=_,
            required=True,
            label_visibility="collapsed",
            **state.kept(VIEW, MATRIX, views),
        )
        if view == LABELS:
            doubts.show(run, done)
        elif not len(counted):
            st.info(_("None of these pictures is left with the current labels."))
        elif view == MATRIX:
            matrix.show(run, counted, done)
        elif view == CONFIDENT:
            _confident(run, counted, done)
        else:
            threshold.show(counted)


def _confident(run: RunFolder, predicted: Predictions, done: set[str]) -> None:
    wrong = scores.mistakes(predicted)
    if not wrong:
        st.markdown(_("No mistakes: {pictures}, all right.").format(pictures=pictures(len(predicted))))
        return
    st.markdown(
        _(
            "{some} of {pictures} wrong, the most confident mistakes first. "
            "Check their labels: a confident mistake is often a wrong label."
        ).format(some=number(len(wrong)), pictures=pictures(len(predicted)))
    )
    place = f"confident-{predicted.split}"
    picture_list.show(run, predicted, picture_list.entries(predicted, wrong), place, done)
