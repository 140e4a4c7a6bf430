"""The health check on the Pictures page: what stood out, with the pictures; each is removed or kept on purpose."""

from typing import Any

import pandas as pd
import streamlit as st

from pages._ui.pictures import shortcuts
from pages._ui.pictures.gallery import PARTS, small
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.shell import jobs, layout, state
from tl_core import wording
from tl_core.dataset import edits, manifest
from tl_core.dataset.manifest import Manifest
from tl_core.health import report
from tl_core.workspace import Project

PER_PAGE = 24
GROUPS_PER_PAGE = 6
CHECKED = (
    "Checked: nearly empty, dark, overexposed, blurred, odd shape or size, without colour (by cleanvision), near "
    "duplicates, uneven classes, and whether anything but the subject gives the classes away."
)
ICONS = {
    "unreadable": ":material/broken_image:",
    "shortcut": ":material/shortcut:",
    "near-duplicates": ":material/content_copy:",
    "imbalance": ":material/balance:",
    "empty": ":material/crop_square:",
    "dark": ":material/dark_mode:",
    "light": ":material/light_mode:",
    "blurry": ":material/blur_on:",
    "odd-shape": ":material/aspect_ratio:",
    "odd-size": ":material/photo_size_select_small:",
    "grey": ":material/filter_b_and_w:",
    "colour": ":material/palette:",
}


def show(project: Project, current: Manifest) -> None:
    """Show what the check found, or its progress, or the button that starts it."""
    st.subheader("Check the pictures", anchor=False)
    if jobs.panel("health", "Checking the pictures", project=str(project.folder)):
        return
    found = report.kept(project, current.version)
    if found is None:
        st.markdown(
            "Dark, blurred or doubled pictures, uneven classes, and things other than the subject that give the "
            "classes away: a check finds them, and you decide what stays."
        )
        _start(project, current, "Check now", "primary")
        return
    keeping = report.chosen(project)
    findings = report.remaining(found, current.table, keeping)
    _summary(project, current, found, findings)
    _list(project, current.version)
    _kept_on_purpose(project, current, keeping)


def _start(project: Project, current: Manifest, label: str, kind: str) -> None:
    if st.button(label, icon=":material/health_and_safety:", type=kind, key="start-health"):  # type: ignore[arg-type]
        state.start_job("health", project=str(project.folder), manifest=current.version)
        st.rerun()


def _summary(project: Project, current: Manifest, found: dict[str, Any], findings: list[dict[str, Any]]) -> None:
    count = len(findings)
    said = "Nothing stood out." if not count else f"{count} finding{'' if count == 1 else 's'}, the worst first."
    joined = f" {wording.pictures(found['joined'])} came more than once and had been joined." if found["joined"] else ""
    st.markdown(f"{wording.pictures(found['n'])} checked. **{said}**{joined}")
    st.caption(CHECKED)
    stale = found["manifest"] != current.version
    if stale:
        st.info(
            "The pictures have changed since this check. Pictures that are gone are left out below; new ones were not "
            "checked, and what is said of classes and of the whole may have changed.",
            icon=":material/update:",
        )
    _start(project, current, "Check again", "primary" if stale else "secondary")


@st.fragment
def _list(project: Project, version: int) -> None:
    """Show the findings, each closed at first. A fragment: marking a picture runs nothing else of the page."""
    with layout.calm():
        current = manifest.load(project, version)
        found = report.kept(project, version)
        assert found is not None, "the page has shown it just now"
        for each in report.remaining(found, current.table, report.chosen(project)):
            key = f"finding-{each['kind']}-{each['of']}-{each.get('label', '')}"
            state.hold_widget(key)
            with st.expander(_title(each), icon=ICONS[each["kind"]], key=key, on_change="rerun") as place:
                if place.open:
                    _finding(project, current, found, each, key)
        if found["shortcut"] and not found["shortcut"]["warn"]:
            with st.expander(
                "Shortcut test: nothing clear", icon=ICONS["shortcut"], key="no-shortcut", on_change="rerun"
            ) as place:
                if place.open:
                    st.markdown(layout.escape(found["shortcut"]["sentence"]))
                    shortcuts.figures(project, found["shortcut"])


def _title(each: dict[str, Any]) -> str:
    title = layout.escape(each["title"])
    if "groups" in each:
        number = len(each["groups"])
        return f"{title} · {number:,} group{'' if number == 1 else 's'}"
    return f"{title} · {wording.pictures(len(each['ids']))}" if each["ids"] else title


def _finding(project: Project, current: Manifest, found: dict[str, Any], each: dict[str, Any], key: str) -> None:
    st.markdown(layout.escape(each["why"]))
    if each["kind"] == report.SHORTCUT:
        shortcuts.figures(project, found["shortcut"])
    elif "groups" in each:
        _groups(project, current, each, key)
    elif each["ids"]:
        _pictures(project, current, each, key)


def _pictures(project: Project, current: Manifest, each: dict[str, Any], key: str) -> None:
    shown = _page(each["ids"], PER_PAGE, key)
    rows = current.table.set_index("id", drop=False)
    _about_the_test(rows.loc[each["ids"]])
    marked = _grid(project, rows.loc[shown], key, f"{current.version}-{len(each['ids'])}-{shown[0][:8]}")
    _actions(project, each, marked, key)


def _groups(project: Project, current: Manifest, each: dict[str, Any], key: str) -> None:
    rows = current.table.set_index("id", drop=False)
    marked: list[str] = []
    shown = _page(each["groups"], GROUPS_PER_PAGE, key)
    with st.container(horizontal=True):
        for group in shown:
            with st.container(border=True, width=145 * min(len(group), 3) + 40):
                st.caption(_where(rows.loc[group]))
                marked += _grid(project, rows.loc[group[:PER_PAGE]], f"{key}-{group[0][:8]}", f"{current.version}")
    spare = [id_ for group in each["groups"] for id_ in group[1:]]
    _actions(project, each, marked, key, spare)


def _where(group: pd.DataFrame) -> str:
    """Say how many, and whether they lie in one part and class: what makes near duplicates harmful."""
    parts, labels = group["split"].nunique(), group["label"].nunique()
    warned = [f"in {count} {what}" for count, what in ((parts, "parts"), (labels, "classes")) if count > 1]
    return " · ".join([wording.pictures(len(group)), *warned])


def _page(items: list[Any], size: int, key: str) -> list[Any]:
    pages = -(-len(items) // size)
    page = st.pagination(pages, key=f"{key}-page-{pages}") if pages > 1 else 1
    return items[(page - 1) * size : page * size]


def _grid(project: Project, rows: pd.DataFrame, key: str, clear: str) -> list[str]:
    pictures, thumbnails = [], []
    for row in rows.itertuples():
        file = row.source.split(manifest.BETWEEN)[0].split("/")[-1]
        pictures.append({"id": row.id, "caption": row.label, "detail": f"{PARTS[row.split]} · {file}"})
        thumbnails.append(small(project, row.id))
    return picture_grid(pictures, thumbnails, key=key, clear=f"{project.slug}-{clear}")


def _about_the_test(rows: pd.DataFrame) -> None:
    sealed = int((rows["split"] == "test").sum())
    if sealed:
        which = "1 of these is" if sealed == 1 else f"{sealed:,} of these are"
        st.caption(f"{which} in the test part. A test without difficult pictures is easier than what will come later.")


def _actions(
    project: Project, each: dict[str, Any], marked: list[str], key: str, spare: list[str] | None = None
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}-actions"):
        if marked:
            st.text(f"{len(marked)} marked", width="content")
        else:
            st.caption("Press pictures to mark them.", width="content")
        if st.button("Remove", icon=":material/delete:", disabled=not marked, key=f"{key}-remove"):
            edits.remove(project, marked)
            st.rerun()
        if st.button("Keep", icon=":material/check:", disabled=not marked, key=f"{key}-keep"):
            _keep(project, each, marked)
        if spare and st.button(f"Remove all but the first of each ({len(spare):,})", key=f"{key}-spare"):
            edits.remove(project, spare)
            st.rerun()
        if st.button(f"Keep all {len(each['ids']):,}", icon=":material/done_all:", key=f"{key}-keep-all"):
            _keep(project, each, each["ids"])
    st.caption("Kept ones are not shown again. Undo brings back what was removed.")


def _keep(project: Project, each: dict[str, Any], ids: list[str]) -> None:
    report.keep(project, each["kind"], ids)
    st.rerun()


def _kept_on_purpose(project: Project, current: Manifest, keeping: dict[str, list[str]]) -> None:
    count = len({id_ for ids in keeping.values() for id_ in ids} & set(current.table["id"]))
    if not count:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="kept-on-purpose"):
        st.caption(f"{wording.pictures(count)} that you chose to keep: not shown.", width="content")
        if st.button("Show them again", type="tertiary", key="show-kept"):
            report.show_again(project)
            st.rerun()
