"""The end of a lesson: the learner's own web page."""

import shutil
from pathlib import Path

import pytest

from pages._ui.shell import workers
from tests.pages.conftest import Open, query, text, wait_for
from tl_core import jobs, runs
from tl_core.accuracy import Accuracy
from tl_core.export import stored
from tl_core.jobs import Job
from tl_core.lessons import lesson as lessons
from tl_core.lessons import record
from tl_core.lessons.record import Figure, Result
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace

FREEZE = lessons.get("freeze")


@pytest.fixture
def run(finished: Path, workspace: Workspace) -> RunFolder:
    """A run that stands for the frozen one of a lesson that is done."""
    shutil.copytree(finished, workspace.root, symlinks=True, dirs_exist_ok=True)
    made = next(iter(runs.of_project(workspace.projects()[0])))
    part, share = FREEZE.rounds[0], Accuracy(accuracy=0.9, n=120, interval=(0.83, 0.94))
    figure = Figure(name="Frozen", share=share, asked="faces/validation", run=made.reference)
    record.guess(workspace, FREEZE, part, {"winner": "Frozen", "frozen": 70})
    record.save(workspace, FREEZE, part, Result(figures=(figure,), project=made.project.slug, done=True))
    return made


@pytest.mark.slow
def test_the_model_is_named_with_its_figure_and_its_page_is_made_as_a_job(open_page: Open, run: RunFolder):
    app = open_page("learn.py", lesson="freeze")
    assert "“Frozen”: 90.0% of 120 validation pictures right, 95% interval 83.0% to 94.0%." in text(app)

    app.button(key="make-page").click().run()
    assert "Making your web page" in text(app)
    job = Job(run.project.workspace.jobs_folder / query(app)["job"])
    assert job.task.args == {"run": str(run.folder), "format": "web"}
    job.stop()
    wait_for(lambda: not job.active)
    app.run()
    assert app.button(key="make-page").label == "Make my web page", "what was stopped can be made"


@pytest.mark.slow
def test_the_page_that_is_made_is_offered_to_download(open_page: Open, run: RunFolder):
    job = jobs.create_in(run.project.workspace, "export", run=str(run.folder), format="web")
    workers.engine().submit(job)
    wait_for(lambda: not job.active)
    assert stored.find(run, "web")

    app = open_page("learn.py", lesson="freeze")
    assert app.get("download_button")[0].proto.label == "Download"
    assert "make-page" not in {each.key for each in app.button}


def test_a_lesson_whose_run_was_deleted_says_so(open_page: Open, run: RunFolder):
    shutil.rmtree(run.folder)

    app = open_page("learn.py", lesson="freeze")
    assert not app.exception
    assert "The run of this model was deleted" in text(app)
    assert "make-page" not in {each.key for each in app.button}


def test_a_lesson_without_a_model_says_why_and_where_one_is_trained(open_page: Open, workspace: Workspace):
    of, share = lessons.get("knows"), Accuracy(accuracy=0.5, n=100, interval=(0.4, 0.6))
    for part in of.rounds:
        record.guess(
            workspace, of, part, {each.id: 70 if each.kind == "share" else "Late block" for each in part.guesses}
        )
        figures = tuple(Figure(name=name, share=share) for name in part.figures)
        record.save(workspace, of, part, Result(figures=figures, done=True))

    app = open_page("learn.py", lesson="knows")
    app.button_group(key="part-knows").set_value("blocks").run()
    assert "This lesson has trained no model" in text(app)
    assert not [each for each in app.button if each.key == "make-page"]
