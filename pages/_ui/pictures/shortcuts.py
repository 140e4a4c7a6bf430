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
from tl_core.language import N_, _
from tl_core.workspace import Project

_LOOK = N_("Look at the pictures first: a property can belong to the subject, as darkness does to a night scene.")
#: What each property is called on the chart, by its id.
SHORT = {
    ALL: N_("All together"),
    "type": N_("Kind of file"),
    "saturation": N_("Colourfulness"),
    "border": N_("Border"),
    "size": N_("Size in pixels"),
    "shape": N_("Aspect ratio"),
    "brightness": N_("Brightness"),
    "contrast": N_("Contrast"),
    "sharpness": N_("Sharpness"),
    "density": N_("File size per pixel"),
    "bytes": N_("File size"),
}
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
    alt = _("Right answers from one property alone: {properties}. Just guessing: {chance}.").format(
        properties=each_one, chance=wording.percent(shortcut.chance)
    )
    clear = [each.clear for each in scores.values()]
    figure = class_charts.against_guessing(list(titles.values()), values, shortcut.chance, clear)
    charts.show(figure, alt, key="shortcut-properties")
    st.caption(_(_LOOK), help=_method(shortcut))
    strongest = shortcut.best.id
    choice = state.kept("shortcut-property", strongest, list(scores))
    label = _("How the classes differ in")
    chosen = st.selectbox(label, list(scores), format_func=titles.__getitem__, width=320, **choice)
    _classes(project, scores[chosen])


def _short(each: PropertyScore) -> str:
    """Return what a property is called; reports of another version may have one that this version does not have."""
    return _(SHORT.get(each.id, each.title))


def _method(shortcut: Shortcut) -> str:
    said = _(
        "A shallow decision tree sees only this property. 5-fold cross-validation on {pictures} of training and "
        "validation, never the test; each class counts the same. Pictures that are alike count together."
    ).format(pictures=wording.pictures(shortcut.n))
    if not shortcut.left_out:
        return said
    small = wording.classes(shortcut.left_out)
    left_out = _("{classes} with fewer than 5 pictures left out.").format(classes=small)
    return f"{said} {left_out}"


def _classes(project: Project, each: PropertyScore) -> None:
    """Show how a property is spread in each class, and typical pictures of it."""
    spread = each.spread[:MOST_CLASSES]
    title = _(TOGETHER.columns[each.column])
    medians = ", ".join(f"{row.label} {_number(row.values[2])}" for row in spread)
    figure = class_charts.spreads([row.label for row in spread], [row.values for row in spread], title)
    alt = _("{property}; median of each class: {medians}.").format(property=title, medians=medians)
    charts.show(figure, alt, key="shortcut-spread")
    if len(each.spread) > len(spread):
        st.caption(_("The first {some} of {every} classes.").format(some=len(spread), every=len(each.spread)))
    for row in each.spread:
        if row.examples:
            _examples(project, row, title)


def _examples(project: Project, row: Spread, title: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width=160):
            st.text(row.label)
            st.caption(_("median {number}").format(number=_number(row.values[2])))
        for id_ in row.examples:
            try:
                picture = thumbnail(str(manifest.image_path(project, id_)), LARGE)
            except NotFoundError:
                continue
            alt = _("A typical picture of {label}: {property}").format(label=layout.escape(row.label), property=title)
            st.image(picture, width=SIDE, alt=alt)


def _number(value: float) -> str:
    return wording.number(value) if abs(value) >= 100 else f"{value:.2g}"
