"""The figures of an opened test part."""

from typing import Any

import streamlit as st

from pages._ui import charts, following, state
from tl_core.runs import RunFolder


def opening(run: RunFolder, result: dict[str, Any] | None, n: int) -> None:
    """Show the button that opens the test part, or how far that is (the page stops there)."""
    job = state.job()
    if job is not None and job.kind == "evaluate" and job.state != "done":
        if job.active:
            following.follow(job, "Asking the model about every test picture")
            st.stop()
        following.ended_early(job)
    label, kind = ("Open the test pictures", "primary") if result is None else ("Open them again", "secondary")
    if n and st.button(label, type=kind, icon=":material/lock_open:"):
        state.start_job("evaluate", run=str(run.folder))
        st.rerun()


def show(result: dict[str, Any]) -> None:
    """Show accuracy with its interval, the figures of each class and the confusion matrix."""
    right, n = round(result["accuracy"] * result["n"]), result["n"]
    low, high = result["interval"]
    with st.container(horizontal=True):
        st.metric("Test accuracy", f"{result['accuracy']:.1%}")
        st.metric("Right", f"{right} of {n}")
        st.metric("Always the commonest class", f"{result['baseline']:.1%}", help="What a guess without looking gets.")
    st.markdown(
        f"{right} of {n} right: the true rate may lie anywhere between **{low:.1%}** and **{high:.1%}** "
        f"(95 % Wilson interval). Opened {result['opened']} time{'s' if result['opened'] > 1 else ''}."
    )
    left, right_column = st.columns([2, 3], gap="large")
    with left:
        st.subheader("What was taken for what", anchor=False)
        charts.show(charts.confusion(result["confusion"], result["labels"]), _alt(result), key="confusion")
    with right_column:
        st.subheader("Class by class", anchor=False)
        percent = st.column_config.NumberColumn(format="percent")
        columns = {
            "label": "Class",
            "precision": st.column_config.NumberColumn(
                "Precision", format="percent", help="How often the name is right."
            ),
            "recall": st.column_config.NumberColumn(
                "Recall", format="percent", help="How many of the class are found."
            ),
            "f1": percent,
            "support": "Pictures",
            "recall_interval": None,
        }
        st.dataframe(result["classes"], column_config=columns, hide_index=True, width="stretch")


def _alt(result: dict[str, Any]) -> str:
    rows = zip(result["labels"], result["confusion"], strict=True)
    return "; ".join(f"{label}: {row[at]} of {sum(row)} right" for at, (label, row) in enumerate(rows))
