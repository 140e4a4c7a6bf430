"""Pictures with several labels: looked at, marked, and given labels or freed of them."""

from collections.abc import Iterable
from typing import Any

import streamlit as st

from pages._ui.pictures import actions, zoom
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.pictures.thumbnails import SPLIT_TITLES, Tile, file_name, small
from pages._ui.shell import layout, paging, state
from tl_core import wording
from tl_core.dataset import edits, manifest, tags
from tl_core.dataset.manifest import Manifest
from tl_core.language import N_, _
from tl_core.workspace import Project

PER_PAGE = 48
LABEL, NO_LABEL, ALL = "shown-tag", "", "all"
#: What is shown, beside each label.
TITLES = {ALL: N_("All pictures"), NO_LABEL: N_("Without a label")}


@st.fragment
def gallery(project: Project, version: int) -> None:
    """Show the pictures with their labels, page by page. A fragment: a mark runs nothing else of the page."""
    with layout.calm():
        if project.about().manifest != version:  # something was done with marked pictures
            st.rerun()
        current = manifest.load(project, version)
        rows = current.table[_shown(current)]
        if rows.empty:
            st.caption(_("No picture matches this choice."))
            return
        page = paging.page(len(rows), PER_PAGE, "page-tags")
        every: Iterable[Any] = rows.iloc[page].itertuples()
        shown = [
            Tile(row.id, row.label or _("no label"), f"{_(SPLIT_TITLES[row.split])} · {file_name(row.source)}")
            for row in every
        ]
        clear = f"{project.slug}-{version}-{page.start}-{hash(tuple(each.id for each in shown))}"
        st.caption(_("Press pictures to mark them; hold Shift to mark a row. Then add or remove a label."))
        marked = picture_grid(
            shown,
            [small(project, each.id) for each in shown],
            key="grid-tags",
            clear=clear,
            on_zoom=lambda id_: zoom.show(project, [each.id for each in shown], id_),
        )
        if marked:
            _several(project, current, marked)


def _shown(current: Manifest) -> "list[bool]":
    """Let a person choose which pictures are shown, and return for each row whether it is."""
    options = [ALL, NO_LABEL, *current.classes]
    chosen = st.selectbox(
        _("Show"),
        options,
        format_func=lambda each: _(TITLES[each]) if each in TITLES else each,
        width=260,
        **state.kept(LABEL, ALL, options),
    )
    labels = [tags.split(label) for label in current.table["label"]]
    return [chosen == ALL or (chosen in each if chosen else not each) for each in labels]


def _several(project: Project, current: Manifest, marked: list[str]) -> None:
    """Draw what can be done with marked pictures."""
    labels = current.table.set_index("id")["label"].loc[marked]
    theirs = sorted({each for label in labels for each in tags.split(label)})
    with st.container(border=True, horizontal=True, vertical_alignment="bottom", key="marked"):
        st.text(_("{number} marked").format(number=wording.number(len(marked))), width="content")
        more = st.selectbox(_("Label to add"), current.classes, index=None, accept_new_options=True, width=200)
        actions.change_button(
            _("Add"),
            (lambda: edits.tag(project, marked, add=more)) if more else None,
            key="tag-add",
            icon=":material/add:",
        )
        less = st.selectbox(_("Label to remove"), theirs, index=None, width=200)
        actions.change_button(
            _("Remove the label"),
            (lambda: edits.tag(project, marked, remove=less)) if less else None,
            key="tag-remove",
            icon=":material/remove:",
        )
        actions.remove_button(project, marked, key="remove-marked", words=_("Remove the pictures"))
