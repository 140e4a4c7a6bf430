"""Where a model errs: what it takes for what, its surest mistakes, labels to doubt, and the way to mend them."""

import streamlit as st

from pages._ui.results import changes, doubts, matrix, picture_list, threshold
from pages._ui.shell import layout
from tl_core.dataset import manifest
from tl_core.evaluation import diff, mistakes
from tl_core.evaluation.predictions import Predictions
from tl_core.runs import RunFolder
from tl_core.wording import pictures

MATRIX, SUREST, DOUBTS, THRESHOLD = "Matrix", "Surest mistakes", "Doubted labels", "Threshold"


@st.fragment
def show(run: RunFolder, found: Predictions) -> None:
    """Show where a run's model errs on a part. A fragment: an edit of a picture runs nothing else of the page."""
    with layout.calm():
        changed = diff.since(run)
        here = (set(changed.relabelled) | set(changed.removed)) & set(found.ids)
        today = changes.show(run, changed, len(here))
        counted = found.relabelled(diff.by_old_names(manifest.load(run.project).table, changed)) if today else found
        treated = set(changed.removed) if today else changed.ids
        views = [MATRIX, SUREST, DOUBTS, *([THRESHOLD] if len(found.classes) == 2 else [])]
        view = st.segmented_control(
            "Look at", views, default=MATRIX, required=True, label_visibility="collapsed", key="errors-view"
        )
        if view == DOUBTS:
            doubts.show(run, treated)
        elif not len(counted):
            st.info("No picture of this part is left to count by today's labels.")
        elif view == MATRIX:
            matrix.show(run, counted, treated)
        elif view == SUREST:
            _surest(run, counted, treated)
        else:
            threshold.show(counted)


def _surest(run: RunFolder, found: Predictions, treated: set[str]) -> None:
    wrong = mistakes.most_certain(found)
    if not wrong:
        st.markdown(f"There is none: {pictures(len(found))} answered, and every answer is right.")
        return
    st.markdown(
        f"{pictures(len(wrong))} of {len(found):,} answered wrongly, those first of which the model was surest. "
        "A sure mistake is often a wrong label, or a picture that shows both."
    )
    picture_list.show(run, found, picture_list.entries(found, wrong), f"surest-{found.split}", treated)
