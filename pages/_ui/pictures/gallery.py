"""The pictures themselves, page by page; marked ones can be moved to another class or removed."""

import streamlit as st

from pages._ui.pictures import actions
from pages._ui.pictures.actions import PARTS
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.shell import layout
from tl_core.dataset import image, manifest
from tl_core.dataset.manifest import Manifest
from tl_core.errors import TLError
from tl_core.workspace import Project

PER_PAGE = 30
SIDE = 180


@st.fragment
def gallery(project: Project, version: int) -> None:
    """Show one page of thumbnails. A fragment: marking a picture runs nothing else of the page."""
    with layout.calm():
        if project.about()["manifest"] != version:  # something was done with marked pictures
            st.rerun()
        current = manifest.load(project, version)
        rows = _filtered(current)
        if rows.empty:
            st.caption("No picture fits this choice.")
            return
        pages = -(-len(rows) // PER_PAGE)
        page = st.pagination(pages, key=f"page-{pages}") if pages > 1 else 1
        shown = rows.iloc[(page - 1) * PER_PAGE : page * PER_PAGE]
        pictures = [
            {"id": row.id, "caption": row.label, "detail": f"{PARTS[row.split]} · {row.source.split('/')[-1]}"}
            for row in shown.itertuples()
        ]
        thumbnails = [small(project, each["id"]) for each in pictures]
        clear = f"{project.slug}-{version}-{page}"
        _actions(project, current, picture_grid(pictures, thumbnails, key="grid", clear=clear))


def _filtered(current: Manifest) -> "object":
    with st.container(horizontal=True, key="filters"):
        label = st.selectbox(
            "Class",
            [None, *current.classes],
            format_func=lambda name: "All classes" if name is None else name,
            width=240,
        )
        part = st.selectbox(
            "Part", [None, *PARTS], format_func=lambda name: "All parts" if name is None else PARTS[name], width=180
        )
    rows = current.table
    rows = rows if label is None else rows[rows["label"] == label]
    return rows if part is None else rows[rows["split"] == part]


@st.cache_data(max_entries=3000, show_spinner=False)
def thumbnail(path: str, side: int) -> bytes:
    """Return a small JPEG of a stored picture. Stored pictures never change, so it can be kept."""
    return image.thumbnail(path, side)


def small(project: Project, id_: str) -> bytes:
    """Return a thumbnail for a grid; nothing where the file is damaged or gone: the other pictures are shown."""
    try:
        return thumbnail(str(manifest.image_path(project, id_)), SIDE)
    except (TLError, OSError):
        return b""


def _actions(project: Project, current: Manifest, marked: list[str]) -> None:
    if not marked:
        st.caption("Press pictures to mark them; marked ones can be moved to another class or removed.")
        return
    actions.several(project, current, marked)
