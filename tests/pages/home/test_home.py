"""The first page."""

import shutil
from dataclasses import replace
from pathlib import Path

from tests.pages.conftest import Open, text
from tl_core import jobs
from tl_core.workspace import Project, Workspace


def test_empty_it_invites_both_ways(open_page: Open):
    app = open_page()

    labels = [button.label for button in app.button]
    assert "Camera, or a folder on this machine" in labels
    assert "Handwritten digits" in labels
    assert "Your projects" not in text(app)


def test_it_shows_projects_with_their_size(open_page: Open, project: Project):
    app = open_page()

    assert project.name in [each.value for each in app.get("text")]
    assert "24 pictures" in text(app)


def test_work_that_a_stopped_server_left_behind_is_offered(open_page: Open, workspace: Workspace):
    job = jobs.create_in(workspace, "import", project="gone", source={"kind": "folder", "path": "gone"})
    jobs.set_status(job.folder, state="running", owner=replace(jobs.this_process(), started=0.0))

    app = open_page()

    assert "An import of pictures was interrupted" in text(app)
    next(button for button in app.button if button.label == "Discard").click()
    assert "interrupted" not in text(app.run())
    assert job.state == "cancelled"


def test_a_sample_is_made(open_page: Open, workspace: Workspace):
    app = open_page()

    next(button for button in app.button if button.label == "Face or not").click()
    app.run()

    (job,) = jobs.all_jobs(workspace)
    assert job.kind == "sample"
    assert job.task.args["sample"] == "faces"
    job.stop()


def test_a_broken_project_is_said_calmly(open_page: Open, project: Project):
    shutil.rmtree(project.manifests)

    app = open_page()

    assert not app.exception
    assert Path(project.folder).name
