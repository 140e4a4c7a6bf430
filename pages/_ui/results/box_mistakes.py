"""Mistakes of a run on boxes by their sort; each opens its picture, with what is there and what was found."""

from collections import Counter
from collections.abc import Mapping

import streamlit as st

from pages._ui.explain.box_picture import box_picture
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.pictures.thumbnails import LARGE, Tile, file_name, thumbnail
from pages._ui.results.box_pictures import drawn, said, small
from pages._ui.shell import layout, paging, state
from tl_core.dataset import manifest
from tl_core.evaluation.box_record import BoxFindings
from tl_core.language import N_, _
from tl_core.metrics import box_mistakes
from tl_core.metrics.box_mistakes import Judged, Sort
from tl_core.runs import RunFolder
from tl_core.wording import certainty, number, pictures

PER_PAGE = 24
SORT, PLACE = "box-sort", "box-mistakes"
#: Each sort with its title and what it means.
SORTS: Mapping[Sort, tuple[str, str]] = {
    "missed": (N_("Missed"), N_("A box is there, and nothing was found that could be meant for it.")),
    "ghost": (N_("Around nothing"), N_("A box was found where none of any class is.")),
    "wrong_class": (N_("Wrong class"), N_("The place is right, the class is not.")),
    "badly_placed": (
        N_("Badly placed"),
        N_("The class is right, but the box overlaps the one that is there by less than half."),
    ),
    "double": (N_("Found twice"), N_("A surer box was found around the same thing.")),
    "right": (N_("Right"), N_("Boxes of the right class that overlap one that is there by at least half.")),
}


def show(run: RunFolder, findings: BoxFindings, confidence: float) -> None:
    """Show how many boxes there are of each sort, and the pictures with those of the chosen one."""
    judged = {id_: box_mistakes.judge(seen, confidence) for id_, seen in zip(findings.ids, findings.seen, strict=True)}
    counts: Counter[str] = Counter()
    for each in judged.values():
        counts.update(vars(each.counts))
    sorts = list(SORTS)
    usual = max(sorts[:-1], key=lambda sort: counts[sort])
    chosen: Sort = st.segmented_control(
        _("Boxes that are"),
        sorts,
        format_func=lambda sort: f"{_(SORTS[sort][0])} ({number(counts[sort])})",
        required=True,
        **state.kept(SORT, usual if counts[usual] else "right", sorts),
    )
    st.caption(_(SORTS[chosen][1]))
    ids = sorted((id_ for id_ in judged if _number(judged[id_], chosen)), key=lambda id_: -_number(judged[id_], chosen))
    if not ids:
        st.markdown(_("There is none in {pictures}.").format(pictures=pictures(len(findings))))
        return
    _list(run, findings, judged, ids, chosen)


def _number(judged: Judged, sort: Sort) -> int:
    value: int = getattr(judged.counts, sort)
    return value


def _list(run: RunFolder, findings: BoxFindings, judged: dict[str, Judged], ids: list[str], sort: Sort) -> None:
    names = dict(zip(*(manifest.of_run(run).table[name] for name in ("id", "source")), strict=True))
    seen = dict(zip(findings.ids, findings.seen, strict=True))
    rows = paging.page(len(ids), PER_PAGE, f"page-{sort}")
    shown = [
        Tile(id_, f"{_(SORTS[sort][0])}: {number(_number(judged[id_], sort))}", file_name(names[id_]))
        for id_ in ids[rows]
    ]
    opened = state.opened(PLACE)
    picture_grid(
        shown,
        [small(run, each.id, seen[each.id].truth, judged[each.id].found) for each in shown],
        key=f"list-{PLACE}",
        clear=f"{run.id}-{findings.split}-{sort}-{rows.start}-{len(ids)}",
        opened=opened,
        on_open=lambda id_: state.set_opened(PLACE, id_),
        marks=False,
    )
    st.caption(_("Blue is there, orange was found."))
    if opened in judged:
        _open(run, findings, judged[opened], opened, names[opened])
    else:
        st.caption(_("Press a picture to open it."))


def _open(run: RunFolder, findings: BoxFindings, judged: Judged, id_: str, source: str) -> None:
    truth = dict(zip(findings.ids, findings.seen, strict=True))[id_].truth
    classes = findings.classes
    with st.container(border=True, key=f"panel-{PLACE}"):
        left, right = st.columns([3, 2], gap="medium")
        with left:
            alt = _("{name}. There: {there}. Found: {found}.").format(
                name=file_name(source), there=said(classes, truth), found=said(classes, judged.found)
            )
            path = str(manifest.image_path(run.project, id_))
            box_picture(thumbnail(path, 2 * LARGE), drawn(classes, truth, judged.found), alt, key=f"boxed-{PLACE}")
        with right:
            st.text(file_name(source))
            rows = [
                *(
                    {"what": _(SORTS["missed"][0]), "label": findings.classes[int(row[4])], "score": ""}
                    for row in judged.missed
                ),
                *(
                    {
                        "what": _(SORTS[sort][0]),
                        "label": findings.classes[int(row[4])],
                        "score": certainty(float(row[5])),
                    }
                    for sort, row in zip(judged.sorts, judged.found, strict=True)
                ),
            ]
            columns = {"what": _("What it is"), "label": _("Class"), "score": _("Confidence")}
            st.dataframe(rows, column_config=columns, hide_index=True, width="stretch")
            st.caption(_("If a box that is there is wrong or lacking, draw it right and train again."))
            layout.link("pictures", _("Draw on this picture"), icon=":material/draw:", draw=id_)
