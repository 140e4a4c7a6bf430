"""The pictures themselves, page by page; marked ones can be moved to another class or removed."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui.pictures import actions, zoom
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.pictures.thumbnails import SPLIT_TITLES, file_name, small, tiles
from pages._ui.shell import layout, paging, state
from tl_core.dataset import manifest
from tl_core.dataset.manifest import Manifest
from tl_core.language import N_, _
from tl_core.wording import number, pictures
from tl_core.workspace import Project

PER_PAGE = 30
CLASS, USE, ORDER, SEARCH = "gallery-class", "gallery-use", "gallery-order", "gallery-search"
Order = Callable[[pd.DataFrame], pd.DataFrame]
#: Stands for no choice of class or use; class names and uses have no slash.
ALL = "/"


@st.fragment
def gallery(project: Project, version: int) -> None:
    """Show one page of thumbnails. A fragment: marking a picture runs nothing else of the page."""
    with layout.calm():
        if project.about().manifest != version:  # something was done with marked pictures
            st.rerun()
        current = manifest.load(project, version)
        rows = chosen(current, ORDERS, "source", _("Name of a file"))
        if rows.empty:
            st.caption(_("No picture matches this choice."))
            return
        page = paging.page(len(rows), PER_PAGE, "page")
        shown = tiles(rows.iloc[page])
        how = _("Press pictures to mark them; hold Shift to mark a row.")
        st.caption(f"{how_many(rows, current)} {how}")
        # Marks last as long as the same pictures are shown in the same order.
        clear = f"{project.slug}-{version}-{page.start}-{hash(tuple(each.id for each in shown))}"
        marked = picture_grid(
            shown,
            [small(project, each.id) for each in shown],
            key="grid",
            clear=clear,
            on_zoom=lambda id_: zoom.show(project, [each.id for each in shown], id_),
        )
        if marked:
            actions.several(project, current, marked, every=rows["id"].tolist(), key=clear)


def how_many(rows: pd.DataFrame, current: Manifest) -> str:
    shown = pictures(len(rows))
    if len(rows) == len(current.table):
        return f"{shown}."
    return _("{pictures} of {every}.").format(pictures=shown, every=number(len(current.table)))


def chosen(current: Manifest, orders: Mapping[str, Order], column: str, placeholder: str) -> pd.DataFrame:
    """Show what to look at and in which order, and return those rows.

    Args:
        current: the whole list.
        orders: by what the rows can be sorted; the names are shown by ``_``.
        column: that is searched.
        placeholder: of the field for what is searched.
    """
    classes, uses = [ALL, *current.classes], [ALL, *SPLIT_TITLES]
    with st.container(horizontal=True, key="filters"):
        label = st.selectbox(
            _("Class"), classes, format_func=_class_title, width=220, **state.kept(CLASS, ALL, classes)
        )
        split = st.selectbox(_("Use"), uses, format_func=_split_title, width=150, **state.kept(USE, ALL, uses))
        order = st.selectbox(
            _("Sort by"), list(orders), format_func=_, width=160, **state.kept(ORDER, next(iter(orders)), orders)
        )
        search = st.text_input(_("Search"), placeholder=placeholder, width=200, **state.kept(SEARCH, ""))
    rows = current.table
    rows = rows if label == ALL else rows[rows["label"] == label]
    rows = rows if split == ALL else rows[rows["split"] == split]
    if search.strip():
        rows = rows[rows[column].str.contains(search.strip(), case=False, regex=False)]
    return orders[order](rows)


def by(key: Callable[[pd.DataFrame], "pd.Series[Any]"]) -> Order:
    """Return the order by what ``key`` gives for the rows; rows of which it gives the same stay as they are."""
    return lambda rows: rows.loc[key(rows).sort_values(kind="stable").index]


#: Orders that suit all kinds of things.
USUAL: dict[str, Order] = {
    N_("As imported"): lambda rows: rows,
    N_("Newest first"): lambda rows: rows.iloc[::-1],
    N_("Class"): by(lambda rows: rows["label"]),
}
ORDERS = {
    **USUAL,
    N_("File name"): by(lambda rows: rows["source"].map(file_name).str.casefold()),
    N_("Smallest first"): by(lambda rows: rows["width"] * rows["height"]),
}


def _class_title(label: str) -> str:
    return _("All classes") if label == ALL else label


def _split_title(split: str) -> str:
    return _("Any use") if split == ALL else _(SPLIT_TITLES[split])
