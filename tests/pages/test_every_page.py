"""Every page opens cold: without anything, with pictures, with a query string that names what is not there."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages import steps
from pages._ui.shell import layout
from tests.pages.conftest import Open, markdown, query, text
from tl_core.workspace import Project

PAGES = ["home.py", *(step.file for step in steps.PAGES)]
#: Pages that only some people are led to, where several share the server.
FOR_SOME = {steps.ROOM.file, steps.PEOPLE.file}
needs_pictures = pytest.mark.parametrize(
    "file", [step.file for step in steps.PAGES if step.key not in ("pictures", "learn")]
)


def test_the_page_list_is_whole():
    files = {path.name for path in Path(layout.__file__).parents[2].glob("*.py")}
    pages = files - {"navigation.py", "steps.py", "__init__.py"} - FOR_SOME

    assert not pages - set(PAGES), f"steps.PAGES lacks a row for {pages - set(PAGES)}"
    assert not set(PAGES) - pages, f"pages/ lacks the file of a row of steps.PAGES: {set(PAGES) - pages}"


@pytest.mark.parametrize("file", PAGES)
def test_opens_in_an_empty_workspace(open_page: Open, file: str):
    app = open_page(file)

    assert not app.exception
    assert app.title


@needs_pictures
def test_without_pictures_says_so_in_one_sentence_with_a_link(open_page: Open, file: str):
    app = open_page(file)

    assert "There are no pictures yet" in text(app)
    assert not app.button


@pytest.mark.parametrize("file", PAGES)
def test_opens_with_pictures(open_page: Open, project: Project, file: str):
    app = open_page(file, project=project.slug)

    assert not app.exception
    assert query(app)["project"] == project.slug


@pytest.mark.parametrize("file", PAGES)
def test_a_name_that_a_person_typed_is_never_markdown(open_page: Open, project: Project, file: str):
    app = open_page(file, project=project.slug)

    assert "**Fruit**" not in markdown(app)
    assert "<b>" not in markdown(app)


@pytest.mark.parametrize("file", PAGES)
@pytest.mark.parametrize("wrong", [{"project": "../.."}, {"project": "gone", "run": "gone", "job": "../x"}])
def test_a_query_string_that_names_nothing_does_no_harm(open_page: Open, project: Project, file: str, wrong: dict):
    app = open_page(file, **wrong)

    assert not app.exception
    assert query(app)["project"] == project.slug


def test_the_project_goes_along_from_page_to_page(open_page: Open, project: Project):
    app: AppTest = open_page("images.py", project=project.slug)

    app.switch_page("model.py").run()

    assert query(app)["project"] == project.slug


@pytest.mark.parametrize(
    "name",
    ["**bold**", "[x](http://e.com)", "<b>", "`c`", "$x$", ":red[a]", ":smile:", "a\n# b", "![](http://e.com/p)"],
)
def test_escape_leaves_no_punctuation_that_markdown_reads(name: str):
    escaped = layout.escape(name)

    assert not re.search(r"(?<!\\)[*\[\]<>`$:!#_()]", escaped)
    assert re.sub(r"[\\\u2060]", "", escaped) == " ".join(name.split())
