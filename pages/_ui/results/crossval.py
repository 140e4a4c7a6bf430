"""A steadier figure for few pictures: cross-validation of the head."""

from typing import Any

import streamlit as st

from pages._ui.shell import jobs, layout, state
from tl_core.evaluation import crossval, predictions
from tl_core.runs import RunFolder


def show(run: RunFolder) -> None:
    """Show what cross-validation found, its progress, or the button that starts it."""
    st.subheader("A steadier figure", anchor=False)
    found = crossval.kept(run)
    job = state.job()
    mine = job if job is not None and job.kind == "crossval" else None
    with st.container(key="crossval"):
        if found is not None:
            _result(run, found)
        elif mine is not None and mine.active:
            jobs.follow(mine, "Cross-validating the head")
        elif mine is not None and mine.state != "done":
            jobs.ended_early(mine)
        else:
            _offer(run)


def _offer(run: RunFolder) -> None:
    n = sum(len(predictions.pictures_of(run, part)) for part in ("train", "validation"))
    few = f"{n} pictures are few, and a validation part of some dozens says little. " if n < crossval.FEW else ""
    st.markdown(
        f"{few}Cross-validation lets every picture of training and validation be answered once by a head that has not "
        "seen it. The frozen network has looked at them already, so it takes seconds. The test part stays sealed."
    )
    kind = "primary" if n < crossval.FEW else "secondary"
    if st.button("Cross-validate", type=kind, icon=":material/cycle:", key="start-crossval"):  # type: ignore[arg-type]
        state.start_job("crossval", run=str(run.folder))
        st.rerun()


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
