"""A head that learns by logistic regression: that of scikit-learn on what plain Keras says, however it came about."""

import shutil
from dataclasses import replace

import keras
import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression

from tests.core.hues import LINE, new_run
from tests.core.training.test_resume import KillAt, Killed, assert_equal
from tests.core.training.test_train import StopAt
from tl_core import jobs
from tl_core.dataset import manifest
from tl_core.diagnosis import diagnose
from tl_core.draft import Draft
from tl_core.evaluation import everything, predictions
from tl_core.features import store
from tl_core.metrics import logistic
from tl_core.networks import saved
from tl_core.progress import Progress
from tl_core.recipe import Head
from tl_core.training import regression

CHOSEN = {"solver": "lbfgs", "head": Head(saturated=True, centred=True, activation="sigmoid")}


class Heard(Progress):
    def __init__(self):
        self.events = []

    def emit(self, event, **fields):
        self.events.append((event, fields))


@pytest.fixture(scope="module")
def project(hues_with, tmp_path_factory):
    return hues_with(tmp_path_factory.mktemp("workspace"))


def trained(project, **changes):
    run = new_run(project, **{**CHOSEN, **changes})
    jobs.execute(run.folder)
    return run


@pytest.fixture(scope="module")
def usual(project):
    return trained(project)


def test_it_is_the_head_of_a_run_for_which_nothing_was_chosen():
    draft = Draft()
    assert draft.convex
    assert not draft.changed(head=replace(draft.head, hidden=8)).convex, "a hidden layer learns step by step"
    assert not draft.changed(augmentation="full", augmentation_variants=0).convex, "so does it with live changes"
    assert draft.changed(augmentation="full").convex
    assert draft.changed(epochs=3).solver == draft.changed(learning_rate=0.1).solver == "adam"
    assert draft.changed(epochs=3, solver="lbfgs").convex


def pixels(run, split):
    table = predictions.pictures_of(run, split)
    files = [Image.open(manifest.image_path(run.project, id_)) for id_ in table["id"]]
    size = (run.recipe.image_size,) * 2
    return np.stack([np.asarray(each.convert("RGB").resize(size), np.float32) for each in files]), table["label"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        pytest.param({"head": Head()}, marks=pytest.mark.slow),
        pytest.param({"head": Head(saturated=True, pooling="max"), "class_weights": False}, marks=pytest.mark.slow),
        pytest.param({"head": Head(centred=True), "l2": 2.0}, marks=pytest.mark.slow),
    ],
    ids=["default", "plain", "saturated", "softmax, chosen penalty"],
)
def test_it_is_the_regression_of_scikit_learn_on_what_plain_keras_says(project, changes):
    run = trained(project, **changes)
    model = keras.saving.load_model(run.model_path)  # stock Keras
    pooled = keras.Model(model.input, model.get_layer("head_pooling").output)
    said = {split: pooled.predict(pixels(run, split)[0], verbose=0) for split in ("train", "validation")}
    if run.recipe.head.saturated:
        scale = 2 * np.abs(said["train"]).mean()
        parts = {split: [values, np.tanh(values / scale)] for split, values in said.items()}
    else:
        parts = {split: [values] for split, values in said.items()}
    middle = [part.mean(0) for part in parts["train"]]
    deviation = [np.sqrt(part.var(0).sum()) for part in parts["train"]]
    if not run.recipe.head.centred:  # one scale for all that it sees
        deviation = [np.sqrt(sum(each**2 for each in deviation) / len(deviation))] * len(deviation)
    rows = {
        split: np.concatenate([(v - m) / d for v, m, d in zip(values, middle, deviation, strict=True)], 1)
        * 2
        / len(deviation) ** 0.5
        for split, values in parts.items()
    }
    labels = pixels(run, "train")[1].astype("category").cat.codes
    report = run.report()
    theirs = LogisticRegression(C=1 / report.l2, tol=1e-6, max_iter=2000).fit(rows["train"], labels)
    ours = predictions.load(run, "validation")
    alone = theirs.predict_proba(rows["validation"])
    assert ours.temperature == report.temperature
    assert predictions.softmax(ours.logits) == pytest.approx(alone, abs=0.02)
    assert model.predict(pixels(run, "validation")[0], verbose=0) == pytest.approx(ours.probabilities, abs=1e-4)


def test_its_epochs_are_the_strengths_of_its_penalty(usual):
    rows, report = usual.history().rows, usual.report()
    assert [row.epoch for row in rows] == list(range(1, len(rows) + 1))
    assert all(row.phase == "head" and row.val_loss is not None for row in rows)
    assert logistic.STRENGTHS[report.best.epoch - 1] == report.l2
    assert report.validation.accuracy == 1.0
    assert report.parameters.trained == 2 * 1280 + 1
    assert not (usual.folder / "checkpoint").exists()
    assert "rate" not in " ".join(diagnose.lines(diagnose.of_run(usual))).replace("accurate", "")


@pytest.mark.parametrize("point", [{"phase": "head", "epoch": 3}, {"phase": "answers"}], ids=["strengths", "answers"])
def test_a_killed_run_comes_to_the_same(project, usual, point):
    run = new_run(project, **CHOSEN)
    with pytest.raises(Killed):
        jobs.execute(run.folder, echo=KillAt(point))
    jobs.execute(run.folder)
    assert_equal(run, usual)


@pytest.mark.slow
def test_fine_tuning_begins_with_it_also_after_a_kill(project):
    changes = {**CHOSEN, "freeze": LINE, "fine_tune_epochs": 2, "label_smoothing": 0.1}
    alone, killed = new_run(project, **changes), new_run(project, **changes)
    jobs.execute(alone.folder)
    with pytest.raises(Killed):
        jobs.execute(killed.folder, echo=KillAt({"phase": "fine-tune", "epoch": 1, "what": ""}))
    jobs.execute(killed.folder)
    assert_equal(alone, killed)
    assert alone.report().l2 == killed.report().l2 is not None
    first = next(row for row in alone.history().rows if row.phase == "fine-tune")
    assert first.loss < 0.69, "it does not begin anew"


def test_stop_keeps_the_best_strength_so_far(project, usual):
    run = new_run(project, **CHOSEN)
    report = jobs.execute(run.folder, echo=StopAt("epoch", times=3))
    assert report.stopped
    assert len(report.history) == 3
    assert report.l2 == logistic.STRENGTHS[report.best.epoch - 1]
    jobs.execute(run.folder)
    assert_equal(run, usual)


def test_all_copies_of_a_picture_are_learned_from(project, monkeypatch):
    changes = {"augmentation": "gentle", "augmentation_variants": 3}
    assert trained(project, **changes).report().l2 in logistic.STRENGTHS
    monkeypatch.setattr(regression, "MOST_NUMBERS", 2 * 12 * 2560)
    assert trained(project, **changes).report().l2 is None, "three copies of twelve pictures are more"


def test_it_learns_once_more_from_everything_with_the_penalty_that_was_best(usual):
    again = everything.create(usual)
    jobs.execute(again.folder)
    assert again.recipe.l2 == usual.report().l2 == again.report().l2
    assert [row.val_loss for row in again.history().rows] == [None]
    assert saved.of_run(again) is not None


def test_too_many_numbers_are_learned_from_step_by_step_with_a_word(project, monkeypatch):
    monkeypatch.setattr(regression, "MOST_NUMBERS", 100)
    run, heard = new_run(project, **CHOSEN, epochs=2), Heard()
    report = jobs.execute(run.folder, echo=heard)
    (said,) = [fields["text"] for event, fields in heard.events if event == "warning"]
    assert said.startswith("Logistic regression would have to hold 31 k numbers in memory, and 100 are its limit.")
    assert report.l2 is None
    assert len(report.history) == 2


@pytest.mark.slow
def test_without_room_for_features_the_network_runs_once(project, monkeypatch, usual):
    shutil.rmtree(project.workspace.cache, ignore_errors=True)
    monkeypatch.setattr(store, "BOUND", 0)
    run, heard = new_run(project, **CHOSEN), Heard()
    jobs.execute(run.folder, echo=heard)
    assert any(event == "warning" for event, _ in heard.events)
    theirs, ours = (predictions.load(each, "validation") for each in (usual, run))
    assert ours.probabilities == pytest.approx(theirs.probabilities, abs=0.01)
