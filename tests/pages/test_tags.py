"""A project of pictures with several labels in the app: it is shown, and each page says that it is for one label."""

from pathlib import Path

import pytest

from tests.pages.conftest import Open, text
from tests.tagged import lay
from tl_core import api
from tl_core.workspace import Project, Workspace

PAGES = ("model", "freeze", "train", "results", "try_it", "take_away", "experiments", "runs")


@pytest.fixture
def tagged(workspace: Workspace, tmp_path: Path) -> Project:
    return api.import_folder(workspace, lay(tmp_path / "lamps", 12))[0]


def test_its_tags_are_shown(open_page: Open, tagged: Project):
    app = open_page("images.py", project=tagged.slug)

    assert not app.exception
    assert "12 pictures" in text(app)
    assert "for one label so far" in text(app)
    assert set(app.dataframe[0].value["label"]) == {"", "dark", "red", "dark; red"}
    assert not [button for button in app.button if "Train" in button.label]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_for_one_label_says_so(open_page: Open, tagged: Project, page: str):
    app = open_page(f"{page}.py", project=tagged.slug)

    assert not app.exception, app.exception
    assert "for one label so far" in text(app)
    assert not [button for button in app.button if button.label == "Train"]


def test_home_names_it(open_page: Open, tagged: Project):
    app = open_page()

    assert tagged.name in text(app)
    assert "12 pictures" in text(app)
