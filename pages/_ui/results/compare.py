"""Before and after: two runs on the same pictures."""

from typing import Any

import streamlit as st

from pages._ui.results import picture_list
from pages._ui.shell import layout
from tl_core import runs
from tl_core.dataset import manifest
from tl_core.evaluation import comparison, diff, predictions
from tl_core.evaluation.comparison import Comparison
from tl_core.evaluation.predictions import Predictions
from tl_core.metrics import intervals
from tl_core.runs import RunFolder
from tl_core.wording import pictures


@st.fragment
def show(run: RunFolder, found: Predictions) -> None:
    """Compare a run with another one of its project on the pictures of a part that both were asked about."""
    with layout.calm():
        others = [each for each in runs.of_project(run.project) if each.ready and each.id != run.id]
        if not others:
            st.info("This is the only trained run. Change pictures or settings and train again to compare.")
            return
        chosen = st.selectbox(
            "Compare with", others, index=_before(run, others), format_func=_title, width=560, key="compare-with"
        )
        old, new = sorted((run, chosen), key=lambda each: each.job.created)
        compared = comparison.of_runs(old, new, found.split)
        if compared is None:
            _missing(chosen, found.split)
            return
        _figures(compared, old, new)
        _lists(new, compared)


def _before(run: RunFolder, others: list[RunFolder]) -> int:
    """Return the position of the run that came before this one, else of the newest."""
    born = run.job.created
    return next((at for at, each in enumerate(others) if each.job.created < born), 0)


def _title(run: RunFolder) -> str:
    recipe = run.recipe
    return f"{run.id} · {recipe.backbone} · pictures version {recipe.manifest}"


def _missing(chosen: RunFolder, part: str) -> None:
    if part == "test":
        st.info("The test pictures of that run are still sealed. Open them on its Results, or compare on Validation.")
    else:
        st.info("That run has not been asked about these pictures yet. Open its Results once.")
    layout.link("results", "Results of that run", run=chosen.id)


def _figures(compared: Comparison, old: RunFolder, new: RunFolder) -> None:
    st.markdown(layout.escape(compared.words()))
    for sentence in compared.left_out():
        st.caption(sentence)
    if not compared.n:
        return
    with st.container(horizontal=True):
        _metric("Before", compared.old, None)
        _metric("After", compared.new, compared.new["accuracy"] - compared.old["accuracy"])
        st.metric("Always the commonest class", f"{compared.baseline:.1%}", help="What a guess gets.", border=True)
        st.metric("Mended", len(compared.mended), border=True)
        st.metric("Broken", len(compared.broken), border=True)
    st.markdown(f"Before: {_in_words(compared.old)} After: {_in_words(compared.new)}")
    tables = [manifest.load(run.project, run.recipe.manifest).table for run in (old, new)]
    between = diff.between(*tables).words()
    st.caption(
        f"Before: {layout.escape(old.id)}. After: {layout.escape(new.id)}. What is true is said by the newer list of "
        f"pictures. Between the two: {layout.escape(between) or 'the same pictures and labels.'} "
        f"Exact McNemar test on {pictures(compared.n)}."
    )


def _in_words(figure: dict[str, Any]) -> str:
    return intervals.in_words(round(figure["accuracy"] * figure["n"]), figure["n"])


def _metric(title: str, figure: dict[str, Any], change: float | None) -> None:
    low, high = figure["interval"]
    st.metric(
        title,
        f"{figure['accuracy']:.1%}",
        delta=f"{100 * change:+.1f} points" if change else None,
        help=f"On {pictures(figure['n'])}; 95 % interval {low:.1%} to {high:.1%}.",
        border=True,
    )


def _lists(new: RunFolder, compared: Comparison) -> None:
    lists = {
        f"Mended ({len(compared.mended)})": compared.mended,
        f"Broken ({len(compared.broken)})": compared.broken,
        f"Wrong in both ({len(compared.neither)})": compared.neither,
    }
    chosen = st.segmented_control(
        "Pictures",
        list(lists),
        default=next((name for name, ids in lists.items() if ids), None),
        label_visibility="collapsed",
        key=f"compared-{new.id}",
    )
    asked = predictions.load(new, compared.part)
    if chosen and asked is not None:
        entries = picture_list.entries(asked, lists[chosen])
        picture_list.show(new, asked, entries, f"compared-{chosen.split()[0]}", diff.since(new).ids)
