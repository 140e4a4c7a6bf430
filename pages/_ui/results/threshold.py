"""Two classes at every threshold: from which probability on is a picture called one of them?"""

import streamlit as st

from pages._ui.results import threshold_charts
from pages._ui.shell import charts, layout, state
from pages._ui.shell.help import GUESSING
from tl_core.accuracy import Accuracy
from tl_core.evaluation.predictions import Predictions
from tl_core.language import _
from tl_core.metrics import roc
from tl_core.metrics.roc import AtThreshold, Curves
from tl_core.wording import fraction, interval, number, out_of, percent, pictures


@st.fragment
def show(predicted: Predictions) -> None:
    """Show ROC and precision–recall curves and what happens at a threshold. A fragment of its own for the slider."""
    with layout.calm():
        with st.container(horizontal=True, vertical_alignment="bottom"):
            choice = state.kept("threshold-class", predicted.classes[1], predicted.classes)
            name = st.selectbox(_("Look for"), predicted.classes, width=240, **choice)
            threshold = st.slider(
                _("Threshold"),
                0.0,
                1.0,
                step=0.01,
                width="stretch",
                help=_("A picture is called this class from this probability on."),
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
            st.info(_("There is no picture of “{label}” here, so there are no curves.").format(label=absent))
        else:
            _curves(curves, here)
        notes = [_("A threshold that you choose on these pictures looks better here than on new ones.")]
        if predicted.split == "test":
            notes.append(_("Choose it on validation pictures and read it here."))
        st.caption(" ".join(notes))


def _here(here: AtThreshold, name: str, other: str) -> None:
    n, others = here.recall.n, here.specificity.n
    with st.container(horizontal=True):
        figures = {_("Recall"): here.recall, _("Precision"): here.precision, _("Accuracy"): here.accuracy}
        for title, figure in figures.items():
            st.metric(title, _share(figure), help=_between(figure), border=True)
        guess = max(n, others) / max(n + others, 1)
        st.metric(
            _("Just guessing"),
            percent(guess, n + others),
            help=_(GUESSING),
            border=True,
        )
    name, other = layout.escape(name), layout.escape(other)
    lines = [
        _("**{hits}** of {pictures} of **{name}** are recognised, {missed} are missed.").format(
            hits=number(here.hits), pictures=pictures(n), name=name, missed=number(here.missed)
        ),
        _("**{alarms}** of {pictures} of **{other}** are called {name} by mistake.").format(
            alarms=number(here.false_alarms), pictures=pictures(others), other=other, name=name
        ),
        _("In all, {right} of {pictures} are right.").format(
            right=number(here.hits + here.passed), pictures=pictures(n + others)
        ),
    ]
    st.markdown("\n".join(f"- {line}" for line in lines))


def _curves(curves: Curves, here: AtThreshold) -> None:
    recall, specificity, precision = here.recall.accuracy, here.specificity.accuracy, here.precision.accuracy
    assert recall is not None, "both classes are there"
    assert specificity is not None, "both classes are there"
    false_alarms = 1 - specificity
    left, right = st.columns(2)
    with left:
        words = _("**ROC curve**: area {area}, 95% interval {interval}")
        st.markdown(words.format(area=fraction(curves.area), interval=_range(*curves.interval)))
        alt = _(
            "ROC curve with an area of {area}. At this threshold recall is {recall}, false alarms {false_alarms}."
        ).format(area=fraction(curves.area), recall=percent(recall), false_alarms=percent(false_alarms))
        charts.show(threshold_charts.roc(curves, (false_alarms, recall)), alt, key="roc")
    with right:
        average = fraction(curves.average_precision)
        st.markdown(_("**Precision and recall**: average precision {average}").format(average=average))
        place = None if precision is None else (recall, precision)
        alt = _(
            "Precision over recall, average precision {average}. At this threshold precision is {precision}."
        ).format(average=average, precision=_share(here.precision))
        charts.show(threshold_charts.precision_recall(curves, place), alt, key="precision-recall")


def _range(low: float, high: float) -> str:
    first, last = fraction(low), fraction(high)
    return first if first == last else _("{low} to {high}").format(low=first, high=last)


def _share(figure: Accuracy) -> str:
    return "–" if figure.accuracy is None else percent(figure.accuracy, figure.n)


def _between(figure: Accuracy) -> str:
    if figure.accuracy is None:
        return _("There is nothing to count.")
    return _("{right}; 95% interval {interval}.").format(
        right=out_of(figure.correct, figure.n), interval=interval(*figure.interval, figure.n)
    )
