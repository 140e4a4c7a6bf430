"""A map of all pictures: those that the model sees alike lie together; a press on one opens it."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages._ui.results import picture_panel
from pages._ui.results.projection_chart import MOST, Point, scatter
from pages._ui.shell import charts, jobs, layout, state
from pages._ui.shell.jobs import Offer
from tl_core.evaluation import predictions
from tl_core.evaluation.predictions import Predictions
from tl_core.explain import projection
from tl_core.explain.projection import Components, Selection
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.wording import certainty, estimate, number, percent, pictures

PCA, TSNE = "PCA", "t-SNE"
PLACE, CHART, CHOSEN = "map", "map-chart", "map-mistake"
#: What t-SNE takes for a picture in seconds, roughly, on one core; and to start.
SECONDS, START = 0.007, 3

READING = {
    PCA: N_(
        "PCA shows the two directions in which the features differ most. Other differences are not on the map, so "
        "pictures that lie together may still differ."
    ),
    TSNE: N_("t-SNE puts neighbours together. Distances between far groups, and the sizes of groups, mean little."),
}
#: A mistake in the list, by the split of its picture.
MISTAKES = {
    "train": N_("{truth}, predicted {predicted} ({certainty}, training)"),
    "validation": N_("{truth}, predicted {predicted} ({certainty}, validation)"),
    "test": N_("{truth}, predicted {predicted} ({certainty}, test)"),
}

Positions = Mapping[str, NDArray[np.floating]]


@st.fragment
def show(
    run: RunFolder,
    answers: Predictions,
    load: Callable[[str], Predictions | None] | None = None,
    panel: Callable[[str], None] | None = None,
) -> None:
    """Show the map of a run's pictures. A fragment: a press on a point runs nothing else of the page.

    Args:
        run: whose model it is.
        answers: predictions of the split that is looked at.
        load: returns those of another split; None for what is stored of one label a picture.
        panel: draws the picture that is opened, given its id; None for the usual panel.
    """
    load = load or partial(predictions.load, run)
    with layout.calm():
        with st.container(horizontal=True, gap="large"):
            methods = [PCA, TSNE]
            choice = state.kept("map-method", PCA, methods)
            method = st.segmented_control(_("Map"), methods, required=True, **choice)
            splits = _splits(answers, load)
        placed = (projection.stored(run, split) for split in splits)
        selection = projection.select([each for each in placed if each is not None])
        if method == PCA:
            version = run.require_model().stat().st_mtime_ns
            with st.spinner(_("Drawing …")):
                components = _principal(str(run.folder), version, tuple(splits), selection.features)
            positions: Positions | None = dict(zip(selection.ids, components.scores, strict=True))
            first, second = map(percent, components.shares)
            titles = (
                _("First direction: {share} of the variance").format(share=first),
                _("Second direction: {share} of the variance").format(share=second),
            )
        else:
            positions, titles = _by_tsne(run, selection, list(splits)), ("", "")
        if positions is None:
            return
        points = _points(splits, positions)
        opened = state.opened(PLACE)
        _draw(answers, points, opened, titles)
        st.caption(_drawn(selection) + _("Press a point to open its picture."), help=_(READING[method]))
        _chooser(answers, [point for point in points if point.wrong])
        if opened is not None and opened in positions:
            (panel or partial(picture_panel.show, run, answers))(opened)


def _splits(answers: Predictions, load: Callable[[str], Predictions | None]) -> dict[str, Predictions]:
    """Return the predictions for the splits that may be shown: the test pictures only if they are opened already."""
    every = {split: answers if split == answers.split else load(split) for split in ("train", "validation", "test")}
    shown = {split: each for split, each in every.items() if each is not None and len(each)}
    chosen = st.pills(
        _("Pictures"),
        list(shown),
        selection_mode="multi",
        format_func=lambda split: _(charts.SPLIT_TITLES[split]),
        **state.kept("map-parts", list(shown), shown),
    )
    return {split: each for split, each in shown.items() if split in chosen} or shown


@st.cache_data(max_entries=12, show_spinner=False)
def _principal(folder: str, version: int, splits: tuple[str, ...], _features: NDArray[np.float32]) -> Components:
    return projection.principal(_features, 2)


def _by_tsne(run: RunFolder, selection: Selection, splits: list[str]) -> Positions | None:
    """Return the positions by t-SNE; None while they are not computed, with the job or its button shown."""
    if (stored := projection.load(run, splits)) is not None and stored.keys() >= set(selection.ids):
        return stored
    if len(selection.ids) < projection.LEAST:
        few = _("t-SNE needs {number} pictures or more. The PCA map shows these.")
        st.info(few.format(number=projection.LEAST))
        return None
    count, about = pictures(len(selection.ids)), estimate(START + SECONDS * len(selection.ids))
    label = _("Arrange {pictures} ({time})").format(pictures=count, time=about)
    title = _("Arranging {pictures}: {time}").format(pictures=count, time=about)
    offer = Offer(label, ":material/scatter_plot:", "map-arrange")
    jobs.panel("atlas", title, offer, run=str(run.folder), parts=splits)
    return None


def _points(splits: dict[str, Predictions], positions: Positions) -> list[Point]:
    return [
        Point(id_, float(positions[id_][0]), float(positions[id_][1]), name, int(truth), int(predicted), float(share))
        for name, split in splits.items()
        for id_, truth, predicted, share in zip(split.ids, split.truth, split.predicted, split.confidence, strict=True)
        if id_ in positions
    ]


def _draw(answers: Predictions, points: list[Point], opened: str | None, titles: tuple[str, str]) -> None:
    figure = scatter(points, answers.classes, _shown_classes(answers, points), opened)
    figure.update_xaxes(title=titles[0], showticklabels=False, showgrid=False, zeroline=False)
    figure.update_yaxes(title=titles[1], showticklabels=False, showgrid=False, zeroline=False)
    wrong = sum(point.wrong for point in points)
    alt = _(
        "Map of {pictures} in {classes} classes; {wrong} mistakes are marked with a cross. "
        "The list of mistakes below opens the same pictures."
    ).format(pictures=pictures(len(points)), classes=len(answers.classes), wrong=wrong)
    charts.show(figure, alt, key=CHART, on_press=lambda: state.set_opened(PLACE, charts.pressed(CHART)))


def _shown_classes(answers: Predictions, points: list[Point]) -> list[int]:
    """Return the classes that get a colour: all, or, where there are too many, those that a person chooses."""
    if len(answers.classes) <= MOST:
        return list(range(len(answers.classes)))
    wrong = np.bincount([point.truth for point in points if point.wrong], minlength=len(answers.classes))
    usual = np.argsort(-wrong, kind="stable")[:MOST].tolist()
    chosen = st.multiselect(
        _("Classes in colour, the others are grey"),
        range(len(answers.classes)),
        format_func=answers.classes.__getitem__,
        max_selections=MOST,
        **state.kept("map-classes", usual, range(len(answers.classes))),
    )
    return list(chosen)


def _drawn(selection: Selection) -> str:
    if len(selection.ids) == selection.total:
        return ""
    words = _("The map shows {some} of {pictures}: all mistakes, and others evenly.")
    return words.format(some=number(len(selection.ids)), pictures=pictures(selection.total)) + " "


def _chooser(answers: Predictions, wrong: list[Point]) -> None:
    """Let somebody who cannot press points open the mistakes."""
    if not wrong:
        return
    by_id = {point.id: point for point in sorted(wrong, key=lambda point: -point.probability)}

    def name(id_: str) -> str:
        point = by_id[id_]
        return _(MISTAKES[point.split]).format(
            truth=answers.classes[point.truth],
            predicted=answers.classes[point.predicted],
            certainty=certainty(point.probability),
        )

    st.selectbox(
        _("Mistakes on this map ({number})").format(number=len(wrong)),
        list(by_id),
        index=None,
        placeholder=_("Open one"),
        format_func=name,
        width=480,
        **state.kept(CHOSEN, None, [None, *by_id], then=lambda id_: state.set_opened(PLACE, id_)),
    )
