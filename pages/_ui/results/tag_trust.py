"""How far the probabilities of several labels can be trusted, and what becomes of pictures without any label."""

import streamlit as st

from pages._ui.results import tag_list, trust_charts
from pages._ui.results.calibration import VERDICTS
from pages._ui.shell import charts
from tl_core.accuracy import Accuracy
from tl_core.evaluation import tags
from tl_core.evaluation.tags import TagPredictions, Thresholds
from tl_core.language import N_, _
from tl_core.metrics.calibration import Reliability
from tl_core.runs import RunFolder
from tl_core.wording import interval, number, out_of, percent, pictures

#: The verdict in a table.
SHORT = {
    "trust": N_("no larger than chance makes it"),
    "distrust": N_("larger than chance makes it"),
    "few": N_("too few pictures to tell"),
}


def sure(predicted: TagPredictions) -> None:
    """Show how often pictures have a label that is given so much probability: of all labels, and of each."""
    st.header(_("When it says 90%, is it right nine times out of ten?"), anchor=False)
    every, each = tags.reliability(predicted)
    left, right = st.columns([3, 2], gap="large")
    with left:
        charts.show(trust_charts.reliability(every.bins, of_labels=True), _alt(every), key="reliability")
    with right:
        st.metric(
            _("Calibration error"),
            percent(every.ece, every.n),
            help=_(
                "Expected calibration error: the mean gap between the probability of a label and how often it is so."
            ),
        )
        st.markdown(_(VERDICTS[every.verdict]))
        by_chance = _("Of {pictures} with {labels} labels each, {n} answers in all. Perfectly calibrated: {error}.")
        st.caption(
            by_chance.format(
                pictures=pictures(len(predicted)),
                labels=number(len(predicted.tags)),
                n=number(every.n),
                error=every.chance(),
            )
        )
    _each(predicted, each)


def _each(predicted: TagPredictions, each: list[Reliability]) -> None:
    st.header(_("Each label"), anchor=False)
    rows = [
        {
            "label": tag,
            "n": number(found.n),
            "error": percent(found.ece, found.n),
            "chance": found.chance(),
            "verdict": _(SHORT[found.verdict]),
        }
        for tag, found in zip(predicted.tags, each, strict=True)
    ]
    columns = {
        "label": _("Label"),
        "n": _("Pictures"),
        "error": _("Calibration error"),
        "chance": _("Perfectly calibrated"),
        "verdict": _("The error is"),
    }
    st.dataframe(rows, column_config=columns, hide_index=True, width="stretch")
    if predicted.split == "validation":
        st.caption(
            _(
                "Validation pictures chose the best epoch, so these errors are slightly optimistic. Those of test "
                "pictures are not."
            )
        )


def none(run: RunFolder, predicted: TagPredictions, thresholds: Thresholds) -> None:
    """Show which pictures get no label at all, and how often rightly."""
    st.header(_("Pictures without any label"), anchor=False)
    st.markdown(_("A picture gets no label where none reaches its threshold: the model knows nothing in it."))
    found = tags.untagged(predicted, thresholds)
    with st.container(horizontal=True):
        st.metric(_("Get no label"), out_of(found.rightly.n, len(predicted)))
        _metric(_("Rightly"), found.rightly, _("How many of the pictures that get no label have none."))
        st.metric(_("Have no label"), out_of(found.found.n, len(predicted)))
        _metric(_("Of these get none"), found.found, _("How many of the pictures that have no label get none."))
    wrong = [*found.wrongly, *found.missed]
    if wrong:
        st.subheader(_("Wrongly without a label, or with one"), anchor=False)
        tag_list.of_run(run, predicted.split, wrong, f"untagged-{predicted.split}")


def _metric(title: str, share: Accuracy, about: str) -> None:
    if share.accuracy is None:
        st.metric(title, _("no pictures"), help=about)
        return
    reach = _("95% interval {interval}.").format(interval=interval(*share.interval, share.n))
    st.metric(title, percent(share.accuracy, share.n), help=f"{about} {reach}")


def _alt(shown: Reliability) -> str:
    words = _("{confidence} probable: {right} of {n} have the label")
    each = "; ".join(
        words.format(confidence=percent(bin_.confidence), right=bin_.correct, n=bin_.n) for bin_ in shown.bins
    )
    return _("How often pictures have a label, by its probability: {groups}.").format(groups=each)
