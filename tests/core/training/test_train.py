import json
import shutil
import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import pytest

from tests.core.hues import LINE, new_run, project_of_hues
from tl_core import jobs
from tl_core.dataset import edits, image, manifest
from tl_core.errors import InputError, MissingWeightsError, Stopped
from tl_core.evaluation import predict, sealed_test
from tl_core.features import store
from tl_core.networks import backbone, catalogue, cut
from tl_core.progress import Progress
from tl_core.recipe import Head
from tl_core.runs import Counts, RunFolder, epochs
from tl_core.workspace import Workspace


class StopAt(Progress):
    """Presses Stop once a number of events of a kind have come."""

    def __init__(self, event, times=1, **fields):
        self.event, self.times, self.fields = event, times, fields

    def emit(self, event, **fields):
        if event == self.event and self.fields.items() <= fields.items():
            self.times -= 1

    def stopped(self):
        return self.times <= 0


@pytest.fixture(scope="module")
def project(hues_with, tmp_path_factory):
    return hues_with(tmp_path_factory.mktemp("workspace"), "tail")


@pytest.fixture(scope="module")
def workspace(project):
    return project.workspace


@pytest.fixture(scope="module")
def fine_tuned(project):
    return RunFolder(project.runs / "tail")


def test_both_phases_report_and_learn(fine_tuned):
    report = fine_tuned.report()
    assert report.counts == Counts(train=12, validation=6, test=6)
    assert [(row.phase, row.epoch) for row in report.history] == [
        ("head", 1),
        ("head", 2),
        ("fine-tune", 1),
        ("fine-tune", 2),
    ]
    assert report.history[-1].loss < report.history[0].loss
    assert report.validation.n == 6
    kinds = {event.event for event in fine_tuned.job.events()}
    assert {"phase", "progress", "epoch", "message"} <= kinds
    assert fine_tuned.job.state == "done"


def test_what_is_frozen_stays_the_same_to_the_bit(fine_tuned, workspace):
    spec = catalogue.get("efficientnet-lite0")
    before = backbone.build(spec, 64, weights="imagenet", workspace=workspace)
    after = keras.models.load_model(fine_tuned.model_path)
    trunk, tail = cut.split(before, LINE)
    for layer in trunk.layers:
        for old, new in zip(layer.get_weights(), after.get_layer(layer.name).get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)
    moved = 0
    for layer in tail.layers[1:]:
        pairs = list(zip(layer.get_weights(), after.get_layer(layer.name).get_weights(), strict=True))
        if isinstance(layer, keras.layers.BatchNormalization):
            assert all(np.array_equal(old, new) for old, new in pairs)
        elif pairs:
            moved += any(not np.array_equal(old, new) for old, new in pairs)
    assert moved >= 3


def test_the_model_is_plain_keras_from_pictures_to_probabilities(fine_tuned, project, tmp_path):
    test = manifest.load(project).split("test")
    paths = [manifest.image_path(project, id_) for id_ in test["id"]]
    pictures = np.stack([image.pixels(path, 64) for path in paths])
    np.save(tmp_path / "pictures.npy", pictures)
    script = (
        "import sys, keras, numpy as np\n"
        f"model = keras.models.load_model({str(fine_tuned.model_path)!r})\n"
        f"answer = model.predict(np.load({str(tmp_path / 'pictures.npy')!r}), verbose=0)\n"
        "assert not any(name.startswith('tl_core') for name in sys.modules)\n"
        f"np.save({str(tmp_path / 'answer.npy')!r}, answer)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path)
    answer = np.load(tmp_path / "answer.npy")
    assert answer.shape == (6, 2)
    np.testing.assert_allclose(answer.sum(1), 1, atol=1e-5)
    predicted = predict.predict(fine_tuned.folder, [str(path) for path in paths])
    mine = [{row.label: row.probability for row in each.classes} for each in predicted]
    np.testing.assert_allclose([[row["cold"], row["warm"]] for row in mine], answer, atol=1e-5)
    assert all(len(each.before) == 5 for each in predicted)


def test_the_validation_figure_is_that_of_the_saved_model(fine_tuned, project):
    held_out = manifest.load(project).split("validation")
    predicted = predict.predict(fine_tuned.folder, [str(manifest.image_path(project, id_)) for id_ in held_out["id"]])
    right = sum(each.classes[0].label == label for each, label in zip(predicted, held_out["label"], strict=True))
    assert fine_tuned.report().validation.accuracy == right / 6


def test_the_test_part_is_opened_by_evaluate_and_counted(fine_tuned):
    assert fine_tuned.times_opened() == 0
    first, second = sealed_test.evaluate(fine_tuned.folder), sealed_test.evaluate(fine_tuned.folder)
    assert first.n == 6
    assert first.baseline == 0.5
    assert sum(map(sum, first.confusion)) == 6
    assert (first.opened, second.opened, fine_tuned.times_opened()) == (1, 2, 2)


def test_a_picture_that_cannot_be_read_is_reported_and_the_others_answered(fine_tuned, project, tmp_path):
    good = manifest.image_path(project, manifest.load(project).table["id"].iloc[0])
    fake = tmp_path / "fake.jpg"
    fake.write_text("no picture")
    predicted = predict.predict(fine_tuned.folder, [str(fake), good.read_bytes(), str(tmp_path / "none.png")])
    assert predicted[0].classes == ()
    assert predicted[0].error
    assert predicted[1].error is None
    assert len(predicted[1].classes) == 2
    assert "cannot be read" in predicted[2].error


def test_the_same_recipe_gives_the_same_result_from_kept_activations(project):
    first, second = (new_run(project, epochs=3, head=Head(hidden=16, dropout=0.3)) for _ in range(2))
    jobs.execute(first.folder)
    jobs.execute(second.folder)
    without_time = [[replace(row, seconds=0) for row in run.report().history] for run in (first, second)]
    assert without_time[0] == without_time[1]
    assert not any(event.what == "pictures" and event.done == 0 for event in second.job.events())


@pytest.mark.slow
def test_kept_activations_give_what_the_whole_network_gives(project, monkeypatch):
    options = {
        "epochs": 1,
        "freeze": LINE,
        "fine_tune_epochs": 2,
        "fine_tune_learning_rate": 1e-4,
        "head": Head(dropout=0),
    }
    stored = new_run(project, **options)
    jobs.execute(stored.folder)
    shutil.rmtree(project.workspace.cache)
    monkeypatch.setattr(store, "BOUND", 0)
    streamed = new_run(project, **options)
    jobs.execute(streamed.folder)
    assert any("do not fit" in event.text for event in streamed.job.events())
    for one, other in zip(stored.report().history, streamed.report().history, strict=True):
        for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-4), (one, other)


def looked_at(run):
    """Return how many pictures the frozen blocks looked at."""
    events = run.job.events()
    learnt = next(at for at, event in enumerate(events) if event.phase == "answers")
    message = [each for each in events[:learnt] if each.event == "progress" and each.what == "pictures"]
    return message[-1].total if message else 0


def test_after_an_edit_only_new_pictures_are_looked_at_and_a_kept_head_loads_no_network(tmp_path):
    project = project_of_hues(Workspace.open(tmp_path / "workspace"), tmp_path / "hues", count=8)
    options = {"epochs": 1}
    first = new_run(project, **options)
    jobs.execute(first.folder)
    assert looked_at(first) == 12  # of 16 pictures; the test split is sealed
    edits.remove(project, list(manifest.load(project).split("train")["id"][:2]))
    second = new_run(project, **options)
    jobs.execute(second.folder)
    assert looked_at(second) == 0
    events = [event.event for event in second.job.events()]
    loading = next(at for at, event in enumerate(second.job.events()) if "Loading" in event.text)
    assert events.index("epoch") < loading, "the network is first needed when the model is put together"


def test_kept_variants_of_the_pictures_are_computed_once_and_taken_in_turn(project):
    options = {"augmentation": "full", "augmentation_variants": 2, "epochs": 2, "cache_precision": "float16"}
    first, second = (new_run(project, **options) for _ in range(2))
    jobs.execute(first.folder)
    jobs.execute(second.folder)
    assert (looked_at(first), looked_at(second)) == (12 * 2 + 6, 0)
    losses = [[row.loss for row in run.report().history] for run in (first, second)]
    assert losses[0] == losses[1]


@pytest.mark.slow
def test_layers_that_are_kept_frozen_after_the_line_do_not_move(project, workspace):
    frozen = ("DepthwiseConv2D", "block_15_project_conv")
    run = new_run(project, epochs=0, freeze=LINE, fine_tune_epochs=1, fine_tune_learning_rate=1e-3, keep_frozen=frozen)
    jobs.execute(run.folder)
    before = backbone.build(catalogue.get("efficientnet-lite0"), 64, weights="imagenet", workspace=workspace)
    after = keras.models.load_model(run.model_path)
    moved = {
        layer.name
        for layer in before.layers
        if any(
            not np.array_equal(old, new)
            for old, new in zip(layer.get_weights(), after.get_layer(layer.name).get_weights(), strict=True)
        )
    }
    assert moved == {"block_15_expand_conv", "head_conv"}


def test_an_unknown_layer_to_keep_frozen_is_reported(project):
    run = new_run(project, freeze=LINE, fine_tune_epochs=1, keep_frozen=("attic",))
    with pytest.raises(InputError, match="no type of layer named “attic”"):
        jobs.execute(run.folder)
    assert run.report() is None
    assert not any(event.event == "epoch" for event in run.job.events()), "before the head is trained"


@pytest.mark.slow
def test_fine_tuning_that_harms_is_undone(project):
    run = new_run(project, epochs=3, freeze=LINE, fine_tune_epochs=2, fine_tune_learning_rate=1.0)
    report = jobs.execute(run.folder)
    assert report.best.phase == "head"
    held_out = manifest.load(project).split("validation")
    predicted = predict.predict(run.folder, [str(manifest.image_path(project, id_)) for id_ in held_out["id"]])
    right = sum(each.classes[0].label == label for each, label in zip(predicted, held_out["label"], strict=True))
    assert right / len(held_out) == report.validation.accuracy == report.history[report.best.epoch - 1].val_accuracy


def test_early_stopping_ends_a_phase(project):
    run = new_run(project, epochs=60, patience=2, learning_rate=0.1)
    history = jobs.execute(run.folder).history
    assert len(history) < 60
    assert len(history) - 1 - min(range(len(history)), key=lambda at: history[at].val_loss) == 2


def test_stop_keeps_the_best_epoch_so_far(project):
    run = new_run(project, epochs=500, patience=500, learning_rate=1e-5)
    report = jobs.execute(run.folder, echo=StopAt("epoch", times=3))
    assert run.job.state == "cancelled"
    assert report.stopped
    assert len(report.history) == 3
    assert run.ready


def test_stop_between_the_phases_keeps_the_head(project):
    run = new_run(project, freeze="block_13_add", fine_tune_epochs=2)
    report = jobs.execute(run.folder, echo=StopAt("phase", times=2, phase="features"))
    assert report.stopped
    assert [row.phase for row in report.history] == ["head", "head"]
    assert run.ready


def test_stop_before_anything_was_learnt_says_so(project):
    run = new_run(project, epochs=5)
    with pytest.raises(Stopped, match="nothing to save"):
        jobs.execute(run.folder, echo=StopAt("phase", phase="head"))
    assert run.job.state == "cancelled"
    assert not run.ready


@pytest.mark.slow
def test_a_stopped_run_goes_on_from_its_last_finished_epoch(project):
    run = new_run(project, epochs=6, patience=6, learning_rate=1e-4)
    jobs.execute(run.folder, echo=StopAt("epoch", times=2))
    run.job.claim()
    message = len(run.job.events())
    report = jobs.execute(run.folder)
    assert [row.epoch for row in report.history] == [1, 2, 3, 4, 5, 6]
    assert [row.epoch for row in epochs(run.job.events()[message:])] == [3, 4, 5, 6]
    assert run.job.state == "done"


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"augmentation": "full", "augmentation_variants": 0, "epochs": 1},
        {"freeze": "none", "fine_tune_epochs": 1, "epochs": 0, "weights": "random", "train_batch_norm": True},
        {"head": Head(pooling="flatten", activation="sigmoid"), "class_weights": False},
        {"head": Head(pooling="max")},
    ],
    ids=["augmented", "from scratch", "flatten", "max"],
)
def test_other_recipes_train(project, changes):
    run = new_run(project, **changes)
    assert jobs.execute(run.folder).validation.n == 6
    assert sum(row.probability for row in predict.predict(run.folder, [_any_picture(project)])[0].classes) == (
        pytest.approx(1, abs=1e-5)
    )


def _any_picture(project):
    return str(manifest.image_path(project, manifest.load(project).table["id"].iloc[0]))


def test_the_test_part_is_never_read_while_training(workspace, tmp_path):
    project = project_of_hues(workspace, tmp_path / "hues", count=8)
    for id_ in manifest.load(project).split("test")["id"]:
        manifest.image_path(project, id_).write_bytes(b"sealed")
    run = new_run(project)
    jobs.execute(run.folder)
    assert run.job.state == "done"


@pytest.mark.slow
def test_three_classes_refuse_a_sigmoid_and_train_with_a_softmax(workspace, tmp_path):
    project = project_of_hues(workspace, tmp_path / "hues", classes=3, count=6)
    with pytest.raises(InputError, match="These pictures have 3"):
        jobs.execute(new_run(project, head=Head(activation="sigmoid")).folder)
    run = new_run(project, head=Head(hidden=8), label_smoothing=0.1)
    jobs.execute(run.folder)
    assert len(predict.predict(run.folder, [_any_picture(project)])[0].classes) == 3


def test_without_weights_the_run_does_not_start(project, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    run = new_run(project, backbone="resnet50")
    with pytest.raises(MissingWeightsError, match="ResNet50"):
        jobs.execute(run.folder)
    assert run.job.state == "failed"
    assert "ResNet50" in run.job.status().error
    assert not run.ready


@pytest.mark.slow
def test_a_process_keeps_hardly_anything_of_the_runs_that_it_has_trained():
    command = [sys.executable, "-m", "tests.bench.kept", "10"]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert said["each"]["graphs"] == 0
    assert said["each"]["objects"] < 1000
    assert said["each"]["mb"] < 4, "it was 17 to 25 where TensorFlow kept the graphs"
