"""Pictures with boxes on the pages: they come in, are drawn on, and a network is trained on them."""

import json
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages import steps
from pages._ui.pictures import box_route
from tests import boxed
from tests.core.boxes.test_importer import folder_of
from tests.pages.conftest import Client, Open, metric, open_drawers, query, wait_for, words
from tests.pages.pictures.test_exported import ended
from tests.pages.pictures.test_reading import press
from tests.pages.pictures.test_texts import looked_into
from tl_core import jobs
from tl_core.boxes import importer
from tl_core.dataset import boxes, drawing, manifest
from tl_core.draft import Draft
from tl_core.ingest.sources import Source
from tl_core.travel import made
from tl_core.workspace import Project, Workspace

#: What the other half of the way says.
SAYS_SO = {"experiments.py"}
TRAIN = {"images.py": "Train now", "train.py": "Train"}


@pytest.fixture
def squares(workspace: Workspace, tmp_path: Path) -> Project:
    project = workspace.create_project("Squares")
    importer.import_boxes(project, Source("folder", str(folder_of(tmp_path / "squares"))))
    return project


@pytest.fixture
def token(squares: Project) -> str:
    return box_route.tokens.issue(squares)


def first(project: Project) -> str:
    return str(manifest.load(project).table["id"].iloc[0])


def imported(app: AppTest, workspace: Workspace) -> AppTest:
    """Press Import, wait for the job, and return the page after it."""
    press(app, "Import")
    (job,) = (each for each in jobs.all_jobs(workspace) if each.kind == "import-boxes")
    wait_for(lambda: not job.active)
    assert job.state == "done", job.status().error
    return app.run()


def links(app: AppTest) -> list[str]:
    return [each.proto.label for each in app.get("page_link")]


@pytest.mark.parametrize("file", ["home.py", *(step.file for step in steps.PAGES)])
def test_every_page_opens_with_boxes(open_page: Open, squares: Project, file: str):
    app = open_page(file, project=squares.slug)

    assert not app.exception
    said = " ".join(each.value for each in (*app.info, *app.warning, *app.error, *app.markdown, *app.caption))
    assert ("is not for boxes so far" in said) == (file in SAYS_SO)
    assert "Compare them on your own pictures" not in [each.label for each in app.get("page_link")], (
        "it is not for boxes"
    )
    if file in TRAIN:
        assert TRAIN[file] in [each.label for each in app.button]


def test_a_set_of_boxes_is_seen_as_one_shown_and_imported(open_page: Open, workspace: Workspace, tmp_path: Path):
    app = looked_into(open_page, folder_of(tmp_path / "squares"))
    said = words(app)
    assert "11 boxes in 12 pictures: blue (6), red (5)." in said
    assert "1 picture without a box" in said
    assert not workspace.projects()

    app = imported(app, workspace)

    assert metric(app, "Added") == "12"
    (project,) = workspace.projects()
    assert project.about().kind == "boxes"
    assert metric(app.run(), "Boxes") == "11"


def test_pictures_alone_wait_for_their_boxes(open_page: Open, workspace: Workspace, tmp_path: Path):
    folder = folder_of(tmp_path / "squares", 3)
    (folder / "boxes.csv").unlink()
    app = open_page(project=workspace.create_project("Other").slug)
    next(each for each in app.button if each.key == "new-boxes").click().run()
    app = looked_into(open_page, folder, workspace.project(query(app)["project"]))
    assert "3 pictures without boxes: you draw them on the Pictures page." in words(app)

    app = imported(app, workspace)

    assert metric(app, "Looked at") == "0"
    next(each for each in app.button if each.label == "Draw boxes").click().run()
    assert query(app)["draw"] == first(workspace.project(query(app)["project"]))
    press(app, "Done")
    assert "draw" not in query(app)


def test_what_is_drawn_is_saved_and_read_again(client: Client, squares: Project, token: str):
    place = f"{box_route.URL}/{token}/{first(squares)}"
    said = client.post(place, json={"boxes": [["green", 0.25, 0.25, 0.5, 0.75]], "looked": False})
    assert (said.status_code, said.json()) == (200, {"version": 2})
    assert client.get(place).json() == {"boxes": [["green", 0.25, 0.25, 0.5, 0.75]], "looked": False}
    assert client.get(f"{place}/picture").headers["content-type"] == "image/png"
    client.post(place, json={"boxes": [], "looked": True})
    assert manifest.load(squares).table["boxes"].iloc[0] == boxes.NOTHING
    said = client.post(f"{place}/suggest")
    assert (said.status_code, "no trained model" in said.json()["error"]) == (409, True)


def test_the_model_of_a_run_is_asked_for_boxes(client: Client, squares: Project, token: str):
    """The file of this one holds no model, and that is what the worker says of it."""
    boxed.ended(boxed.finished(squares))
    said = client.post(f"{box_route.URL}/{token}/{first(squares)}/suggest", timeout=180)  # a worker starts
    assert (said.status_code, "cannot be read as a model" in said.json()["error"]) == (409, True)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"nothing", {}, 400),
        (b'{"boxes": [["a", 0, 0, 1]]}', {}, 400),
        (b'{"boxes": [["a", 0, 0, 1, 1e999]]}', {}, 400),
        (b'{"boxes": [["a", 0, 0, 2, 1]]}', {}, 409),
        (b"\0" * (box_route.MOST_BYTES + 1), {}, 413),
        (b'{"boxes": []}', {"origin": "https://evil.example"}, 403),
        (b'{"boxes": []}', {"x-xsrftoken": "guessed"}, 403),
    ],
    ids=["no JSON", "three edges", "no number", "outside", "too large", "another site", "no cookie"],
)
def test_what_is_no_box_of_ours_changes_nothing(client: Client, squares: Project, token: str, body, headers, status):
    said = client.post(f"{box_route.URL}/{token}/{first(squares)}", data=body, headers=headers)
    assert said.status_code == status
    assert manifest.load(squares).version == 1


@pytest.mark.parametrize("place", ["guessed/" + "0" * 64, "{token}/..", "{token}/" + "0" * 64])
def test_what_is_not_there_is_not_given(client: Client, squares: Project, token: str, place: str):
    asked = f"{box_route.URL}/{place.format(token=token)}"
    assert client.get(asked).status_code in (403, 404, 409)
    assert client.get(f"{asked}/picture").status_code in (403, 404)


def test_classes_are_renamed_and_removed_and_undo_brings_them_back(open_page: Open, squares: Project):
    names = manifest.load(squares).classes
    app = open_drawers(open_page("images.py", project=squares.slug), "class-names")
    next(each for each in app.text_input if each.value == names[0]).set_value("Other").run()
    assert not app.exception
    assert manifest.load(squares).classes == sorted(["Other", *names[1:]])
    press(app, "Undo")
    app.button(key=f"remove-class-{names[0]}").click().run()
    assert manifest.load(squares).classes == names[1:]
    assert len(manifest.load(squares).table) == len(manifest.load(squares, 1).table), "all pictures stay"
    press(app, "Undo")
    assert manifest.load(squares).classes == names


def test_the_pictures_are_exported_with_their_boxes(open_page: Open, workspace: Workspace, squares: Project):
    app = open_page("images.py", project=squares.slug)
    app.radio(key="export-what").set_value("The pictures with their boxes").run()
    app.selectbox(key="export-form").set_value("yolo").run()
    press(app, "Export pictures")
    job = ended(workspace, "dataset")
    names = zipfile.ZipFile(made.file_of(job)).namelist()
    assert "data.yaml" in names
    assert "as split/picture, with their boxes." in words(app.run())


def test_networks_that_cannot_see_boxes_are_named_and_not_offered(open_page: Open, squares: Project):
    app = open_page("model.py", project=squares.slug)
    assert metric(app, "Picture size") == "320 px"
    next(each for each in app.toggle if each.label.startswith("Only networks")).set_value(False).run()
    choice = next(each for each in app.selectbox if each.label == "Network")
    assert not [title for title in choice.options if "Inception" in title or "NASNet" in title]
    assert "Not for boxes" in words(app)
    assert "InceptionV3" in words(app)


def test_the_line_is_moved_and_train_has_what_follows(open_page: Open, squares: Project):
    app = open_page("freeze.py", project=squares.slug)
    assert "three scales" in words(app)
    everything = app.select_slider(key="freeze-slider").value
    assert metric(app, "Trainable") == "174 k"
    app.select_slider(key="freeze-slider").set_value(everything - 2).run()
    assert not app.exception, app.exception
    assert metric(app, "Trainable") == "1.2 M"
    assert state_of(squares).freeze == "block_14_add"

    app = open_page("train.py", project=squares.slug)
    assert not app.exception, app.exception
    assert metric(app, "Frozen") == f"{everything - 2} of {everything} blocks"
    labels = [each.label for each in (*app.slider, *app.select_slider, *app.radio)]
    assert {"Epochs of fine-tuning, at most", "Fine-tuning rate", "Fine-tuning rate over time"} <= set(labels)


def state_of(project: Project) -> Draft:
    return Draft.from_json(json.loads((project.folder / "draft.json").read_text()))


def test_train_leads_back_to_the_pictures_without_boxes(open_page: Open, squares: Project):
    run = boxed.ended(boxed.finished(squares))
    left = "without boxes are left: let the model suggest them"
    assert not any(left in label for label in links(open_page("train.py", project=squares.slug, run=run.id)))
    drawing.draw(squares, first(squares), [], looked=False)
    app = open_page("train.py", project=squares.slug, run=run.id)

    assert not app.exception, app.exception
    assert f"1 picture {left}" in links(app)


def test_copies_are_shown_with_their_boxes(open_page: Open, squares: Project):
    app = open_page("train.py", project=squares.slug, **{"train-options": "true"})

    assert not app.exception, app.exception
    assert "with their boxes" in words(app)
    assert len(app.get("image")) == 10
