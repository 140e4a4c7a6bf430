"""The frame of the results: which pictures, which view of them, and the button that opens the test pictures."""

from collections.abc import Callable

import streamlit as st

from pages._ui.results import accuracy
from pages._ui.shell import jobs, layout, state, workers
from pages._ui.shell.charts import SPLIT_TITLES
from pages._ui.shell.jobs import Offer
from tl_core import runs
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.evaluation import everything, predictions
from tl_core.evaluation.predictions import Predictions
from tl_core.language import N_, _, ngettext
from tl_core.recipe import Everything
from tl_core.runs import RunFolder
from tl_core.tasks import table
from tl_core.wording import pictures, times

SPLITS = ("validation", "test")
VIEW = "view"
#: Icon and title of each.
VIEWS = {
    "numbers": (":material/percent:", N_("How good")),
    "errors": (":material/grid_on:", N_("Mistakes")),
    "why": (":material/visibility:", N_("Why")),
    "map": (":material/scatter_plot:", N_("Map")),
    "compare": (":material/compare_arrows:", N_("Before and after")),
    "sure": (":material/speed:", N_("Confidence")),
    "unknown": (":material/block:", N_("None of these")),
}
#: What is said of a split without pictures.
EMPTY = {
    "validation": N_("This run has no validation pictures. Split the pictures again and retrain."),
    "test": N_("This run has no test pictures. Split the pictures again and retrain."),
}
#: What a run on everything has from the run before.
HANDED_ON: dict[Things, str] = {
    "pictures": N_("Temperature and limit of refusal are those of the run before."),
    "texts": N_("Temperature and limit of refusal are those of the run before."),
    "tags": N_("The thresholds of its labels are those of the run before."),
    "boxes": N_("The confidence from which on boxes are shown is that of the run before."),
}
#: The same where an experiment stands for that run.
FROM_SEARCH: dict[Things, str] = {"tags": N_("Its labels are given from a probability of 50% on, as in the search.")}
#: What the accuracy of the run before is called, by what it was measured on.
BEFORE = {
    "validation": N_("Before: validation accuracy"),
    "test": N_("Before: test accuracy"),
    "held-out": N_("Before: held-out accuracy"),
}


def _both_stored(run: RunFolder) -> bool:
    return predictions.is_stored(run, "validation") and predictions.is_stored(run, "train")


def require_predictions(run: RunFolder, stored: Callable[[RunFolder], bool] = _both_stored) -> None:
    """Have the model predict its own pictures if that was not done yet; the page stops there until it is.

    Args:
        run: whose model it is.
        stored: returns whether that was done.
    """
    if stored(run):
        return
    if jobs.current("answers", run=str(run.folder)) is None:
        workers.start_job("answers", run=str(run.folder))
    again = Offer(_("Predict your pictures"), ":material/quiz:", "ask")
    jobs.panel("answers", _("Predicting your pictures"), again, run=str(run.folder))
    st.stop()


def choose_split(run: RunFolder) -> str:
    """Show the choice between validation and test and return it; opened test pictures come first.

    For a run that learned from validation pictures say so; the page stops there if no test picture is left either.
    """
    splits: tuple[str, ...] = SPLITS
    if run.recipe.everything:
        _unmeasured(run, run.recipe.everything)
        splits = ("test",)
    usual = "test" if run.times_opened() or splits != SPLITS else "validation"
    chosen: str = st.segmented_control(
        _("Which pictures"),
        splits,
        format_func=lambda split: _(SPLIT_TITLES[split]),
        required=True,
        **state.kept(f"part-{run.id}", usual, splits),
        help=_("Validation pictures helped to choose the best epoch. Test pictures are sealed until you open them."),
    )
    return chosen


def _unmeasured(run: RunFolder, known: Everything) -> None:
    if not everything.is_unmeasured(run):
        st.caption(layout.escape(everything.unmeasured(run)))
        return
    st.info(layout.escape(everything.unmeasured(run)), icon=":material/all_inclusive:")
    of = kinds.of(run.project)
    st.caption(_(HANDED_ON[of] if known.run else FROM_SEARCH.get(of, HANDED_ON[of])))
    if known.before.accuracy is not None:
        accuracy.metrics(_(BEFORE[known.measured_on]), known.before, key="before")
    if (before := everything.source(run)) and before.ready:
        layout.link("results", _("Results of the run before"), run=before.id)
    if not everything.test_pictures(run):
        layout.next_step("try")
        st.stop()


def choose_view(run: RunFolder) -> str:
    """Show the choice between the views that suit what a run has learned from, and return it."""
    views = table.of(run.project).results
    with st.container(key="views"):
        chosen: str = st.segmented_control(
            _("What to look at"),
            views,
            format_func=lambda view: f"{VIEWS[view][0]} {_(VIEWS[view][1])}",
            required=True,
            **state.kept(VIEW, views[0], views),
        )
    return chosen


def load(run: RunFolder, split: str) -> Predictions:
    """Return the predictions of a run for a split; the page stops with a sentence where it has no pictures."""
    predicted = predictions.load(run, split)
    if predicted is None:  # a part of the file that nobody had read is damaged
        predictions.forget(run, split)
        st.rerun()
    if not len(predicted):
        st.info(_(EMPTY[split]), icon=":material/info:")
        layout.link("pictures", _("Go to Pictures"))
        st.stop()
    return predicted


def open_test(run: RunFolder, stored: Callable[[RunFolder, str], bool] = predictions.is_stored) -> None:
    """Explain what opening the test pictures means, with its button; the page stops there while they are sealed.

    Args:
        run: whose model is tested.
        stored: returns whether what it says of a split is stored.
    """
    n = len(predictions.pictures_of(run, "test"))
    if jobs.panel("evaluate", _("Predicting the test pictures"), run=str(run.folder)):
        st.stop()
    if n == 0:
        st.info(_("This run has no test pictures. Set a test share on the Pictures page and train again."))
        layout.link("pictures", _("Go to Pictures"))
        st.stop()
    if run.times_opened() == 0:
        st.markdown(
            ngettext(
                "**{pictures} is sealed.** The model has never seen them. Open them once you have finished choosing.",
                "**{pictures} are sealed.** The model has never seen them. Open them once you have finished choosing.",
                n,
            ).format(pictures=pictures(n)),
            help=_(
                "Every change that you make after opening them makes their accuracy a little too good. Thaw counts how "
                "often they are opened."
            ),
        )
        if elsewhere := runs.times_opened(run.project):
            st.warning(
                _(
                    "In this project test pictures have been opened {times} already. If that helped you to choose this "
                    "run, its accuracy is a little too good."
                ).format(times=times(elsewhere)),
                icon=":material/lock_open:",
            )
        _button(run, _("Open the test pictures"))
        st.stop()
    if not stored(run, "test"):
        st.markdown(_("The model has changed since the test pictures were opened."))
        _button(run, _("Open them again"))
        st.stop()


def _button(run: RunFolder, label: str) -> None:
    if st.button(label, type="primary", icon=":material/lock_open:", key="open-test"):
        workers.start_job("evaluate", run=str(run.folder))
        st.rerun()
