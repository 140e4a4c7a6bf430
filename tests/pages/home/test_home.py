"""The first page."""

import shutil
from dataclasses import replace
from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages._ui.experiments import table
from pages._ui.home import home
from tests.pages.conftest import Open, query, text, wait_for
from tl_core import jobs
from tl_core.experiments import experiment, search
from tl_core.workspace import Project, Workspace


def test_empty_it_invites_both_ways(open_page: Open):
    app = open_page()

    labels = [button.label for button in app.button]
    assert {"Camera", "Folder on this machine"} <= set(labels)
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


def test_an_experiment_that_a_stopped_server_left_behind_is_one_row(open_page: Open, project: Project):
    for made in (search.create(project, minutes=1), search.create(project, minutes=2)):  # the page shows the newest
        for job in made.parts():
            jobs.set_status(job.folder, state="running", owner=replace(jobs.this_process(), started=0.0))

    app = open_page()

    assert text(app).count("A search for the best recipe was interrupted") == 1
    assert [button.label for button in app.button].count("Resume") == 1
    next(button for button in app.button if button.label == "Discard").click()
    assert "interrupted" not in text(app.run())
    assert made.state == "cancelled"


def test_every_experiment_has_a_name_on_home():
    assert {row.kind for row in table.ROWS} == set(home.EXPERIMENTS)


def test_a_damaged_experiment_does_not_keep_home_from_opening(open_page: Open, project: Project):
    made = search.create(project, minutes=1)
    for job in made.parts():
        jobs.set_status(job.folder, state="interrupted")
    (made.folder / experiment.FILE).write_text("{")
    app = open_page()
    assert not app.exception, app.exception
    assert "interrupted" not in text(app)


def test_a_sample_is_made(open_page: Open, workspace: Workspace):
    app = open_page()

    next(button for button in app.button if button.label == "Face or not").click()
    app.run()

    (job,) = jobs.all_jobs(workspace)
    assert job.kind == "sample"
    assert job.task.args["sample"] == "faces"
    job.stop()


def test_a_new_sample_has_no_ticks_of_the_project_before(open_page: Open, workspace: Workspace, finished: Path):
    shutil.copytree(finished, workspace.root, symlinks=True, dirs_exist_ok=True)
    app = open_page(project="fruit")
    assert ticked(app) == {"Pictures", "Network", "Freeze", "Train", "Results"}

    next(button for button in app.button if button.label == "Face or not").click()
    app.run()

    assert ticked(app) <= {"Pictures"}
    (job,) = (each for each in jobs.all_jobs(workspace) if each.kind == "sample")
    wait_for(lambda: not job.active)
    app.run()
    assert query(app)["project"] != "fruit"
    assert ticked(app) == {"Pictures"}


def ticked(app: AppTest) -> set[str]:
    """Return the steps that have a tick."""
    links = [each.proto for each in app.get("page_link")]
    return {link.label.strip("*") for link in links if "check_circle" in link.icon}


def test_a_broken_project_is_said_calmly(open_page: Open, project: Project):
    shutil.rmtree(project.manifests)

    app = open_page()

    assert not app.exception
    assert Path(project.folder).name
