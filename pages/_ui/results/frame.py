"""The frame of the results: which pictures, which view of them, and the button that opens the test pictures."""

import streamlit as st

from pages._ui.results import accuracy
from pages._ui.shell import jobs, layout, state, workers
from pages._ui.shell.charts import SPLIT_TITLES
from pages._ui.shell.jobs import Offer
from tl_core import runs
from tl_core.evaluation import everything, predictions
from tl_core.evaluation.predictions import Predictions
from tl_core.recipe import Everything
from tl_core.runs import RunFolder
from tl_core.wording import pictures, times

SPLITS = ("validation", "test")
VIEW = "view"
VIEWS = {
    "numbers": ":material/percent: How good",
    "errors": ":material/grid_on: Mistakes",
    "why": ":material/visibility: Why",
    "map": ":material/scatter_plot: Map",
    "compare": ":material/compare_arrows: Before and after",
    "sure": ":material/speed: Confidence",
    "unknown": ":material/block: None of these",
}


def require_predictions(run: RunFolder) -> None:
    """Have the model predict its own pictures if that was not done yet; the page stops there until it is."""
    if predictions.is_stored(run, "validation") and predictions.is_stored(run, "train"):
        return
    if jobs.current("answers", run=str(run.folder)) is None:
        workers.start_job("answers", run=str(run.folder))
    again = Offer("Predict your pictures", ":material/quiz:", "ask")
    jobs.panel("answers", "Predicting your pictures", again, run=str(run.folder))
    st.stop()


def choose_split(run: RunFolder) -> str:
    """Show the choice between validation and test and return it; opened test pictures come first.

    For a run that learned from validation pictures say so; the page stops there if no test picture is left either.
    """
    splits = SPLITS
    if run.recipe.everything:
        _unmeasured(run, run.recipe.everything)
        splits = ("test",)
    usual = "test" if run.times_opened() or splits != SPLITS else "validation"
    chosen: str = st.segmented_control(
        "Which pictures",
        splits,
        format_func=SPLIT_TITLES.__getitem__,
        required=True,
        **state.kept(f"part-{run.id}", usual, splits),
        help="Validation pictures helped to choose the best epoch. Test pictures are sealed until you open them.",
    )
    return chosen


def _unmeasured(run: RunFolder, known: Everything) -> None:
    if not everything.is_unmeasured(run):
        st.caption(layout.escape(everything.unmeasured(run)))
        return
    st.info(layout.escape(everything.unmeasured(run)), icon=":material/all_inclusive:")
    st.caption("Temperature and limit of refusal are those of the run before.")
    if known.before.accuracy is not None:
        on = SPLIT_TITLES.get(known.measured_on, known.measured_on)
        accuracy.metrics(f"Before: {on.lower()} accuracy", known.before)
    if (before := everything.source(run)) and before.ready:
        layout.link("results", "Results of the run before", run=before.id)
    if not everything.test_pictures(run):
        layout.next_step("try")
        st.stop()


def choose_view() -> str:
    """Show the choice between the views and return it."""
    with st.container(key="views"):
        chosen: str = st.segmented_control(
            "What to look at",
            list(VIEWS),
            format_func=VIEWS.__getitem__,
            required=True,
            **state.kept(VIEW, next(iter(VIEWS)), VIEWS),
        )
    return chosen


def load(run: RunFolder, split: str) -> Predictions:
    """Return the predictions of a run for a split; the page stops with a sentence where it has no pictures."""
    predicted = predictions.load(run, split)
    if predicted is None:  # a part of the file that nobody had read is damaged
        predictions.forget(run, split)
        st.rerun()
    if not len(predicted):
        st.info(f"This run has no {split} pictures. Split the pictures again and retrain.", icon=":material/info:")
        layout.link("pictures", "Go to Pictures")
        st.stop()
    return predicted


def open_test(run: RunFolder) -> None:
    """Explain what opening the test pictures means, with its button; the page stops there while they are sealed."""
    n = len(predictions.pictures_of(run, "test"))
    if jobs.panel("evaluate", "Predicting the test pictures", run=str(run.folder)):
        st.stop()
    if n == 0:
        st.info("This run has no test pictures. Set a test share on the Pictures page and train again.")
        layout.link("pictures", "Go to Pictures")
        st.stop()
    if run.times_opened() == 0:
        st.markdown(
            f"**{pictures(n)} {'is' if n == 1 else 'are'} sealed.** The model has never seen them. Open them once you "
            "have finished choosing.",
            help="Every change that you make after opening them makes their accuracy a little too good. Thaw counts "
            "how often they are opened.",
        )
        if elsewhere := runs.times_opened(run.project):
            st.warning(
                f"In this project test pictures have been opened {times(elsewhere)} already. If that helped you to "
                "choose this run, its accuracy is a little too good.",
                icon=":material/lock_open:",
            )
        _button(run, "Open the test pictures")
        st.stop()
    if not predictions.is_stored(run, "test"):
        st.markdown("The model has changed since the test pictures were opened.")
        _button(run, "Open them again")
        st.stop()


def _button(run: RunFolder, label: str) -> None:
    if st.button(label, type="primary", icon=":material/lock_open:", key="open-test"):
        workers.start_job("evaluate", run=str(run.folder))
        st.rerun()
