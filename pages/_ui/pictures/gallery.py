"""The pictures themselves, page by page; marked ones can be moved to another class or removed."""

import pandas as pd
import streamlit as st

from pages._ui.pictures import actions
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.pictures.thumbnails import SPLIT_TITLES, small, tiles
from pages._ui.shell import layout, paging
from tl_core.dataset import manifest
from tl_core.dataset.manifest import Manifest
from tl_core.workspace import Project

PER_PAGE = 30


@st.fragment
def gallery(project: Project, version: int) -> None:
    """Show one page of thumbnails. A fragment: marking a picture runs nothing else of the page."""
    with layout.calm():
        if project.about()["manifest"] != version:  # something was done with marked pictures
            st.rerun()
        current = manifest.load(project, version)
        rows = _filtered(current)
        if rows.empty:
            st.caption("No picture matches this choice.")
            return
        page = paging.page(len(rows), PER_PAGE, "page")
        shown = tiles(rows.iloc[page])
        clear = f"{project.slug}-{version}-{page.start}"
        marked = picture_grid(shown, [small(project, each.id) for each in shown], key="grid", clear=clear)
        if marked:
            actions.several(project, current, marked)
        else:
            st.caption("Press pictures to mark them. Marked pictures can be moved to another class or removed.")


def _filtered(current: Manifest) -> pd.DataFrame:
    with st.container(horizontal=True, key="filters"):
        label = st.selectbox("Class", [None, *current.classes], format_func=_class_title, width=240)
        split = st.selectbox("Use", [None, *SPLIT_TITLES], format_func=_split_title, width=180)
    rows = current.table
    rows = rows if label is None else rows[rows["label"] == label]
    return rows if split is None else rows[rows["split"] == split]


def _class_title(label: str | None) -> str:
    return "All classes" if label is None else label


def _split_title(split: str | None) -> str:
    return "Any use" if split is None else SPLIT_TITLES[split]
