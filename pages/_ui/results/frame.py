"""The frame of the results: which part of the pictures, which view of it, and the button that opens the test part."""

import streamlit as st

from pages._ui.shell import jobs, layout, state
from pages._ui.shell.jobs import Offer
from tl_core import runs
from tl_core.evaluation import predictions
from tl_core.evaluation.predictions import Predictions
from tl_core.runs import RunFolder

PARTS = {"validation": "Validation", "test": "Test"}
VIEWS = {
    "numbers": ":material/percent: How good",
    "errors": ":material/grid_on: Where it errs",
    "why": ":material/visibility: Why",
    "map": ":material/scatter_plot: Map",
    "compare": ":material/compare_arrows: Before and after",
    "sure": ":material/speed: How sure",
    "unknown": ":material/block: None of these",
}


def asked(run: RunFolder) -> None:
    """Have the model asked about its pictures if that was not done yet; the page stops there until it is."""
    if predictions.is_stored(run, "validation") and predictions.is_stored(run, "train"):
        return
    if jobs.current("answers", run=str(run.folder)) is None:
        state.start_job("answers", run=str(run.folder))
    again = Offer("Ask the model about your pictures", ":material/quiz:", "ask")
    jobs.panel("answers", "Asking the model about your pictures", again, run=str(run.folder))
    st.stop()


def choose_part(run: RunFolder) -> str:
    """Show the choice between validation and test and return it; an opened test part comes first."""
    usual = "test" if run.times_opened() else "validation"
    chosen: str = st.segmented_control(
        "Which pictures",
        list(PARTS),
        format_func=PARTS.__getitem__,
        default=usual,
        required=True,
        key=f"part-{run.id}",
        help="Validation pictures helped to choose the best epoch. Test pictures are sealed until you open them.",
    )
    return chosen


def choose_view() -> str:
    """Show the choice between the views and return it."""
    with st.container(key="views"):
        chosen: str = st.segmented_control(
            "What to look at",
            list(VIEWS),
            format_func=VIEWS.__getitem__,
            default=state.view(VIEWS),
            required=True,
            key="view",
        )
    state.set_view(chosen)
    return chosen


def found(run: RunFolder, part: str) -> Predictions:
    """Return the answers of the run to a part."""
    kept = predictions.load(run, part)
    assert kept is not None, "asked() and opening() have seen to it"
    return kept


def nothing(part: str) -> None:
    """Say that a part has no pictures."""
    st.info(f"This run has no {part} pictures. Split the pictures again and train anew.", icon=":material/info:")
    layout.link("pictures", "Go to Pictures")


def opening(run: RunFolder) -> None:
    """Show what opening the test part means and its button; the page stops there while it is sealed."""
    n = len(predictions.pictures_of(run, "test"))
    if jobs.panel("evaluate", "Asking the model about every test picture", run=str(run.folder)):
        st.stop()
    if n == 0:
        st.info(
            "This run kept no test pictures back. Set a test share on the Pictures page, where each class has three "
            "pictures or more to share out, and train again."
        )
        layout.link("pictures", "Go to Pictures")
        st.stop()
    if run.times_opened() == 0:
        st.markdown(
            f"**{n:,} pictures are sealed.** Neither training nor the choice of the best epoch has seen them, so they "
            "tell the truth once. Open them when you are done with choosing: every change that you make after looking "
            "turns them a little into training pictures. How often they are opened is counted."
        )
        if elsewhere := sum(each.times_opened() for each in runs.of_project(run.project)):
            st.warning(
                f"In this project a test part has been opened {elsewhere} time{'' if elsewhere == 1 else 's'} already. "
                "If you chose this run by what was seen there, its figure will be a little too good.",
                icon=":material/lock_open:",
            )
        _button(run, "Open the test pictures", "primary")
        st.stop()
    if not predictions.is_stored(run, "test"):
        st.markdown("The model, or the way its answers are kept, has changed since the test pictures were opened.")
        _button(run, "Open them again", "primary")
        st.stop()


def _button(run: RunFolder, label: str, kind: str) -> None:
    if st.button(label, type=kind, icon=":material/lock_open:", key="open-test"):  # type: ignore[arg-type]
        state.start_job("evaluate", run=str(run.folder))
        st.rerun()
