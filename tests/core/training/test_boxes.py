"""A run on boxes: from a folder to a plain model whose boxes are those that the numbers speak of."""

import csv
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.boxed import squares
from tests.core.boxes.test_importer import folder_of
from tl_core import api, jobs
from tl_core.boxes import importer
from tl_core.cli.parser import main
from tl_core.dataset import manifest
from tl_core.errors import InputError
from tl_core.evaluation import box_record, boxes, everything, sealed_test
from tl_core.features import augment
from tl_core.ingest.sources import Source
from tl_core.metrics.overlap import iou
from tl_core.networks.box_head import boxes_of, places
from tl_core.runs import RunFolder
from tl_core.tasks import table as tasks
from tl_core.training.box_targets import BoxLoss, targets
from tl_core.workspace import Workspace

SIZE = 64


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Train two epochs on squares."""
    folder = tmp_path_factory.mktemp("boxes")
    workspace = Workspace.open(folder / "work")
    project = workspace.create_project("Squares")
    importer.import_boxes(project, Source("folder", str(folder_of(folder / "squares", 16))))
    draft = tasks.of(project).draft("efficientnet-lite0", manifest.load(project))
    return api.train(project, draft.changed(image_size=SIZE, epochs=2, augmentation_variants=2))


@pytest.mark.slow
def test_a_run_on_boxes_leaves_the_files_of_a_run(trained: RunFolder):
    report, results = trained.report(), box_record.results_of(trained)

    assert report is not None
    assert [row.epoch for row in report.history] == [1, 2]
    measured = [row.val_map50 for row in report.history]
    assert measured[report.best.epoch - 1] == pytest.approx(results.precision.map50, abs=0.02)  # of stored maps
    assert report.validation.accuracy is None, "average precision is no accuracy"
    assert results.precision.map50 is not None
    assert trained.classes == ["blue", "red"]
    assert trained.damage() is None


@pytest.mark.slow
def test_the_model_is_plain_keras_and_gives_boxes_on_the_picture(trained: RunFolder):
    model = keras.models.load_model(trained.model_path, compile=False)
    answer = np.asarray(model(np.full((1, SIZE, SIZE, 3), 128, np.float32)))

    assert answer.shape == (1, len(places(SIZE)), 4 + 2)
    assert ((answer >= 0) & (answer <= 1)).all()
    assert (answer[..., :2] <= answer[..., 2:4]).all()


@pytest.mark.slow
def test_boxes_are_predicted_as_a_table(trained: RunFolder, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    workspace = str(trained.project.workspace.root)
    folder = folder_of(tmp_path / "new", 2)
    command = ["predict", trained.reference, str(folder), "--workspace", workspace, "--json"]

    assert main([*command, "--csv", str(tmp_path / "found.csv")]) == 0
    value = json.loads(capfd.readouterr().out)
    rows = list(csv.DictReader((tmp_path / "found.csv").read_text(encoding="utf-8").splitlines()))
    boxes = [box for each in value["predictions"] for box in each["boxes"]]
    assert [Path(each["picture"]).name for each in value["predictions"]] == ["0.png", "1.png"]
    assert len([row for row in rows if row["label"]]) == len(boxes)
    assert all(box["score"] >= value["confidence"] - 1e-4 for box in boxes)
    assert main([*command, "--confidence", "0.02"]) == 0
    more = json.loads(capfd.readouterr().out)["predictions"]
    assert sum(len(each["boxes"]) for each in more) > len(boxes)
    assert main([*command, "--confidence", "2"]) == 2


@pytest.mark.slow
def test_the_test_pictures_are_opened_and_mistakes_are_told(trained: RunFolder, capfd: pytest.CaptureFixture[str]):
    workspace = str(trained.project.workspace.root)

    assert main(["evaluate", trained.reference, "--workspace", workspace, "--json"]) == 0
    tested = json.loads(capfd.readouterr().out)
    assert (tested["opened"], tested["opened_in_project"]) == (1, 1)
    assert tested["precision"]["pictures"] == trained.report().counts.test  # type: ignore[union-attr]
    assert tested["chosen"]["confidence"] == box_record.results_of(trained).chosen.confidence
    assert main(["mistakes", trained.reference, "--workspace", workspace, "--json"]) == 0
    told = json.loads(capfd.readouterr().out)["mistakes"]
    stored = box_record.load(trained, "validation"), box_record.load(trained, "test")
    assert all(stored)
    wrong = [one["sort"] for each in told for one in each["mistakes"]]
    counted = [box_record.mistakes(each.seen, tested["chosen"]["confidence"]) for each in stored if each]
    assert sorted(wrong) == sorted(
        sort for each in counted for sort, n in vars(each).items() if sort != "right" for _ in range(n)
    )
    assert main(["runs", "--workspace", workspace]) == 0
    assert "validation mAP@50 " in capfd.readouterr().out


@pytest.mark.slow
def test_what_is_not_for_boxes_yet_says_so(trained: RunFolder, capfd: pytest.CaptureFixture[str]):
    workspace = str(trained.project.workspace.root)

    assert main(["crossval", trained.reference, "--workspace", workspace]) == 2
    assert "boxes" in capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("form", ["keras", "saved-model", "onnx", "litert"])
def test_what_is_taken_away_gives_the_same_boxes(
    trained: RunFolder, tmp_path: Path, form: str, capfd: pytest.CaptureFixture[str]
):
    workspace = str(trained.project.workspace.root)

    assert (
        main(["export", trained.reference, "--format", form, "--to", str(tmp_path), "--workspace", workspace, "--json"])
        == 0
    )
    (made,) = json.loads(capfd.readouterr().out)["files"]
    proof = made["proof"]
    assert (proof["agree"], proof["n"]) == (proof["n"], len(manifest.of_run(trained).split("validation")))
    assert proof["least_overlap"] > 0.99
    with zipfile.ZipFile(made["path"]) as bundle:
        bundle.extractall(tmp_path / "unpacked")
        assert "mAP@50" in bundle.read("card.md").decode()
    picture = folder_of(tmp_path / "new", 2) / "0.png"
    command = [sys.executable, str(tmp_path / "unpacked" / "example.py"), str(picture)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    said = [line for line in said if line[:2] in ("0.", "1.")]  # Keras draws a bar before them
    found = boxes.predict(trained.folder, [picture])[0].found
    assert len(said) == len(found)
    for line, each in zip(said, found, strict=True):
        score, label, *edges = line.split()
        assert (label, float(score)) == (each.box.label, pytest.approx(each.score, abs=2e-3))
        assert [float(edge) for edge in edges] == pytest.approx(each.box.edges, abs=2e-3)


def test_changes_at_the_own_size_are_refused_with_the_reason(tmp_path: Path):
    project = squares(tmp_path)
    draft = tasks.of(project).draft("efficientnet-lite0", manifest.load(project))

    with pytest.raises(InputError, match="mirrored at the edges, without a box"):
        api.train(project, draft.changed(augmentation_size="picture"))


@pytest.mark.slow
def test_boxes_are_learned_from_new_copies_in_every_epoch(trained: RunFolder):
    draft = tasks.of(trained.project).draft("efficientnet-lite0", manifest.load(trained.project))
    live = api.train(trained.project, draft.changed(image_size=SIZE, epochs=2, augmentation_variants=0))

    report, stored = live.report(), trained.report()
    assert report is not None
    assert stored is not None
    assert [row.epoch for row in report.history] == [1, 2]
    assert report.history[0].loss != stored.history[0].loss
    assert report.history[1].loss < report.history[0].loss


@pytest.mark.slow
def test_boxes_are_learned_from_scratch(trained: RunFolder):
    draft = tasks.of(trained.project).draft("efficientnet-lite0", manifest.load(trained.project))
    chosen = draft.changed(image_size=SIZE, epochs=1, weights="random", freeze="none", fine_tune_epochs=2)
    report = api.train(trained.project, chosen).report()

    assert report is not None
    assert [row.phase for row in report.history] == ["head", "fine-tune", "fine-tune"]
    assert report.history[2].loss < report.history[1].loss


@pytest.mark.slow
@pytest.mark.parametrize("test", [False, True])
def test_boxes_learn_from_everything(trained: RunFolder, test: bool, tmp_path: Path):
    """Validation pictures are learned from, too; the confidence is that of the run before, and nothing measures it."""
    before = box_record.results_of(trained)
    made = everything.create(trained, test=test)
    jobs.execute(made.folder)
    report, counts = made.report(), trained.report().counts  # type: ignore[union-attr]

    assert report is not None
    assert report.counts.train == counts.train + counts.validation + test * counts.test
    assert report.counts.validation == 0
    assert [row.val_loss for row in report.history] == [None] * trained.report().best.epoch  # type: ignore[union-attr]
    assert box_record.results_of(made).chosen == before.chosen
    assert box_record.results_of(made).precision.map50 is None
    said = everything.unmeasured(made)
    assert f"mAP@50 {before.precision.map50:.3f}" in said or "test pictures: mAP@50 " in said
    assert everything.is_unmeasured(made)
    assert made.damage() is None
    assert len(boxes.predict(made.folder, [folder_of(tmp_path / "new", 2) / "0.png"])) == 1
    command = ["export", made.reference, "--format", "onnx", "--to", str(tmp_path)]
    assert main([*command, "--workspace", str(made.project.workspace.root)]) == 0
    if not test:
        assert sealed_test.evaluate(made.folder).chosen.confidence == before.chosen.confidence
        assert not everything.is_unmeasured(made)


@pytest.mark.slow
def test_the_same_recipe_gives_the_same_numbers(trained: RunFolder):
    again = api.train(trained.project, trained.recipe)
    first, second = trained.report(), again.report()

    assert first is not None
    assert second is not None
    assert [replace(row, seconds=0) for row in first.history] == [replace(row, seconds=0) for row in second.history]
    assert jobs.Job(again.folder).state == "done"


def test_targets_said_by_a_head_are_the_boxes_again():
    edges, labels = (
        np.array([[0.1, 0.2, 0.4, 0.9], [0.0, 0.0, 1.0, 1.0], [0.5, 0.5, 0.505, 0.505]]),
        np.array([0, 1, 1]),
    )
    wanted = targets(edges, labels, 2, 320)
    inside = wanted[:, 7] == 1
    said = np.concatenate(
        [wanted[:, :2] * 20 - 10, np.log(np.maximum(wanted[:, 2:6], 1e-3)), wanted[:, 6:7] * 0 + 10], 1
    )
    answer = np.asarray(boxes_of(said[None].astype(np.float32), 2, 320))[0]

    own = iou(answer[inside, :4], edges)
    assert (own.max(axis=1) > 0.99).sum() >= inside.sum() - 1  # of the box of 1.6 pixels, edges are bounded
    assert set(own.argmax(axis=1)) == {0, 1, 2}
    assert np.array_equal(answer[inside, 4:].argmax(axis=1), labels[own.argmax(axis=1)])


def test_the_loss_of_what_is_right_is_small_and_falls_towards_it():
    wanted = targets(np.array([[0.1, 0.2, 0.4, 0.9]]), np.array([0]), 1, 320)[None]
    right = np.concatenate(
        [wanted[..., :1] * 20 - 10, np.log(np.maximum(wanted[..., 1:5], 1e-3)), wanted[..., 5:6]], -1
    )
    loss = BoxLoss(1)

    assert float(loss(wanted, right)) < float(loss(wanted, right * 0.5)) < float(loss(wanted, right * 0))
    nothing = targets(np.zeros((0, 4)), np.zeros(0, np.int64), 1, 320)[None]
    assert float(loss(nothing, np.full_like(right, -12))) < 1e-3


@pytest.mark.parametrize("copy", range(6))
def test_boxes_move_with_their_picture(copy: int):
    size, box = 200, np.array([[0.3, 0.4, 0.6, 0.65]])
    y, x = (np.mgrid[:size, :size] + 0.5) / size
    centre, half = (box[0, :2] + box[0, 2:]) / 2, (box[0, 2:] - box[0, :2]) / 2
    ellipse = ((x - centre[0]) / half[0]) ** 2 + ((y - centre[1]) / half[1]) ** 2 < 1
    picture = np.repeat((ellipse * 255).astype(np.uint8)[None, :, :, None], 3, axis=-1)
    from tl_core import seeds

    level = augment.LEVELS["full"]
    assert level is not None
    moved = augment.changed(picture, level, [seeds.derive(7, "augmentation", "id", copy)])[0, :, :, 0]
    rows, columns = np.nonzero(moved > (int(moved.max()) + int(moved.min())) / 2)
    seen = np.array([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]]) / size
    made, left = augment.moved(box, "full", 7, "id", copy)

    assert left.all()
    assert iou(seen, made)[0, 0] > 0.95
