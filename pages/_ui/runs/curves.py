"""The curves of several runs in one chart."""

import itertools
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.shell import charts, state
from pages._ui.shell.charts import CLASSES, SIGNS, framed
from tl_core.errors import TLError
from tl_core.language import NP_, _, pgettext
from tl_core.runs import EpochRow, RunFolder
from tl_core.wording import decimal, percent, plural

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

METRICS = {
    "val_accuracy": NP_("curve", "Validation accuracy"),
    "val_map50": NP_("curve", "Validation mAP@50"),
    "val_loss": NP_("curve", "Validation loss"),
    "accuracy": NP_("curve", "Training accuracy"),
    "loss": NP_("curve", "Training loss"),
}
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def show(every: Sequence[RunFolder], titles: Mapping[str, str]) -> None:
    """Show the curves of runs that have finished an epoch, one over the other."""
    courses = {titles[run.id]: rows for run in every if (rows := _epochs(run))}
    if not courses:
        return
    rows = [row for each in courses.values() for row in each]
    offered = [key for key in METRICS if any(getattr(row, key) is not None for row in rows)] or ["loss"]
    metric = st.segmented_control(
        _("Curves"),
        offered,
        format_func=lambda key: pgettext("curve", METRICS[key]),
        required=True,
        **state.kept("runs-metric", offered[0], offered),
    )
    drawn = {title: [getattr(row, metric) for row in rows] for title, rows in courses.items()}
    alt = _("{metric} over the epochs of {runs}.").format(
        metric=pgettext("curve", METRICS[metric]), runs=plural(len(drawn), "run", "runs")
    )
    charts.show(overlaid(drawn, metric), f"{alt} {_ends(drawn, metric)}", key="runs-curves")


def _epochs(run: RunFolder) -> list[EpochRow]:
    try:
        return run.history().rows
    except TLError:  # its row in the table says that it is damaged
        return []


def _ends(drawn: Mapping[str, Sequence[float | None]], metric: str) -> str:
    ends = ((title, values[-1]) for title, values in drawn.items())
    word = percent if metric.endswith("accuracy") else partial(decimal, digits=3)
    each = ", ".join(f"{title} {word(end)}" for title, end in ends if end is not None)
    return _("At the end: {values}.").format(values=each)


def overlaid(drawn: Mapping[str, Sequence[float | None]], metric: str) -> "Figure":
    """Return a line for each run, by its title: 8 colours and signs, and 6 kinds of line after each round of them.

    Args:
        drawn: a value for each epoch; None where a number was not finite, or was not measured.
        metric: a key of ``METRICS``; an accuracy is a fraction, shown in per cent.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for number, (title, values) in enumerate(drawn.items()):
        round_, at = divmod(number, len(CLASSES))
        line = {"color": CLASSES[at], "dash": DASHES[round_ % len(DASHES)], "width": 2.5}
        figure.add_scatter(
            x=list(range(1, len(values) + 1)),
            y=list(values),
            name=charts.plain(title),
            mode="lines+markers",
            line=line,
            marker={"symbol": SIGNS[at], "size": 7},
            cliponaxis=False,
            connectgaps=metric == "val_map50",  # which not every epoch has
        )
    longest = max(map(len, drawn.values()))
    framed(figure, height=360 + 22 * len(drawn))
    figure.update_layout(xaxis_title=_("Epoch"), yaxis_title=pgettext("curve", METRICS[metric]), showlegend=True)
    figure.update_xaxes(dtick=max(1, longest // 10), range=[0.5, max(5, longest) + 0.5])
    if metric == "val_map50":
        figure.update_yaxes(range=[-0.02, 1.09])
    if metric.endswith("accuracy"):
        known = [value for value in itertools.chain(*drawn.values()) if value is not None]
        least = max(-0.02, min(known, default=0) - 0.05)
        figure.update_yaxes(tickformat=".0%", range=[least, 1 + (1 - least) / 15])  # the legend lies over the top
    return figure
