"""What the curves show, on the page, and the button that trains with exactly that change."""

from dataclasses import asdict, replace

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.shell import state
from pages._ui.train import curves, form
from tests.pages.conftest import Open, query, text
from tl_core import events, jobs, runs
from tl_core.dataset import edits, manifest
from tl_core.recipe import Head, Recipe
from tl_core.runs import EpochRow, History
from tl_core.workspace import Project

#: Options that no widget offers of itself: beyond its range, or between its steps.
ODD = {
    "learning_rate": 1.0,
    "epochs": 400,
    "patience": 60,
    "batch_size": 300,
    "label_smoothing": 0.37,
    "augmentation_size": "picture",
    "augmentation": "full",
    "augmentation_variants": 3,
    "cache_precision": "float16",
    "class_weights": False,
    "seed": 7,
}
UNFROZEN = {"freeze": "block_12_add", "fine_tune_epochs": 70, "fine_tune_learning_rate": 2e-2}
STEPS = {"schedule": "cosine", "weight_decay": 0.07, "block_decay": 0.3}
RECIPES = {
    "odd": {**ODD, "head": Head(hidden=4096, dropout=0.9, pooling="max", activation="sigmoid")},
    "unfrozen": {**UNFROZEN, "keep_frozen": ("DepthwiseConv2D",), "train_batch_norm": True, **STEPS},
    "fine-tuning alone": {**UNFROZEN, "epochs": 0, "head": Head(activation="softmax")},
    "from scratch": {**UNFROZEN, "weights": "random", "train_batch_norm": True, "learning_rate": 3e-3},
}


def recipe(**changes) -> Recipe:
    usual = {"manifest": 1, "backbone": "efficientnet-lite0", "image_size": 64, "seed": 0}
    return Recipe(**{**usual, "head": Head(activation="sigmoid"), **changes})


def epoch_row(epoch: int, val_loss: float | None) -> EpochRow:
    numbers = {"loss": 0.7 / epoch, "accuracy": 0.95, "val_accuracy": 0.75, "seconds": 0.1}
    return EpochRow(phase="head", epoch=epoch, val_loss=val_loss, **numbers)


def rising(project: Project, **changes) -> runs.RunFolder:
    """Return a run whose history shows over-fitting from epoch 4 on."""
    run = runs.create(project, recipe(**changes))
    history = History(run.folder / "history.csv")
    for epoch, val_loss in enumerate((0.6, 0.5, 0.4, 1.2, 1.6, 2.0), 1):
        events.EventLog(run.folder).emit("epoch", **asdict(history.add(epoch_row(epoch, val_loss))))
    jobs.set_status(run.folder, state="cancelled")
    return run


def next_recipe(project: Project) -> Recipe:
    """Return what Train would train now."""
    return form.next_recipe(project, manifest.load(project))


def press(app: AppTest, run: runs.RunFolder) -> Recipe:
    """Press the button and return the recipe of the run that it has started; that run need not go on."""
    app.button(key="change-over-fitting-head").click().run()
    assert not app.exception, app.exception
    (started,) = (each for each in runs.of_project(run.project) if each.id != run.id)
    started.job.stop()
    assert query(app)["run"] == started.id, "the page shows the new run"
    return started.recipe


@pytest.mark.parametrize("name", RECIPES)
def test_the_form_takes_over_any_recipe_and_leaves_it_as_it_is(open_page: Open, project: Project, name):
    wanted = recipe(**RECIPES[name])
    state.save_draft(project, state.draft(project).following(wanted))
    assert next_recipe(project) == wanted
    for file in ("freeze.py", "train.py"):
        app = open_page(file, project=project.slug)
        assert not app.exception, app.exception
        assert next_recipe(project) == wanted, file


def test_the_button_makes_exactly_that_change(open_page: Open, project: Project):
    run = rising(project, learning_rate=3e-3, seed=5)
    state.update_draft(project, backbone="efficientnet-lite1", freeze="none", head=Head(dropout=0.1))
    app = open_page("train.py", project=project.slug, run=run.id)
    assert not app.exception, app.exception
    assert "Over-fitting from epoch 4 on" in text(app)
    wanted = replace(run.recipe, head=replace(run.recipe.head, dropout=0.5))
    assert press(app, run) == wanted
    assert next_recipe(project) == wanted, "the options show what is trained"


def test_a_widget_that_was_moved_just_before_does_not_undo_the_button(open_page: Open, project: Project):
    run = rising(project)
    state.update_draft(project, solver="adam")
    app = open_page("train.py", project=project.slug, run=run.id)
    next(slider for slider in app.select_slider if slider.label == "Learning rate").set_value(1e-3).run()
    assert next_recipe(project).learning_rate == 1e-3
    assert press(app, run).learning_rate == run.recipe.learning_rate
    next(slider for slider in app.select_slider if slider.label == "Learning rate").set_value(3e-4).run()
    assert next_recipe(project).learning_rate == 3e-4


def test_the_change_is_made_on_the_newest_version_of_the_pictures(open_page: Open, project: Project):
    run = rising(project)
    edits.move(project, [manifest.load(project).table["id"].iloc[0]], "plum")
    app = open_page("train.py", project=project.slug, run=run.id)
    wanted = replace(run.recipe, manifest=2, head=replace(run.recipe.head, dropout=0.5))
    assert press(app, run) == wanted == next_recipe(project)


def test_while_another_run_goes_on_the_button_waits(open_page: Open, project: Project):
    run = rising(project)
    jobs.set_status(runs.create(project, recipe()).folder, state="running", heartbeat=4e9)
    app = open_page("train.py", project=project.slug, run=run.id)
    assert app.button(key="change-over-fitting-head").disabled


def test_while_it_runs_what_can_be_seen_already_is_said(open_page: Open, project: Project):
    run = rising(project)
    jobs.set_status(run.folder, state="running", heartbeat=4e9)
    app = open_page("train.py", project=project.slug, run=run.id)
    assert not app.exception, app.exception
    assert "Press Stop and nothing is lost" in text(app)
    assert app.button(key="stop")


def test_a_run_without_epochs_says_nothing(open_page: Open, project: Project):
    run = runs.create(project, recipe())
    jobs.set_status(run.folder, state="failed", error="There was no room.")
    app = open_page("train.py", project=project.slug, run=run.id)
    assert not app.exception, app.exception
    assert "What the curves show" not in text(app)


def test_the_best_epoch_is_marked():
    epochs = [epoch_row(number, value) for number, value in enumerate((0.9, None, 0.4, 0.7), 1)]
    assert runs.best_epoch(epochs) == epochs[2]
    assert runs.best_epoch(epochs[1:2]) is None
    ring = curves.curves(epochs, "loss").data[-1]
    assert (ring.name, list(ring.x), list(ring.y)) == ("Best epoch", [3], [0.4])


def test_the_precision_of_boxes_is_drawn_where_it_was_measured():
    epochs = [replace(epoch_row(number, 1 / number), accuracy=None, val_accuracy=None) for number in range(1, 5)]
    assert curves.of(epochs) == ["loss"]
    measured = [*epochs[:1], replace(epochs[1], val_map50=0.5), epochs[2], replace(epochs[3], val_map50=0.75)]
    assert curves.of(measured) == ["loss", "map50"]
    line, ring = curves.curves(measured, "map50").data
    assert (line.name, list(line.y), line.connectgaps) == ("Validation", [None, 0.5, None, 0.75], True)
    assert (list(ring.x), list(ring.y)) == ([4], [0.75])
    (line,) = curves.curves(measured[:3], "map50").data
    assert line.name == "Validation", "the best epoch was not measured"
