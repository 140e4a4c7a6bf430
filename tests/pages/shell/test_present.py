"""A presentation: the answer and its chart in large type, and nothing else."""

import shutil
from pathlib import Path

import pytest

from tests.pages.conftest import Open, query, text
from tl_core import runs
from tl_core.runs import RunFolder
from tl_core.workspace import Project, Workspace


@pytest.fixture
def run(finished: Path, workspace: Workspace) -> RunFolder:
    shutil.copytree(finished, workspace.root, symlinks=True, dirs_exist_ok=True)
    return next(iter(runs.of_project(workspace.projects()[0])))


def test_a_run_is_presented_and_left(open_page: Open, run: RunFolder):
    app = open_page("train.py", project=run.project.slug)
    assert app.get("page_link")
    app.button(key="present").click().run()

    assert query(app)["present"] == "1"
    share = run.report().validation
    assert [each.value for each in app.title] == ["100%" if share.accuracy == 1 else f"{share.accuracy:.0%}"]
    assert f"of {share.n} validation pictures right" in text(app)
    assert len(app.get("plotly_chart")) == 1
    assert not app.get("page_link"), "nothing else"
    assert [each.key for each in app.button] == ["leave"]

    app.button(key="leave").click().run()
    assert "present" not in query(app)
    assert app.button(key="present").label == "Present"


def test_what_has_not_been_run_yet_is_said(open_page: Open, project: Project):
    for page, words in (("train.py", "Nothing has been trained yet"), ("experiments.py", "No race has been run yet")):
        app = open_page(page, project=project.slug, present="1")
        assert not app.exception
        assert words in text(app)
        assert app.button(key="leave")


def test_a_page_that_has_no_presentation_is_shown_as_it_is(open_page: Open, run: RunFolder):
    app = open_page("results.py", project=run.project.slug, present="1")

    assert app.get("page_link")
    assert "present" not in query(app)


def test_the_live_answer_is_presented_without_anything_else(open_page: Open, run: RunFolder):
    app = open_page("try_it.py", project=run.project.slug, present="1")

    assert not app.exception
    assert not app.title
    assert [each.key for each in app.button] == ["leave"]
