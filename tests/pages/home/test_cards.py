"""The projects on the first page: how good the newest model is, and the way on."""

import shutil
from pathlib import Path

import pytest

from pages._ui.home import cards
from tests.pages.conftest import Open, text
from tl_core import runs
from tl_core.runs import RunFolder
from tl_core.workspace import Project, Workspace


@pytest.fixture
def run(finished: Path, workspace: Workspace) -> RunFolder:
    """A run whose test pictures were opened."""
    shutil.copytree(finished, workspace.root, symlinks=True, dirs_exist_ok=True)
    return next(iter(runs.of_project(workspace.projects()[0])))


def test_a_card_says_how_good_the_model_is_on_which_pictures_and_where_to_go_on(open_page: Open, run: RunFolder):
    validation = run.report().validation
    app = open_page()
    assert "test pictures right (" in text(app)
    assert [each.proto.label for each in app.get("page_link") if each.proto.label.startswith("Go on")] == [
        "Go on: Try it"
    ]

    (run.folder / "test.json").unlink()
    app = open_page()
    assert f"of {validation.n} validation pictures right (" in text(app)
    assert "Go on: Results" in [each.proto.label for each in app.get("page_link")]


def test_a_project_without_a_model_goes_on_where_its_steps_end(project: Project, workspace: Workspace):
    assert cards.following(workspace.create_project("Empty")) == "pictures"
    assert cards.following(project) == "network"
    assert cards.how_good(project) == ""


def test_damaged_runs_and_empty_projects_do_not_keep_home_from_opening(
    open_page: Open, run: RunFolder, workspace: Workspace
):
    workspace.create_project("Empty")
    for name in ("report.json", "test.json", "status.json", "recipe.json"):
        (run.folder / name).write_text("{")

    app = open_page()
    assert not app.exception
    assert "No pictures yet" in text(app)
    assert "right (" not in text(app)
