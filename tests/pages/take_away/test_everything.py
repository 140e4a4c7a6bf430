import shutil
from pathlib import Path

import pytest

from tests.pages.conftest import Open, markdown, metric, open_drawers, query, text, wait_for
from tl_core import runs
from tl_core.evaluation import everything, predictions
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace


@pytest.fixture
def run(finished: Path, workspace: Workspace) -> RunFolder:
    shutil.copytree(finished, workspace.root, symlinks=True, dirs_exist_ok=True)
    return next(iter(runs.of_project(workspace.projects()[0])))


def test_a_run_learns_from_everything_and_is_used_from_then_on(open_page: Open, run: RunFolder):
    run.rename("**bold** <b>")
    app = open_drawers(open_page("take_away.py", project=run.project.slug, run=run.id), "everything")
    app.toggle(key="everything-test").set_value(True).run()
    app.button(key="retrain").click().run()
    (made,) = everything.made_from(run)
    assert "Time so far" in [each.label for each in app.metric]
    assert not [each for each in app.button if each.key == "retrain"]
    wait_for(lambda: not made.job.active)
    app.run()
    assert "has learned from 32 pictures" in markdown(app)
    assert "<b>" not in markdown(app).replace("\\<b\\>", "")
    assert "Make again" not in text(app)

    app.button(key="use-run").click().run()
    assert query(app)["run"] == made.id
    assert "accuracy cannot be measured any more" in markdown(app)
    assert made.recipe.everything.measured_on == "test", "the test pictures of that run were opened"

    results = open_page("results.py", project=run.project.slug, run=made.id)
    assert "accuracy cannot be measured any more" in markdown(results)
    assert metric(results, "Before: test accuracy")
    assert not [each for each in results.metric if each.label == "Validation accuracy"]
    train = open_page("train.py", project=run.project.slug, run=made.id)
    assert metric(train, "Learned from") == "32 pictures"
    assert "What the curves show" not in text(train)
    for page in ("try_it.py", "train.py", "results.py", "take_away.py"):
        assert not open_page(page, project=run.project.slug, run=made.id).exception
    earlier = open_drawers(open_page("train.py", project=run.project.slug, run=run.id), "other-runs")
    assert not earlier.exception


def test_sealed_test_pictures_are_opened_first(open_page: Open, run: RunFolder):
    (run.folder / "test.json").unlink()
    app = open_drawers(open_page("take_away.py", project=run.project.slug), "everything")
    assert not app.warning
    app.toggle(key="everything-test").set_value(True).run()
    assert "still sealed" in app.warning[0].value


def test_it_is_stopped_and_goes_on_later(open_page: Open, run: RunFolder):
    everything.create(run).job.stop()
    app = open_drawers(open_page("take_away.py", project=run.project.slug, run=run.id), "everything")
    assert "It can go on where it was" in markdown(app)
    assert not [each for each in app.button if each.key == "use-run"]


def test_a_run_without_predictions_is_asked_first(open_page: Open, run: RunFolder):
    predictions.forget(run, "train")
    app = open_drawers(open_page("take_away.py", project=run.project.slug, run=run.id), "everything")
    keys = {each.key for each in app.button}
    assert "ask" in keys
    assert "retrain" not in keys


def test_a_run_that_cannot_be_measured_does_not_open_by_itself(open_page: Open, run: RunFolder):
    made = everything.create(run)
    following = open_page("take_away.py", project=run.project.slug)
    assert "Make" in [each.label for each in following.button], "the page is about the run before"
    assert "Stop" in " ".join(each.label for each in open_page("train.py", project=run.project.slug).button)
    made.job.stop()
    ended = open_page("take_away.py", project=run.project.slug)
    assert "It can go on where it was" in markdown(ended), "seen where nobody opened a drawer"
    assert "cannot be measured" not in markdown(open_page("results.py", project=run.project.slug))
    assert "This run has no trained model yet" in markdown(
        open_page("take_away.py", project=run.project.slug, run=made.id)
    )
