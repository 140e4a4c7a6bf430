"""The frozen pass that begins before Train is pressed."""

import pytest

from pages._ui.shell import state, workers
from tests.pages.conftest import Open, markdown, wait_for
from tl_core import jobs, runs
from tl_core.draft import Draft
from tl_core.files import to_json
from tl_core.jobs import Job
from tl_core.networks import catalogue
from tl_core.workspace import Project, Workspace


def ahead_jobs(workspace: Workspace) -> list[Job]:
    return [Job(folder) for folder in sorted(workspace.jobs_folder.glob("ahead-*"))]


@pytest.fixture
def small(project: Project) -> Project:
    """The project, whose next run has small pictures; what earlier tests have asked for is over."""
    wait_for(lambda: workers.engine().idle)
    state.save_draft(project, Draft(backbone="efficientnet-lite0", image_size=64, epochs=2))
    project.workspace.prefer(ahead=True)
    return project


def test_the_first_pass_is_done_before_train_is_pressed(open_page: Open, small: Project):
    app = open_page("images.py", project=small.slug)
    (job,) = ahead_jobs(small.workspace)
    wait_for(lambda: not job.active)
    assert job.state == "done", job.status()

    app.run()

    assert "has seen the pictures: training begins at once" in markdown(app)
    app = open_page("train.py", project=small.slug)
    assert ahead_jobs(small.workspace) == [job], "another page needs no other pass"
    app.button(key="train").click().run()
    (run,) = runs.of_project(small)
    wait_for(lambda: not run.job.active)
    events = [event.phase or event.what for event in run.job.events() if event.event in ("phase", "progress")]
    assert events[:2] == ["features", "head"], "no picture goes through the frozen blocks again"


def test_it_gives_way_to_what_a_person_asks_for(open_page: Open, small: Project):
    engine = workers.engine()
    recipe = state.draft(small).recipe(1, 2, catalogue.get(catalogue.DEFAULT)).first_pass
    job = jobs.create_in(small.workspace, "ahead", project=str(small.folder), recipe=to_json(recipe))
    engine.submit(job)

    other = jobs.create_in(small.workspace, "health", project=str(small.folder))
    engine.submit(other)

    assert not engine.idle or not other.active
    assert (job.folder / "stop").exists() or not job.active
    wait_for(lambda: not other.active and not job.active)


def test_it_can_be_switched_off_and_on(open_page: Open, small: Project):
    app = open_page("model.py", project=small.slug)
    (job,) = ahead_jobs(small.workspace)
    small.workspace.prefer(ahead=False)

    app = open_page("freeze.py", project=small.slug)

    assert "Thaw does not get pictures ready in the background" in markdown(app)
    wait_for(lambda: not job.active)
    app.button(key="ahead-switch").click().run()
    assert small.workspace.preferences().ahead
