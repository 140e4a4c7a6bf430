"""The map of pictures as a chart: a point for each, mistakes crossed out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages._ui.shell import charts
from tl_core.language import _
from tl_core.wording import certainty

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: Classes that get a colour and a sign of their own.
MOST = len(charts.CLASSES)
HEIGHT = 540


@dataclass(frozen=True)
class Point:
    """A picture on the map.

    Attributes:
        id: of the picture.
        x: position to the right, without a unit.
        y: position upwards, without a unit.
        split: ``"train"``, ``"validation"`` or ``"test"``.
        truth: number of its class.
        predicted: number of the class that the model predicts.
        probability: of that class, 0…1.
    """

    id: str
    x: float
    y: float
    split: str
    truth: int
    predicted: int
    probability: float

    @property
    def wrong(self) -> bool:
        return self.truth != self.predicted


def scatter(points: list[Point], classes: list[str], shown: list[int], opened: str | None = None) -> "go.Figure":
    """Return the map: a colour and a sign for each of the shown classes, the others grey, mistakes crossed out.

    Args:
        points: the pictures.
        classes: all names.
        shown: numbers of the classes in colour, at most MOST.
        opened: id of the picture that gets a ring.
    """
    import plotly.graph_objects as go

    others = [point for point in points if point.truth not in shown]
    traces = [_trace(others, classes, _("Other classes"), charts.UNUSED, "circle")] if others else []
    for number, label in enumerate(shown):
        mine = [point for point in points if point.truth == label]
        name = charts.plain(classes[label], 28)
        traces.append(_trace(mine, classes, name, charts.CLASSES[number], charts.SIGNS[number]))
    if wrong := [point for point in points if point.wrong]:
        crosses = _trace(wrong, classes, _("Mistakes"), charts.WRONG, "x-open")
        traces.append(crosses.update(marker={"size": 13, "line": {"width": 2}, "opacity": 1}))
    if ring := [point for point in points if point.id == opened]:
        marked = _trace(ring, classes, _("Opened"), charts.UNUSED, "circle-open")
        traces.append(marked.update(marker={"size": 24, "line": {"width": 3}, "opacity": 1}))
    figure = charts.framed(go.Figure(traces), height=HEIGHT)
    figure.update_layout(hovermode="closest", clickmode="event+select")
    figure.update_traces(unselected={"marker": {"opacity": 0.9}})
    return figure


def _trace(points: list[Point], classes: list[str], name: str, colour: str, sign: str) -> "go.Scatter":
    import plotly.graph_objects as go

    return go.Scatter(
        x=[point.x for point in points],
        y=[point.y for point in points],
        customdata=[[point.id] for point in points],
        text=[_hover(point, classes) for point in points],
        hovertemplate="%{text}<extra></extra>",
        name=name,
        mode="markers",
        marker={"color": colour, "symbol": sign, "size": 8, "opacity": 0.9},
    )


def _hover(point: Point, classes: list[str]) -> str:
    predicted = _("predicted {label}, {probability}").format(
        label=charts.plain(classes[point.predicted]), probability=certainty(point.probability)
    )
    return f"{charts.plain(classes[point.truth])} · {_(charts.SPLIT_TITLES[point.split])}<br>{predicted}"
