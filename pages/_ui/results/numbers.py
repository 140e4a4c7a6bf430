"""How good the model is: the accuracy with its number of pictures and interval, beside what guessing gets."""

import numpy as np
import streamlit as st

from pages._ui.results import accuracy, crossval, errors, frame, picture_list
from pages._ui.shell import layout, state
from pages._ui.shell.charts import SPLIT_TITLES
from pages._ui.train import diagnosis
from tl_core import runs
from tl_core.evaluation import diff, scores
from tl_core.evaluation.predictions import Predictions
from tl_core.evaluation.scores import Scores
from tl_core.runs import RunFolder
from tl_core.wording import listed, number, pictures, times

MOST_NAMED, MOST_PICTURES = 5, 8


def show(run: RunFolder, predicted: Predictions) -> None:
    """Show the figures of one split."""
    figures = scores.of(run, predicted)
    accuracy.metrics(f"{SPLIT_TITLES[predicted.split]} accuracy", figures)
    st.markdown(figures.sentence())
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
        st.header("Its most confident mistakes" if wrong else "What it was least sure of", anchor=False)
        if not wrong:
            st.markdown(f"There is no mistake among {pictures(len(predicted))}.")
        picture_list.show(run, predicted, picture_list.entries(predicted, shown), "first", diff.since(run).ids)
    if len(wrong) > len(shown):
        st.button(
            f"See all {number(len(wrong))} mistakes",
            icon=":material/arrow_forward:",
            icon_position="right",
            key="all-mistakes",
            on_click=lambda: (state.keep(frame.VIEW, "errors"), state.keep(errors.VIEW, errors.CONFIDENT)),
        )


def _caveats(run: RunFolder, predicted: Predictions, figures: Scores) -> None:
    low, high = figures.interval
    guess, name = figures.baseline or 0.0, layout.escape(str(figures.baseline_class))
    if high < guess:
        st.warning(f"The model is worse than always saying “{name}”.", icon=":material/casino:")
    elif low <= guess:
        st.warning(
            f"The model may be no better than always saying “{name}”. More pictures would tell.",
            icon=":material/casino:",
        )
    if notes := scores.leaks(run, predicted.split):
        st.warning(" ".join([*notes, "Resolve this on Pictures and train again."]), icon=":material/content_copy:")
    if absent := [f"“{layout.escape(row.label)}”" for row in figures.classes if not row.support]:
        st.info(f"No {predicted.split} picture of {listed(absent, MOST_NAMED)}.", icon=":material/help:")
    if predicted.split == "validation":
        st.caption("Validation pictures helped to choose the best epoch, so this accuracy is slightly optimistic.")
    if predicted.split == "test":
        st.caption(opened(run))


def opened(run: RunFolder) -> str:
    """Return how often the test pictures were opened, and what that means."""
    mine, every = run.times_opened(), runs.times_opened(run.project)
    text = f"Opened {times(mine)} for this run"
    if every > mine:
        text += f", {times(every)} in this project"
    advice = "" if every <= 1 else " Later figures are slightly optimistic if you used them to choose."
    return f"{text}.{advice}"
