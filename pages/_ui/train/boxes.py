"""What is shown of a run on boxes at its end: how good its boxes are on the validation pictures."""

import streamlit as st

from pages._ui.shell import layout
from pages._ui.train import curves
from tl_core import wording
from tl_core.dataset import manifest
from tl_core.evaluation import box_record
from tl_core.language import N_, _
from tl_core.runs import RunFolder, RunReport


def measured(run: RunFolder, report: RunReport) -> None:
    """Show the mean average precision with its interval, and what the boxes are at the confidence that was chosen."""
    results = box_record.results_of(run)
    precision, chosen, mistakes = results.precision, results.chosen, results.mistakes
    with st.container(horizontal=True):
        if precision.map50 is not None and precision.map50_95 is not None:
            st.metric("mAP@50", wording.fraction(precision.map50), help=_(MAP))
            low, high = map(wording.fraction, precision.interval)
            st.metric(_("95% interval"), _("{low} to {high}").format(low=low, high=high), help=_(INTERVAL))
            st.metric("mAP@50:95", wording.fraction(precision.map50_95), help=_(MAP_95))
        st.metric(_("Time"), wording.duration(report.seconds["total"]))
    n = wording.of_split(precision.pictures, "validation")
    if precision.map50 is None:
        st.caption(_("On {pictures} there is no box to measure it on.").format(pictures=n))
        return
    boxes = wording.plural(mistakes.right + mistakes.missed, "box", "boxes")
    st.caption(
        _(
            "On {pictures}, with the weights of the best epoch: {phase}, epoch {number}. From a confidence of "
            "{confidence} on, {right} of {boxes} are found, and {share} of what is found is right. They helped to "
            "choose both, so new pictures may do slightly worse."
        ).format(
            pictures=n,
            phase=_(curves.IN_PHASE[report.best.phase]),
            number=wording.number(report.best.epoch),
            confidence=wording.percent(chosen.confidence),
            right=wording.number(mistakes.right),
            boxes=boxes,
            share=wording.percent(chosen.precision),
        )
    )
    _offer(run)


def _offer(run: RunFolder) -> None:
    """Say what helps most next, where there are pictures without boxes: the model draws, a person corrects."""
    table = manifest.load(run.project).table
    unseen = table.loc[table["boxes"] == "", "id"]
    if len(unseen):
        count = wording.pictures(len(unseen))
        words = _("{pictures} without boxes are left: let the model suggest them").format(pictures=count)
        layout.link("pictures", words, icon=":material/draw:", draw=str(unseen.iloc[0]))


MAP = N_(
    "Mean average precision, as COCO defines it: 1 if every box is found at its place before anything wrong is. A box "
    "counts as found if it and the true one share at least half of what they cover together."
)
MAP_95 = N_("The same, averaged over ten demands on the place of a box, from half of what both cover up to 95%.")
INTERVAL = N_("By drawing the validation pictures again and again: another set of pictures would give such a value.")
