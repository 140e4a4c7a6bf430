"""Charts of the Pictures page: pictures per class, and how far one property tells the classes apart."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pages._ui.shell.charts import SPLIT_TITLES, SPLITS, TRAIN, TRAINABLE, UNUSED, bars, framed, plain
from tl_core.language import _
from tl_core.wording import listed, percent

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure


def counts(table: "pd.DataFrame") -> "Figure":
    """Return bars of pictures per class, stacked by split.

    Args:
        table: one row per class (index: label), columns ``train``, ``validation``, ``test``, ``unused``: numbers.
    """
    import plotly.graph_objects as go

    labels = [plain(str(label)) for label in table.index]
    stacked = [
        go.Bar(y=labels, x=table[split], name=_(SPLIT_TITLES[split]), marker_color=colour, orientation="h")
        for split, colour in SPLITS.items()
        if table[split].any()
    ]
    figure = framed(go.Figure(stacked), height=110 + 30 * len(labels))
    figure.update_layout(barmode="stack", xaxis_title=_("Pictures"), bargap=0.35)
    figure.update_xaxes(tickformat=",d", dtick=1 if table["total"].max() <= 10 else None)
    figure.update_yaxes(type="category", autorange="reversed")
    return figure


def counts_alt(table: "pd.DataFrame") -> str:
    """Return the counts as a sentence."""
    totals = listed([f"{label} {total}" for label, total in table["total"].items()], 12)
    return _("Pictures per class: {classes}.").format(classes=totals)


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
    figure.update_traces(marker_color=colours, text=[percent(value) for value in values])
    figure.add_vline(
        x=chance, line_dash="dot", line_color=UNUSED, annotation_text=_("Guessing"), annotation_position="top"
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
