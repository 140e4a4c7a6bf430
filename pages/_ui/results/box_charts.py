"""Precision over recall of each class of boxes, with the place of the chosen confidence."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pages._ui.shell import charts
from tl_core.language import _
from tl_core.metrics.average_precision import RECALLS, AveragePrecision, Shown
from tl_core.wording import decimal

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

#: Lines that can be told apart; of more classes those with the most boxes are drawn.
MOST = len(charts.CLASSES)
DASHES = ("solid", "dash", "dot", "dashdot")


def curves(classes: Sequence[str], found: AveragePrecision, shown: Sequence[Shown]) -> "Figure":
    """Return a line for each class, ``shown`` what is found of it from the chosen confidence on."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for place, at in enumerate(_drawn(found)):
        own, here, colour = found.classes[at], shown[at], charts.CLASSES[place]
        line = {"color": colour, "width": 2.5, "dash": DASHES[place % len(DASHES)]}
        name = charts.plain(classes[at])
        figure.add_scatter(x=RECALLS, y=own.curve, mode="lines", line=line, name=name, legendgroup=name)
        if here.precision is not None and here.recall is not None:
            marker = {"size": 13, "color": colour, "symbol": charts.SIGNS[place], "line": {"width": 1, "color": "#fff"}}
            figure.add_scatter(
                x=[here.recall], y=[here.precision], mode="markers", marker=marker, name=name, showlegend=False
            )
    figure = charts.framed(figure, height=360)
    figure.update_layout(showlegend=True)
    figure.update_xaxes(title=_("Recall"), range=[-0.02, 1.02], tickformat=".0%")
    figure.update_yaxes(title=_("Precision"), range=[-0.02, 1.05], tickformat=".0%")
    return figure


def in_words(classes: Sequence[str], found: AveragePrecision) -> str:
    """Return what the chart says, as a sentence."""
    each = ", ".join(f"{classes[at]} {decimal(found.classes[at].ap50 or 0, 3)}" for at in _drawn(found))
    return _("Precision over recall of each class, with its average precision: {classes}.").format(classes=each)


def _drawn(found: AveragePrecision) -> list[int]:
    there = [at for at, each in enumerate(found.classes) if each.curve]
    return sorted(there, key=lambda at: -found.classes[at].there)[:MOST]
