"""A project with boxes is for the command line so far: every page opens, and the steps say so in a sentence."""

from pathlib import Path

import pytest

from pages import steps
from tests.core.boxes.test_importer import folder_of
from tests.pages.conftest import Open
from tl_core.boxes import importer
from tl_core.ingest.sources import Source
from tl_core.workspace import Project, Workspace

SAYS_SO = {"images.py", "model.py", "freeze.py", "train.py", "try_it.py", "take_away.py"}


@pytest.fixture
def squares(workspace: Workspace, tmp_path: Path) -> Project:
    project = workspace.create_project("Squares")
    importer.import_boxes(project, Source("folder", str(folder_of(tmp_path / "squares"))))
    return project


@pytest.mark.parametrize("file", ["home.py", *(step.file for step in steps.PAGES)])
def test_every_page_opens_with_boxes(open_page: Open, squares: Project, file: str):
    app = open_page(file, project=squares.slug)

    assert not app.exception
    said = " ".join(each.value for each in (*app.info, *app.warning, *app.error, *app.markdown, *app.caption))
    assert not [each.label for each in app.button if each.label in ("Train now", "Train", "Switch on")]
    if file in SAYS_SO:
        assert "which are for the command line so far" in said
