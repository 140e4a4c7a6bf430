"""The confusion matrix whose cells open their pictures, and the figures of each class."""

from typing import Any

import streamlit as st

from pages._ui.results import picture_list
from pages._ui.results.confusion_matrix import confusion_matrix
from pages._ui.shell import state
from tl_core.evaluation import mistakes
from tl_core.evaluation.predictions import Predictions
from tl_core.metrics import intervals
from tl_core.runs import RunFolder
from tl_core.wording import pictures

#: Larger matrices cannot be read as a table; their confusions are listed instead.
MOST_CLASSES = 30
#: Up to so many, the figures of the classes fit beside the matrix.
BESIDE = 4
WAS, SAID = "cell-was", "cell-said"


def show(run: RunFolder, found: Predictions, treated: set[str]) -> None:
    """Show what was taken for what, class by class, and the pictures of the chosen cell."""
    counts = mistakes.matrix(found)
    _keep_known(found.classes)
    few = len(found.classes) <= BESIDE
    left, right = st.columns([2, 3], gap="large") if few else (st.container(), st.container())
    with left:
        _table(run, found, counts) if len(found.classes) <= MOST_CLASSES else _confusions(found, counts)
    with right:
        class_table(intervals.per_class(counts, found.classes))
    _cell(run, found, counts, treated)


def _table(run: RunFolder, found: Predictions, counts: Any) -> None:
    percent = st.segmented_control(
        "Numbers",
        ["Pictures", "Per cent of the row"],
        default="Pictures",
        required=True,
        label_visibility="collapsed",
        key="matrix-numbers",
    )
    was, said = state.widget(WAS), state.widget(SAID)
    chosen = (found.classes.index(was), found.classes.index(said)) if was and said else None
    confusion_matrix(
        counts.tolist(),
        found.classes,
        percent=percent != "Pictures",
        chosen=chosen,
        key=f"matrix-{run.id}-{found.split}",
        on_choose=lambda row, column: _choose(found.classes[row], found.classes[column]),
    )


def _confusions(found: Predictions, counts: Any) -> None:
    st.caption(
        f"{len(found.classes)} classes are too many for a matrix: these are the most frequent confusions. "
        "Mark a row to see its pictures."
    )
    rows = [
        {
            "was": found.classes[each["truth"]],
            "said": found.classes[each["said"]],
            "pictures": each["pictures"],
            "share": each["share"],
        }
        for each in mistakes.pairs(counts)[:200]
    ]
    if not rows:
        st.markdown("No class was taken for another one.")
        return
    columns = {
        "was": "It was",
        "said": "The model said",
        "pictures": "Pictures",
        "share": st.column_config.NumberColumn("Of its class", format="percent"),
    }

    def chosen() -> None:
        if picked := state.widget("confusions")["selection"]["rows"]:
            _choose(rows[picked[0]]["was"], rows[picked[0]]["said"])

    st.dataframe(
        rows,
        column_config=columns,
        hide_index=True,
        on_select=chosen,
        selection_mode="single-row",
        height=320,
        key="confusions",
    )


def _cell(run: RunFolder, found: Predictions, counts: Any, treated: set[str]) -> None:
    with st.container(horizontal=True):
        was = st.selectbox("It was", found.classes, index=None, key=WAS, width=240, placeholder="Choose a class")
        said = st.selectbox("The model said", found.classes, index=None, key=SAID, width=240, placeholder="Choose one")
    if not was or not said:
        where = (
            "Press a number of the matrix" if len(found.classes) <= MOST_CLASSES else "Mark a row of the first table"
        )
        st.caption(f"{where}, or choose both classes here, to see the pictures.")
        return
    row, column = found.classes.index(was), found.classes.index(said)
    st.text(f"It was {was}, the model said {said}: {counts[row, column]} of {pictures(int(counts[row].sum()))}")
    ids = mistakes.cell(found, row, column)
    entries = picture_list.entries(found, ids)
    picture_list.show(run, found, entries, f"cell-{found.split}-{row}-{column}", treated)


def _choose(was: str, said: str) -> None:
    state.set_widget(WAS, was)
    state.set_widget(SAID, said)


def _keep_known(classes: list[str]) -> None:
    """Let go of a class that was chosen for another run and that this one does not know."""
    if any(state.widget(key) not in (None, *classes) for key in (WAS, SAID)):
        state.set_widget(WAS, None)
        state.set_widget(SAID, None)


def class_table(rows: list[dict[str, Any]]) -> None:
    """Show precision, recall with its 95 % interval, F1 and support of each class."""
    percent = st.column_config.NumberColumn
    columns = {
        "label": "Class",
        "precision": percent("Precision", format="percent", help="How often the model is right when it says this."),
        "recall": percent("Recall", format="percent", help="How many of the pictures of this class it finds."),
        "between": st.column_config.TextColumn("Recall, 95 % interval", help="Wilson interval of the recall."),
        "f1": percent("F1", format="percent", help="The harmonic mean of precision and recall."),
        "support": "Pictures",
    }
    shown = [{**row, "between": _between(row)} for row in rows]
    st.dataframe(shown, column_config=columns, column_order=list(columns), hide_index=True, width="stretch")


def _between(row: dict[str, Any]) -> str:
    low, high = row["recall_interval"]
    return f"{low:.0%} to {high:.0%}" if row["support"] else "no pictures"
