"""What all charts share: the frame, the colours, how one is shown and pressed.

Plotly is imported by the function that draws, so that pages open fast. Colours are Okabe & Ito's
(https://jfly.uni-koeln.de/color/): colour-blind people can tell them apart; line style and
marker say the same once more.
"""

import html
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages._ui.shell import state
from tl_core.language import N_
from tl_core.wording import percent, separators

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TRAIN = "#0072B2"
VALIDATION = "#E69F00"
TEST = "#009E73"
UNUSED = "#999999"
FROZEN = "#56B4E9"
TRAINABLE = "#D55E00"
BEFORE = "#CC79A7"
WRONG = "#D55E00"
#: Classes side by side: eight kinds of colour and sign; the colour of mistakes is left out.
CLASSES = (TRAIN, VALIDATION, TEST, BEFORE, FROZEN, "#8C6D00", "#7A5195", "#5A5A5A")
SIGNS = ("circle", "square", "diamond", "triangle-up", "cross", "star", "pentagon", "hexagon")
#: A chart that is taller than this scrolls in a frame of so many pixels, so that what follows it can be reached.
TALLEST, SCROLLS = 1200, 560
SPLITS = {"train": TRAIN, "validation": VALIDATION, "test": TEST, "unused": UNUSED}
SPLIT_TITLES = {"train": N_("Training"), "validation": N_("Validation"), "test": N_("Test"), "unused": N_("Not used")}


def plain(text: str, longest: int = 40) -> str:
    """Return text that somebody typed so that Plotly shows it as it is (Plotly reads some HTML)."""
    short = text if len(text) <= longest else text[: longest - 1] + "…"
    return html.escape(short, quote=False)


def show(figure: "Figure", alt: str, key: str | None = None, on_press: Callable[[], None] | None = None) -> None:
    """Show a figure, with the sentence that says the same to somebody who cannot see it.

    Args:
        figure: the chart.
        alt: the sentence.
        key: of the element.
        on_press: called when a point is pressed (or let go); ``pressed`` then tells which.
    """
    config = {"displayModeBar": False, "scrollZoom": False}
    select: Any = {"on_select": on_press, "selection_mode": "points"} if on_press else {}
    with st.container(height=SCROLLS if figure.layout.height > TALLEST else "content"):
        st.plotly_chart(figure, width="stretch", config=config, alt=alt, key=key, **select)


def pressed(key: str) -> str | None:
    """Return the ``customdata`` of the point of a figure that was pressed last, None without one."""
    points = ((state.widget(key) or {}).get("selection") or {}).get("points") or []
    data = points[-1].get("customdata") if points else None
    return str(data[0] if isinstance(data, list | tuple) else data) if data else None


def bars(labels: Sequence[str], values: Sequence[float], colour: str = TRAIN) -> "Figure":
    """Return horizontal bars of probabilities (0..1), the first label on top, each with its percentage."""
    import plotly.graph_objects as go

    texts = [percent(value) for value in values]
    shown = [plain(str(label)) for label in labels]
    bar = go.Bar(x=list(values), y=list(range(len(shown))), orientation="h", marker_color=colour, text=texts)
    figure = framed(go.Figure(bar.update(textposition="outside", cliponaxis=False)), height=40 + 34 * len(shown))
    figure.update_xaxes(range=[0, 1.15], visible=False)
    figure.update_yaxes(autorange="reversed", tickvals=list(range(len(shown))), ticktext=shown)
    figure.update_layout(margin_t=8, margin_b=8, showlegend=False)
    return figure


def framed(figure: "Figure", height: int) -> "Figure":
    """Return the figure in the frame that all charts have: height in pixels, legend on top, no dragging."""
    legend = {"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0, "traceorder": "normal"}
    figure.update_layout(height=height, margin={"l": 8, "r": 8, "t": 36, "b": 36}, legend=legend, dragmode=False)
    figure.update_layout(separators=separators())
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    return figure
