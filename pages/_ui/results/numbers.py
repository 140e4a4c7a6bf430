"""How good the model is: the accuracy with its number of pictures and interval, beside what guessing gets."""

import numpy as np
import streamlit as st

from pages._ui.results import accuracy, crossval, errors, frame, picture_list
from pages._ui.shell import layout, state
from pages._ui.train import beside, diagnosis
from tl_core import runs
from tl_core.evaluation import diff, scores
from tl_core.evaluation.predictions import Predictions
from tl_core.evaluation.scores import Scores
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.wording import listed, number, pictures, quoted, times

MOST_NAMED, MOST_PICTURES = 5, 8
ACCURACY = {"validation": N_("Validation accuracy"), "test": N_("Test accuracy")}
ABSENT = {"validation": N_("No validation picture of {classes}."), "test": N_("No test picture of {classes}.")}


def show(run: RunFolder, predicted: Predictions) -> None:
    """Show the figures of one split."""
    figures = scores.of(run, predicted)
    accuracy.metrics(_(ACCURACY[predicted.split]), figures, key=predicted.split)
    st.markdown(figures.sentence())
    if predicted.split == "validation":
        beside.show(run)
    _caveats(run, predicted, figures)
    _pictures(run, predicted)
    crossval.show(run)
    if predicted.split == "validation":  # who changes something after a look at the test pictures spoils the test
        diagnosis.show(run)


@st.fragment
def _pictures(run: RunFolder, predicted: Predictions) -> None:
    """Show the most confident mistakes, or, where there is none, what the model was least sure of."""
    with layout.calm():
        wrong = scores.mistakes(predicted)
        unsure = [predicted.ids[row] for row in np.argsort(predicted.confidence, kind="stable")]
        shown = (wrong or unsure)[:MOST_PICTURES]
        st.header(_("Its most confident mistakes") if wrong else _("What it was least sure of"), anchor=False)
        if not wrong:
            st.markdown(_("There is no mistake among {pictures}.").format(pictures=pictures(len(predicted))))
        picture_list.show(run, predicted, picture_list.entries(predicted, shown), "first", diff.since(run).ids)
    if len(wrong) > len(shown):
        st.button(
            _("See all {number} mistakes").format(number=number(len(wrong))),
            icon=":material/arrow_forward:",
            icon_position="right",
            key="all-mistakes",
            on_click=_see_mistakes,
        )


def _see_mistakes() -> None:
    state.keep(frame.VIEW, "errors")
    state.keep(errors.VIEW, errors.CONFIDENT)


def _caveats(run: RunFolder, predicted: Predictions, figures: Scores) -> None:
    low, high = figures.interval
    guess, name = figures.baseline or 0.0, layout.escape(str(figures.baseline_class))
    if high < guess:
        st.warning(_("The model is worse than always saying “{name}”.").format(name=name), icon=":material/casino:")
    elif low <= guess:
        st.warning(
            _("The model may be no better than always saying “{name}”. More pictures would tell.").format(name=name),
            icon=":material/casino:",
        )
    if notes := scores.leaks(run, predicted.split):
        st.warning(" ".join([*notes, _("Resolve this on Pictures and train again.")]), icon=":material/content_copy:")
    if absent := [quoted(layout.escape(row.label)) for row in figures.classes if not row.support]:
        st.info(_(ABSENT[predicted.split]).format(classes=listed(absent, MOST_NAMED)), icon=":material/help:")
    if predicted.split == "validation":
        st.caption(_("Validation pictures helped to choose the best epoch, so this accuracy is slightly optimistic."))
    if predicted.split == "test":
        st.caption(opened(run))


def opened(run: RunFolder) -> str:
    """Return how often the test pictures were opened, and what that means."""
    mine, every = run.times_opened(), runs.times_opened(run.project)
    text = _("Opened {times} for this run.").format(times=times(mine))
    if every > mine:
        words = _("Opened {times} for this run, {times_in_project} in this project.")
        text = words.format(times=times(mine), times_in_project=times(every))
    if every <= 1:
        return text
    return text + " " + _("Later figures are slightly optimistic if you used them to choose.")
