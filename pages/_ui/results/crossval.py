"""A steadier figure for few pictures: cross-validation of the head."""

from typing import Any

import streamlit as st

from pages._ui.shell import jobs, layout
from pages._ui.shell.jobs import Offer
from tl_core.evaluation import crossval, predictions
from tl_core.runs import RunFolder


def show(run: RunFolder) -> None:
    """Show what cross-validation found, its progress, or the button that starts it."""
    st.subheader("A steadier figure", anchor=False)
    found = crossval.load(run)
    with st.container(key="crossval"):
        if found is not None:
            _result(run, found)
        else:
            jobs.panel("crossval", "Cross-validating the head", _offer(run), run=str(run.folder))


def _offer(run: RunFolder) -> Offer:
    n = sum(len(predictions.pictures_of(run, part)) for part in ("train", "validation"))
    few = f"{n} pictures are few, and a validation part of some dozens says little. " if n < crossval.FEW else ""
    text = (
        f"{few}Cross-validation lets every picture of training and validation be answered once by a head that has not "
        "seen it. The frozen network has looked at them already, so it takes seconds. The test part stays sealed."
    )
    return Offer("Cross-validate", ":material/cycle:", "start-crossval", text, primary=n < crossval.FEW)


def _result(run: RunFolder, found: dict[str, Any]) -> None:
    low, high = found["interval"]
    with st.container(horizontal=True):
        st.metric("Cross-validated accuracy", f"{found['accuracy']:.1%}")
        st.metric("Pictures", f"{found['n']:,}")
        st.metric(
            "Likely between", f"{low:.0%} and {high:.0%}", help="95 % Wilson interval, each picture counted once."
        )
        st.metric("Always the commonest class", f"{found['baseline']:.1%}")
    times = f"{found['repeats']} times with other folds" if found["repeats"] > 1 else "once"
    low, high = f"{min(found['accuracies']):.1%}", f"{max(found['accuracies']):.1%}"
    alike = f"{low} each time" if low == high else f"from {low} to {high}"
    spread = f", {alike}" if found["repeats"] > 1 else ""
    tuned = " What fine-tuning adds is not in it." if run.recipe.fine_tune_epochs else ""
    st.markdown(found["in_words"])
    st.caption(
        layout.escape(
            f"{found['folds']} folds, done {times}{spread}. It measures a linear head on the frozen network, trained "
            f"on the other folds: the way of training, not this very model.{tuned} Took {found['seconds']:.0f} s."
        )
    )
