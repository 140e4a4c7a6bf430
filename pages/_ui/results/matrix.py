"""The confusion matrix whose cells open their pictures, and the scores of each class."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages._ui.results import picture_list
from pages._ui.results.confusion_matrix import confusion_matrix
from pages._ui.shell import state, tables
from tl_core.evaluation import scores
from tl_core.evaluation.predictions import Predictions
from tl_core.language import N_, _
from tl_core.metrics import confusion
from tl_core.metrics.confusion import ClassScores
from tl_core.runs import RunFolder
from tl_core.wording import interval, number, pictures

#: Larger matrices cannot be read as a table; their confusions are listed instead, at most MOST_LISTED.
MOST_CLASSES, MOST_LISTED = 30, 200
#: Of names longer than this the column is cut: it would push the scores out of sight.
LONG = 24
#: Up to this many classes, their scores fit beside the matrix.
BESIDE = 4
TRUTH, PREDICTED = "cell-was", "cell-said"
COUNTS, SHARES = N_("Pictures"), N_("Share of the row")


def show(run: RunFolder, predicted: Predictions, done: set[str]) -> None:
    """Show which class is taken for which, the scores of each class, and the pictures of the chosen cell."""
    counts = scores.matrix(predicted)
    cell = {key: _chosen(key, predicted.classes) for key in (TRUTH, PREDICTED)}
    few = len(predicted.classes) <= BESIDE
    left, right = st.columns([2, 3], gap="large") if few else (st.container(), st.container())
    with left:
        if len(predicted.classes) <= MOST_CLASSES:
            _table(run, predicted, counts)
        else:
            _confusions(predicted, counts)
    with right:
        class_table(scores.per_class(predicted))
    _cell(run, predicted, counts, done, cell)


def _table(run: RunFolder, predicted: Predictions, counts: NDArray[np.int64]) -> None:
    classes = predicted.classes
    choice = state.kept("matrix-numbers", COUNTS, [COUNTS, SHARES])
    numbers = st.segmented_control(
        _("Numbers"), [COUNTS, SHARES], format_func=_, required=True, label_visibility="collapsed", **choice
    )
    truth, answer = state.widget(TRUTH), state.widget(PREDICTED)
    confusion_matrix(
        counts.tolist(),
        classes,
        percent=numbers == SHARES,
        chosen=(classes.index(truth), classes.index(answer)) if truth and answer else None,
        key=f"matrix-{run.id}-{predicted.split}",
        on_choose=lambda row, column: _choose(classes[row], classes[column]),
    )


def _confusions(predicted: Predictions, counts: NDArray[np.int64]) -> None:
    st.caption(
        _(
            "{number} classes are too many for a matrix, so these are the most frequent confusions. "
            "Select a row to see its pictures."
        ).format(number=len(predicted.classes))
    )
    pairs = confusion.pairs(counts)[:MOST_LISTED]
    if not pairs:
        st.markdown(_("No class was taken for another one."))
        return
    rows = [
        {
            "truth": predicted.classes[each.truth],
            "predicted": predicted.classes[each.predicted],
            "pictures": each.pictures,
            "share": each.share,
            "of": round(each.pictures / each.share),
        }
        for each in pairs
    ]
    columns: dict[str, Any] = {
        "truth": _("It is"),
        "predicted": _("The model says"),
        "pictures": _("Pictures"),
        "share": _("Of its class"),
    }

    def chosen() -> None:
        if picked := state.widget("confusions")["selection"]["rows"]:
            pair = pairs[picked[0]]
            _choose(predicted.classes[pair.truth], predicted.classes[pair.predicted])

    st.dataframe(
        tables.shares(rows, ["share"], count="of"),
        column_config=columns,
        column_order=list(columns),
        hide_index=True,
        on_select=chosen,
        selection_mode="single-row",
        height=320,
        key="confusions",
    )


def _cell(
    run: RunFolder, predicted: Predictions, counts: NDArray[np.int64], done: set[str], cell: dict[str, Any]
) -> None:
    classes = predicted.classes
    with st.container(horizontal=True):
        look: dict[str, Any] = {"index": None, "width": 240, "placeholder": _("Choose a class")}
        truth = st.selectbox(_("It is"), classes, **look, **cell[TRUTH])
        answer = st.selectbox(_("The model says"), classes, **look, **cell[PREDICTED])
    if not truth or not answer:
        st.caption(
            _("Press a number of the matrix, or choose both classes here, to see the pictures.")
            if len(classes) <= MOST_CLASSES
            else _("Select a row of the first table, or choose both classes here, to see the pictures.")
        )
        return
    row, column = classes.index(truth), classes.index(answer)
    some, every = number(counts[row, column]), pictures(int(counts[row].sum()))
    words = _("It is {truth}, the model says {answer}: {some} of {pictures}")
    st.text(words.format(truth=truth, answer=answer, some=some, pictures=every))
    entries = picture_list.entries(predicted, scores.cell(predicted, row, column))
    picture_list.show(run, predicted, entries, f"cell-{predicted.split}-{row}-{column}", done)


def _chosen(key: str, classes: Sequence[str]) -> Any:
    """Tie one of the two choices of a cell, as ``state.kept``. Once made it can be changed, but not emptied.

    A busy browser that is told of a choice may say with the next press that there is none: that would close the cell.
    """

    def moved(value: str | None) -> None:
        if value is None:
            state.keep(key, before)

    choice = state.kept(key, None, [None, *classes], then=moved)
    before = state.widget(key)
    return choice


def _choose(truth: str, answer: str) -> None:
    state.keep(TRUTH, truth)
    state.keep(PREDICTED, answer)


def class_table(rows: Sequence[ClassScores]) -> None:
    """Show precision, recall with its 95% interval, F1 and number of pictures of each class."""
    column = st.column_config.NumberColumn
    wide = any(len(row.label) > LONG for row in rows)
    columns: dict[str, Any] = {
        "label": st.column_config.Column(_("Class"), width="medium" if wide else None),
        "precision": column(_("Precision"), help=_("How often it is right when it says this class.")),
        "recall": column(_("Recall"), help=_("How many of the pictures of this class it recognises.")),
        "between": st.column_config.TextColumn(_("95% interval"), help=_("Wilson interval of the recall.")),
        "f1": column("F1", help=_("The harmonic mean of precision and recall.")),
        "support": _("Pictures"),
    }
    shown = [
        {
            "label": row.label,
            "precision": row.precision,
            "recall": row.recall,
            "between": interval(*row.recall_interval, row.support) if row.support else _("no pictures"),
            "f1": row.f1,
            "support": row.support,
        }
        for row in rows
    ]
    table = tables.shares(shown, ["precision", "recall", "f1"], count="support")
    st.dataframe(table, column_config=columns, column_order=list(columns), hide_index=True, width="stretch")
