"""Mistakes of a run that gives several labels: label by label, and labels that are probably wrong themselves."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from pages._ui.results import tag_list
from pages._ui.results.picture_list import Entry
from pages._ui.shell import jobs, layout, state
from pages._ui.shell.jobs import Offer
from tl_core.evaluation import tag_crossval, tags
from tl_core.evaluation.tag_crossval import DoubtedTag
from tl_core.evaluation.tags import TagMistake, TagPredictions, Thresholds
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.wording import certainty, number, percent

VIEW = "tag-errors-view"
BY_LABEL, DOUBTED = N_("Mistakes by label"), N_("Labels to check")
PLACE, TAG, DOUBTS = "tag-mistakes", "mistakes-of-tag", "tag-doubts"


@st.fragment
def show(run: RunFolder, predicted: TagPredictions, thresholds: Thresholds) -> None:
    """Show the mistakes, or the labels to check."""
    with layout.calm():
        views = [BY_LABEL, DOUBTED]
        view = st.segmented_control(
            _("Look at"),
            views,
            format_func=_,
            required=True,
            label_visibility="collapsed",
            **state.kept(VIEW, BY_LABEL, views),
        )
        if view == DOUBTED:
            _doubts(run, predicted)
        else:
            _mistakes(run, predicted, thresholds)


def _mistakes(run: RunFolder, predicted: TagPredictions, thresholds: Thresholds) -> None:
    """Show the pictures of which one label is wrong, the one farthest from its threshold first."""
    every = tags.mistakes(predicted, thresholds)
    tag = _label(predicted.tags, [each.tag for each in every], f"{TAG}-{predicted.split}")
    if tag is None:
        st.markdown(_("No label is wrong."))
        return
    tag_list.show(run, [_wrong(each) for each in every if each.tag == tag], PLACE, predicted, tag)


def _doubts(run: RunFolder, predicted: TagPredictions) -> None:
    """Show the labels that are in doubt, or the button that looks for them."""
    result = tag_crossval.load(run)
    if result is None:
        jobs.panel("crossval", _("Looking for wrong labels"), _offer(), run=str(run.folder))
        return
    every = tag_crossval.doubts(result)
    st.markdown(
        _("{number} of {every} labels are in doubt. Each is a wrong label or a mistake of the model: look.").format(
            number=number(len(every)), every=number(result.truth.size)
        ),
        help=_(
            "Cross-validation predicts each training and validation picture by a model that has not seen it. Test "
            "pictures are not used. Method: [confident learning](https://arxiv.org/abs/2211.13895), label by label."
        ),
    )
    tag = _label(result.tags, [each.tag for each in every], DOUBTS)
    if tag is not None:
        st.caption(_("Give or take labels on the Pictures page."))
        tag_list.show(run, [_doubted(each) for each in every if each.tag == tag], DOUBTS, predicted, tag)


def _label(tags_: Sequence[str], found: Sequence[str], key: str) -> str | None:
    """Let a person choose one of the labels of which something was found, and return it; None if there is none."""
    counts = Counter(found)
    options = [tag for tag in tags_ if counts[tag]]
    if not options:
        return None
    chosen: str = st.segmented_control(
        _("Label"),
        options,
        format_func=lambda each: f"{each} ({number(counts[each])})",
        required=True,
        **state.kept(key, options[0], options),
    )
    return chosen


def _offer() -> Offer:
    return Offer(
        _("Look for wrong labels"),
        ":material/search:",
        "look-for-doubts",
        _(
            "Each picture is shown to a model that was trained without it. Where that model is confident that a label "
            "belongs, or does not, the label may be wrong."
        ),
        primary=True,
    )


def _wrong(mistake: TagMistake) -> Entry:
    has = _("has {label}, not given") if mistake.has else _("has no {label}, given")
    detail = _("{share}; given from {threshold} on")
    return Entry(
        mistake.id,
        has.format(label=mistake.tag),
        detail.format(share=certainty(mistake.probability), threshold=percent(mistake.threshold)),
    )


def _doubted(doubt: DoubtedTag) -> Entry:
    has = _("has {label}") if doubt.has else _("has no {label}")
    detail = _("the model says {share}").format(share=certainty(doubt.probability))
    return Entry(doubt.id, has.format(label=doubt.tag), detail)
