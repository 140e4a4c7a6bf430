"""Before and after: two runs on the same pictures."""

import streamlit as st

from pages._ui.results import picture_list
from pages._ui.shell import layout, run_names, state
from pages._ui.shell.help import GUESSING
from tl_core import runs
from tl_core.accuracy import Accuracy
from tl_core.dataset import manifest
from tl_core.evaluation import comparison, diff, predictions
from tl_core.evaluation.comparison import Comparison
from tl_core.evaluation.predictions import Predictions
from tl_core.runs import RunFolder
from tl_core.wording import interval, number, percent, pictures, points


@st.fragment
def show(run: RunFolder, predicted: Predictions) -> None:
    """Compare a run with another one of its project on the pictures of a split that both have predicted."""
    with layout.calm():
        others = [each for each in runs.of_project(run.project) if each.ready and each.id != run.id]
        others = [each for each in others if each.damage() is None]
        if not others:
            st.info("This is the only trained run. Change pictures or settings and train again to compare.")
            return
        titles = run_names.unlike(others)
        choice = state.kept("compare-with", others[_before(run, others)].id, titles)
        chosen_id = st.selectbox("Compare with", list(titles), format_func=titles.__getitem__, **choice)
        chosen = next(each for each in others if each.id == chosen_id)
        old, new = sorted((run, chosen), key=lambda each: each.job.created)
        compared = comparison.of_runs(old, new, predicted.split)
        if compared is None:
            _missing(chosen, predicted.split)
            return
        _figures(compared, old, new)
        _lists(new, compared)


def _before(run: RunFolder, others: list[RunFolder]) -> int:
    """Return the position of the run that came before this one, else of the newest."""
    born = run.job.created
    return next((at for at, each in enumerate(others) if each.job.created < born), 0)


def _missing(chosen: RunFolder, split: str) -> None:
    if (learned := chosen.recipe.everything) and learned.test:
        st.info("That run has learned from the test pictures, so they cannot measure it.")
        return
    if split == "test":
        st.info("The test pictures of that run are still sealed. Open them on its Results, or compare on Validation.")
    else:
        st.info("That run has no predictions for these pictures yet. Open its Results once.")
    layout.link("results", "Results of that run", run=chosen.id)


def _figures(compared: Comparison, old: RunFolder, new: RunFolder) -> None:
    st.markdown(
        layout.escape(compared.sentence()),
        help=f"Exact McNemar test on {pictures(compared.n)}: it looks only at those on which the two runs differ.",
    )
    for sentence in compared.left_out():
        st.caption(sentence)
    if not compared.n:
        return
    with st.container(horizontal=True):
        _metric("Before", compared.old)
        _metric("After", compared.new, compared.old)
        st.metric(
            "Just guessing",
            percent(compared.baseline, compared.n),
            help=GUESSING,
            border=True,
        )
        st.metric("Fixed", number(len(compared.fixed)), border=True)
        st.metric("Newly wrong", number(len(compared.newly_wrong)), border=True)
    st.markdown(f"- Before: {compared.old.sentence()}\n- After: {compared.new.sentence()}")
    tables = [manifest.of_run(run).table for run in (old, new)]
    changed = diff.between(*tables).sentence() or "The pictures and labels are the same."
    st.caption(
        f"Before is {layout.escape(run_names.title(old))}, after is {layout.escape(run_names.title(new))}. "
        f"{layout.escape(changed)} "
        "Labels are those of the newer run."
    )


def _metric(title: str, figure: Accuracy, before: Accuracy | None = None) -> None:
    share = figure.accuracy or 0.0
    change = share - (before.accuracy or 0.0) if before else 0.0
    st.metric(
        title,
        percent(share, figure.n),
        delta=points(change).replace("−", "-") if change else None,  # Streamlit reads the direction from an ASCII minus
        help=f"95% interval {interval(*figure.interval, figure.n)}.",
        border=True,
    )


def _lists(new: RunFolder, compared: Comparison) -> None:
    lists = {"fixed": compared.fixed, "newly-wrong": compared.newly_wrong, "both-wrong": compared.neither}
    titles = {"fixed": "Fixed", "newly-wrong": "Newly wrong", "both-wrong": "Wrong in both"}
    chosen = st.segmented_control(
        "Pictures",
        list(lists),
        format_func=lambda name: f"{titles[name]} ({number(len(lists[name]))})",
        label_visibility="collapsed",
        **state.kept(f"compared-{new.id}", next((name for name, ids in lists.items() if ids), None), lists),
    )
    predicted = predictions.load(new, compared.split)
    if chosen and predicted is not None:
        entries = picture_list.entries(predicted, lists[chosen])
        picture_list.show(new, predicted, entries, f"compared-{chosen}", diff.since(new).ids)
