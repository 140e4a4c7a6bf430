"""The Pictures page: empty, with pictures, its edits, its imports."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open, query
from tl_core import jobs
from tl_core.dataset import edits, manifest
from tl_core.workspace import Project, Workspace


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    return app.run()


def finished(workspace: Workspace, project: Project, folder: Path) -> jobs.Job:
    job = jobs.create_in(
        workspace, "import", project=str(project.folder), source={"kind": "folder", "path": str(folder)}
    )
    jobs.execute(job.folder)
    return job


def test_empty_it_offers_the_ways_in(open_page: Open):
    app = open_page("images.py")

    assert [tab.label.split(": ")[-1] for tab in app.tabs] == [
        "Folder or zip",
        "Camera",
        "Sample",
        "Folder on this machine",
    ]


def test_it_shows_counts_and_parts(open_page: Open, project: Project):
    app = open_page("images.py", project=project.slug)

    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Pictures"] == "24"
    assert shown["Classes"] == "2"
    assert int(shown["Training"]) + int(shown["Validation"]) + int(shown["Test"]) == 24


def test_rename_undo_redo(open_page: Open, project: Project):
    app = open_page("images.py", project=project.slug)

    next(field for field in app.text_input if field.value == "apple").set_value("pear").run()
    assert manifest.load(project).classes == ["pear", "plum"]
    press(app, "Undo")
    assert manifest.load(project).classes == ["apple", "plum"]
    press(app, "Redo")
    assert manifest.load(project).classes == ["pear", "plum"]


def test_a_class_is_renamed_while_somebody_else_renames_another(open_page: Open, project: Project):
    app = open_page("images.py", project=project.slug)
    edits.rename_class(project, "apple", "pear")

    app.text_input(key="name-plum").set_value("damson").run()
    assert manifest.load(project).classes == ["damson", "pear"]

    edits.rename_class(project, "pear", "quince")
    app.text_input(key="name-pear").set_value("medlar").run()
    assert manifest.load(project).classes == ["damson", "quince"]
    assert [said.value for said in app.toast] == [
        "“pear” was renamed or removed meanwhile\\, so nothing was changed\\."
    ]


def test_a_project_that_was_renamed_meanwhile_is_no_choice_and_no_error(
    open_page: Open, project: Project, workspace: Workspace
):
    other = workspace.create_project("Other")
    app = open_page("images.py", project=project.slug)
    project.rename("Called otherwise")
    other.rename("Renamed")
    choice = app.run().selectbox(key="project-choice")
    # The browser is told the new name: else it shows the one of before.
    assert (choice.proto.set_value, choice.proto.raw_value) == (True, "Called otherwise")
    choice.options[1] = "Other"  # a browser that has not drawn the new name yet

    choice.select_index(1).run()

    assert not app.exception
    assert app.selectbox(key="project-choice").value == project.slug
    app.selectbox(key="project-choice").select_index(1).run()
    assert query(app)["project"] == other.slug


def test_the_name_of_another_class_makes_one_of_two_and_says_so(open_page: Open, project: Project):
    app = open_page("images.py", project=project.slug)

    next(field for field in app.text_input if field.value == "apple").set_value("plum ").run()
    assert [said.value.replace("\\", "") for said in app.toast] == [
        "“apple” and “plum” are one class now. Undo parts them."
    ]
    press(app, "Undo")
    assert manifest.load(project).classes == ["apple", "plum"]


def test_split_again(open_page: Open, project: Project):
    app = open_page("images.py", project=project.slug)

    next(slider for slider in app.slider if slider.label == "Validation").set_value(25)
    next(slider for slider in app.slider if slider.label.startswith("Test")).set_value(0)
    press(app, "Split again")

    counts = manifest.load(project).counts()
    assert counts["validation"].sum() == 6
    assert counts["test"].sum() == 0


def test_the_report_of_an_import(open_page: Open, workspace: Workspace, pictures: Path):
    (pictures / "apple" / "broken_*x*.jpg").write_bytes(b"not a picture")
    project = workspace.create_project("Fruit")
    job = finished(workspace, project, pictures)

    app = open_page("images.py", job=job.id)

    shown = {metric.label: metric.value for metric in app.metric}
    assert (shown["Added"], shown["Skipped"]) == ("24", "1")
    assert "broken_*x*.jpg" in app.dataframe[0].value["File"][0]
    assert query(app)["project"] == project.slug
    press(app, "Close")
    assert "job" not in app.query_params


def test_a_failed_import_says_why(open_page: Open, workspace: Workspace, tmp_path: Path):
    (tmp_path / "nothing").mkdir()
    project = workspace.create_project("Nothing")
    with pytest.raises(jobs.TLError):
        finished(workspace, project, tmp_path / "nothing")
    (job,) = jobs.all_jobs(workspace)

    app = open_page("images.py", project=project.slug, job=job.id)

    assert "is empty" in app.error[0].value
    assert app.tabs


def test_a_running_import_shows_its_progress_after_a_refresh(open_page: Open, workspace: Workspace):
    project = workspace.create_project("Fruit")
    job = jobs.create_in(workspace, "import", project=str(project.folder), source={"kind": "folder", "path": "x"})
    jobs.set_status(job.folder, state="running", owner=jobs.this_process())
    event = {"time": 1.0, "event": "progress", "what": "pictures", "done": 50, "total": 100}
    (job.folder / "events.jsonl").write_text(json.dumps(event) + "\n")

    app = open_page("images.py", project=project.slug, job=job.id)

    assert "50 of 100 pictures" in str(app.get("progress")[0].proto)
    press(app, "Stop")
    assert (job.folder / "stop").exists()


def test_projects_of_one_name_are_told_apart(open_page: Open, project: Project, workspace: Workspace):
    twins = [workspace.create_project("Twin") for _ in range(2)]

    for twin in twins:
        app = open_page("images.py", project=twin.slug)
        assert query(app)["project"] == twin.slug
        assert len(set(app.selectbox[0].options)) == 3


def test_a_damaged_file_leaves_the_other_pictures_on_the_page(open_page: Open, project: Project):
    first, second = manifest.load(project).table["id"].iloc[:2]
    manifest.image_path(project, first).write_bytes(b"damaged")
    manifest.image_path(project, second).unlink()
    app = open_page("images.py", project=project.slug)
    assert not app.exception
    assert not app.error
