"""Try it with boxes: what is found, how many of each class, and as a table; frames of the camera, too."""

import csv
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.pictures import upload_route
from pages._ui.shell import state
from pages._ui.try_it import live, live_route
from pages._ui.try_it.live import again
from tests import boxed
from tests.conftest import share_weights
from tests.core.boxes.test_importer import folder_of
from tests.core.pictures import picture
from tests.pages.conftest import Client, Open, text, work
from tl_core import jobs, runs
from tl_core.boxes import importer
from tl_core.dataset import drawing, manifest
from tl_core.dataset.boxes import Box
from tl_core.evaluation.box_record import BoxPrediction, FoundBox
from tl_core.ingest.sources import Source
from tl_core.networks import catalogue
from tl_core.tasks import table
from tl_core.travel import box_tables
from tl_core.workspace import Project, Workspace


@pytest.fixture
def squares(workspace: Workspace, tmp_path: Path) -> Project:
    project = share_weights(workspace).create_project("Squares")
    importer.import_boxes(project, Source("folder", str(folder_of(tmp_path / "squares", 24))))
    return project


def test_what_is_found_is_counted_and_written_as_a_table():
    found = tuple(
        FoundBox(Box(label, 0.1, 0.2, 0.5, 1.0), score) for label, score in (("red", 0.9), ("blue", 0.8), ("red", 0.3))
    )
    said = BoxPrediction(width=200, height=100, found=found)

    assert said.counts() == {"red": 2, "blue": 1}
    assert said.sure(0.5).counts() == {"blue": 1, "red": 1}
    lines = box_tables.new([("=a.png", said.sure(0.85)), ("b.png", BoxPrediction(error="It is no picture."))])
    rows = list(csv.DictReader(lines.decode("utf-8-sig").splitlines()))
    assert [row["label"] for row in rows] == ["red", ""]
    assert [float(rows[0][side]) for side in ("xmin", "ymin", "xmax", "ymax")] == [20, 20, 100, 100]
    assert not rows[0]["file"].startswith("=")


def test_a_count_that_can_be_no_higher_says_so():
    def page() -> None:
        from pages._ui.try_it.boxes import _capped
        from tl_core.dataset.boxes import Box
        from tl_core.evaluation.box_record import BoxPrediction, FoundBox

        one = FoundBox(Box("red", 0.1, 0.2, 0.5, 1.0), 0.9)
        _capped([BoxPrediction(width=200, height=100, found=(one,) * count) for count in (99, 100)])

    (warning,) = AppTest.from_function(page).run().warning
    assert warning.value.startswith("1 picture with 100 boxes, the most that is looked for")


def test_the_page_asks_for_pictures_first(open_page: Open, squares: Project):
    run = boxed.finished(squares)
    app = open_page("try_it.py", project=squares.slug, run=run.id)

    assert not app.exception, app.exception
    assert "The model has not learned from any of them" in text(app)
    assert "it draws a box around each thing that it finds" in text(app)
    assert "original network" not in text(app)


@pytest.mark.slow
def test_boxes_are_found_in_new_pictures_and_frames(open_page: Open, squares: Project, tmp_path: Path, client: Client):
    data, network = manifest.load(squares), catalogue.get(None)
    draft = table.of(squares).draft(None, data).changed(image_size=128, epochs=8, augmentation_variants=1)
    run = runs.create(squares, draft.recipe(data.version, len(data.classes), network))
    work(run.job)
    new = folder_of(tmp_path / "new", 6)
    (new / "broken.png").write_bytes(b"no picture")
    app = open_page("try_it.py", project=squares.slug, run=run.id)
    app.segmented_control(key="try-way-boxes").set_value("Folder on this machine").run()
    app.text_input(key="try-folder").set_value(str(new)).run(timeout=120)

    assert not app.exception, app.exception
    assert "could not be read" in text(app)
    app.slider(key="try-confidence").set_value(0.05).run()
    assert not app.exception, app.exception
    counts = app.dataframe[-1].value
    assert len(counts) == 7
    assert counts["every"].sum() > 0
    token = live_route.tokens.issue(run)
    said = client.post(f"{live_route.URL}/{token}", data=(new / "0.png").read_bytes())
    assert said.status_code == 200, said.text
    assert all(len(box) == 6 and box[5] >= live_route.LEAST for box in said.json()["boxes"])
    assert client.post(f"{live_route.URL}/{token}", data=b"no picture").status_code == 400


def test_a_frame_is_saved_to_be_drawn_on_and_counts_once_it_has_boxes(
    open_page: Open, squares: Project, workspace: Workspace
):
    run = boxed.finished(squares)
    frame = upload_route.stage(workspace, {"frame.jpg": picture(7, "JPEG")})
    page = {"project": squares.slug, "run": run.id, "try-way-boxes": "Camera"}
    before = set(manifest.load(squares).table["id"])

    app = open_page("try_it.py", **page, **{live.FRAME: frame.name})
    next(each for each in app.button if each.key == "save-to-draw").click().run()

    (fresh,) = set(manifest.load(squares).table["id"]) - before
    rows = manifest.load(squares).table.set_index("id")
    assert rows.loc[fresh, ["boxes", "split"]].tolist() == ["", ""]
    assert rows.loc[fresh, "group"].startswith("live "), "frames of one sitting stay in one split"
    old, undrawn = manifest.of_run(run), manifest.load(squares)
    assert again.used(undrawn) == again.used(old), "nobody has drawn on it: it teaches nothing yet"
    drawing.draw(squares, fresh, [Box("red", 0.1, 0.1, 0.5, 0.5)])
    assert again.used(manifest.load(squares)) - again.used(old) == {fresh}


def test_an_address_that_still_names_the_run_before_is_put_right_for_a_while(open_page: Open, squares: Project):
    before, new = boxed.finished(squares), boxed.finished(squares)
    app = open_page("try_it.py", project=squares.slug, run=before.id)
    assert app.query_params["run"] == before.id

    app.session_state[state.HANDED] = before.id, new.id, time.monotonic()
    app = app.run()
    assert app.query_params["run"] == new.id
    app.session_state[state.HANDED] = before.id, new.id, time.monotonic() - state.STALE
    app.query_params["run"] = before.id
    app = app.run()
    assert app.query_params["run"] == before.id, "a person has opened it"


def test_a_run_that_ended_between_two_reruns_of_the_page_is_taken_over(open_page: Open, squares: Project):
    before, new = boxed.finished(squares), boxed.finished(squares)
    app = open_page("try_it.py", project=squares.slug, run=before.id, **{"try-way-boxes": "Camera"})
    assert app.query_params["run"] == before.id

    jobs.fail(new.folder, "The disk is full.")
    app.session_state[state.FOLLOWED] = new.id
    app = app.run()
    assert not app.exception, app.exception
    assert app.query_params["run"] == new.id
    assert app.session_state[state.FOLLOWED] is None
