"""Projects and runs are renamed, deleted and restored; Home says what takes how much room."""

import contextlib
import shutil
from pathlib import Path

import pytest

from tests.pages.conftest import Open, metric, open_drawers, query, text
from tl_core import jobs, runs, storage
from tl_core.recipe import Recipe
from tl_core.workspace import Project, Workspace


@pytest.fixture
def run(project: Project) -> runs.RunFolder:
    made = runs.create(project, Recipe(manifest=1, backbone="efficientnet-lite0", image_size=64, seed=0))
    jobs.set_status(made.folder, state="cancelled", error="Stopped.")
    return made


def field(app, label: str):
    return next(each for each in app.text_input if each.label == label)


def press(app, label: str):
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception, app.exception
    return app


def test_a_project_is_renamed_and_no_two_have_one_name(open_page: Open, project: Project, workspace: Workspace):
    workspace.create_project("Fruit")
    app = open_page("images.py", project=project.slug)
    field(app, "New name of the project").set_value("Fruit")
    press(app, "Rename the project")
    assert "There is a project" in text(app)
    for wrong, why in (("x" * 81, "at most 80 characters. Received 81"), (" ", "needs a letter or a digit")):
        field(app, "New name of the project").set_value(wrong)
        press(app, "Rename the project")
        assert why in text(app).replace("\\", "")
        assert workspace.project(project.slug).name == project.name
        assert field(app, "New name of the project").value == wrong, "what was typed is not lost"
    field(app, "New name of the project").set_value(" Apples ")
    press(app, "Rename the project")
    assert workspace.project(project.slug).name == "Apples"


def test_a_new_project_gets_the_next_free_name_and_no_twin(open_page: Open, project: Project, workspace: Workspace):
    app = open_page("images.py", project=project.slug)
    assert field(app, "Name").value == "My pictures"
    press(app, "Create")
    assert field(app, "Name").value == "My pictures 2"
    field(app, "Name").set_value("My pictures")
    press(app, "Create")
    assert sorted(each.name for each in workspace.projects() if each.slug != project.slug) == ["My pictures"]


def test_a_project_is_deleted_and_restored(open_page: Open, project: Project, workspace: Workspace):
    app = press(open_page("images.py", project=project.slug), "Delete the project")
    assert workspace.projects() == []
    press(app, "Undo")
    assert [each.slug for each in workspace.projects()] == [project.slug]
    assert query(app)["project"] == project.slug


def test_a_run_is_renamed_deleted_and_restored(open_page: Open, project: Project, run: runs.RunFolder):
    app = open_page("train.py", project=project.slug, run=run.id)
    field(app, "Name of the run").set_value("**First**")
    press(app, "Rename the run")
    assert run.name == "**First**"
    assert "**First**" not in text(app)
    press(app, "Delete the run")
    assert runs.of_project(project) == []
    press(app, "Undo")
    assert [each.id for each in runs.of_project(project)] == [run.id]


def test_the_storage_says_what_takes_how_much_and_the_trash_is_emptied(open_page: Open, workspace, project: Project):
    storage.trash_project(project)
    app = open_drawers(open_page(), "storage")
    assert metric(app, "Trash").endswith("kB")
    next(button for button in app.button if button.label.startswith("Empty the trash")).click()
    app.run()
    assert storage.trash(workspace) == []
    assert metric(app, "Trash") == "nothing"


def test_on_a_full_disk_a_project_is_deleted_for_good_once_that_is_said(
    open_page: Open, small_disk: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TL_WORKSPACE", str(small_disk / "workspace"))
    workspace = Workspace.open()
    workspace.prefer(ahead=False)
    project, other = workspace.create_project("Fruit"), workspace.create_project("Sound")
    (project.folder / "large").write_bytes(bytes(200_000))
    with contextlib.suppress(OSError), (small_disk / "filler").open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass

    app = press(open_page("images.py", project=project.slug), "Delete the project")
    assert "too full even for the trash" in text(app)
    assert {each.slug for each in workspace.projects()} == {"fruit", "sound"}
    press(app, "Delete for good")
    assert (workspace.projects(), storage.trash(workspace)) == ([other], [])
    assert shutil.disk_usage(small_disk).free >= 200_000
    assert "too full" not in text(app)
