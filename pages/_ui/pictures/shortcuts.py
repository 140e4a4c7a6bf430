"""The shortcut test on a page: how far each property goes, how the classes differ in it, and typical pictures."""

from typing import Any

import streamlit as st

from pages._ui.pictures import class_charts
from pages._ui.pictures.gallery import thumbnail
from pages._ui.shell import charts, layout
from tl_core.dataset import manifest
from tl_core.errors import NotFoundError
from tl_core.health import shortcuts
from tl_core.workspace import Project

SIDE = 120
MOST_CLASSES = 12


def figures(project: Project, found: dict[str, Any]) -> None:
    """Show the figures of ``shortcuts.find``: each property against guessing, then one property class by class."""
    properties = found["properties"]
    if not properties:
        return
    titles = [_short(each) for each in properties]
    values = [each["balanced"] for each in properties]
    told = "; ".join(f"{title} {_percent(value)}" for title, value in zip(titles, values, strict=True))
    alt = f"Right answers from one property alone: {told}. Guessing: {_percent(found['chance'])}."
    figure = class_charts.against_guessing(titles, values, found["chance"], [each["clear"] for each in properties])
    charts.show(figure, alt, key="shortcut-properties")
    st.caption(_how(found))
    ids = [each["id"] for each in properties]
    named = dict(zip(ids, titles, strict=True))
    strongest = ids.index(found["strongest"])
    chosen = st.selectbox("How the classes differ in", ids, strongest, format_func=named.__getitem__, width=320)
    _classes(project, properties[ids.index(chosen)])


def _short(each: dict[str, Any]) -> str:
    return "All together" if each["id"] == shortcuts.ALL else each["title"].removeprefix("The ").capitalize()


def _how(found: dict[str, Any]) -> str:
    best = next(each for each in found["properties"] if each["id"] == found["strongest"])
    low, high = best["interval"]
    left_out = f" {found['left_out']} classes with fewer than 5 of them are left out." if found["left_out"] else ""
    return (
        f"A shallow decision tree that sees only this property, 5-fold cross-validation on {found['n']:,} training and "
        f"validation pictures (never the test part); each class counts the same.{left_out} The best one lies between "
        f"{_percent(low)} and {_percent(high)} with 95 % confidence; always naming the largest class is right in "
        f"{_percent(found['majority'])}. Some of it can belong to the subject itself (a night scene is dark): "
        "the pictures tell."
    )


def _classes(project: Project, each: dict[str, Any]) -> None:
    """Show how a property is spread in each class, and typical pictures of it."""
    spread = each["spread"][:MOST_CLASSES]
    title = shortcuts.COLUMN_TITLES[each["column"]]
    medians = ", ".join(f"{row['label']} {_number(row['values'][2])}" for row in spread)
    figure = class_charts.spreads([row["label"] for row in spread], [row["values"] for row in spread], title)
    charts.show(figure, f"{title}; median of each class: {medians}.", key="shortcut-spread")
    if len(each["spread"]) > len(spread):
        st.caption(f"The first {len(spread)} of {len(each['spread'])} classes.")
    for row in each["spread"]:
        if row["examples"]:
            _examples(project, row, title)


def _examples(project: Project, row: dict[str, Any], title: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width=160):
            st.text(row["label"])
            st.caption(f"median {_number(row['values'][2])}")
        for id_ in row["examples"]:
            try:
                picture = thumbnail(str(manifest.image_path(project, id_)), SIDE)
            except NotFoundError:
                continue
            st.image(picture, width=SIDE, alt=f"A typical picture of {layout.escape(row['label'])}: {title}")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"


def _percent(value: float) -> str:
    return (f"{value:.0%}" if value >= 0.01 else f"{value:.1%}").replace("%", " %")
