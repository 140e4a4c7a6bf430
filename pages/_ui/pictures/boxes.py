"""Pictures with boxes: looked at with their boxes on them, marked, moved to another split, and drawn on."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui.pictures import actions, box_route
from pages._ui.pictures.box_editor import box_editor
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.pictures.thumbnails import SIDE, SPLIT_TITLES, Tile, file_name, thumbnail
from pages._ui.shell import layout, paging, state
from tl_core import wording
from tl_core.boxes import picturing
from tl_core.dataset import box_notes, boxes, manifest, tags
from tl_core.dataset.manifest import Manifest
from tl_core.errors import TLError
from tl_core.language import N_, _
from tl_core.workspace import Project

PER_PAGE = 30
SHOWN, USE, ALL, UNSEEN, NOTHING = "shown-boxes", "gallery-use", "/", "/unseen", "/nothing"
#: What is shown, beside each class; no class has a slash.
TITLES = {ALL: N_("All pictures"), UNSEEN: N_("Not looked at yet"), NOTHING: N_("Nothing on them")}


def drawing(project: Project, current: Manifest) -> bool:
    """Show the editor in place of everything else, if a person draws; return whether that is so."""
    asked = state.drawn_on()
    rows = manifest.rows_of(current.table)
    if asked is None or not rows:
        return False
    first = asked if asked in set(current.table["id"]) else rows[0].id
    with st.container(horizontal=True, vertical_alignment="center", key="drawing"):
        st.header(_("Draw boxes"), anchor=False, width="stretch")
        if st.button(_("Done"), type="primary", icon=":material/check:", key="drawn"):
            state.set_drawn_on(None)
            st.rerun()
    box_editor(project, current, rows, first, suggests=box_route.suggester(project) is not None)
    return True


def summary(project: Project, current: Manifest) -> None:
    """Show how many boxes of each class there are, and the way to draw more."""
    counts = box_notes.box_counts(current)
    seen, every = int((current.table["boxes"] != "").sum()), len(current.table)
    with st.container(horizontal=True, key="sizes"):
        st.metric(_("Pictures"), wording.number(every), border=True)
        st.metric(_("Looked at"), wording.number(seen), border=True)
        st.metric(_("Boxes"), wording.number(sum(counts.values())), border=True)
        for split in ("train", "validation", "test"):
            st.metric(_(SPLIT_TITLES[split]), wording.number(len(current.split(split))), border=True)
    if not every:
        return
    unseen = current.table.loc[current.table["boxes"] == "", "id"]
    more = _("Draw boxes") if len(unseen) else _("Change boxes")
    if st.button(more, icon=":material/draw:", key="draw", type="primary" if not seen else "secondary"):
        _draw(str(unseen.iloc[0] if len(unseen) else current.table["id"].iloc[0]))


def _draw(id_: str) -> None:
    state.set_drawn_on(id_)
    st.rerun(scope="app")


@st.fragment
def gallery(project: Project, version: int) -> None:
    """Show the pictures with their boxes, page by page. A fragment: a mark runs nothing else of the page."""
    with layout.calm():
        if project.about().manifest != version:  # something was done with marked pictures
            st.rerun()
        current = manifest.load(project, version)
        rows = _chosen(current)
        if rows.empty:
            st.caption(_("No picture matches this choice."))
            return
        page = paging.page(len(rows), PER_PAGE, "page-boxes")
        shown = rows.iloc[page]
        every: list[Any] = list(shown.itertuples())
        tiles = [
            Tile(row.id, _said(row.boxes), f"{_(SPLIT_TITLES[row.split])} · {file_name(row.source)}") for row in every
        ]
        st.caption(_("Press pictures to mark them; hold Shift to mark a row. The glass opens one to draw on."))
        clear = f"{project.slug}-{version}-{page.start}-{hash(tuple(shown['id']))}"
        marked = picture_grid(
            tiles,
            [_small(project, row.id, row.boxes, tuple(current.classes)) for row in every],
            key="grid-boxes",
            clear=clear,
            on_zoom=_draw,
        )
        if marked:
            _several(project, marked)


def _said(text: str) -> str:
    """Return what is on a picture, in words."""
    if not text:
        return _("no boxes yet")
    counts: dict[str, int] = {}
    for box in boxes.split(text):
        counts[box.label] = counts.get(box.label, 0) + 1
    return wording.listed([f"{wording.number(count)} {label}" for label, count in counts.items()], 4) or _("nothing")


def _small(project: Project, id_: str, text: str, classes: tuple[str, ...]) -> bytes:
    """Return a thumbnail with boxes; nothing where the file is damaged or gone: the other pictures are shown."""
    try:
        path = str(manifest.image_path(project, id_))
        return _boxed(path, text, classes) if text not in ("", boxes.NOTHING) else thumbnail(path, SIDE)
    except (TLError, OSError):
        return b""


@st.cache_data(max_entries=3000, show_spinner=False)
def _boxed(path: str, text: str, classes: tuple[str, ...]) -> bytes:
    return picturing.thumbnail(path, SIDE, boxes.split(text), classes)


def _chosen(current: Manifest) -> pd.DataFrame:
    """Let a person choose what is shown, and return those rows."""
    options, uses = [*TITLES, *current.classes], [ALL, *SPLIT_TITLES]
    with st.container(horizontal=True, key="filters"):
        kept = state.kept(SHOWN, ALL, options)
        chosen = st.selectbox(_("Show"), options, format_func=_show, width=260, **kept)
        kept = state.kept(USE, ALL, uses)
        split = st.selectbox(_("Use"), uses, format_func=_use, width=150, **kept)
    rows = current.table
    rows = rows if split == ALL else rows[rows["split"] == split]
    fitting: pd.DataFrame = rows[_fits(chosen)(rows)]
    return fitting


def _show(each: str) -> str:
    title = TITLES.get(each)
    return _(title) if title else each


def _fits(chosen: str) -> Callable[[pd.DataFrame], Any]:
    usual: dict[str, Callable[[pd.DataFrame], Any]] = {
        ALL: lambda rows: rows["id"] != "",
        UNSEEN: lambda rows: rows["boxes"] == "",
        NOTHING: lambda rows: rows["boxes"] == boxes.NOTHING,
    }
    return usual.get(chosen, lambda rows: rows["label"].map(lambda label: chosen in tags.split(label)).astype(bool))


def _use(split: str) -> str:
    return _("Any use") if split == ALL else _(SPLIT_TITLES[split])


def _several(project: Project, marked: list[str]) -> None:
    """Draw what can be done with marked pictures."""
    with st.container(border=True, horizontal=True, vertical_alignment="bottom", key="marked"):
        st.text(_("{number} marked").format(number=wording.number(len(marked))), width="content")
        if st.button(_("Draw on the first"), icon=":material/draw:", key="draw-marked"):
            _draw(marked[0])
        splits = {split: title for split, title in SPLIT_TITLES.items() if split}
        split = st.selectbox(_("Use for"), splits, index=None, format_func=lambda each: _(splits[each]), width=150)
        actions.put_button(project, marked, split, key="put-marked")
        actions.remove_button(project, marked, key="remove-marked", words=_("Remove the pictures"))
