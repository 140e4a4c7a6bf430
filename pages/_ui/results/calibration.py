"""How sure the model is: does 90 % mean nine times out of ten?"""

import streamlit as st

from pages._ui.results import trust_charts
from pages._ui.shell import charts, layout
from tl_core.evaluation.predictions import Predictions, softmax
from tl_core.metrics import calibration
from tl_core.metrics.intervals import percent
from tl_core.runs import RunFolder


def show(run: RunFolder, found: Predictions) -> None:
    """Show the reliability diagram, the calibration error, and the temperature that the model has."""
    st.subheader("When it says 90 %, is it right nine times out of ten?", anchor=False)
    shown = calibration.reliability(found.probabilities, found.truth)
    before = calibration.reliability(softmax(found.logits), found.truth)
    left, right = st.columns([3, 2], gap="large")
    with left:
        charts.show(trust_charts.reliability(shown["bins"]), _alt(shown), key="reliability")
    with right:
        _figures(shown, before, found.temperature)
    _advice(found)


def _figures(shown: dict, before: dict, temperature: float) -> None:
    with st.container(horizontal=True):
        st.metric(
            "Calibration error",
            f"{shown['ece']:.1%}",
            help="Expected calibration error: the mean gap between how sure it was and how often it was right.",
        )
        st.metric(
            "Before the temperature", f"{before['ece']:.1%}", help="The same for the logits as they were trained."
        )
        st.metric("Temperature", f"{temperature:.2f}", help="What the logits are divided by. Above 1: less sure.")
    mean, most = shown["by_chance"]
    st.markdown(
        f"With {shown['n']:,} pictures, a model that is exactly as sure as it is right would show an error of about "
        f"{percent(mean, 1)}, and up to {percent(most, 1)} by chance. "
        + (
            "This one is within that."
            if shown["ece"] <= most
            else "This one is beyond it: do not take its percentages at their word."
        )
    )
    st.caption(
        "Each point is a group of pictures that the model was about equally sure of, with its 95 % interval. "
        "Below the dotted line it is too sure, above it not sure enough."
    )


def _advice(found: Predictions) -> None:
    if found.temperature == 1:
        st.markdown("This model has no temperature: its probabilities are those that it was trained to say.")
        return
    changed = "less" if found.temperature > 1 else "more"
    st.markdown(
        f"The temperature makes the model {changed} sure; it changes no answer. It was fitted on the validation "
        "pictures after training and is part of the saved model: every program that loads it gets these probabilities. "
        "Some dozens of right answers cannot vouch for 99.9 %, so the model does not claim it."
    )
    if found.split == "validation":
        st.caption(
            "The temperature was fitted on these very pictures, so the figure flatters a little. The test part tells."
        )
    st.caption(
        layout.escape("Guo et al. 2017, On Calibration of Modern Neural Networks; bins of equally many pictures.")
    )


def _alt(shown: dict) -> str:
    each = "; ".join(f"sure {each['confidence']:.0%}: {each['right']} of {each['n']} right" for each in shown["bins"])
    return f"How often the model was right by how sure it was: {each}."
