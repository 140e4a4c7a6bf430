"""Two classes at every threshold: from which probability on is a picture called one of them?"""

from typing import Any

import streamlit as st

from pages._ui.results import threshold_charts
from pages._ui.shell import charts, layout
from tl_core.evaluation.predictions import Predictions
from tl_core.metrics import roc
from tl_core.wording import pictures


@st.fragment
def show(found: Predictions) -> None:
    """Show ROC and precision–recall curves and what happens at a threshold. A fragment of its own for the slider."""
    with layout.calm():
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox("Look for", found.classes, index=1, width=240, key="threshold-class")
            threshold = st.slider(
                "Called so from this probability on", 0.0, 1.0, 0.5, 0.01, key="threshold", width="stretch"
            )
        position = found.classes.index(name)
        other = found.classes[1 - position]
        positive, score = found.truth == position, found.probabilities[:, position]
        told = roc.at(positive, score, threshold)
        _told(told, name, other)
        _curves(roc.of(positive, score), told, name, other)
        st.caption(
            f"A threshold that was chosen on these {pictures(len(found))} looks better on them than it is on new ones. "
            + ("Choose it on the validation part and read it here." if found.split == "test" else "")
        )


def _told(told: dict[str, Any], name: str, other: str) -> None:
    n, others = told["recall"]["n"], told["specificity"]["n"]
    with st.container(horizontal=True):
        for title, key in (("Recall", "recall"), ("Precision", "precision"), ("Accuracy", "accuracy")):
            st.metric(title, _percent(told[key]["accuracy"]), help=_between(told[key]), border=True)
        guess = max(n, others) / max(n + others, 1)
        st.metric("Always the commonest class", _percent(guess), help="The accuracy of a guess.", border=True)
    name, other = layout.escape(name), layout.escape(other)
    st.markdown(
        f"Of {pictures(n)} of **{name}**, **{told['hits']}** are found and {told['missed']} missed "
        f"(recall {_between(told['recall'])}). Of {pictures(others)} of **{other}**, "
        f"**{told['false_alarms']}** are called {name} by mistake and {told['passed']} are not "
        f"(precision {_between(told['precision'])}). In all, {told['hits'] + told['passed']} of {pictures(n + others)} "
        f"are right (accuracy {_between(told['accuracy'])})."
    )


def _curves(found: roc.Thresholds, told: dict[str, Any], name: str, other: str) -> None:
    area = roc.area_under_roc(found)
    if area["area"] is None:
        absent = layout.escape(other if found.positives else name)
        st.info(f"There is no picture of “{absent}” in this part: without both classes there is no curve.")
        return
    low, high = area["interval"]
    precision, ideal = roc.average_precision(found) or 0.0, 1 - told["specificity"]["accuracy"]
    recall = told["recall"]["accuracy"]
    left, right = st.columns(2)
    with left:
        st.markdown(f"**ROC curve**: area {area['area']:.3f}, 95 % interval {low:.3f} to {high:.3f}")
        alt = f"ROC curve with an area of {area['area']:.3f}; here recall {recall:.0%}, false alarms {ideal:.0%}."
        charts.show(threshold_charts.roc(found, (ideal, recall)), alt, key="roc")
    with right:
        st.markdown(f"**Precision and recall**: average precision {precision:.3f}")
        here = told["precision"]["accuracy"]
        place = None if here is None else (recall, here)
        alt = f"Precision over recall, average precision {precision:.3f}; here precision {_percent(here)}."
        charts.show(threshold_charts.precision_recall(found, place), alt, key="precision-recall")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _between(figure: dict[str, Any]) -> str:
    if figure["accuracy"] is None:
        return "unknown: nothing to count"
    low, high = figure["interval"]
    return f"{figure['accuracy']:.0%}, 95 % interval {low:.0%} to {high:.0%}"
