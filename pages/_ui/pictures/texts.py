"""The texts of a project: in a table page by page, side by side, and a few of a class."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui.pictures import actions, gallery
from pages._ui.pictures.thumbnails import SPLIT_TITLES
from pages._ui.shell import layout, paging, state
from tl_core.dataset import manifest
from tl_core.language import N_, _
from tl_core.workspace import Project

PER_PAGE = 50
#: So many characters of a text are shown in a table, and on the card of its class.
SHOWN, GLIMPSE = 400, 90
#: So many texts are on the card of a class.
FEW = 2
#: Height of a text that is read whole, in pixels, from so many characters on.
TALL, LONG = 220, 700
ORDERS = {
    **gallery.USUAL,
    N_("Shortest first"): gallery.by(lambda rows: rows["text"].str.len()),
    N_("Longest first"): gallery.by(lambda rows: -rows["text"].str.len()),
}


@st.fragment
def listed(project: Project, version: int) -> None:
    """Show one page of texts. A fragment: marking a text runs nothing else of the page."""
    with layout.calm():
        if project.about().manifest != version:  # something was done with marked texts
            st.rerun()
        current = manifest.load(project, version)
        rows = gallery.chosen(current, ORDERS, "text", _("Words of a text"))
        if rows.empty:
            st.caption(_("No text matches this choice."))
            return
        page = paging.page(len(rows), PER_PAGE, "page")
        shown = rows.iloc[page]
        how = _("Mark texts in the first column to move or remove them, or one to read it whole.")
        st.caption(f"{gallery.how_many(rows, current)} {how}")
        # Marks last as long as the same texts are shown in the same order.
        clear = f"texts-{project.slug}-{version}-{page.start}-{hash(tuple(shown['id']))}"
        marked = [shown["id"].iloc[place] for place in _table(shown, clear) if place < len(shown)]
        if len(marked) == 1:
            whole(shown.set_index("id").loc[marked[0]])
        if marked:
            actions.several(project, current, marked, every=rows["id"].tolist(), key=clear)


def _table(rows: pd.DataFrame, key: str) -> Sequence[int]:
    """Draw texts as a table, and return the places of those that are marked."""
    table = pd.DataFrame(
        {
            "label": rows["label"].tolist(),
            "text": [short(text, SHOWN) for text in rows["text"]],
            "split": [_(SPLIT_TITLES[split]) for split in rows["split"]],
            "source": rows["source"].tolist(),
        }
    )
    columns = {
        "label": st.column_config.TextColumn(_("Class"), width="small"),
        "text": st.column_config.TextColumn(_("Text"), width="large"),
        "split": st.column_config.TextColumn(_("Use")),
        "source": st.column_config.TextColumn(_("From")),
    }
    event = st.dataframe(
        table,
        column_config=columns,
        hide_index=True,
        width="stretch",
        height="content" if len(table) <= 12 else 460,
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
    )
    return event.selection.rows


def whole(row: "pd.Series[str]") -> None:
    """Draw a text to its end, in its lines."""
    with st.container(border=True, height=TALL if len(row["text"]) > LONG else "content", key="whole-text"):
        st.text(row["text"])


def beside(project: Project, rows: pd.DataFrame, ids: Sequence[str]) -> None:
    """Draw texts one above the other, each with its class, its use, and the row that it came with."""
    for name in ids:
        row: Any = rows.loc[name]
        with st.container(gap="xsmall"):
            st.text(short(row["text"], SHOWN))
            source = row["source"].split(manifest.BETWEEN)[0]
            st.caption(layout.escape(f"{row['label']} · {_(SPLIT_TITLES[row['split']])} · {source}"))


def glimpse(project: Project, rows: pd.DataFrame) -> None:
    """Draw the first few texts of a class."""
    with st.container(gap="xsmall"):
        for text in rows["text"].head(FEW):
            st.caption(layout.escape(f"“{short(text, GLIMPSE)}”"))


def short(text: str, most: int) -> str:
    """Return the beginning of a text, on one line.

    >>> short("one two\\nthree", 7), short("one", 7)
    ('one two…', 'one')
    """
    line = " ".join(text[: 2 * most].split())
    return line if len(line) <= most and len(text) <= 2 * most else f"{line[:most]}…"


def only(label: str) -> None:
    """Let the table show one class."""
    state.keep(gallery.CLASS, label)
