"""Charts of confidence: reliability, and what refusing saves and costs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pages._ui.shell.charts import TRAIN, UNUSED, VALIDATION, framed
from tl_core.evaluation.unknowns import Trade
from tl_core.language import _
from tl_core.metrics.calibration import Bin
from tl_core.wording import out_of, percent

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def reliability(bins: Sequence[Bin], *, of_labels: bool = False) -> "Figure":
    """Return accuracy over confidence with 95% intervals, beside the line of perfect calibration.

    Args:
        bins: of the reliability, the least confident first.
        of_labels: they are of the probability that a picture has a label, and of how often it has it.
    """
    import plotly.graph_objects as go

    x = [each.confidence for each in bins]
    y = [each.accuracy for each in bins]
    reach = {
        "type": "data",
        "symmetric": False,
        "array": [each.interval[1] - each.accuracy for each in bins],
        "arrayminus": [each.accuracy - each.interval[0] for each in bins],
        "color": TRAIN,
        "thickness": 1.5,
    }
    words = _("confidence {confidence}<br>{some} right")
    if of_labels:
        words = _("probability {confidence}<br>{some} have the label")
    texts = [words.format(confidence=percent(each.confidence), some=out_of(each.correct, each.n)) for each in bins]
    hover = "%{text}<extra></extra>"
    marker = {"size": 10, "color": TRAIN}
    dotted = {"color": UNUSED, "dash": "dot"}
    ideal = go.Scatter(x=[0, 1], y=[0, 1], name=_("Perfectly calibrated"), mode="lines", line=dotted)
    points = go.Scatter(
        x=x, y=y, error_y=reach, text=texts, hovertemplate=hover, name=_("Your model"), mode="markers", marker=marker
    )
    figure = framed(go.Figure([ideal, points]), height=380)
    least = -0.02 if of_labels else max(0.0, min([*x, *(each.interval[0] for each in bins)]) - 0.05)
    titles = (_("Confidence"), _("How often it is right"))
    if of_labels:
        titles = (_("Probability of a label"), _("How often a picture has it"))
    figure.update_xaxes(range=[least, 1.02], tickformat=".0%", title=titles[0])
    figure.update_yaxes(range=[least, 1.02], tickformat=".0%", title=titles[1])
    return figure


def trade(rows: Sequence[Trade], chosen: float) -> "Figure":
    """Return the error among the answered pictures over the share that is answered.

    Args:
        rows: one for each share of false refusals.
        chosen: the share of false refusals that is chosen; its row is marked.
    """
    import plotly.graph_objects as go

    shown = [row for row in rows if row.answered]
    x = [row.answered / row.n for row in shown]
    y = [1 - row.correct / row.answered for row in shown]
    words = _("{some} wrong, {refused} refused")
    texts = [
        words.format(some=out_of(row.answered - row.correct, row.answered), refused=row.n - row.answered)
        for row in shown
    ]
    line = {"color": TRAIN, "shape": "hv", "width": 2.5}
    hover = "%{text}<extra></extra>"
    figure = framed(
        go.Figure(go.Scatter(x=x, y=y, text=texts, hovertemplate=hover, name=_("Error"), line=line)), height=300
    )
    at = next((index for index, row in enumerate(shown) if row.share == chosen), None)
    if at is not None:
        marker = {"size": 14, "color": VALIDATION, "symbol": "diamond", "line": {"width": 1.5, "color": "#333333"}}
        figure.add_scatter(x=[x[at]], y=[y[at]], mode="markers", marker=marker, name=_("Chosen"), hovertemplate=hover)
        figure.data[-1].text = [texts[at]]
    figure.update_xaxes(tickformat=".0%", title=_("Answered (coverage)"), autorange="reversed")
    top = max(0.1, 1.2 * max(y, default=0))
    figure.update_yaxes(tickformat=".0%", title=_("Wrong among the answered"), range=[-0.06 * top, top])
    return figure
