"""Which runs the table shows, and in which order."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages._ui.shell import state
from tl_core.language import N_, _, ngettext
from tl_core.notebook.rows import Row
from tl_core.wording import number

#: So few runs are seen at a glance.
FEW = 4
#: Name of each order, and by what it sorts; what is missing comes last.
ORDERS: dict[str, Callable[[Row], Any]] = {
    N_("Newest first"): lambda row: -row.created,
    N_("Most accurate first"): lambda row: (row.accuracy is None, -(row.accuracy.accuracy or 0) if row.accuracy else 0),
    N_("Starred first"): lambda row: not row.label.star,
    N_("Name"): lambda row: row.name.casefold(),
    N_("Network and freeze line"): lambda row: (row.network, -(row.frozen or 0)),
    N_("Quickest first"): lambda row: (row.seconds is None, row.seconds or 0),
    N_("Smallest first"): lambda row: (not row.ready, row.bytes),
}


def choose(rows: Sequence[Row]) -> list[Row]:
    """Show the filters, where there are runs enough, and return the runs that pass, in the chosen order."""
    if len(rows) <= FEW:
        return list(rows)
    with st.container(horizontal=True, vertical_alignment="bottom", key="runs-filters"):
        hint = _("Name, note or network")
        words = st.text_input(_("Find"), placeholder=hint, width=240, **state.kept("runs-find", ""))
        choice = state.kept("runs-order", next(iter(ORDERS)), ORDERS)
        order = st.selectbox(_("Order"), list(ORDERS), format_func=_, width=240, **choice)
        starred = st.toggle(_("Only starred"), **state.kept("runs-starred", False))
    passed = [row for row in rows if _has(row, words) and (row.label.star or not starred)]
    if len(passed) < len(rows):
        st.caption(
            ngettext("{some} of {every} run.", "{some} of {every} runs.", len(rows)).format(
                some=number(len(passed)), every=number(len(rows))
            )
        )
    return sorted(passed, key=ORDERS[order])


def _has(row: Row, words: str) -> bool:
    text = f"{row.name} {row.label.note} {row.network} {row.id}".casefold()
    return all(word in text for word in words.casefold().split())
