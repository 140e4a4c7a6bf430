"""Results, view by view: with a real run whose pictures have some wrong labels."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import APPLE, Open, metric, open_drawers, query, text, wait_for, work
from tl_core import jobs, runs
from tl_core.dataset import edits, manifest
from tl_core.evaluation import comparison, crossval, predictions, scores, unknowns
from tl_core.evaluation.predictions import Predictions
from tl_core.wording import percent
from tl_core.workspace import Project, Workspace


def open_test_pictures(run: runs.RunFolder) -> None:
    work(jobs.create_in(run.project.workspace, "evaluate", run=str(run.folder)))


@pytest.fixture
def project(finished: Path, workspace: Workspace) -> Project:
    shutil.copytree(finished, workspace.root, symlinks=True, dirs_exist_ok=True)
    return workspace.project("fruit")


@pytest.fixture
def run(project: Project) -> runs.RunFolder:
    return runs.of_project(project)[0]


def errors(open_page: Open, run: runs.RunFolder, view: str = "errors") -> AppTest:
    app = open_page("results.py", project=run.project.slug, run=run.id)
    app.segmented_control(key="view").set_value(view).run()
    assert not app.exception, app.exception
    return app


def open_sealed(open_page: Open, run: runs.RunFolder) -> AppTest:
    app = open_page("results.py", project=run.project.slug, run=run.id)
    app.segmented_control(key=f"part-{run.id}").set_value("test").run()
    assert not app.exception, app.exception
    return app


def look_at(app: AppTest, what: str) -> AppTest:
    app.segmented_control(key="errors-view").set_value(what).run()
    assert not app.exception, app.exception
    return app


def open_picture(app: AppTest, place: str, id_: str) -> AppTest:
    app.session_state[f"opened-{place}"] = id_
    app.run()
    assert not app.exception, app.exception
    return app


def choose_cell(app: AppTest, was: str, said: str) -> AppTest:
    app.selectbox(key="cell-was").set_value(was)
    app.selectbox(key="cell-said").set_value(said).run()
    assert not app.exception, app.exception
    return app


def table_of(project: Project):
    return manifest.load(project).table.set_index("id")


def test_a_cell_of_the_matrix_opens_its_pictures(open_page: Open, run):
    found = predictions.load(run, "test")
    counts = scores.matrix(found)
    app = errors(open_page, run)
    assert "Press a number of the matrix" in text(app)
    choose_cell(app, APPLE, "plum")
    row = found.classes.index(APPLE)
    assert counts[row, 1 - row] == 1, "the picture from the wrong folder"
    assert f"It is {APPLE}, the model says plum: 1 of {counts[row].sum()}" in text(app)
    choose_cell(app, "plum", APPLE)
    assert "No pictures." in text(app)
    table = app.dataframe[0].value
    assert list(table["support"]) == counts.sum(1).tolist()
    assert "to" in table["between"].iloc[0]


def test_a_wrong_label_is_put_right_and_undone(open_page: Open, run):
    (wrong,) = scores.mistakes(predictions.load(run, "test"))
    app = look_at(errors(open_page, run), "Confident mistakes")
    assert "No picture has changed since" in text(app)
    open_picture(app, "confident-test", wrong)
    assert "This is a test picture" in text(app)
    app.button(key="panel-best").click().run()
    assert not app.exception, app.exception
    assert table_of(run.project).loc[wrong, "label"] == "plum"
    assert "Changed since this run was trained:** 1 picture relabelled" in text(app)
    assert "All of these have been changed since" in text(app)
    app.button(key="undo-change").click().run()
    assert table_of(run.project).loc[wrong, "label"] == APPLE
    assert "No picture has changed since" in text(app)


def test_counting_with_todays_labels(open_page: Open, run):
    (wrong,) = scores.mistakes(predictions.load(run, "test"))
    edits.move(run.project, [wrong], "plum")
    app = look_at(errors(open_page, run), "Confident mistakes")
    assert "1 of 8 pictures wrong" in text(app)
    app.toggle(key="todays-labels").set_value(True).run()
    assert "No mistakes: 8 pictures" in text(app)
    edits.remove(run.project, [wrong])
    app.run()
    assert "No mistakes: 7 pictures" in text(app)
    edits.move(run.project, list(table_of(run.project).index), "pear")
    look_at(app, "Matrix")
    assert "None of these pictures is left" in text(app)


def test_a_picture_is_given_another_class_another_part_or_taken_out(open_page: Open, run):
    found = predictions.load(run, "test")
    row = found.classes.index("plum")
    first, second, third = scores.cell(found, row, row)[:3]
    place = f"cell-test-{row}-{row}"
    app = open_picture(choose_cell(errors(open_page, run), "plum", "plum"), place, first)
    app.selectbox(key=f"relabel-{first}").set_value(APPLE).run()
    app.button(key="panel-relabel").click().run()
    assert table_of(run.project).loc[first, "label"] == APPLE
    assert app.session_state[f"opened-{place}"] == second, "the next one is opened"
    app.selectbox(key=f"part-{second}").set_value("train").run()
    app.button(key="panel-part").click().run()
    assert table_of(run.project).loc[second, "split"] == "train"
    assert app.session_state[f"opened-{place}"] == third
    app.button(key="panel-next").click().run()
    assert app.session_state[f"opened-{place}"] not in (first, second, third)
    open_picture(app, place, third).button(key="panel-remove").click().run()
    assert third not in table_of(run.project).index
    assert "1 picture moved between training" in text(app)
    assert "All of these have been changed since" in text(app)


@pytest.mark.slow
def test_before_and_after_on_the_same_pictures(open_page: Open, run):
    (wrong,) = scores.mistakes(predictions.load(run, "test"))
    now = edits.move(run.project, [wrong], "plum")
    again = runs.create(run.project, dataclasses.replace(run.recipe, manifest=now.version, epochs=3))
    work(again.job)
    assert any("still sealed" in str(info.value) for info in errors(open_page, run, view="compare").info)
    assert "test pictures have been opened once already" in text(open_sealed(open_page, again))
    open_test_pictures(again)
    app = errors(open_page, again, view="compare")
    compared = comparison.of_runs(run, again)
    assert metric(app, "After") == percent(compared.new.accuracy, 8)
    assert metric(app, "Before") == "100%", "by the labels of the newer list"
    assert "Before: 8 of 8 right; the true accuracy is probably 68% to 100%." in text(app)
    assert "1 picture relabelled" in text(app)
    assert metric(app, "Newly wrong") == str(len(compared.newly_wrong))


def test_what_would_leave_a_class_empty_cannot_be_trained_again(open_page: Open, run):
    table = table_of(run.project)
    edits.remove(run.project, table.index[table["label"] == "plum"][1:])
    app = errors(open_page, run)
    assert app.button(key="train-again").disabled
    assert any("to learn from" in str(warning.value) for warning in app.warning)


def test_before_and_after_needs_two_runs(open_page: Open, run):
    assert any("the only trained run" in str(info.value) for info in errors(open_page, run, view="compare").info)


def test_the_threshold_says_what_happens_at_it(open_page: Open, run):
    craft(run, [APPLE, "plum"], np.array([0, 0, 0, 1, 1, 1, 1, 0]), np.repeat([0, 1], 4))
    app = look_at(errors(open_page, run), "Threshold")
    assert "average precision" in text(app)
    assert "of 8 pictures are right" in text(app)
    app.slider(key="threshold").set_value(1.0).run()
    assert not app.exception, app.exception
    assert metric(app, "Recall") == "75%", "a probability of exactly 1 reaches a threshold of 1"
    app.slider(key="threshold").set_value(0.0).run()
    assert metric(app, "Recall") == "100%"


def craft(run: runs.RunFolder, classes: list[str], said: np.ndarray, truth: np.ndarray) -> None:
    """Keep answers of which each is given with a probability of exactly 1."""
    before = predictions.load(run, "test")
    logits = np.where(np.arange(len(classes)) == said[:, None], 0.0, -1000.0).astype(np.float32)
    found = Predictions(
        split="test",
        classes=classes,
        ids=before.ids[: len(said)],
        truth=truth,
        logits=logits,
        features=np.zeros_like(before.features[: len(said)]),
        temperature=1.0,
    )
    assert set(np.unique(found.probabilities)) == {0.0, 1.0}
    predictions.save(run, found)


@pytest.mark.parametrize("view", ["Matrix", "Confident mistakes", "Threshold"])
def test_all_answers_one_class_with_a_probability_of_exactly_one(open_page: Open, run, view):
    craft(run, [APPLE, "plum"], np.zeros(8, np.int64), np.arange(8) % 2)
    assert errors(open_page, run)
    look_at(errors(open_page, run), view)


def test_a_class_that_is_absent_has_no_curve(open_page: Open, run):
    craft(run, [APPLE, "plum"], np.arange(8) % 2, np.zeros(8, np.int64))
    app = look_at(errors(open_page, run), "Threshold")
    assert any("There is no picture of" in str(info.value) for info in app.info)
    app.segmented_control(key="view").set_value("numbers").run()
    assert any("No test picture of “plum”" in str(info.value) for info in app.info)
    assert any("is worse than always saying" in str(warning.value) for warning in app.warning)


def test_two_hundred_classes_are_listed_by_their_confusions(open_page: Open, run):
    craft(run, [f"class {number}" for number in range(200)], np.full(8, 7), np.arange(8) * 20)
    app = errors(open_page, run)
    assert "200 classes are too many for a matrix" in text(app)
    assert "Press a number of the matrix" not in text(app), "there is none"
    assert len(app.dataframe[0].value) == 8
    choose_cell(app, "class 20", "class 7")
    assert "It is class 20, the model says class 7: 1 of 1 picture" in text(app)
    assert "Threshold" not in app.segmented_control(key="errors-view").options


def test_two_hundred_classes_all_of_them_right_are_told_in_words(open_page: Open, run):
    craft(run, [f"class {number}" for number in range(200)], np.arange(8), np.arange(8))
    assert "No class was taken for another one" in text(errors(open_page, run))
    assert "No mistakes: 8 pictures, all right" in text(look_at(errors(open_page, run), "Confident mistakes"))


def test_wrong_labels_are_found_without_the_test_part(open_page: Open, run):
    (run.folder / "crossval.npz").unlink()
    app = look_at(errors(open_page, run), "Labels to check")
    app.button(key="look-for-doubts").click().run()
    wait_for(lambda: crossval.load(run) is not None)
    app = look_at(errors(open_page, run), "Labels to check")
    assert "The model disagrees with" in text(app)


def test_training_again_takes_the_changes(open_page: Open, run):
    edits.move(run.project, scores.mistakes(predictions.load(run, "test")), "plum")
    app = errors(open_page, run)
    app.button(key="train-again").click().run()
    assert not app.exception, app.exception
    again = runs.of_project(run.project)[0]
    assert again.recipe == dataclasses.replace(run.recipe, manifest=manifest.load(run.project).version)
    assert "Train" in app.title[0].value, "and one can watch it"
    again.job.stop()


VIEWS = ["numbers", "errors", "why", "map", "compare", "sure", "unknown"]


def test_the_views_are_all_there(open_page: Open, run):
    app = open_page("results.py", project=run.project.slug, run=run.id)
    assert len(app.segmented_control(key="view").options) == len(VIEWS)


@pytest.mark.parametrize(
    "case",
    [
        "as it is",
        "200 classes",
        *(pytest.param(case, marks=pytest.mark.slow) for case in ("one class, 0 and 1", "an absent class")),
    ],
)
def test_every_view_says_something_of_every_part(open_page: Open, run, case):
    if case == "one class, 0 and 1":
        craft(run, [APPLE, "plum"], np.zeros(8, np.int64), np.arange(8) % 2)
    if case == "an absent class":
        craft(run, [APPLE, "plum"], np.arange(8) % 2, np.zeros(8, np.int64))
    if case == "200 classes":
        craft(run, [f"class {number}" for number in range(200)], np.full(8, 7), np.arange(8) * 20)
    app = open_page("results.py", project=run.project.slug, run=run.id)
    for part in ("test",) if case == "200 classes" else ("test", "validation"):
        app.segmented_control(key=f"part-{run.id}").set_value(part).run()
        for view in VIEWS:
            app.segmented_control(key="view").set_value(view).run()
            assert not app.exception, (part, view, app.exception)
            assert not app.error, (part, view, app.error[0].value)


def test_a_view_is_kept_in_the_address(open_page: Open, run):
    app = errors(open_page, run, "sure")
    assert query(app) == {"project": run.project.slug, "run": run.id, "view": "sure"}
    app = open_page("results.py", project=run.project.slug, run=run.id, view="unknown")
    assert app.segmented_control(key="view").value == "unknown"


def test_how_sure_says_what_chance_would_do(open_page: Open, run):
    app = errors(open_page, run, "sure")
    assert "perfectly calibrated model" in text(app)
    assert metric(app, "Temperature") == f"{run.report().temperature:.2f}"


@pytest.mark.slow
def test_the_bound_of_refusal_is_kept_and_the_drawer_shows_other_things(open_page: Open, run):
    app = errors(open_page, run, "unknown")
    assert metric(app, "Answered").endswith("of 8")
    app.select_slider(key=f"refused-{run.id}").set_value(0.0).run()
    assert unknowns.refused(run) == 0
    assert metric(app, "Answered") == "8 of 8"
    open_drawers(app, "fool")
    assert not app.exception, app.exception
    assert "0 of 18 pictures of other things are refused" in text(app)
    app.select_slider(key=f"refused-{run.id}").set_value(0.5).run()
    assert "of 18 pictures of other things are refused" in text(app)
    assert "0 of 18" not in text(app)


def test_a_model_that_was_not_asked_yet_is_asked_first(open_page: Open, run):
    (run.folder / "answers-train.npz").unlink()
    app = open_page("results.py", project=run.project.slug, run=run.id)
    assert "Predicting your pictures" in text(app)
    wait_for(lambda: predictions.load(run, "train") is not None)
    app = open_page("results.py", project=run.project.slug, run=run.id)
    assert metric(app, "Right")


def test_a_run_that_is_being_trained_does_not_stand_before_one_that_has_a_model(
    open_page: Open, project: Project, run: runs.RunFolder
):
    waiting = runs.create(project, run.recipe)

    assert any("accuracy" in each.label for each in open_page("results.py", project=project.slug).metric)
    assert "This run has no trained model yet." in text(open_page("results.py", project=project.slug, run=waiting.id))
