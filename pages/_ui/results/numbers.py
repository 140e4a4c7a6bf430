"""How good the model is: the accuracy with its n and interval, beside what a guess without looking gets."""

import streamlit as st

from pages._ui.results import crossval
from pages._ui.shell import layout
from pages._ui.train import diagnosis
from tl_core import runs
from tl_core.evaluation import scores
from tl_core.evaluation.predictions import Predictions
from tl_core.runs import RunFolder

MOST_NAMED = 5


def show(run: RunFolder, found: Predictions) -> None:
    """Show the figures of one part."""
    figures = scores.of(run, found)
    right, n = int(found.correct.sum()), len(found)
    low, high = figures["interval"]
    title = {"test": "Test accuracy", "validation": "Validation accuracy", "train": "Training accuracy"}[found.split]
    with st.container(horizontal=True, key="figures"):
        st.metric(title, f"{figures['accuracy']:.1%}")
        st.metric("Right", f"{right:,} of {n:,}")
        st.metric("Likely between", f"{low:.0%} and {high:.0%}", help="95 % Wilson interval of the true rate.")
        st.metric(
            "Always the commonest class",
            f"{figures['baseline']:.1%}",
            help="What a guess without looking gets: it names the class with most training pictures every time.",
        )
    st.markdown(figures["in_words"])
    _caveats(run, found, figures)
    crossval.show(run)
    diagnosis.show(run)


def _caveats(run: RunFolder, found: Predictions, figures: dict) -> None:
    (low, high), guess = figures["interval"], f"Always saying “{layout.escape(figures['baseline_class'])}”"
    if high < figures["baseline"]:
        st.warning(f"{guess} does better: it lies above the interval.", icon=":material/casino:")
    elif low <= figures["baseline"]:
        st.warning(
            f"{guess} may do as well: what that gets lies within the interval. More pictures would tell.",
            icon=":material/casino:",
        )
    if notes := scores.leaks(run, found.split):
        told = " ".join([*notes, "Settle them on the Pictures page and train again."])
        st.warning(told, icon=":material/content_copy:")
    if absent := [row["label"] for row in figures["classes"] if not row["support"]]:
        names = ", ".join(f"“{layout.escape(name)}”" for name in absent[:MOST_NAMED])
        more = f" and {len(absent) - MOST_NAMED:,} more" if len(absent) > MOST_NAMED else ""
        st.info(f"No picture of {names}{more} in this part: nothing is known of that here.", icon=":material/help:")
    if found.split == "validation":
        st.caption(
            "These pictures were not trained on, but they helped to choose the best epoch: this is validation, not a "
            "test."
        )
    if found.split == "test":
        st.caption(opened(run))


def opened(run: RunFolder) -> str:
    """Return how often the test pictures were looked at, and what that means."""
    mine, every = run.times_opened(), sum(each.times_opened() for each in runs.of_project(run.project))
    times = f"Opened {mine} time{'s' if mine > 1 else ''} for this run"
    if every > mine:
        times += f", {every} times in this project"
    advice = "" if every <= 1 else " Figures after the first look are a little too good if you chose by them."
    return f"{times}.{advice}"
