"""Two classes at every threshold: from which probability on is a picture called one of them?"""

import streamlit as st

from pages._ui.results import threshold_charts
from pages._ui.shell import charts, layout, state
from pages._ui.shell.help import GUESSING
from tl_core.accuracy import Accuracy
from tl_core.evaluation.predictions import Predictions
from tl_core.metrics import roc
from tl_core.metrics.roc import AtThreshold, Curves
from tl_core.wording import fraction, interval, number, out_of, percent, pictures


@st.fragment
def show(predicted: Predictions) -> None:
    """Show ROC and precision–recall curves and what happens at a threshold. A fragment of its own for the slider."""
    with layout.calm():
        with st.container(horizontal=True, vertical_alignment="bottom"):
            choice = state.kept("threshold-class", predicted.classes[1], predicted.classes)
            name = st.selectbox("Look for", predicted.classes, width=240, **choice)
            threshold = st.slider(
                "Threshold",
                0.0,
                1.0,
                step=0.01,
                width="stretch",
                help="A picture is called this class from this probability on.",
                **state.kept("threshold", 0.5, state.Between(0, 1)),
            )
        position = predicted.classes.index(name)
        other = predicted.classes[1 - position]
        positive, score = predicted.truth == position, predicted.probabilities[:, position]
        here = roc.at(positive, score, threshold, predicted.groups)
        curves = roc.curves(positive, score, predicted.groups)
        _here(here, name, other)
        if curves is None:
            absent = layout.escape(other if positive.any() else name)
            st.info(f"There is no picture of “{absent}” here, so there are no curves.")
        else:
            _curves(curves, here)
        advice = " Choose it on validation pictures and read it here." if predicted.split == "test" else ""
        st.caption(f"A threshold that you choose on these pictures looks better here than on new ones.{advice}")


def _here(here: AtThreshold, name: str, other: str) -> None:
    n, others = here.recall.n, here.specificity.n
    with st.container(horizontal=True):
        figures = {"Recall": here.recall, "Precision": here.precision, "Accuracy": here.accuracy}
        for title, figure in figures.items():
            st.metric(title, _share(figure), help=_between(figure), border=True)
        guess = max(n, others) / max(n + others, 1)
        st.metric(
            "Just guessing",
            percent(guess, n + others),
            help=GUESSING,
            border=True,
        )
    name, other = layout.escape(name), layout.escape(other)
    st.markdown(
        f"- **{number(here.hits)}** of {pictures(n)} of **{name}** are recognised, {number(here.missed)} are missed.\n"
        f"- **{number(here.false_alarms)}** of {pictures(others)} of **{other}** are called {name} by mistake.\n"
        f"- In all, {number(here.hits + here.passed)} of {pictures(n + others)} are right."
    )


def _curves(curves: Curves, here: AtThreshold) -> None:
    recall, specificity, precision = here.recall.accuracy, here.specificity.accuracy, here.precision.accuracy
    assert recall is not None, "both classes are there"
    assert specificity is not None, "both classes are there"
    false_alarms = 1 - specificity
    left, right = st.columns(2)
    with left:
        st.markdown(f"**ROC curve**: area {fraction(curves.area)}, 95% interval {_range(*curves.interval)}")
        alt = (
            f"ROC curve with an area of {fraction(curves.area)}. At this threshold recall is {percent(recall)}, "
            f"false alarms {percent(false_alarms)}."
        )
        charts.show(threshold_charts.roc(curves, (false_alarms, recall)), alt, key="roc")
    with right:
        st.markdown(f"**Precision and recall**: average precision {fraction(curves.average_precision)}")
        place = None if precision is None else (recall, precision)
        alt = (
            f"Precision over recall, average precision {fraction(curves.average_precision)}. "
            f"At this threshold precision is {_share(here.precision)}."
        )
        charts.show(threshold_charts.precision_recall(curves, place), alt, key="precision-recall")


def _range(low: float, high: float) -> str:
    return " to ".join(dict.fromkeys([fraction(low), fraction(high)]))


def _share(figure: Accuracy) -> str:
    return "–" if figure.accuracy is None else percent(figure.accuracy, figure.n)


def _between(figure: Accuracy) -> str:
    if figure.accuracy is None:
        return "There is nothing to count."
    return f"{out_of(figure.correct, figure.n)}; 95% interval {interval(*figure.interval, figure.n)}."
