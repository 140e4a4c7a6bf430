"""The health check on the Pictures page: what stands out, with the pictures; each is removed or hidden."""

from collections.abc import Sequence
from typing import Literal

import pandas as pd
import streamlit as st

from pages._ui.pictures import shortcuts, zoom
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.pictures.thumbnails import small, tiles
from pages._ui.shell import jobs, layout, paging, workers
from tl_core import wording
from tl_core.dataset import edits, manifest
from tl_core.dataset.manifest import Manifest
from tl_core.health import checks, report
from tl_core.health.checks import BY_KIND, CHECKS, Finding
from tl_core.health.report import HealthReport, Hidden
from tl_core.language import _, ngettext
from tl_core.workspace import Project

PER_PAGE = 24
GROUPS_PER_PAGE = 6


def show(project: Project, current: Manifest) -> None:
    """Show what the check found, or its progress, or the button that starts it."""
    st.header(_("Check the pictures"), anchor=False)
    if jobs.panel("health", _("Checking the pictures"), project=str(project.folder)):
        return
    checked = report.load(project, current.version)
    if checked is None:
        st.markdown(
            _(
                "The check finds dark, blurred and duplicate pictures, uneven classes, and whether anything but the "
                "subject gives the classes away. You decide what stays."
            )
        )
        _start(project, current, _("Check now"), primary=True)
        return
    hidden = report.load_hidden(project)
    _summary(project, current, checked, report.remaining(checked, current.table, hidden))
    _list(project, current.version)
    _hidden(project, current, hidden)


def _start(project: Project, current: Manifest, label: str, *, primary: bool) -> None:
    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    if st.button(label, icon=":material/health_and_safety:", type=kind, key="start-health"):
        workers.start_job("health", project=str(project.folder), manifest=current.version)
        st.rerun()


def _summary(project: Project, current: Manifest, checked: HealthReport, findings: Sequence[Finding]) -> None:
    said = [_("{pictures} checked.").format(pictures=wording.pictures(checked.n)), f"**{_result(len(findings))}**"]
    if checked.joined:
        merged = wording.pictures(checked.joined)
        said.append(_("{pictures} came more than once and were merged.").format(pictures=merged))
    looked_for = "\n".join(f"- {_(check.words)}" for check in CHECKS if check.words)
    for_what = _("The check looks for:")
    by = _("cleanvision judges light, sharpness, shape, size and colour.")
    st.markdown(" ".join(said), help=f"{for_what}\n{looked_for}\n\n{by}")
    stale = checked.manifest != current.version
    if stale:
        st.info(
            _("The pictures have changed since this check. New pictures were not checked; removed ones are not shown."),
            icon=":material/update:",
        )
    _start(project, current, _("Check again"), primary=stale)


def _result(findings: int) -> str:
    if not findings:
        return _("Nothing stands out.")
    said = ngettext("{number} finding.", "{number} findings, the worst first.", findings)
    return said.format(number=wording.number(findings))


@st.fragment
def _list(project: Project, version: int) -> None:
    """Show the findings, each closed at first. A fragment: marking a picture runs nothing else of the page."""
    with layout.calm():
        current = manifest.load(project, version)
        checked = report.load(project, version)
        assert checked is not None, "the page has shown it just now"
        for each in report.remaining(checked, current.table, report.load_hidden(project)):
            key = f"finding-{each.kind}-{each.of}-{each.label}"
            with layout.drawer(_title(each), key, _icon(each.kind)) as place:
                if place.open:
                    _finding(project, current, checked, each, key)
        if checked.shortcut and not checked.shortcut.warn:
            icon = _icon(checks.SHORTCUT)
            with layout.drawer(_("Shortcut test: nothing clear"), "no-shortcut", icon) as place:
                if place.open:
                    st.markdown(layout.escape(checked.shortcut.sentence))
                    shortcuts.figures(project, checked.shortcut)


def _icon(kind: str) -> str:
    """Return the icon of a check; reports of another version may name one that this version does not have."""
    return f":material/{BY_KIND[kind].icon if kind in BY_KIND else 'help'}:"


def _title(each: Finding) -> str:
    title = layout.escape(_(each.title))
    if each.groups:
        groups = wording.plural(len(each.groups), "group", "groups")
        return f"{title} · {groups}"
    return f"{title} · {wording.pictures(len(each.ids))}" if each.ids else title


def _finding(project: Project, current: Manifest, checked: HealthReport, each: Finding, key: str) -> None:
    st.markdown(layout.escape(_(each.why)))
    if each.kind == checks.SHORTCUT and checked.shortcut:
        shortcuts.figures(project, checked.shortcut)
    elif each.groups:
        _groups(project, current, each, key)
    elif each.ids:
        _pictures(project, current, each, key)


def _pictures(project: Project, current: Manifest, each: Finding, key: str) -> None:
    shown = each.ids[paging.page(len(each.ids), PER_PAGE, f"{key}-page")]
    rows = current.table.set_index("id", drop=False)
    _about_the_test(rows.loc[list(each.ids)])
    marked = _grid(project, rows.loc[list(shown)], key, f"{current.version}-{len(each.ids)}-{shown[0][:8]}")
    _actions(project, each, marked, key)


def _groups(project: Project, current: Manifest, each: Finding, key: str) -> None:
    rows = current.table.set_index("id", drop=False)
    marked: list[str] = []
    with st.container(horizontal=True):
        for group in each.groups[paging.page(len(each.groups), GROUPS_PER_PAGE, f"{key}-page")]:
            with st.container(border=True, width=145 * min(len(group), 3) + 40):
                st.caption(_where(rows.loc[list(group)]))
                shown = rows.loc[list(group[:PER_PAGE])]
                marked += _grid(project, shown, f"{key}-{group[0][:8]}", f"{current.version}")
    spare = [id_ for group in each.groups for id_ in group[1:]]
    _actions(project, each, marked, key, spare)


def _where(group: pd.DataFrame) -> str:
    """Say how many, and whether they are in one split and class: what makes near duplicates harmful."""
    splits, classes = group["split"].nunique(), group["label"].nunique()
    said = [wording.pictures(len(group))]
    if splits > 1:
        said.append(ngettext("in {number} split", "in {number} splits", splits).format(number=splits))
    if classes > 1:
        said.append(ngettext("in {number} class", "in {number} classes", classes).format(number=classes))
    return " · ".join(said)


def _grid(project: Project, rows: pd.DataFrame, key: str, clear: str) -> list[str]:
    shown = tiles(rows)
    return picture_grid(
        shown,
        [small(project, each.id) for each in shown],
        key=key,
        clear=f"{project.slug}-{clear}",
        on_zoom=lambda id_: zoom.show(project, [each.id for each in shown], id_),
    )


def _about_the_test(rows: pd.DataFrame) -> None:
    sealed = int((rows["split"] == "test").sum())
    if sealed:
        which = ngettext("{number} of these is a test picture.", "{number} of these are test pictures.", sealed)
        why = _("A test without difficult pictures is easier than real use.")
        st.caption(f"{which.format(number=wording.number(sealed))} {why}")


def _actions(project: Project, each: Finding, marked: list[str], key: str, spare: Sequence[str] = ()) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}-actions"):
        if marked:
            st.text(_("{number} marked").format(number=wording.number(len(marked))), width="content")
        else:
            st.caption(_("Press pictures to mark them."), width="content")
        if st.button(_("Remove"), icon=":material/delete:", disabled=not marked, key=f"{key}-remove"):
            edits.remove(project, marked)
            st.rerun()
        if st.button(_("Keep"), icon=":material/check:", disabled=not marked, key=f"{key}-keep"):
            _hide(project, each, marked)
        but_first = _("Remove all but the first of each ({number})").format(number=wording.number(len(spare)))
        if spare and st.button(but_first, key=f"{key}-spare"):
            edits.remove(project, spare)
            st.rerun()
        keep_all = _("Keep all ({number})").format(number=wording.number(len(each.ids)))
        if st.button(keep_all, icon=":material/done_all:", key=f"{key}-keep-all"):
            _hide(project, each, each.ids)
    st.caption(_("Pictures that you keep are not listed again. Undo restores removed ones."))


def _hide(project: Project, each: Finding, ids: Sequence[str]) -> None:
    report.hide(project, each.kind, ids)
    st.rerun()


def _hidden(project: Project, current: Manifest, hidden: Hidden) -> None:
    count = len({id_ for ids in hidden.values() for id_ in ids} & set(current.table["id"]))
    if not count:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="hidden"):
        said = _("{pictures} that you chose to keep: not listed.").format(pictures=wording.pictures(count))
        st.caption(said, width="content")
        if st.button(_("List them again"), type="tertiary", key="show-hidden"):
            report.show_all(project)
            st.rerun()
