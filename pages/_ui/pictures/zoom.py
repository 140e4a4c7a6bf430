"""One picture of the project, large, with the way to its neighbours."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages._ui.pictures.thumbnails import SPLIT_TITLES, file_name, thumbnail
from pages._ui.shell import layout, state
from tl_core.dataset import manifest
from tl_core.language import N_, _
from tl_core.wording import out_of
from tl_core.workspace import Project

SIDE, PLACE = 1000, "zoom"


def show(project: Project, ids: Sequence[str], first: str, version: int | None = None) -> None:
    """Open the picture ``first`` over the page; ``ids`` are those that one can go on to, in order.

    They are of a version of the manifest, the present one if None.
    """
    state.set_opened(PLACE, first)
    st.dialog(_("Picture"), width="medium")(_draw)(project, list(ids), version)


def _draw(project: Project, ids: list[str], version: int | None) -> None:
    with layout.calm():
        opened = state.opened(PLACE)
        at = ids.index(opened) if opened in ids else 0
        row: Any = manifest.load(project, version).table.set_index("id").loc[ids[at]]
        about = f"{row['label']} · {_(SPLIT_TITLES[row['split']])}"
        size = _("{width} × {height} pixels").format(width=row["width"], height=row["height"])
        st.text(f"{about} · {file_name(row['source'])} · {size}")
        with st.container(horizontal=True, vertical_alignment="center"):
            for label, to, icon in ((N_("Previous"), at - 1, "chevron_left"), (N_("Next"), at + 1, "chevron_right")):
                st.button(
                    _(label),
                    icon=f":material/{icon}:",
                    disabled=not 0 <= to < len(ids),
                    key=f"zoom-{label}",
                    on_click=state.set_opened,
                    args=(PLACE, ids[to % len(ids)]),
                )
            st.caption(out_of(at + 1, len(ids)))
        path = str(manifest.image_path(project, ids[at]))
        st.image(thumbnail(path, SIDE), alt=f"{about} · {file_name(row['source'])}", width="stretch")
