"""A project of texts in the app: it is shown, and each page says that it is for pictures so far."""

import pytest

from tests.pages.conftest import Open, text
from tl_core import api
from tl_core.text.sample import SHOP
from tl_core.workspace import Project, Workspace

PAGES = ("model", "freeze", "train", "results", "try_it", "take_away", "experiments", "runs")


@pytest.fixture
def shop(workspace: Workspace) -> Project:
    return api.import_texts(workspace, SHOP)[0]


def test_its_texts_are_shown(open_page: Open, shop: Project):
    app = open_page("images.py", project=shop.slug)

    assert not app.exception
    assert "60 texts" in text(app)
    assert "complaint" in [each.value for each in app.text_input]
    table = app.dataframe[0].value
    assert len(table) == 50, "page by page"
    assert set(table["split"]) == {"Training", "Validation", "Test"}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_for_pictures_says_so(open_page: Open, shop: Project, page: str):
    app = open_page(f"{page}.py", project=shop.slug)

    assert not app.exception, app.exception
    assert "for pictures so far" in text(app)
    assert not [button for button in app.button if button.label == "Train"]


def test_home_names_it(open_page: Open, shop: Project):
    app = open_page()

    assert not app.exception, app.exception
    assert shop.name in text(app)
    assert "60 texts" in text(app)
    assert "60 pictures" not in text(app)
