"""Before and after: two runs on boxes in the same pictures, and those in which they differ most."""

from typing import Any

import streamlit as st

from pages._ui.explain.box_picture import box_picture
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.pictures.thumbnails import LARGE, Tile, file_name, thumbnail
from pages._ui.results import compare
from pages._ui.results.box_pictures import drawn, said, small
from pages._ui.shell import layout, paging, run_names, state
from pages._ui.shell.help import INTERVAL
from tl_core.dataset import manifest
from tl_core.evaluation import box_comparison, box_record, comparison
from tl_core.evaluation.box_comparison import BoxComparison
from tl_core.language import N_, _
from tl_core.metrics.average_precision import AveragePrecision, ClassPrecision, Seen, Values
from tl_core.metrics.precision_difference import PrecisionDifference
from tl_core.runs import RunFolder
from tl_core.wording import chance, change, decimal, number, of_split, percent, plural

PER_PAGE = 24
LIST, PLACE = "box-compared", "box-compare"
TEST = N_(
    "Pictures are drawn again for the interval. The p comes from exchanging what both runs have found in a picture: "
    "how often that alone makes such a difference. Of many classes, some differ by luck."
)


@st.fragment
def show(run: RunFolder, split: str) -> None:
    """Compare a run with another one of its project on the pictures of a split that both have looked at."""
    with layout.calm():
        chosen = compare.other(run)
        if chosen is None:
            return
        both = compare.in_order(run, chosen)
        compared = box_comparison.of_runs(*both, split)
        if compared is None:
            compare.missing(chosen, split)
            return
        if compared.difference is None:
            st.info(_("The two models share no pictures with boxes here, so they cannot be compared."))
            return
        _figures(compared, compared.difference.every)
        for sentence in compared.left_out():
            st.caption(sentence)
        compare.which(*both)
        _each(compared, compared.difference.each)
        _pictures(compared, both)


def _figures(compared: BoxComparison, found: PrecisionDifference) -> None:
    st.markdown(comparison.in_words(found), help=_(TEST))
    before, after = compared.precisions
    with st.container(horizontal=True, key="box-compared-figures"):
        _metric(_("mAP@50 before"), before)
        _metric(_("mAP@50 after"), after)
        st.metric(_("Difference"), change(found.new - found.old, 3), help=_(TEST), border=True)
        st.metric(_("95% interval"), _change(found), help=_(INTERVAL), border=True)
        st.metric(_("Chance alone"), chance(found.p), help=_(TEST), border=True)
    there = sum(each.there for each in after.classes)
    st.caption(
        _("Measured on {boxes} in {pictures}; the intervals come from drawing these pictures again.").format(
            boxes=plural(there, "box", "boxes"), pictures=of_split(compared.n, compared.split)
        )
    )


def _metric(title: str, figure: AveragePrecision) -> None:
    assert figure.map50 is not None, "there is a box, else nothing is compared"
    said = _("95% interval {interval}.").format(interval=_between(figure.interval))
    st.metric(title, decimal(figure.map50, 3), help=f"{said} {_(INTERVAL)}", border=True)


def _each(compared: BoxComparison, found: tuple[PrecisionDifference | None, ...]) -> None:
    """Show the same of each class, where there are several."""
    every = zip(compared.classes, found, *(each.classes for each in compared.precisions), strict=True)
    rows = [
        {
            "label": label,
            "there": number(after.there),
            "before": _class(before),
            "after": _class(after),
            "change": f"{change(own.new - own.old, 3)} ({_change(own)})" if own else "–",
            "chance": chance(own.p) if own else "–",
        }
        for label, own, before, after in every
    ]
    if len(rows) < 2:
        return
    st.header(_("Each class"), anchor=False)
    text = st.column_config.TextColumn
    columns: dict[str, Any] = {
        "label": _("Class"),
        "there": text(_("There"), help=_("Boxes that a person has drawn.")),
        "before": text(_("AP@50 before"), help=_("Average precision, with 95% interval. 1 is best.")),
        "after": text(_("AP@50 after"), help=_("Average precision, with 95% interval. 1 is best.")),
        "change": text(_("Difference"), help=_("With 95% interval.")),
        "chance": text(_("Chance alone"), help=_(TEST)),
    }
    st.dataframe(rows, column_config=columns, hide_index=True, width="stretch")


def _class(found: ClassPrecision) -> str:
    return "–" if found.ap50 is None else f"{decimal(found.ap50, 3)} ({_between(found.interval)})"


def _between(interval: tuple[float, float]) -> str:
    low, high = (decimal(each, 2) for each in interval)
    return _("{low} to {high}").format(low=low, high=high)


def _change(found: PrecisionDifference) -> str:
    low, high = (change(each, 2) for each in found.interval)
    return _("{low} to {high}").format(low=low, high=high)


def _pictures(compared: BoxComparison, both: tuple[RunFolder, RunFolder]) -> None:
    """Show the pictures on which one of two runs has more mistakes, those first on which they differ most."""
    old, new = (box_record.results_of(each).chosen.confidence for each in both)
    wrong = compared.mistakes(old, new)
    by_size = sorted(wrong, key=lambda id_: -abs(wrong[id_][1] - wrong[id_][0]))
    lists = {
        "fewer": [id_ for id_ in by_size if wrong[id_][1] < wrong[id_][0]],
        "more": [id_ for id_ in by_size if wrong[id_][1] > wrong[id_][0]],
    }
    titles = {"fewer": _("Fewer mistakes"), "more": _("More mistakes")}
    st.header(_("Pictures on which they differ"), anchor=False)
    same = compared.n - sum(map(len, lists.values()))
    equal = _("Both make as many mistakes on {pictures}.").format(pictures=of_split(same, compared.split))
    shown = _(
        "Boxes of which a model is sure enough, before from {old} on, after from {new} on: each as validation chose."
    )
    st.caption(" ".join([shown.format(old=percent(old), new=percent(new)), *([equal] if same else [])]))
    if not any(lists.values()):
        return
    chosen: str = st.segmented_control(
        _("Pictures"),
        list(lists),
        format_func=lambda name: f"{titles[name]} ({number(len(lists[name]))})",
        label_visibility="collapsed",
        required=True,
        **state.kept(LIST, max(lists, key=lambda name: len(lists[name])), lists),
    )
    if lists[chosen]:
        _list(compared, both, (old, new), lists[chosen], wrong)


def _list(
    compared: BoxComparison,
    both: tuple[RunFolder, RunFolder],
    sure: tuple[float, float],
    ids: list[str],
    wrong: dict[str, tuple[int, int]],
) -> None:
    run, at = both[1], {id_: row for row, id_ in enumerate(compared.ids)}
    names = dict(zip(*(manifest.of_run(run).table[name] for name in ("id", "source")), strict=True))
    rows = paging.page(len(ids), PER_PAGE, "page-box-compared")
    said_of = _("Mistakes: {old} → {new}")
    shown = [
        Tile(id_, said_of.format(old=number(wrong[id_][0]), new=number(wrong[id_][1])), file_name(names.get(id_, id_)))
        for id_ in ids[rows]
    ]
    opened = state.opened(PLACE)
    picture_grid(
        shown,
        [small(run, each.id, *_boxes(compared.new[at[each.id]], sure[1])) for each in shown],
        key=f"list-{PLACE}",
        clear=f"{'-'.join(each.id for each in both)}-{compared.split}-{rows.start}-{ids[0]}-{len(ids)}",
        opened=opened,
        on_open=lambda id_: state.set_opened(PLACE, id_),
        marks=False,
    )
    st.caption(_("Blue is there, orange was found by the newer run."))
    if opened in ids:
        _open(compared, both, sure, at[opened], wrong[opened])
    else:
        st.caption(_("Press a picture to open it."))


def _open(
    compared: BoxComparison,
    both: tuple[RunFolder, RunFolder],
    sure: tuple[float, float],
    row: int,
    wrong: tuple[int, int],
) -> None:
    """Show a picture twice: with what is there and what the one, and the other, has found."""
    id_ = compared.ids[row]
    path = str(manifest.image_path(both[1].project, id_))
    titles = _("Before: {run}"), _("After: {run}")
    with st.container(border=True, key=f"panel-{PLACE}"):
        every = compared.old[row], compared.new[row]
        columns = st.columns(2, gap="medium")
        for column, title, run, seen, least, mistakes in zip(columns, titles, both, every, sure, wrong, strict=True):
            truth, found = _boxes(seen, least)
            name = title.format(run=run_names.title(run))
            alt = _("{name}. There: {there}. Found: {found}.").format(
                name=name, there=said(compared.classes, truth), found=said(compared.classes, found)
            )
            with column:
                st.markdown(f"**{layout.escape(name)}**")
                drawing = drawn(compared.classes, truth, found)
                box_picture(thumbnail(path, 2 * LARGE), drawing, alt, key=f"boxed-{PLACE}-{run.id}")
                st.markdown(
                    layout.escape(
                        _("Found: {found}. Mistakes: {mistakes}.").format(
                            found=said(compared.classes, found), mistakes=number(mistakes)
                        )
                    )
                )


def _boxes(seen: Seen, least: float) -> tuple[Values, Values]:
    return seen.truth, seen.found[seen.found[:, 5] >= least]
