"""Every widget of every page keeps what it was moved to: for the next run, through a page change and a reload.

The widgets are not listed here: all that a page draws are moved, so that a new one is tested the day it appears.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.results import unknowns
from pages._ui.results.frame import VIEWS
from pages._ui.shell import state
from pages._ui.train import form
from pages.steps import STEPS
from tests.pages.conftest import Open, query
from tl_core.networks import catalogue
from tl_core.workspace import Project, Workspace

KINDS = (
    "selectbox",
    "radio",
    "button_group",
    "toggle",
    "checkbox",
    "slider",
    "select_slider",
    "number_input",
    "text_input",
    "multiselect",
    "pagination",
)
#: What is opened on each page, so that all of its widgets are there.
DRAWERS = {
    "images.py": {"sizes-chart": "true", "add-more": "true"},
    "freeze.py": {"layers": "true", "head-expert": "true"},
    "train.py": {"train-options": "true", "train-expert": "true"},
}
PLACES = [
    *((step.file, DRAWERS.get(step.file, {})) for step in STEPS if step.key != "results"),
    *(("results.py", {"view": view}) for view in VIEWS),
    ("results.py", {"view": "errors", "errors-view": "Threshold"}),
]
#: Where a move shows other widgets: these are moved last.
LEADS_ELSEWHERE = {"view", "errors-view", "try-way"}
#: The names of classes: a move changes the project, and the field is another one then. And the language: the browser
#: keeps it, see ``tests/e2e/test_language.py``, and all options read otherwise then.
NOT_MOVED = ("name-", "planned-name-", "language-choice")
#: What no address may choose, so a reload forgets it.
FORGOTTEN = {"try-folder"}


@pytest.fixture
def project(finished: Path, outlines: Path, workspace: Workspace) -> Project:
    shutil.copytree(finished, workspace.root, symlinks=True, dirs_exist_ok=True)
    shutil.copytree(outlines, workspace.root / "networks", dirs_exist_ok=True)
    made = workspace.project("fruit")
    state.update_draft(made, freeze="block_14_add", backbone=catalogue.DEFAULT, augmentation="full")
    return made


def widgets(app: AppTest) -> Iterator[Any]:
    """Yield the widgets that a person can move at once: a form holds its own until it is sent."""
    for kind in KINDS:
        for each in app.get(kind):
            if not each.proto.form_id and not each.disabled:
                assert each.key, f"{kind} “{each.label}” has no key, so nothing can keep its value"
                if not each.key.startswith(NOT_MOVED):
                    yield each


def options(widget: Any) -> list[str]:
    """Return what a widget offers as the browser sends it: with the icon of each option."""
    if widget.type == "button_group":
        return [f"{each.content_icon} {each.content}".strip() for each in widget.proto.options]
    return list(widget.options)


def moves(widget: Any) -> list[Any]:
    """Return three values to move a widget to, each another one than it holds at the time; fewer if it has fewer."""
    if widget.type in ("toggle", "checkbox"):
        return [not widget.value, widget.value, not widget.value]
    if widget.type == "text_input":
        return ["a", "b", "c"]
    if widget.type == "pagination":
        return [2, 1, 2]
    if widget.type in ("slider", "number_input"):
        least, most, step = widget.min, widget.max, widget.step
        return [value for value in (least + step, min(most, least + 3 * step), least + 2 * step) if value <= most]
    words = options(widget)
    offered = list(range(len(words)))
    if widget.type == "multiselect":
        return [[words[0]], words[:2], [words[-1]]] if offered else []
    now = widget.index if widget.type in ("selectbox", "radio") else None
    others = [at for at in offered if at != now]
    return [words[at] for at in (*others[:2], *offered[:1])] if others else []


#: AppTest moves a select slider by its values and not by their words, which is all that it knows of them.
STEPS_OF_SLIDERS = (*form.RATES, *form.FINE_TUNE_RATES, *unknowns.SHARES, *range(1025))


def named(app: AppTest, key: str) -> Any:
    return next(each for each in widgets(app) if each.key == key)


def set_to(widget: Any, value: Any) -> None:
    """Move a widget; an option by its words, as a browser does."""
    if widget.type == "button_group" and not widget._is_single_select:
        value = [value]
    if widget.type == "select_slider":
        value = next(each for each in STEPS_OF_SLIDERS if words(widget, each) == value)
    widget.set_value(value)


def words(widget: Any, value: Any) -> str | None:
    """Return how a widget words a value, None for one that it does not offer."""
    try:
        return str(widget.format_func(value))
    except (LookupError, TypeError, ValueError):
        return None


def shows(widget: Any, value: Any) -> bool:
    if widget.type == "button_group":
        return list(widget.formatted_values) == [value]
    if widget.type in ("selectbox", "radio", "select_slider"):
        return str(widget.format_func(widget.value)) == value
    return widget.value == value


def held(app: AppTest) -> dict[str, Any]:
    return {each.key: each.value for each in widgets(app)}


@pytest.mark.parametrize(
    ("file", "opened"), PLACES, ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else value
)
def test_every_widget_keeps_its_last_value(open_page: Open, project: Project, file: str, opened: dict):
    app = open_page(file, project=project.slug, **opened)
    assert not app.exception, app.exception
    for key in sorted(held(app), key=lambda key: key in LEADS_ELSEWHERE):
        for value in moves(named(app, key)) if key in held(app) else []:
            set_to(named(app, key), value)
            app.run()
            assert not app.exception, (key, value, app.exception)
            assert shows(named(app, key), value), (key, value, named(app, key).value)
    before = held(app)
    # What a browser draws of a field first is its default.
    assert all(each.proto.default == each.value for each in widgets(app) if each.type == "number_input")

    reloaded = open_page(file, **query(app))
    expected = {key: value for key, value in before.items() if key not in FORGOTTEN}
    assert {key: value for key, value in held(reloaded).items() if key not in FORGOTTEN} == expected

    app.switch_page("home.py").run()
    app.query_params.clear()
    app.query_params["project"] = project.slug
    app.switch_page(file).run()
    assert held(app) == before
