"""The ROC curve and the precision–recall curve, with the place of the chosen threshold."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pages._ui.shell import charts
from tl_core.language import _
from tl_core.metrics.roc import Curves

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def roc(curves: Curves, here: tuple[float, float] | None) -> "Figure":
    """Return the curve of recall over false alarms; ``here`` is the chosen threshold's (false alarms, recall)."""
    figure = _curve(curves.false_alarms, curves.hits, here, (_("False alarms"), _("Recall")))
    chance = {"dash": "dot", "color": charts.UNUSED}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=chance, name=_("Guessing"), hoverinfo="skip")
    return figure


def precision_recall(curves: Curves, here: tuple[float, float] | None) -> "Figure":
    """Return the curve of precision over recall; ``here`` is the chosen threshold's (recall, precision)."""
    figure = _curve(curves.recall, curves.precision, here, (_("Recall"), _("Precision")))
    chance = {"dash": "dot", "color": charts.UNUSED}
    level = [curves.base_rate] * 2
    figure.add_scatter(x=[0, 1], y=level, mode="lines", line=chance, name=_("Guessing"), hoverinfo="skip")
    return figure


def _curve(
    x: NDArray[np.float64], y: NDArray[np.float64], here: tuple[float, float] | None, titles: tuple[str, str]
) -> "Figure":
    import plotly.graph_objects as go

    line = go.Scatter(x=x, y=y, mode="lines", line={"color": charts.TRAIN, "width": 2.5}, name=_("All thresholds"))
    figure = charts.framed(go.Figure([line]), height=320)
    if here is not None:
        marker = {"size": 13, "color": charts.TRAINABLE, "symbol": "diamond"}
        figure.add_scatter(x=[here[0]], y=[here[1]], mode="markers", marker=marker, name=_("This threshold"))
    figure.update_xaxes(title=titles[0], range=[-0.02, 1.02], tickformat=".0%")
    figure.update_yaxes(title=titles[1], range=[-0.02, 1.05], tickformat=".0%")
    return figure
