"""Before and after: two runs on the same pictures."""

from collections.abc import Callable

import streamlit as st

from pages._ui.results import picture_list
from pages._ui.shell import layout, run_names, state
from pages._ui.shell.help import GUESSING
from tl_core import runs
from tl_core.accuracy import Accuracy
from tl_core.dataset import manifest
from tl_core.evaluation import comparison, diff, predictions
from tl_core.evaluation.comparison import Comparison
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.wording import interval, number, percent, pictures, points

PERMUTED = N_(
    "Permutation test on the same pictures: each picture takes the place that one of the two models gives it among the "
    "others. Method: Venkatraman and Begg 1996."
)
Draw = Callable[[RunFolder, str, list[str], str], None]


@st.fragment
def show(run: RunFolder, split: str, draw: Draw) -> None:
    """Compare a run with another one of its project on the pictures of a split that both have predicted.

    Args:
        run: that is shown.
        split: ``"validation"`` or ``"test"``.
        draw: draws pictures of a run and a split, given their ids and the name of their place.
    """
    with layout.calm():
        chosen = other(run)
        if chosen is None:
            return
        old, new = in_order(run, chosen)
        compared = comparison.of_runs(old, new, split)
        if compared is None:
            missing(chosen, split)
            return
        _figures(compared, old, new)
        _lists(new, compared, draw)


def other(run: RunFolder) -> RunFolder | None:
    """Let a person choose the run to compare with, and return it; say so where there is none."""
    others = [each for each in runs.of_project(run.project) if each.ready and each.id != run.id]
    others = [each for each in others if each.damage() is None]
    if not others:
        st.info(_("This is the only trained run. Change pictures or settings and train again to compare."))
        return None
    titles = run_names.unlike(others)
    choice = state.kept("compare-with", others[_before(run, others)].id, titles)
    chosen_id = st.selectbox(_("Compare with"), list(titles), format_func=titles.__getitem__, **choice)
    return next(each for each in others if each.id == chosen_id)


def in_order(*both: RunFolder) -> tuple[RunFolder, RunFolder]:
    """Return two runs, the older one first."""
    old, new = sorted(both, key=lambda each: each.job.created)
    return old, new


def _before(run: RunFolder, others: list[RunFolder]) -> int:
    """Return the position of the run that came before this one, else of the newest."""
    born = run.job.created
    return next((at for at, each in enumerate(others) if each.job.created < born), 0)


def missing(chosen: RunFolder, split: str) -> None:
    """Say why a run cannot be compared on a split."""
    if (learned := chosen.recipe.everything) and learned.test:
        st.info(_("That run has learned from the test pictures, so they cannot measure it."))
        return
    if split == "test":
        st.info(
            _("The test pictures of that run are still sealed. Open them on its Results, or compare on Validation.")
        )
    else:
        st.info(_("That run has no predictions for these pictures yet. Open its Results once."))
    layout.link("results", _("Results of that run"), run=chosen.id)


def _figures(compared: Comparison, old: RunFolder, new: RunFolder) -> None:
    test = _("Exact McNemar test on {pictures}: it looks only at those on which the two runs differ.")
    st.markdown(layout.escape(compared.sentence()), help=test.format(pictures=pictures(compared.n)))
    if ordered := compared.of_order():
        st.markdown(ordered, help=_(PERMUTED))
    for sentence in compared.left_out():
        st.caption(sentence)
    if not compared.n:
        return
    with st.container(horizontal=True):
        _metric(_("Before"), compared.old)
        _metric(_("After"), compared.new, compared.old)
        st.metric(
            _("Just guessing"),
            percent(compared.baseline, compared.n),
            help=_(GUESSING),
            border=True,
        )
        st.metric(_("Fixed"), number(len(compared.fixed)), border=True)
        st.metric(_("Newly wrong"), number(len(compared.newly_wrong)), border=True)
    before = _("Before: {figures}").format(figures=compared.old.sentence())
    after = _("After: {figures}").format(figures=compared.new.sentence())
    st.markdown(f"- {before}\n- {after}")
    which(old, new)


def which(old: RunFolder, new: RunFolder) -> None:
    """Say which run is which, and what was changed in the pictures between them."""
    tables = [manifest.of_run(run).table for run in (old, new)]
    changed = diff.between(*tables).sentence() or _("The pictures and labels are the same.")
    said = _("Before is {old}, after is {new}.").format(
        old=layout.escape(run_names.title(old)), new=layout.escape(run_names.title(new))
    )
    st.caption(f"{said} {layout.escape(changed)} " + _("What counts as right is taken from the newer run."))


def _metric(title: str, figure: Accuracy, before: Accuracy | None = None) -> None:
    share = figure.accuracy or 0.0
    change = share - (before.accuracy or 0.0) if before else 0.0
    st.metric(
        title,
        percent(share, figure.n),
        delta=points(change).replace("−", "-") if change else None,  # Streamlit reads the direction from an ASCII minus
        help=_("95% interval {interval}.").format(interval=interval(*figure.interval, figure.n)),
        border=True,
    )


def _lists(new: RunFolder, compared: Comparison, draw: Draw) -> None:
    lists = {"fixed": compared.fixed, "newly-wrong": compared.newly_wrong, "both-wrong": compared.neither}
    titles = {"fixed": _("Fixed"), "newly-wrong": _("Newly wrong"), "both-wrong": _("Wrong in both")}
    chosen = st.segmented_control(
        _("Pictures"),
        list(lists),
        format_func=lambda name: f"{titles[name]} ({number(len(lists[name]))})",
        label_visibility="collapsed",
        **state.kept(f"compared-{new.id}", next((name for name, ids in lists.items() if ids), None), lists),
    )
    if chosen:
        draw(new, compared.split, lists[chosen], f"compared-{chosen}")


def of_one_label(run: RunFolder, split: str, ids: list[str], place: str) -> None:
    """Draw pictures with the class that is predicted of each."""
    predicted = predictions.load(run, split)
    if predicted is not None:
        picture_list.show(run, predicted, picture_list.entries(predicted, ids), place, diff.since(run).ids)
