"""Confidence: does 90% mean nine times out of ten?"""

import streamlit as st

from pages._ui.results import trust_charts
from pages._ui.shell import charts, layout
from tl_core.evaluation.predictions import Predictions, softmax
from tl_core.metrics import calibration
from tl_core.metrics.calibration import Reliability
from tl_core.runs import RunFolder
from tl_core.wording import percent, pictures

WORSE = (
    "The error is smaller without the temperature. It is kept because it makes the answers more probable on all "
    "validation pictures. The error alone, of a few groups of pictures, moves by chance."
)

VERDICTS = {
    "trust": "You can trust these percentages: the error is no larger than chance makes it.",
    "distrust": "Do not trust these percentages: the error is larger than chance makes it.",
    "few": "There are too few pictures to tell whether you can trust these percentages.",
}


def show(run: RunFolder, predicted: Predictions) -> None:
    """Show the reliability diagram, the calibration error, and the temperature that the model has."""
    st.header("When it says 90%, is it right nine times out of ten?", anchor=False)
    after = calibration.reliability(predicted.probabilities, predicted.truth, predicted.groups)
    before = calibration.reliability(softmax(predicted.logits), predicted.truth)
    left, right = st.columns([3, 2], gap="large")
    with left:
        charts.show(trust_charts.reliability(after.bins), _alt(after), key="reliability")
    with right:
        _figures(after, before, predicted.temperature)
    _learn_more(predicted, after, before)


def _figures(after: Reliability, before: Reliability, temperature: float) -> None:
    with st.container(horizontal=True):
        st.metric(
            "Calibration error",
            percent(after.ece, after.n),
            help="Expected calibration error: the mean gap between how confident the model is and how often it is "
            "right.",
        )
        st.metric("Without the temperature", percent(before.ece, before.n), help="The same before the correction.")
        st.metric("Temperature", f"{temperature:.2f}", help="The logits are divided by it. Above 1: less confident.")
    st.markdown(VERDICTS[after.verdict])
    alike = " Pictures that are alike count together." if after.correlation else ""
    st.caption(
        f"With {pictures(after.n)}, a perfectly calibrated model shows an error of {after.chance()} by chance alone."
        f"{alike}"
    )


def _learn_more(predicted: Predictions, after: Reliability, before: Reliability) -> None:
    if before.ece < after.ece:
        st.info(WORSE, icon=":material/info:")
    with layout.drawer("Learn more", "sure-more"):
        st.markdown(
            "Each point is a group of pictures with about the same confidence, with its 95% interval. Below the dotted "
            "line the model is too confident, above it not confident enough."
        )
        if predicted.temperature == 1:
            st.markdown("This model has no temperature: its probabilities are as it was trained.")
            return
        changed = "less" if predicted.temperature > 1 else "more"
        st.markdown(
            f"The temperature makes the model {changed} confident and changes no answer. It was fitted on validation "
            "pictures and is part of the saved model. A few dozen right answers cannot justify 99.9% confidence, so "
            "the model does not claim it."
        )
        if predicted.split == "validation":
            st.markdown("It was fitted on these pictures, so this error is slightly optimistic.")
        st.markdown("Method: Guo et al. 2017, [On Calibration](https://arxiv.org/abs/1706.04599); bins of equal size.")


def _alt(shown: Reliability) -> str:
    each = "; ".join(f"{percent(bin_.confidence)} confident: {bin_.correct} of {bin_.n} right" for bin_ in shown.bins)
    return f"How often the model is right, by its confidence: {each}."
