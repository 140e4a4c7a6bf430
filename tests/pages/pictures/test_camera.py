"""Classes that have a name and no pictures yet, and takes of the camera."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.pictures import upload_route
from pages._ui.shell import state
from tests.conftest import write_pictures
from tests.pages.conftest import Client, Open, markdown
from tests.pages.pictures.test_images import press
from tests.pages.pictures.test_upload_route import send
from tl_core.dataset import manifest
from tl_core.workspace import Project, Workspace

Taken = Callable[[AppTest, str], AppTest]
CAMERA = {"ways-in": ":material/photo_camera: Camera"}


def names(app: AppTest) -> list[str]:
    """Return what the cards are called."""
    return [field.value for field in app.text_input if field.label == "Name of the class"]


def test_names_of_classes_are_kept_before_there_is_a_project(open_page: Open):
    app = open_page("images.py", **CAMERA)
    assert names(app) == ["Class 1", "Class 2"]
    app.text_input(key="planned-name-0-Class 1").set_value("thumb up").run()
    press(app, "Add a class")

    assert names(open_page("images.py", **CAMERA)) == ["thumb up", "Class 2", "Class 1"]
    press(app, "Remove")
    assert names(open_page("images.py", **CAMERA)) == ["Class 2", "Class 1"]


def test_names_of_classes_are_kept_with_their_project(open_page: Open, project: Project, workspace: Workspace):
    press(open_page("images.py", project=project.slug), "Add a class")

    app = open_page("images.py", project=project.slug)
    assert names(app) == ["apple", "plum", "Class 1"]
    app.text_input(key="planned-name-0-Class 1").set_value("Plum").run()
    assert names(app) == ["apple", "plum"], "that class has pictures"
    assert state.planned_classes(None) == []


@pytest.fixture
def taken(client: Client, workspace: Workspace, tmp_path: Path) -> Taken:
    """Send a take of the camera to the place of a class, as the recorder does, and let the page run."""

    def take(app: AppTest, place: str) -> AppTest:
        frames = sorted(write_pictures(tmp_path / place, {"frames": 4}, size=40).rglob("*.jpg"))
        token = upload_route.issue(workspace)
        assert client.post(f"/api/upload/{token}/begin", json={"total": 2000, "bytes": 2**30, "at_most": True}).ok
        assert send(client, token, {path.name: path.read_bytes() for path in frames}).ok
        whole = {"total": len(frames), "bytes": sum(path.stat().st_size for path in frames)}
        assert client.post(f"/api/upload/{token}/end", json=whole).ok
        app.session_state[f"{state.UPLOAD}-{place}"] = token
        return app.run()

    return take


def test_the_first_take_makes_the_project_and_is_undone(open_page: Open, workspace: Workspace, taken: Taken):
    app = open_page("images.py", **CAMERA)
    app.text_input(key="planned-name-0-Class 1").set_value("me").run()
    app.button(key="camera-me").click().run()
    app = taken(app, "record--me")

    (made,) = workspace.projects()
    table = manifest.load(made).table
    assert (set(table["label"]), table["group"].nunique()) == ({"me"}, 1)
    assert names(app) == ["me", "Class 2"]
    assert "There is only one class" in markdown(app)

    press(app, "Undo the last take")
    assert manifest.load(made).table.empty
    assert names(app) == ["me", "Class 2"]
    assert not app.exception


def test_the_last_take_can_be_undone_another_day(open_page: Open, project: Project, taken: Taken):
    app = open_page("images.py", project=project.slug)
    assert "undo-take" not in [button.key for button in app.button], "these pictures came as a folder"
    app.button(key="camera-apple").click().run()
    before = manifest.load(project).table["id"].tolist()
    taken(app, f"record-{project.slug}-apple")
    assert len(manifest.load(project).table) > len(before)

    later = open_page("images.py", project=project.slug)
    press(later, "Undo the last take")
    assert not later.exception
    assert manifest.load(project).table["id"].tolist() == before
    assert "undo-take" not in [button.key for button in later.button]


def test_a_take_that_began_before_another_tab_made_the_project_is_not_lost(
    open_page: Open, project: Project, taken: Taken
):
    app = open_page("images.py", project=project.slug)
    app.button(key="camera-apple").click().run()
    before = len(manifest.load(project).table)
    taken(app, "record--apple")
    assert len(manifest.load(project).table) > before
