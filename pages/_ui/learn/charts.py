"""The figures of a round as a chart: bars with their intervals, and the guess beside them; or lines by pictures."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pages._ui.shell.charts import CLASSES, SIGNS, TRAIN, UNUSED, VALIDATION, framed, plain
from tl_core.language import _
from tl_core.lessons.lesson import shown
from tl_core.lessons.record import Figure
from tl_core.wording import interval, percent

if TYPE_CHECKING:
    import plotly.graph_objects as go


def bars(figures: Sequence[Figure], guesses: Mapping[str, int]) -> "go.Figure":
    """Return each figure as a bar with its interval, the first on top; guesses, in per cent by name, as diamonds."""
    import plotly.graph_objects as go

    shares, places = [each.share.accuracy or 0.0 for each in figures], list(range(len(figures)))
    errors = {**_errors(figures), "color": UNUSED}
    look = {"orientation": "h", "width": 0.4, "marker_color": TRAIN, "name": _("Measured")}
    parts: list[object] = [go.Bar(x=shares, y=places, error_x=errors, **look)]
    guessed = {place: guesses[each.name] / 100 for place, each in enumerate(figures) if each.name in guesses}
    if guessed:
        marker = {"symbol": "diamond", "size": 14, "color": VALIDATION, "line": {"width": 1.5, "color": "#081319"}}
        at = {"x": list(guessed.values()), "y": list(guessed)}
        parts.append(go.Scatter(**at, mode="markers", marker=marker, name=_("Your guess")))
    figure = framed(go.Figure(parts), height=90 + 56 * len(figures))
    for place, each in enumerate(figures):  # above its bar: beside it there is no room on a phone
        text = f"<b>{percent(shares[place], each.share.n)}</b> · {plain(shown(each.name), 44)}"
        at = {"x": 0, "y": place, "xanchor": "left", "yshift": 22, "xshift": -2}
        figure.add_annotation(**at, text=text, showarrow=False, font={"size": 13})
    baselines = {each.share.baseline for each in figures}
    if len(baselines) == 1 and (baseline := baselines.pop()):
        figure.add_vline(x=baseline, line={"color": UNUSED, "dash": "dot"}, name=_("Guessing"), showlegend=True)
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(range=[len(figures) - 0.6, -0.75], visible=False)
    return figure


def lines(figures: Sequence[Figure]) -> "go.Figure":
    """Return the figures as lines by the number of pictures, one for each series."""
    import plotly.graph_objects as go

    series = list(dict.fromkeys(each.series for each in figures))
    drawn = []
    for at, name in enumerate(series):
        own = sorted((each for each in figures if each.series == name), key=lambda each: each.pictures or 0)
        drawn.append(
            go.Scatter(
                x=[each.pictures for each in own],
                y=[each.share.accuracy for each in own],
                error_y={**_errors(own), "color": CLASSES[at]},
                mode="lines+markers",
                name=_(name),
                line={"color": CLASSES[at], "width": 2},
                marker={"symbol": SIGNS[at], "size": 9},
            )
        )
    figure = framed(go.Figure(drawn), height=340)
    ticks = sorted({each.pictures for each in figures if each.pictures})
    figure.update_xaxes(title=_("Pictures of each class"), type="log", tickvals=ticks, ticktext=list(map(str, ticks)))
    figure.update_yaxes(title=_("Right"), tickformat=".0%", range=[0, 1.05])
    return figure


def alt(figures: Sequence[Figure]) -> str:
    """Return the figures in words, for who does not see the chart."""
    said = [f"{shown(each.name)} {percent(each.share.accuracy or 0, each.share.n)}" for each in figures]
    return _("Measured: {figures}.").format(figures="; ".join(said)) if said else _("Nothing is measured yet.")


def spread(figure: Figure) -> str:
    """Return the 95% interval of a figure in words."""
    return interval(*figure.share.interval, figure.share.n)


def _errors(figures: Sequence[Figure]) -> dict[str, object]:
    middles = [each.share.accuracy or 0.0 for each in figures]
    ends = [each.share.interval for each in figures]
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - middle for middle, (_low, high) in zip(middles, ends, strict=True)],
        "arrayminus": [middle - low for middle, (low, _high) in zip(middles, ends, strict=True)],
        "thickness": 2,
        "width": 5,
    }
