"""The results of a run on boxes: average precision, each class, precision and recall, and the mistakes."""

from typing import Any

import streamlit as st

from pages._ui.results import box_charts, box_compare, box_mistakes, frame, numbers
from pages._ui.shell import charts, layout, state, tables
from pages._ui.shell.help import INTERVAL
from pages._ui.train import curves
from tl_core.evaluation import box_record, scores
from tl_core.evaluation.box_record import BoxFindings
from tl_core.language import N_, _
from tl_core.metrics import average_precision
from tl_core.metrics.average_precision import AveragePrecision, Shown
from tl_core.runs import RunFolder
from tl_core.travel import box_tables
from tl_core.wording import decimal, fraction, number, of_split, percent, plural

CONFIDENCE = "confidence"
MAP50 = N_(
    "Mean average precision, as COCO defines it: a found box is right if it overlaps a box of its class by at least "
    "half of what both cover. For each class precision is averaged over all recalls, then over the classes. 1 is best. "
    "It is no accuracy."
)
MAP50_95 = N_(
    "The mean of the same at overlaps of 50%, 55%, … 95%: it says how exactly the boxes are placed. Good detectors of "
    "everyday things reach about 0.5."
)
OPTIMISTIC = N_(
    "Validation pictures chose the confidence and the best epoch, so these figures are slightly optimistic. Test "
    "pictures show what holds."
)


def show(run: RunFolder) -> None:
    """Draw the choices and what is chosen."""
    frame.require_predictions(run, lambda one: box_record.is_stored(one, "validation"))
    split = frame.choose_split(run)
    view = frame.choose_view(run)
    if split == "test":
        frame.open_test(run, stored=box_record.is_stored)
    findings = box_record.load(run, split)
    if findings is None or not len(findings):
        st.info(_(frame.EMPTY[split]), icon=":material/info:")
        return
    match view:
        case "numbers":
            _numbers(run, findings)
        case "errors":
            _errors(run, findings)
        case "compare":
            box_compare.show(run, split)
    _download(run, findings)


def confidence(run: RunFolder) -> float:
    """Draw the slider for the confidence from which on boxes count as found, and return it."""
    chosen = box_record.results_of(run).chosen.confidence
    value: float = st.slider(
        _("Confidence"),
        0.01,
        0.99,
        step=0.01,
        help=_(
            "Boxes of which the model is at least so sure count as found. It begins where F1 is best in validation."
        ),
        **state.kept(CONFIDENCE, min(max(round(chosen, 2), 0.01), 0.99), state.Between(0.01, 0.99)),
    )
    return chosen if value == round(chosen, 2) else value


def _numbers(run: RunFolder, findings: BoxFindings) -> None:
    results = box_record.results_of(run) if findings.split == "validation" else box_record.on_test(run)
    if results is None or results.precision.map50_95 is None:
        st.info(_("There is no box in these pictures, so there is nothing to measure."), icon=":material/info:")
        return
    _figures(results.precision, findings.split)
    if notes := scores.leaks(run, findings.split):
        st.warning(" ".join([*notes, _("Resolve this on Pictures and train again.")]), icon=":material/content_copy:")
    st.caption(_(OPTIMISTIC) if findings.split == "validation" else numbers.opened(run))
    _at_confidence(run, findings, results.precision)
    if findings.split == "validation":
        _while_learning(run)


def _while_learning(run: RunFolder) -> None:
    report = run.report()
    if report is None or "map50" not in curves.of(report.history):
        return
    st.header(_("While it learned"), anchor=False)
    drawn, said = curves.curves(report.history, "map50"), curves.described(report.history, "map50")
    charts.show(drawn, said, key="curve-map50")


def _figures(found: AveragePrecision, split: str) -> None:
    assert found.map50 is not None
    assert found.map50_95 is not None
    with st.container(horizontal=True, key=f"figures-{split}"):
        st.metric("mAP@50", decimal(found.map50, 3), help=_(MAP50))
        st.metric(_("95% interval"), _between(found.interval), help=_(INTERVAL))
        st.metric("mAP@50:95", decimal(found.map50_95, 3), help=_(MAP50_95))
        st.metric(_("95% interval"), _between(found.interval50_95), help=_(INTERVAL))
    there = sum(each.there for each in found.classes)
    st.markdown(
        _("Measured on {boxes} in {pictures}; the intervals come from drawing these pictures again.").format(
            boxes=plural(there, "box", "boxes"), pictures=of_split(found.pictures, split)
        )
    )


@st.fragment
def _at_confidence(run: RunFolder, findings: BoxFindings, found: AveragePrecision) -> None:
    """Show what is found from a confidence on: in all, of each class, and where that is on the curves."""
    with layout.calm():
        st.header(_("From a confidence on"), anchor=False)
        least = confidence(run)
        here = average_precision.at(findings.seen, len(findings.classes), least)
        shown = average_precision.shown(findings.seen, len(findings.classes), least)
        right, given, there = (sum(getattr(each, name) for each in shown) for name in ("right", "found", "there"))
        with st.container(horizontal=True):
            st.metric(_("Precision"), percent(here.precision, given), help=_("How many of the found boxes are right."))
            st.metric(
                _("Recall"), percent(here.recall, there), help=_("How many of the boxes that are there are found.")
            )
            st.metric("F1", fraction(here.f1), help=_("The harmonic mean of precision and recall."))
        st.markdown(
            _(
                "Found: {found}, **{right}** of them right. In the pictures: {there}, **{missed}** of them not found."
            ).format(
                right=number(right),
                found=plural(given, "box", "boxes"),
                there=plural(there, "box", "boxes"),
                missed=number(there - right),
            )
        )
        _each(findings, found, shown)
        st.header(_("Precision and recall"), anchor=False)
        charts.show(
            box_charts.curves(findings.classes, found, shown),
            box_charts.in_words(findings.classes, found),
            key="box-curves",
        )


def _each(findings: BoxFindings, found: AveragePrecision, shown: list[Shown]) -> None:
    rows = [
        {
            "label": label,
            "there": own.there,
            "average": "–" if own.ap50 is None else f"{decimal(own.ap50, 3)} ({_between(own.interval)})",
            "found": here.found,
            "right": here.right,
            "precision": "–" if here.precision is None else percent(here.precision, here.found),
            "recall": "–" if here.recall is None else percent(here.recall, here.there),
        }
        for label, own, here in zip(findings.classes, found.classes, shown, strict=True)
    ]
    text = st.column_config.TextColumn
    columns: dict[str, Any] = {
        "label": _("Class"),
        "there": text(_("There"), help=_("Boxes that a person has drawn.")),
        "average": text("AP@50", help=_("Average precision, with 95% interval. 1 is best.")),
        "found": text(_("Found"), help=_("Boxes from the confidence above on.")),
        "right": text(_("Right"), help=_("Found boxes of the right class that overlap one that is there by half.")),
        "precision": _("Precision"),
        "recall": _("Recall"),
    }
    counted = dict.fromkeys(("there", "found", "right"), number)
    st.dataframe(tables.worded(rows, counted), column_config=columns, hide_index=True, width="stretch")


@st.fragment
def _errors(run: RunFolder, findings: BoxFindings) -> None:
    with layout.calm():
        box_mistakes.show(run, findings, confidence(run))


def _download(run: RunFolder, findings: BoxFindings) -> None:
    with layout.drawer(_("Download"), "download-results", ":material/download:") as drawer:
        if drawer.open:
            st.markdown(_("A table of all boxes in these pictures: those that are there, and those that were found."))
            chosen = box_record.results_of(run).chosen.confidence
            st.download_button(
                _("Boxes (CSV)"),
                lambda: box_tables.judged(run, findings, chosen),
                f"{run.project.slug}-{run.id}-{findings.split}.csv",
                mime="text/csv",
                icon=":material/table:",
                key="download-predictions",
                on_click="ignore",
            )


def _between(interval: tuple[float, float]) -> str:
    low, high = (decimal(each, 2) for each in interval)
    return _("{low} to {high}").format(low=low, high=high)
