"""The classes as cards: a look at each, more pictures for it, another name, its removal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui.pictures import actions, class_charts, renaming
from pages._ui.pictures.gallery import CLASS
from pages._ui.shell import charts, layout, paging, state
from tl_core import wording
from tl_core.dataset.manifest import Manifest
from tl_core.language import N_, _
from tl_core.workspace import Project

PER_PAGE = 12
#: How the key of a card begins.
CARD = "class-"
#: In the query string: the class that pictures are to be added to.
ADD = "add-to"
#: How many pictures of a class are used for what.
USED = {
    "train": N_("{number} training"),
    "validation": N_("{number} validation"),
    "test": N_("{number} test"),
    "unused": N_("{number} not used"),
}


@dataclass(frozen=True, kw_only=True)
class Card:
    """What the cards of a kind of thing show beside name, numbers and removal.

    Attributes:
        head: draws what is beside the heading of all cards.
        glimpse: draws a few of a class: project, its rows.
        record: draws what adds to a class at once: project, its name, its rows.
        into: opens the dialog that adds to a class: project, its name.
        icon: of the button that does so.
        more: draws the cards of classes that have none yet: project, the names of the others.
        dropped: takes what is dropped on a card: project, the names of those that are shown, how their keys begin.
        hint: says so, where it does.
    """

    head: Callable[[Project, Manifest], object]
    glimpse: Callable[[Project, pd.DataFrame], object]
    record: Callable[[Project, str, pd.DataFrame], object]
    into: Callable[[Project, str], object]
    icon: str
    more: Callable[[Project, list[str]], object]
    dropped: Callable[[Project, list[str], str], object]
    hint: str = ""


def show(project: Project, current: Manifest, card: Card) -> None:
    """Draw a card for each class, and the chart that compares their sizes."""
    with st.container(horizontal=True, vertical_alignment="center", key="classes-head"):
        st.header(_("Classes"), anchor=False)
        card.head(project, current)
    counts, labels = current.counts(), current.classes
    if (asked := state.once(ADD)) in labels:
        card.into(project, asked)
    page = paging.page(len(labels), PER_PAGE, "classes-page")
    with st.grid("auto", min_column_width=220, border=True):
        for label in labels[page]:
            with st.container(key=f"{CARD}{label}", gap="xsmall"):
                _card(project, current, label, counts.loc[label], card)
        card.more(project, labels)
    if not labels:
        return
    card.dropped(project, labels[page], CARD)
    with layout.drawer(_("Compare the sizes of the classes"), "sizes-chart", ":material/bar_chart:") as chart:
        if chart.open:
            charts.show(class_charts.counts(counts), class_charts.counts_alt(counts), key="counts")


def _card(project: Project, current: Manifest, label: str, counts: Any, card: Card) -> None:
    rows = current.table[current.table["label"] == label]
    card.glimpse(project, rows)
    renaming.field(project, label, "name")
    used = [_(said).format(number=wording.number(counts[split])) for split, said in USED.items() if counts[split]]
    st.caption(f"{wording.pictures(int(counts['total']))}: {', '.join(used)}")
    card.record(project, label, rows)
    with st.container(horizontal=True, gap="xsmall"):
        hint = _(card.hint) if card.hint else None
        if st.button(_("Add pictures"), icon=card.icon, key=f"add-{label}", help=hint):
            card.into(project, label)
        with st.popover(_("More"), key=f"more-{label}-{current.version}"):
            _more(project, current, label, rows["id"].tolist())


def _more(project: Project, current: Manifest, label: str, ids: list[str]) -> None:
    st.button(_("Show only these"), icon=":material/filter_alt:", key=f"only-{label}", on_click=lambda: _only(label))
    if len(current.classes) > 1:
        actions.remove_button(project, ids, key=f"remove-{label}", words=_("Remove the class"))
        st.caption(_("Removes {pictures}. Undo brings them back.").format(pictures=wording.pictures(len(ids))))


def _only(label: str) -> None:
    state.keep(CLASS, label)
