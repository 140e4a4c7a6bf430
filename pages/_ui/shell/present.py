"""Presentation: a page for a projector, in large type, with its answer and its chart and nothing else.

``present=1`` in the address asks for it, so that a reload keeps it. What a page shows then is its own.
"""

from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.shell import charts
from tl_core.language import _

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

KEY, YES = "present", "1"
#: Pages that can be presented, by the key of their step.
PAGES = ("train", "experiments", "try", "room")
#: Of the text in a chart, and of the chart, in pixels.
TEXT, HEIGHT = 24, 470


def asked() -> bool:
    """Return whether the address asks for a presentation."""
    return st.query_params.get(KEY) == YES


def button() -> None:
    """Draw the button that begins a presentation."""
    words = _("For a projector: large type, only the answer and its chart. Escape leaves it.")
    if st.button(_("Present"), icon=":material/slideshow:", key="present", help=words):
        st.query_params[KEY] = YES
        st.rerun()


def begins(step: str | None) -> bool:
    """Draw the bar above a presentation, with the way out; return whether this page is presented."""
    if not asked():
        return False
    if step not in PAGES:
        leave()
        return False
    with st.container(horizontal=True, horizontal_alignment="right", key="presenting"):
        if st.button(_("Leave"), icon=":material/close:", key="leave", shortcut="Escape"):
            leave()
            st.rerun()
    return True


def leave() -> None:
    """End a presentation."""
    st.query_params.pop(KEY, None)


def answer(words: str, more: str = "") -> None:
    """Draw an answer in very large type, and what belongs to it below, in large type; both are Markdown."""
    with st.container(key="present-answer", gap="xsmall"):
        st.title(words, anchor=False)
        if more:
            st.markdown(more)


def chart(figure: "Figure", alt: str, key: str) -> None:
    """Show a chart that is read from the last row."""
    figure.update_layout(height=HEIGHT, font_size=TEXT, legend_font_size=TEXT, margin={"t": 64, "b": 64})
    # Few enough numbers below it to stand upright on a phone, too.
    figure.update_xaxes(tickfont_size=TEXT, title_font_size=TEXT, tickangle=0, tickmode="auto", nticks=6, dtick=None)
    figure.update_yaxes(tickfont_size=TEXT, title_font_size=TEXT)
    figure.update_annotations(font_size=TEXT)
    figure.update_traces(line_width=5, marker_size=14, selector={"type": "scatter"})
    charts.show(figure, alt, key=key)
