"""The charts of experiments: networks by time and accuracy, accuracy by pictures."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pages._ui.shell.charts import CLASSES, FROZEN, SIGNS, TRAIN, TRAINABLE, UNUSED, framed, plain
from tl_core.accuracy import Accuracy
from tl_core.experiments import baselines
from tl_core.experiments.curve import Point
from tl_core.experiments.outlook import Outlook
from tl_core.experiments.ranking import Place, Ranking
from tl_core.language import _, pgettext
from tl_core.networks import tables
from tl_core.runs import EpochRow
from tl_core.wording import milliseconds, number, percent, size

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: Classes that get a line of their own.
MOST_CLASSES = len(CLASSES)
#: Networks that are named in the chart, at most.
MOST_NAMED = 8
#: Per cent with as many decimals as differ.
ACCURACY = ".2~%"
#: Pixels of the markers of the smallest and the largest network.
SMALL, LARGE = 10, 30


def scatter(ranking: Ranking, without: Accuracy | None = None) -> "go.Figure":
    """Return each network by the time of a picture and by accuracy; the Pareto front is a line, and what needs none."""
    import plotly.graph_objects as go

    front = sorted((each for each in ranking.places if each.front), key=lambda each: each.milliseconds)
    line = go.Scatter(
        x=[each.milliseconds for each in front],
        y=[each.accuracy.accuracy for each in front],
        mode="lines",
        name=_("No other is quicker and better"),
        line={"color": UNUSED, "dash": "dot", "shape": "hv"},
        hoverinfo="skip",
    )
    groups = {
        _("Best, or as good as the best"): ([each for each in ranking.places if each.equal], TRAIN, "circle"),
        _("Worse"): ([each for each in ranking.places if not each.equal], TRAINABLE, "diamond"),
    }
    most = max(each.bytes for each in ranking.places)
    dots = [_dots(places, name, colour, sign, most) for name, (places, colour, sign) in groups.items() if places]
    named = [_names(ranking.places)] if len(ranking.places) <= MOST_NAMED else []
    figure = framed(go.Figure([line, *dots, *named]), height=360)
    times = [math.log10(each.milliseconds) for each in ranking.places]
    room = max(0.15, 0.2 * (max(times) - min(times)))  # for the names
    span = [min(times) - room, max(times) + room]
    figure.update_xaxes(
        title=_("Milliseconds a picture"), type="log", range=span, **_ticks(10 ** span[0], 10 ** span[1])
    )
    ends = [end for each in ranking.places for end in each.accuracy.interval]
    if without and without.accuracy is not None:
        ends.append(without.accuracy)
        style, name = {"color": TRAINABLE, "dash": "dash"}, _(baselines.WORDS.title)
        figure.add_hline(y=without.accuracy, line=style, name=name, showlegend=True)
    above = 0.25 * (max(ends) - min(ends))
    figure.update_yaxes(title=_("Accuracy"), tickformat=ACCURACY, range=[min(ends) - above / 5, max(ends) + above])
    return figure


def _names(places: Sequence[Place]) -> "go.Scatter":
    """Return the names of networks above their intervals, without what all of them begin with."""
    import plotly.graph_objects as go

    titles = [tables.title(each.name) for each in places]
    akin = len(titles) > 1 and len({title.rpartition("-")[0] for title in titles}) == 1
    return go.Scatter(
        x=[each.milliseconds for each in places],
        y=[each.accuracy.interval[1] for each in places],
        mode="text",
        text=[f"{title.rpartition('-')[2] if akin else title}<br> " for title in titles],  # above the marker
        textposition="top center",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )


def _dots(places: Sequence[Place], name: str, colour: str, sign: str, most: int) -> "go.Scatter":
    import plotly.graph_objects as go

    figures = [each.accuracy for each in places]
    return go.Scatter(
        x=[each.milliseconds for each in places],
        y=[each.accuracy for each in figures],
        error_y=_bars(figures, colour),
        mode="markers",
        customdata=[_hover(each) for each in places],
        hovertemplate="%{customdata}<extra></extra>",
        name=name,
        marker={
            "color": colour,
            "symbol": sign,
            "size": [SMALL + (LARGE - SMALL) * (each.bytes / most) ** 0.5 for each in places],
        },
    )


def _hover(place: Place) -> str:
    accuracy = percent(place.accuracy.accuracy or 0, place.accuracy.n)
    about = f"{accuracy}, {milliseconds(place.milliseconds)}, {size(place.bytes)}"
    return f"{tables.title(place.name)}<br>{about}"


def _bars(points: "Sequence[object]", colour: str) -> dict[str, object]:
    """Return the intervals of points as error bars."""
    ends = [(each.accuracy, *each.interval) for each in points]  # type: ignore[attr-defined]
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - middle for middle, _, high in ends],
        "arrayminus": [middle - low for middle, low, _ in ends],
        "thickness": 1.5,
        "width": 4,
        "color": colour,
    }


def race(curves: Mapping[str, Sequence[EpochRow]]) -> "go.Figure":
    """Return the validation accuracy of some runs by epoch."""
    import plotly.graph_objects as go

    lines = [
        go.Scatter(
            x=list(range(1, len(rows) + 1)),
            y=[row.val_accuracy for row in rows],
            mode="lines+markers",
            name=name,
            line={"color": CLASSES[at % MOST_CLASSES], "width": 2},
            marker={"symbol": SIGNS[at % len(SIGNS)], "size": 8},
        )
        for at, (name, rows) in enumerate(curves.items())
        if rows
    ]
    figure = framed(go.Figure(lines), height=340)
    figure.update_xaxes(title=_("Epoch"), rangemode="tozero")
    figure.update_yaxes(
        title=pgettext("curve", "Validation accuracy"),
        tickformat=".3~%",
        autorangeoptions={"minallowed": -0.02, "maxallowed": 1.02},
    )
    return figure


def scan(lines: Mapping[str, Accuracy], frozen: Accuracy) -> "go.Figure":
    """Return the accuracy at each freeze line, and that of the frozen network with its interval across all of them."""
    import plotly.graph_objects as go

    figures = list(lines.values())
    dots = go.Scatter(
        x=list(lines),
        y=[each.accuracy for each in figures],
        error_y=_bars(figures, TRAINABLE),
        mode="markers",
        name=_("Fine-tuned"),
        showlegend=True,
        marker={"color": TRAINABLE, "symbol": "diamond", "size": 10},
    )
    figure = framed(go.Figure([dots]), height=300)
    low, high = frozen.interval
    figure.add_hrect(y0=low, y1=high, fillcolor="rgba(86,180,233,0.2)", line_width=0)
    figure.add_hline(y=frozen.accuracy, line={"color": FROZEN, "dash": "dash"}, name=_("Frozen"), showlegend=True)
    figure.update_xaxes(title=_("Trained"), type="category")
    figure.update_yaxes(title=_("Accuracy"), tickformat=ACCURACY)
    return figure


def curve(
    points: Sequence[Point], outlook: Outlook | None, guess: float, others: Mapping[str, Sequence[Point]]
) -> "go.Figure":
    """Return the points of a learning curve, the law through them with its band, what guessing gets, other curves."""
    import plotly.graph_objects as go

    law = outlook.expected if outlook else ()
    x = [each.pictures for each in law]
    lines = []
    if law:
        ends = [each.interval[1] for each in law], [each.interval[0] for each in reversed(law)]
        band = {"fill": "toself", "fillcolor": "rgba(86,180,233,0.25)", "line": {"width": 0}, "hoverinfo": "skip"}
        lines.append(go.Scatter(x=[*x, *reversed(x)], y=[*ends[0], *ends[1]], name=_("95% band"), mode="lines", **band))
        style = {"color": FROZEN, "dash": "dash"}
        lines.append(go.Scatter(x=x, y=[each.accuracy for each in law], name=_("Power law"), mode="lines", line=style))
    lines.append(_points(points, _("With the network") if others else _("Measured"), TRAIN, SIGNS[0]))
    lines += [_points(each, name, TRAINABLE, SIGNS[1]) for name, each in others.items() if each]
    across = [points[0].pictures, max([*x, points[-1].pictures])]
    dots = {"color": UNUSED, "dash": "dot"}
    lines.append(go.Scatter(x=across, y=[guess] * 2, name=_("Guessing"), mode="lines", line=dots))
    return _by_pictures(go.Figure(lines), across)


def by_class(curves: Mapping[str, Sequence[Point]]) -> "go.Figure":
    """Return the curves of some classes."""
    import plotly.graph_objects as go

    lines = [
        _points(points, plain(name, 28), CLASSES[at], SIGNS[at])
        for at, (name, points) in enumerate(list(curves.items())[:MOST_CLASSES])
        if points
    ]
    amounts = [x for line in lines for x in line.x]
    return _by_pictures(go.Figure(lines), [min(amounts), max(amounts)])


def _points(points: Sequence[Point], name: str, colour: str, sign: str) -> "go.Scatter":
    import plotly.graph_objects as go

    return go.Scatter(
        x=[each.pictures for each in points],
        y=[each.accuracy for each in points],
        error_y=_bars(points, colour),
        mode="lines+markers",
        name=name,
        line={"color": colour, "width": 1.5},
        marker={"color": colour, "symbol": sign, "size": 8},
        customdata=[
            _("{accuracy} with {pictures} a class").format(
                accuracy=percent(each.accuracy, each.n), pictures=number(each.pictures)
            )
            for each in points
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _by_pictures(figure: "go.Figure", across: Sequence[float]) -> "go.Figure":
    least, most = across
    figure = framed(figure, height=340)
    figure.update_xaxes(title=_("Pictures a class"), type="log", **_ticks(least / 1.2, most * 1.2))
    figure.update_yaxes(title=_("Accuracy"), tickformat=ACCURACY)
    return figure


def _ticks(least: float, most: float) -> dict[str, list[float] | list[str]]:
    """Return round numbers for an axis of logarithms."""
    ticks = [step * 10**power for power in range(7) for step in (1, 2, 5) if least <= step * 10**power <= most]
    return {"tickvals": ticks, "ticktext": [number(each) for each in ticks]}
