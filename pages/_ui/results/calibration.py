"""Confidence: does 90% mean nine times out of ten?"""

import streamlit as st

from pages._ui.results import trust_charts
from pages._ui.shell import charts, layout
from tl_core.evaluation.predictions import Predictions, softmax
from tl_core.language import N_, _
from tl_core.metrics import calibration
from tl_core.metrics.calibration import Reliability
from tl_core.runs import RunFolder
from tl_core.wording import decimal, percent, pictures

WORSE = N_(
    "The error is smaller without the temperature. It is kept: it is fitted on each of the validation pictures, and "
    "does not take a few right answers for certainty. The error, of a few groups of pictures, moves by chance."
)

VERDICTS = {
    "trust": N_("You can trust these percentages: the error is no larger than chance makes it."),
    "distrust": N_("Do not trust these percentages: the error is larger than chance makes it."),
    "few": N_("There are too few pictures to tell whether you can trust these percentages."),
}


def show(run: RunFolder, predicted: Predictions) -> None:
    """Show the reliability diagram, the calibration error, and the temperature that the model has."""
    st.header(_("When it says 90%, is it right nine times out of ten?"), anchor=False)
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
            _("Calibration error"),
            percent(after.ece, after.n),
            help=_(
                "Expected calibration error: the mean gap between how confident the model is and how often it is right."
            ),
        )
        st.metric(
            _("Without the temperature"), percent(before.ece, before.n), help=_("The same before the correction.")
        )
        st.metric(
            _("Temperature"),
            decimal(temperature, 2),
            help=_("The logits are divided by it. Above 1: less confident."),
        )
    st.markdown(_(VERDICTS[after.verdict]))
    by_chance = _("With {pictures}, a perfectly calibrated model shows an error of {error} by chance alone.")
    notes = [by_chance.format(pictures=pictures(after.n), error=after.chance())]
    if after.correlation:
        notes.append(_("Pictures that are alike count together."))
    st.caption(" ".join(notes))


def _learn_more(predicted: Predictions, after: Reliability, before: Reliability) -> None:
    if before.ece < after.ece:
        st.info(_(WORSE), icon=":material/info:")
    with layout.drawer(_("Learn more"), "sure-more"):
        st.markdown(
            _(
                "Each point is a group of pictures with about the same confidence, with its 95% interval. Below the "
                "dotted line the model is too confident, above it not confident enough."
            )
        )
        if predicted.temperature == 1:
            st.markdown(_("This model has no temperature: its probabilities are as it was trained."))
            return
        effect = (
            _("The temperature makes the model less confident and changes no answer.")
            if predicted.temperature > 1
            else _("The temperature makes the model more confident and changes no answer.")
        )
        fitted = _(
            "It was fitted on validation pictures and is part of the saved model. A few dozen right answers cannot "
            "justify 99.9% confidence, so the model does not claim it."
        )
        st.markdown(f"{effect} {fitted}")
        if predicted.split == "validation":
            st.markdown(_("It was fitted on these pictures, so this error is slightly optimistic."))
        st.markdown(
            _("Method: Guo et al. 2017, [On Calibration](https://arxiv.org/abs/1706.04599); bins of equal size.")
        )


def _alt(shown: Reliability) -> str:
    words = _("{confidence} confident: {right} of {n} right")
    each = "; ".join(
        words.format(confidence=percent(bin_.confidence), right=bin_.correct, n=bin_.n) for bin_ in shown.bins
    )
    return _("How often the model is right, by its confidence: {groups}.").format(groups=each)
