"""A project of texts in the app: the whole way, in its own words."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.shell import state
from pages._ui.try_it import asking
from tests.conftest import Once
from tests.pages.conftest import APPLE, Open, open_drawers, text
from tests.shop import trained
from tl_core import api
from tl_core.evaluation import predictions
from tl_core.runs import RunFolder
from tl_core.text import asked
from tl_core.text.sample import SHOP
from tl_core.workspace import Project, Workspace

#: Pages that a trained run has, with what chooses their view.
OPENED = (
    ("model", {}),
    ("freeze", {}),
    ("train", {}),
    ("results", {}),
    ("results", {"view": "errors"}),
    ("results", {"view": "map"}),
    ("results", {"view": "sure"}),
    ("results", {"view": "unknown"}),
    ("try_it", {}),
    ("runs", {}),
    ("experiments", {}),
    ("take_away", {}),
)


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


def test_home_names_it(open_page: Open, shop: Project):
    app = open_page()

    assert not app.exception, app.exception
    assert shop.name in text(app)
    assert "60 texts" in text(app)
    assert "60 pictures" not in text(app)


@pytest.fixture
def run(workspace: Workspace, once: Once) -> RunFolder:
    """A run on texts, in a workspace of its own."""
    return trained(once, workspace.root)


@pytest.mark.parametrize(("page", "more"), OPENED, ids=[f"{page}-{more.get('view', '')}" for page, more in OPENED])
def test_each_page_of_texts_speaks_of_texts(open_page: Open, run: RunFolder, page: str, more: dict[str, str]):
    app = open_page(f"{page}.py", project=run.project.slug, run=run.id, **more)

    assert not app.exception, app.exception
    assert not app.error
    said = text(app) + everything_said(app)
    assert "text" in said
    assert not re.findall(r".{0,60}\bpictures?\b.{0,60}", said, re.IGNORECASE)


def everything_said(app: AppTest) -> str:
    """Return labels, options, help texts and the columns of tables of a page, too; not what Learn says of its words."""
    widgets = [*app.button, *app.selectbox, *app.toggle, *app.number_input, *app.slider, *app.metric, *app.text_area]
    parts = [f"{each.label} {each.proto.help}" for each in [*widgets, *app.select_slider, *app.radio]]
    tables = [element for kind in ("arrow_data_frame", "button_group") for element in app.get(kind)]
    return "\n".join([*parts, *(str(each.proto) for each in tables)])


def test_the_usual_network_reads_as_much_as_the_texts_need(open_page: Open, run: RunFolder):
    app = open_page("train.py", project=run.project.slug, run=run.id)

    assert "Trained: BGE small" in "".join(each.value for each in app.header)
    assert app.number_input(key="option-image_size").value == run.recipe.image_size
    assert not [each for each in app.radio if each.label == "Augmentation"]
    assert r"TF\-IDF" in text(app)


@pytest.mark.slow
def test_a_text_opens_with_the_words_that_carried_it(open_page: Open, run: RunFolder):
    app = open_page("results.py", project=run.project.slug, run=run.id, view="map")
    opened = predictions.load(run, "validation").ids[0]
    app.session_state[f"{state.OPENED}-map"] = opened
    app = open_drawers(app.run(), "panel-why")

    assert not app.exception, app.exception
    assert "Words for" in [each.label for each in app.selectbox]
    assert "Most similar training texts, as the model reads them" in text(app)


def test_a_typed_text_is_answered_and_its_words_are_marked(open_page: Open, run: RunFolder):
    app = open_page("try_it.py", project=run.project.slug, run=run.id)
    asked = f"{APPLE} Where is my parcel? It never came, and I want my money back."
    app = app.text_area(key="try-text").set_value(asked).run(timeout=120)

    assert not app.exception, app.exception
    assert "Your model says" in [each.value for each in app.header]
    assert "**apple**" not in text(app).replace("\\*", "")
    assert "Words for" in [each.label for each in app.selectbox]
    assert "Most similar training texts, as the model reads them" in text(app)

    app = app.text_area(key="try-text").set_value("Thank you!\nIt broke on the first day.").run(timeout=120)
    app = app.toggle(key="try-lines").set_value(True).run(timeout=120)
    assert "2 texts" in [each.value for each in app.header]
    assert len(app.dataframe[0].value) == 2
    assert not [each for each in app.caption if "the network that comes with the app" in each.value]

    app = app.text_area(key="try-text").set_value("😀\nWo ist mein Paket und wann kommt es an?").run(timeout=120)
    said = [each.value for each in app.caption if "network that comes with the app" in each.value]
    assert [each.split(" text ")[0] for each in said] == ["1", "1"], said


def test_offered_texts_are_no_markdown(open_page: Open, run: RunFolder):
    app = open_page("try_it.py", project=run.project.slug, run=run.id)

    (offered,) = (each for each in app.get("button_group") if each.key == "try-text-example")
    said = [each.content for each in offered.proto.options]
    assert said[-1].startswith(r"none of your classes\? · The recipe needs two eggs\,"), said[-1]
    assert any(r"\." in each for each in said[:-1]), said


def test_many_texts_can_be_stopped_and_gone_on_with(open_page: Open, run: RunFolder):
    app = open_page("try_it.py", project=run.project.slug, run=run.id, **{"try-lines": "true"})
    lines = "\n".join(f"Where is parcel {number}?" for number in range(100))
    app = app.text_area(key="try-text").set_value(lines).run(timeout=120)
    assert not app.exception, app.exception
    assert len(app.dataframe[0].value) == 100

    what, reached = app.session_state[asking.REACHED]
    assert reached == 100
    app.session_state[asking.REACHED], app.session_state[asking.STOPPED] = (what, asking.AT_ONCE), what
    app = app.run(timeout=120)
    assert "Stopped after 32 of 100." in text(app)
    assert len(app.dataframe[0].value) == 32
    app = next(each for each in app.button if each.key == "ask-go-on").click().run(timeout=120)
    assert len(app.dataframe[0].value) == 100
    assert "Stopped after" not in text(app)


def test_a_run_on_texts_is_measured_again_from_its_page(open_page: Open, run: RunFolder):
    app = open_page("runs.py", project=run.project.slug, run=run.id)

    assert "remeasure" in [each.key for each in app.button]


def test_home_says_of_which_texts_a_model_is_right(open_page: Open, run: RunFolder):
    app = open_page()

    assert "validation texts right" in text(app)


def test_a_table_that_is_stored_under_another_name_is_read_as_one(tmp_path: Path):
    stored = tmp_path / "000000.bin"
    stored.write_text("id,text\n1,Where is my parcel?\n2,It broke on the first day.\n")

    assert asked.inside(stored, "mails.csv") == ["Where is my parcel?", "It broke on the first day."]
