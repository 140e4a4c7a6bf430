"""A map of all pictures: those that the model sees alike lie together; a press on one opens it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages._ui.results import picture_panel
from pages._ui.shell import charts, jobs, layout, state
from pages._ui.shell.jobs import Offer
from tl_core.evaluation import predictions
from tl_core.evaluation.predictions import Predictions
from tl_core.explain import projection
from tl_core.explain.projection import Gathered
from tl_core.metrics.intervals import percent
from tl_core.runs import RunFolder
from tl_core.wording import estimate, pictures

PCA, TSNE = "PCA", "t-SNE"
PLACE, CHART, CHOSEN = "map", "map-chart", "map-mistake"
#: So many classes get a colour and a sign of their own; with more, a person chooses which.
MOST = len(charts.CLASSES)
HEIGHT = 540
#: What t-SNE takes for a picture in seconds, roughly, on one core.
SECONDS = 0.007


@dataclass(frozen=True)
class Point:
    """A picture on the map."""

    id: str
    x: float
    y: float
    part: str
    truth: int
    said: int
    probability: float


@st.fragment
def show(run: RunFolder, found: Predictions) -> None:
    """Show the map of a run's pictures. A fragment: a press on a point runs nothing else of the page."""
    with layout.calm():
        with st.container(horizontal=True, gap="large"):
            method = st.segmented_control("Map", [PCA, TSNE], default=PCA, required=True, key="map-method")
            parts = _parts(run, found)
        pictures_of = projection.gathered(list(parts.values()))
        places = _by_pca(run, pictures_of, tuple(parts)) if method == PCA else _by_tsne(run, pictures_of, list(parts))
        if places is None:
            return
        points = _points(parts, places)
        titles = _titles(run, pictures_of, tuple(parts)) if method == PCA else ("", "")
        opened = state.opened(PLACE)
        _draw(found, points, opened, titles)
        _caption(method, pictures_of)
        _chooser(found, [point for point in points if point.truth != point.said])
        if opened in places:
            picture_panel.show(run, found, opened)


def _parts(run: RunFolder, found: Predictions) -> dict[str, Predictions]:
    """Return the answers to the parts that may be shown: the test part only where it is open already."""
    every = {
        part: found if part == found.split else predictions.load(run, part) for part in ("train", "validation", "test")
    }
    shown = {part: each for part, each in every.items() if each is not None and len(each)}
    names = {part: charts.SPLIT_TITLES[part] for part in shown}
    chosen = st.pills(
        "Parts", list(names), selection_mode="multi", default=list(names), format_func=names.get, key="map-parts"
    )
    return {part: each for part, each in shown.items() if part in chosen} or shown


@st.cache_data(max_entries=12, show_spinner="Drawing …")
def _principal(
    folder: str, version: int, parts: tuple[str, ...], _features: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return projection.principal(_features, 2)


def _components(run: RunFolder, found: Gathered, parts: tuple[str, ...]) -> Any:
    return _principal(str(run.folder), run.require_model().stat().st_mtime_ns, parts, found.features)


def _by_pca(run: RunFolder, found: Gathered, parts: tuple[str, ...]) -> dict[str, NDArray[np.floating]]:
    scores, _ = _components(run, found, parts)
    return dict(zip(found.ids, scores, strict=True))


def _titles(run: RunFolder, found: Gathered, parts: tuple[str, ...]) -> tuple[str, str]:
    first, second = _components(run, found, parts)[1]
    return f"First direction: {percent(first)} of the variance", f"Second: {percent(second)}"


def _by_tsne(run: RunFolder, found: Gathered, parts: list[str]) -> Mapping[str, NDArray[np.floating]] | None:
    """Return the places by t-SNE; None while they are not computed, with the job or its button shown."""
    if (known := projection.kept(run, parts)) is not None:
        return known
    about = estimate(3 + SECONDS * len(found.ids))
    if len(found.ids) < projection.LEAST:
        st.info(f"t-SNE needs {projection.LEAST} pictures or more. The PCA map shows these.")
        return None
    offer = Offer(f"Arrange {pictures(len(found.ids))} ({about})", ":material/scatter_plot:", "map-arrange")
    title = f"Arranging {pictures(len(found.ids))}: {about}"
    jobs.panel("atlas", title, offer, run=str(run.folder), parts=parts)
    return None


def _points(parts: dict[str, Predictions], places: Mapping[str, NDArray[np.floating]]) -> list[Point]:
    return [
        Point(id_, float(places[id_][0]), float(places[id_][1]), name, int(truth), int(said), float(share))
        for name, part in parts.items()
        for id_, truth, said, share in zip(
            part.ids, part.truth, part.predicted, part.probabilities.max(axis=1), strict=True
        )
        if id_ in places
    ]


def _draw(found: Predictions, points: list[Point], opened: str | None, titles: tuple[str, str]) -> None:
    shown = _shown_classes(found, points)
    figure = scatter(points, found.classes, shown, opened)
    figure.update_xaxes(title=titles[0], showticklabels=False, showgrid=False, zeroline=False)
    figure.update_yaxes(title=titles[1], showticklabels=False, showgrid=False, zeroline=False)
    wrong = sum(point.truth != point.said for point in points)
    alt = (
        f"Map of {pictures(len(points))} in {len(found.classes)} classes; {wrong} of them, marked with a cross, "
        "answered wrongly. The list of mistakes below opens the same pictures."
    )
    charts.show(figure, alt, key=CHART, on_press=lambda: state.set_opened(PLACE, charts.pressed(CHART)))


def _shown_classes(found: Predictions, points: list[Point]) -> list[int]:
    """Return the classes that get a colour: all, or, where there are too many, those that a person chooses."""
    if len(found.classes) <= MOST:
        return list(range(len(found.classes)))
    wrong = np.bincount([point.truth for point in points if point.truth != point.said], minlength=len(found.classes))
    usual = np.argsort(-wrong, kind="stable")[:MOST].tolist()
    chosen = st.multiselect(
        "Classes in colour, the others are grey",
        range(len(found.classes)),
        default=usual,
        format_func=found.classes.__getitem__,
        max_selections=MOST,
        key="map-classes",
    )
    return list(chosen)


def scatter(points: list[Point], classes: list[str], shown: list[int], opened: str | None = None) -> Any:
    """Return the map: a colour and a sign for each of the shown classes, the others grey, mistakes crossed out.

    Args:
        points: the pictures.
        classes: all names.
        shown: numbers of the classes in colour, at most MOST.
        opened: id of the picture that gets a ring.
    """
    import plotly.graph_objects as go

    others = [point for point in points if point.truth not in shown]
    traces = [_trace(go, others, classes, "Other classes", charts.UNUSED, "circle")] if others else []
    for number, label in enumerate(shown):
        mine = [point for point in points if point.truth == label]
        name = charts.plain(classes[label], 28)
        traces.append(_trace(go, mine, classes, name, charts.CLASSES[number], charts.SIGNS[number]))
    wrong = [point for point in points if point.truth != point.said]
    if wrong:
        crosses = _trace(go, wrong, classes, "Answered wrongly", charts.WRONG, "x-open")
        traces.append(crosses.update(marker={"size": 13, "line": {"width": 2}, "opacity": 1}))
    if ring := [point for point in points if point.id == opened]:
        marked = _trace(go, ring, classes, "Opened", charts.UNUSED, "circle-open")
        traces.append(marked.update(marker={"size": 24, "line": {"width": 3}, "opacity": 1}))
    figure = charts.framed(go.Figure(traces), height=HEIGHT)
    figure.update_layout(hovermode="closest", clickmode="event+select")
    figure.update_traces(unselected={"marker": {"opacity": 0.9}})
    return figure


def _trace(go: Any, points: list[Point], classes: list[str], name: str, colour: str, sign: str) -> Any:
    return go.Scatter(
        x=[point.x for point in points],
        y=[point.y for point in points],
        customdata=[[point.id] for point in points],
        text=[_words(point, classes) for point in points],
        hovertemplate="%{text}<extra></extra>",
        name=name,
        mode="markers",
        marker={"color": colour, "symbol": sign, "size": 8, "opacity": 0.9},
    )


def _words(point: Point, classes: list[str]) -> str:
    said = f"the model says {charts.plain(classes[point.said])}, {percent(point.probability)}"
    return f"{charts.plain(classes[point.truth])} · {charts.SPLIT_TITLES[point.part]}<br>{said}"


def _caption(method: str, found: Gathered) -> None:
    words = {
        PCA: "PCA keeps the two directions in which what the model sees differs most; the rest of the differences is "
        "not on the map, so points that lie together may still differ.",
        TSNE: "t-SNE keeps pictures together that are neighbours. Distances between far groups, and the sizes of "
        "groups, mean little.",
    }
    few = ""
    if len(found.ids) < found.total:
        few = f" {len(found.ids):,} of {found.total:,} pictures are drawn: those answered wrongly, and others evenly."
    st.caption(f"{words[method]}{few} Press a point to open its picture.")


def _chooser(found: Predictions, wrong: list[Point]) -> None:
    """Let somebody who cannot press points open the pictures that were answered wrongly."""
    if not wrong:
        return
    by_id = {point.id: point for point in sorted(wrong, key=lambda point: -point.probability)}
    st.selectbox(
        f"Mistakes on this map ({len(wrong)})",
        list(by_id),
        index=None,
        placeholder="Open one",
        format_func=lambda id_: (
            f"It was {found.classes[by_id[id_].truth]}, the model says {found.classes[by_id[id_].said]} "
            f"({percent(by_id[id_].probability)}, {charts.SPLIT_TITLES[by_id[id_].part].lower()})"
        ),
        key=CHOSEN,
        on_change=lambda: state.set_opened(PLACE, state.widget(CHOSEN)),
        width=480,
    )
