"""Charts, drawn alike on every page. Plotly is imported by the function that draws, so that pages open fast.

Colours are Okabe & Ito's (https://jfly.uni-koeln.de/color/): colour-blind people can tell them apart; line style and
marker say the same once more.
"""

import html
import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages._ui.shell import state

if TYPE_CHECKING:
    import pandas as pd
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
PARTS = {"train": TRAIN, "validation": VALIDATION, "test": TEST, "unused": UNUSED}
PART_TITLES = {"train": "Train", "validation": "Validation", "test": "Test", "unused": "Not used"}
PHASE_TITLES = {"features": "Looking", "head": "Head", "fine-tune": "Fine-tuning"}


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
    found = points[-1].get("customdata") if points else None
    return str(found[0] if isinstance(found, list | tuple) else found) if found else None


def counts(table: "pd.DataFrame") -> "Figure":
    """Return bars of pictures per class, stacked by part.

    Args:
        table: one row per class (index: label), columns ``train``, ``validation``, ``test``, ``unused``: numbers.
    """
    import plotly.graph_objects as go

    labels = [plain(str(label)) for label in table.index]
    bars = [
        go.Bar(y=labels, x=table[part], name=PART_TITLES[part], marker_color=colour, orientation="h")
        for part, colour in PARTS.items()
        if table[part].any()
    ]
    figure = framed(go.Figure(bars), height=110 + 30 * len(labels))
    figure.update_layout(barmode="stack", xaxis_title="Pictures", bargap=0.35)
    figure.update_yaxes(type="category", autorange="reversed")
    return figure


def counts_alt(table: "pd.DataFrame") -> str:
    """Return the counts as a sentence."""
    each = ", ".join(f"{label} {total}" for label, total in table["total"].head(12).items())
    more = f" and {len(table) - 12} more classes" if len(table) > 12 else ""
    return f"Pictures per class: {each}{more}."


def curves(epochs: Sequence[dict[str, Any]], metric: str, guess: float | None = None) -> "Figure":
    """Return the course of ``loss`` or ``accuracy`` over epochs, train and validation; phases and best epoch marked.

    Args:
        epochs: "epoch" events or rows of a history in order: ``phase``, ``metric``, ``val_metric``.
        metric: ``"loss"`` or ``"accuracy"`` (a fraction, shown in percent).
        guess: what always naming the commonest class gets, drawn as a line; None for none.
    """
    import plotly.graph_objects as go

    numbers = list(range(1, len(epochs) + 1))
    lines = [
        _line(go, numbers, [epoch.get(name) for epoch in epochs], title, colour, dash)
        for name, title, colour, dash in (
            (metric, "Train", TRAIN, "solid"),
            (f"val_{metric}", "Validation", VALIDATION, "dash"),
        )
    ]
    if number := best(epochs):
        at = [epochs[number - 1].get(f"val_{metric}")]
        ring = {"symbol": "circle-open", "size": 16, "color": TRAINABLE, "line": {"width": 2.5}}
        lines.append(go.Scatter(x=[number], y=at, name="Best epoch", mode="markers", marker=ring, hoverinfo="skip"))
    if guess is not None:
        across = [0.5, max(5, len(numbers)) + 0.5]
        dots = {"color": UNUSED, "dash": "dot"}
        lines.append(go.Scatter(x=across, y=[guess] * 2, name="Guess", mode="lines", line=dots))
    figure = framed(go.Figure(lines), height=300)
    figure.update_layout(xaxis_title="Epoch", yaxis_title=metric.capitalize(), hovermode="x unified")
    figure.update_xaxes(dtick=max(1, len(numbers) // 10), range=[0.5, max(5, len(numbers)) + 0.5])
    if metric == "accuracy":
        figure.update_yaxes(tickformat=".0%", rangemode="normal")
    _mark_phases(figure, epochs)
    return figure


def best(epochs: Sequence[dict[str, Any]]) -> int | None:
    """Return the number, from 1, of the epoch whose weights are kept: the lowest validation loss; None without one."""
    losses = {number: row["val_loss"] for number, row in enumerate(epochs, 1) if row.get("val_loss") is not None}
    return min(losses, key=losses.__getitem__, default=None)


def _line(go: Any, x: list[int], y: list[Any], title: str, colour: str, dash: str) -> Any:
    style = {"color": colour, "dash": dash, "width": 2.5}
    return go.Scatter(x=x, y=y, name=title, mode="lines+markers", line=style, marker={"size": 6})


def _mark_phases(figure: "Figure", epochs: Sequence[dict[str, Any]]) -> None:
    phases = [str(epoch.get("phase", "")) for epoch in epochs]
    for number, (before, after) in enumerate(itertools.pairwise(phases), start=1):
        if before != after:
            title = PHASE_TITLES.get(after, after)
            figure.add_vline(x=number + 0.5, line_dash="dot", line_color=UNUSED, annotation_text=title)


def bars(labels: Sequence[str], values: Sequence[float], colour: str = TRAIN) -> "Figure":
    """Return horizontal bars of probabilities (0..1), the first label on top, each with its percentage."""
    import plotly.graph_objects as go

    texts = [f"{value:.1%}" for value in values]
    shown = [plain(str(label)) for label in labels]
    bar = go.Bar(x=list(values), y=list(range(len(shown))), orientation="h", marker_color=colour, text=texts)
    figure = framed(go.Figure(bar.update(textposition="outside", cliponaxis=False)), height=40 + 34 * len(shown))
    figure.update_xaxes(range=[0, 1.15], visible=False)
    figure.update_yaxes(autorange="reversed", tickvals=list(range(len(shown))), ticktext=shown)
    figure.update_layout(margin_t=8, margin_b=8, showlegend=False)
    return figure


def against_guessing(labels: Sequence[str], values: Sequence[float], chance: float, marked: Sequence[bool]) -> "Figure":
    """Return horizontal bars of accuracies (0..1), the first label on top, with a line where guessing lies.

    Args:
        labels: what each bar is called.
        values: the accuracies.
        chance: accuracy of guessing, 0..1.
        marked: which bars stand out.
    """
    figure = bars(labels, values)
    colours = [TRAINABLE if stands_out else TRAIN for stands_out in marked]
    figure.update_traces(marker_color=colours, text=[f"{value:.0%}" for value in values])
    figure.add_vline(
        x=chance, line_dash="dot", line_color=UNUSED, annotation_text="Guessing", annotation_position="top"
    )
    figure.update_layout(margin_t=28)
    return figure


def spreads(labels: Sequence[str], values: Sequence[Sequence[float]], title: str) -> "Figure":
    """Return a horizontal box per class: each of ``values`` is the 5, 25, 50, 75 and 95 % point of a class."""
    import plotly.graph_objects as go

    low, first, median, third, high = zip(*values, strict=True)
    places = list(range(len(labels)))
    box = go.Box(y=places, lowerfence=low, q1=first, median=median, q3=third, upperfence=high, orientation="h")
    figure = framed(go.Figure(box.update(marker_color=TRAIN)), height=100 + 44 * len(labels))
    figure.update_yaxes(autorange="reversed", tickvals=places, ticktext=[plain(str(label)) for label in labels])
    figure.update_layout(xaxis_title=title, margin_t=8, showlegend=False)
    return figure


def framed(figure: "Figure", height: int) -> "Figure":
    """Return the figure in the frame that all charts have: height in pixels, legend on top, no dragging."""
    legend = {"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0, "traceorder": "normal"}
    figure.update_layout(height=height, margin={"l": 8, "r": 8, "t": 36, "b": 36}, legend=legend, dragmode=False)
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    return figure
