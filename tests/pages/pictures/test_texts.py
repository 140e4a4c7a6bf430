"""A project of texts on its page: a table is read, corrected and imported, and its texts are corrected in turn."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.pictures import export_menu, reading, shown, upload_route, ways_in
from pages._ui.shell import kinds
from tests.core.pictures import picture
from tests.core.text.messages import ROWS, TEXTS, table
from tests.pages.conftest import Open, metric, query, text, wait_for, words
from tests.pages.pictures.test_reading import PATH_TAB, button, press
from tl_core import api, jobs
from tl_core.dataset import kinds as dataset_kinds
from tl_core.dataset import manifest
from tl_core.ingest.sources import Source
from tl_core.tasks import table as tasks
from tl_core.text import tables
from tl_core.text.sample import SHOP
from tl_core.travel import tables as travelling
from tl_core.workspace import Project, Workspace

PASTE_TAB = ":material/content_paste: Paste"


@pytest.fixture
def empty(workspace: Workspace) -> Project:
    return workspace.create_project("Mails", lambda project: dataset_kinds.claim(project, "texts"))


@pytest.fixture
def shop(workspace: Workspace) -> Project:
    return api.import_texts(workspace, SHOP)[0]


def looked_into(open_page: Open, place: Path, project: Project | None = None) -> AppTest:
    """Open the page and name a file on this machine."""
    named = {"project": project.slug} if project else {}
    app = open_page("images.py", **named, **{"ways-in": PATH_TAB, "add-more": "true"})
    next(each for each in app.text_input if each.label == "Folder or zip on this machine").set_value(str(place))
    return press(app, "Look inside")


def box(app: AppTest, label: str):
    return next(each for each in app.selectbox if each.label == label)


def imported(app: AppTest, workspace: Workspace) -> AppTest:
    """Press Import, wait for the job, and return the page after it."""
    press(app, "Import")
    (job,) = (each for each in jobs.all_jobs(workspace) if each.kind == "import-texts")
    wait_for(lambda: not job.active)
    assert job.state == "done", job.status().error
    return app.run()


def test_every_kind_has_its_ways_in_and_is_shown():
    every = {each.id for each in kinds.EVERY}
    assert every == {task.id for task in tasks.TASKS}
    assert set(ways_in.STEPS) == every
    assert set(shown.SHOWN) == {task.id for task in tasks.TASKS}
    assert set(export_menu.OF) == every


def test_a_new_project_asks_what_is_told_apart(open_page: Open, workspace: Workspace, project: Project):
    app = open_page("images.py", project=project.slug)
    choice = next(each for each in app.radio if each.key == "new-things")
    assert [option.split(": ")[-1] for option in choice.options] == [
        "Pictures with one label",
        "Pictures with several labels",
        "Pictures with boxes",
        "Texts",
    ]

    next(each for each in app.text_input if each.label == "Name").set_value("Mails")
    choice.set_value("texts")
    press(app, "Create")

    assert app.title[0].value.endswith("Texts")
    assert [tab.label.split(": ")[-1] for tab in app.tabs] == [
        "Table, folder or zip",
        "Paste",
        "Sample",
        "Table or folder on this machine",
    ]
    assert workspace.projects()[0].about().kind == "texts"


def test_home_opens_a_project_of_texts_and_goes_on_with_it(open_page: Open, workspace: Workspace, project: Project):
    for _time in range(2):
        app = open_page(project=project.slug)
        next(each for each in app.button if each.key == "new-texts").click()
        app.run()
        assert app.title[0].value.endswith("Texts")
        assert query(app)["project"] == "my-texts"
    assert len(workspace.projects()) == 2


def test_a_table_is_read_and_corrected_and_imported(open_page: Open, workspace: Workspace, tmp_path: Path):
    rows = [(text, label, f"{label} {number % 2}") for number, (text, label) in enumerate(ROWS)]
    place = tmp_path / "shop.csv"
    place.write_text(table(rows, head=("message", "topic", "kind")), encoding="utf-8")
    app = looked_into(open_page, place)
    assert app.title[0].value.endswith("Texts"), "what waits says what the page is about"
    assert box(app, "Encoding").value == "utf-8"
    assert box(app, "Between the cells").value == ","
    assert box(app, "First row").value == "yes"
    assert box(app, "Column of the texts").value == "message"
    assert not workspace.projects()

    box(app, "Column of the labels").set_value("kind").run()

    assert "6 classes: " in words(app)
    reloaded = open_page("images.py", **query(app))
    assert box(reloaded, "Column of the labels").value == "kind", "the correction outlives a reload"
    app = imported(reloaded, workspace)
    assert metric(app, "Added") == "60"
    assert len(manifest.load(workspace.projects()[0]).classes) == 6
    assert list(workspace.uploads.iterdir()) == []


def test_what_cannot_be_guessed_is_said_and_chosen(open_page: Open, workspace: Workspace, tmp_path: Path):
    place = tmp_path / "thanks.csv"
    place.write_text("\n".join(["text", *(f"Thank you so much for number {number}!" for number in range(8))]))
    app = looked_into(open_page, place)
    assert "has one column" in app.warning[0].value
    assert button(app, "Import").disabled

    box(app, "Column of the labels").set_value("\0one label").run()
    next(each for each in app.text_input if each.label == "Label of all texts").set_value("praise").run()

    assert "1 class: praise (8)" in words(app)
    imported(app, workspace)
    assert manifest.load(workspace.projects()[0]).classes == ["praise"]


def test_a_wrong_correction_is_said_and_taken_back(open_page: Open):
    app = looked_into(open_page, SHOP)
    box(app, "Encoding").set_value("utf-16").run()
    assert app.warning
    assert button(app, "Import").disabled

    press(app, "Guess again")

    assert box(app, "Encoding").value == "utf-8"
    assert not button(app, "Import").disabled


def test_lines_are_pasted(open_page: Open, workspace: Workspace, empty: Project):
    app = open_page("images.py", project=empty.slug, **{"ways-in": PASTE_TAB})
    app.text_area[0].set_value("\n".join(f"{text}\t{label}" for text, label in ROWS))
    press(app, "Look inside")
    assert "3 classes: " in words(app)

    imported(app, workspace)

    assert manifest.load(empty).counts()["total"].to_dict() == dict.fromkeys(sorted(TEXTS), 20)


def test_texts_of_one_label_are_pasted_as_they_are(open_page: Open, workspace: Workspace, empty: Project):
    app = open_page("images.py", project=empty.slug, **{"ways-in": PASTE_TAB})
    app.radio(key="paste-how").set_value("All of one label: each line is a text").run()
    app.text_area[0].set_value("Good, cheap, fast\nNice, kind, quick\n\n")
    next(each for each in app.text_input if each.label == "Label of all texts").set_value("praise")
    press(app, "Look inside")

    imported(app, workspace)

    listed = manifest.load(empty).table
    assert listed["text"].tolist() == ["Good, cheap, fast", "Nice, kind, quick"]
    assert set(listed["label"]) == {"praise"}


def marked(app: AppTest, *places: int) -> AppTest:
    """Mark rows of the table of texts."""
    key = app.dataframe[0].proto.id.split("-", 2)[2]
    app.session_state[key] = {"selection": {"rows": list(places), "columns": [], "cells": []}}
    return app.run()


def test_a_text_is_read_whole_moved_and_undone(open_page: Open, shop: Project):
    app = open_page("images.py", project=shop.slug)
    first = manifest.load(shop).table.iloc[0]
    assert "All texts" in text(app)
    app = marked(app, 0)
    assert first["text"] in [each.value for each in app.get("text")]

    box(app, "Move to class").set_value("praise" if first["label"] != "praise" else "question").run()
    press(app, "Move")
    assert manifest.load(shop).table.iloc[0]["label"] != first["label"]

    press(app, "Undo")
    assert manifest.load(shop).table.iloc[0]["label"] == first["label"]


def test_texts_are_searched_and_filtered(open_page: Open, shop: Project):
    app = open_page("images.py", project=shop.slug, **{"gallery-class": "praise"})
    assert len(app.dataframe[0].value) == 20
    next(each for each in app.text_input if each.label == "Search").set_value("thank").run()
    found = app.dataframe[0].value
    assert 0 < len(found) < 20
    assert found["text"].str.contains("thank", case=False).all()


def test_a_link_opens_the_dialog_that_adds_to_a_class(open_page: Open, shop: Project):
    app = open_page("images.py", project=shop.slug, **{"add-to": "praise"})
    assert "All texts that you paste here get the label “praise”." in text(app)


def test_a_text_with_two_labels_is_decided(open_page: Open, workspace: Workspace, tmp_path: Path):
    place = tmp_path / "two.csv"
    place.write_text(table([*ROWS, (ROWS[0][0], "praise")]), encoding="utf-8")
    project = api.import_texts(workspace, place)[0]
    app = open_page("images.py", project=project.slug, **{"two-labels": "true"})
    assert len(manifest.load(project).conflicts) == 1

    press(app, "It is praise")

    assert not len(manifest.load(project).conflicts)


def test_a_table_in_a_project_of_pictures_says_what_to_do(open_page: Open, workspace: Workspace, project: Project):
    app = looked_into(open_page, SHOP, project)
    assert "a project holds one kind of thing" in words(app)

    press(app, "New project of texts")

    assert "New project: shop" in text(app)
    imported(app, workspace)
    assert {each.about().kind for each in workspace.projects()} == {"pictures", "texts"}


def test_pictures_in_a_project_of_texts_say_what_to_do(open_page: Open, workspace: Workspace, shop: Project):
    folder = upload_route.stage(workspace, {f"{name}.png": picture(n) for n, name in enumerate(("a/1", "b/1", "a/2"))})
    source = Source("upload", str(folder))
    waiting = reading.Pending(source, "Set", shop.slug, ways_in.things_of(source, shop))
    reading.begin(folder, waiting, lambda folder, pending: None)
    app = open_page("images.py", project=shop.slug, waiting=folder.name)
    assert "Make a new project for pictures" in words(app)

    press(app, "New project of pictures")

    assert "2 classes: a (2), b (1)" in words(app)


def test_texts_are_taken_as_a_table_that_reads_again(open_page: Open, shop: Project):
    app = open_page("images.py", project=shop.slug)
    offered = next(each for each in app.radio if each.key == "export-what")
    assert list(offered.options) == [export_menu.PROJECT, export_menu.TABLE]

    listed = manifest.load(shop).table
    again = tables.read(travelling.texts(listed), "shop-texts.csv")
    assert [(item.text, item.label, item.split) for item in again.items] == list(
        listed[["text", "label", "split"]].itertuples(index=False, name=None)
    )


def test_the_sample_of_texts_is_one_press(open_page: Open, workspace: Workspace):
    app = open_page()
    button(app, "Messages to a shop").click()
    app.run()
    (job,) = jobs.all_jobs(workspace)
    wait_for(lambda: not job.active)
    app.run()
    assert metric(app, "Added") == "60"
    assert manifest.load(workspace.projects()[0]).classes == ["complaint", "praise", "question"]
