"""The shortcut test on a page: how far each property goes, how the classes differ in it, and typical pictures."""

import streamlit as st

from pages._ui.pictures import class_charts
from pages._ui.pictures.thumbnails import LARGE, thumbnail
from pages._ui.shell import charts, layout, state
from tl_core import wording
from tl_core.dataset import manifest
from tl_core.errors import NotFoundError
from tl_core.health.properties import ALL, TOGETHER
from tl_core.health.shortcuts import PropertyScore, Shortcut, Spread
from tl_core.workspace import Project

_LOOK = "Look at the pictures first: a property can belong to the subject, as darkness does to a night scene."
SIDE = 120
MOST_CLASSES = 12


def figures(project: Project, shortcut: Shortcut) -> None:
    """Show each property against guessing, then one property class by class."""
    if shortcut.best is None:
        return
    scores = {each.id: each for each in shortcut.properties}
    titles = {id_: _short(each) for id_, each in scores.items()}
    values = [each.balanced for each in scores.values()]
    each_one = "; ".join(f"{titles[id_]} {wording.percent(each.balanced)}" for id_, each in scores.items())
    alt = f"Right answers from one property alone: {each_one}. Just guessing: {wording.percent(shortcut.chance)}."
    clear = [each.clear for each in scores.values()]
    figure = class_charts.against_guessing(list(titles.values()), values, shortcut.chance, clear)
    charts.show(figure, alt, key="shortcut-properties")
    st.caption(_LOOK, help=_method(shortcut))
    strongest = shortcut.best.id
    choice = state.kept("shortcut-property", strongest, list(scores))
    chosen = st.selectbox(
        "How the classes differ in", list(scores), format_func=titles.__getitem__, width=320, **choice
    )
    _classes(project, scores[chosen])


def _short(each: PropertyScore) -> str:
    return "All together" if each.id == ALL else each.title.removeprefix("The ").capitalize()


def _method(shortcut: Shortcut) -> str:
    small = wording.plural(shortcut.left_out, "class", "classes")
    left_out = f" {small} with fewer than 5 pictures left out." if shortcut.left_out else ""
    return (
        "A shallow decision tree sees only this property. 5-fold cross-validation on "
        f"{wording.pictures(shortcut.n)} of training and validation, never the test; each class counts the same. "
        f"Pictures that are alike count together.{left_out}"
    )


def _classes(project: Project, each: PropertyScore) -> None:
    """Show how a property is spread in each class, and typical pictures of it."""
    spread = each.spread[:MOST_CLASSES]
    title = TOGETHER.columns[each.column]
    medians = ", ".join(f"{row.label} {_number(row.values[2])}" for row in spread)
    figure = class_charts.spreads([row.label for row in spread], [row.values for row in spread], title)
    charts.show(figure, f"{title}; median of each class: {medians}.", key="shortcut-spread")
    if len(each.spread) > len(spread):
        st.caption(f"The first {len(spread)} of {len(each.spread)} classes.")
    for row in each.spread:
        if row.examples:
            _examples(project, row, title)


def _examples(project: Project, row: Spread, title: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width=160):
            st.text(row.label)
            st.caption(f"median {_number(row.values[2])}")
        for id_ in row.examples:
            try:
                picture = thumbnail(str(manifest.image_path(project, id_)), LARGE)
            except NotFoundError:
                continue
            st.image(picture, width=SIDE, alt=f"A typical picture of {layout.escape(row.label)}: {title}")


def _number(value: float) -> str:
    return wording.number(value) if abs(value) >= 100 else f"{value:.2g}"
