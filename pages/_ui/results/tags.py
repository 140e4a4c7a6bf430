"""The results of a run that gives several labels; how good it is: exact match, each label, which come together."""

from typing import Any

import streamlit as st

from pages._ui.results import (
    accuracy,
    compare,
    crossval,
    downloads,
    frame,
    tag_list,
    tag_mistakes,
    tag_trust,
    tag_views,
)
from pages._ui.shell import layout, tables
from pages._ui.train import diagnosis
from tl_core.evaluation import tags
from tl_core.evaluation.tags import Results, TagPredictions, Thresholds
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.wording import fraction, interval, number, percent

EXACT = {"validation": N_("Exactly right, validation"), "test": N_("Exactly right, test")}
HELP = N_("The share of pictures that get exactly the labels that they have: one wrong label spoils a picture.")
PRECISION_MEAN = N_(
    "For each label all pictures are put in the order of its probability; this is the mean precision where it belongs, "
    "over all labels. 1 is best."
)
OPTIMISTIC = N_(
    "Validation pictures chose the thresholds and the best epoch, so these figures are slightly optimistic. Test "
    "pictures show what holds."
)


def show(run: RunFolder) -> None:
    """Draw the choices and what is chosen."""
    split = frame.choose_split(run)
    view = frame.choose_view(run)
    if split == "test":
        frame.open_test(run, stored=tags.is_stored)
    predicted = tags.load(run, split)
    if predicted is None or not len(predicted):
        st.info(_(frame.EMPTY[split]), icon=":material/info:")
        return
    thresholds = tags.thresholds_of(run)
    match view:
        case "numbers":
            _numbers(run, predicted, thresholds)
        case "errors":
            tag_mistakes.show(run, predicted, thresholds)
        case "why":
            tag_views.why_given(run, predicted, thresholds)
        case "map":
            tag_views.on_map(run, predicted, thresholds)
        case "compare":
            compare.show(run, split, tag_list.of_run)
        case "sure":
            tag_trust.sure(predicted)
        case "unknown":
            tag_trust.none(run, predicted, thresholds)
    downloads.show(run, split)


def _numbers(run: RunFolder, predicted: TagPredictions, thresholds: Thresholds) -> None:
    found = tags.results(run, predicted, thresholds)
    accuracy.metrics(_(EXACT[predicted.split]), found, key=predicted.split)
    st.caption(_(HELP))
    st.markdown(layout.escape(found.sentence()))
    if found.mean_average_precision is not None:
        st.metric(_("Mean average precision"), fraction(found.mean_average_precision), help=_(PRECISION_MEAN))
    if predicted.split == "validation":
        st.caption(_(OPTIMISTIC))
    _each(found)
    _together(found)
    crossval.show(run)
    if predicted.split == "validation":  # who changes something after a look at the test pictures spoils the test
        diagnosis.show(run)


def _each(found: Results) -> None:
    """Show the scores of each label."""
    st.header(_("Each label"), anchor=False)
    rows = [
        {
            "label": each.label,
            "support": each.support,
            "right": _share(each.accuracy, each.accuracy_interval, found.n),
            "precision": _share(each.precision, each.precision_interval, each.given),
            "recall": _share(each.recall, each.recall_interval, each.support),
            "f1": _share(each.f1, each.f1_interval, found.n),
            "average": fraction(each.average_precision) if each.average_precision is not None else "",
            "threshold": percent(each.threshold),
        }
        for each in found.tags
    ]
    text = st.column_config.TextColumn
    columns: dict[str, Any] = {
        "label": _("Label"),
        "support": text(_("Pictures"), help=_("That have it.")),
        "right": text(_("Right"), help=_("How often it is right whether a picture has this label, with 95% interval.")),
        "precision": text(_("Precision"), help=_("How often it is right when it gives this label.")),
        "recall": text(_("Recall"), help=_("How many of the pictures that have this label get it.")),
        "f1": text("F1", help=_("The harmonic mean of precision and recall.")),
        "average": text(_("Average precision"), help=_("Of the order of all pictures by its probability. 1 is best.")),
        "threshold": text(
            _("Threshold"), help=_("It is given from this probability on: chosen on the validation pictures by F1.")
        ),
    }
    st.dataframe(tables.worded(rows, {"support": number}), column_config=columns, hide_index=True, width="stretch")


def _share(share: float | None, between: tuple[float, float], n: int) -> str:
    return f"{percent(share, n)} ({interval(*between, n)})" if share is not None else _("no pictures")


def _together(found: Results) -> None:
    """Show how often two labels come together, and how often they are given together."""
    with layout.drawer(_("Which labels come together"), "tags-together", ":material/join_inner:"):
        names = [each.label for each in found.tags]
        rows = [
            {
                "label": name,
                **{
                    other: f"{number(found.together[row][column])} · {number(found.given_together[row][column])}"
                    for column, other in enumerate(names)
                },
            }
            for row, name in enumerate(names)
        ]
        st.caption(_("Pictures that have both labels · pictures that the model gives both."))
        st.dataframe(rows, column_config={"label": _("Label")}, hide_index=True, width="stretch")
