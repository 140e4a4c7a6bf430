"""What is made of a real run, and how it answers where nothing of this program is."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from tests.core.export.conftest import example, export, unpacked
from tl_core import arrays, jobs, storage
from tl_core.dataset import manifest
from tl_core.errors import DamagedError, InputError, NotFoundError, Stopped, StorageError
from tl_core.evaluation import predict, predictions
from tl_core.export import formats, page_proof, proof, reference, stored
from tl_core.export.proof import NotProvedError
from tl_core.export.prover import RUNTIMES
from tl_core.files import write_json
from tl_core.networks import saved
from tl_core.progress import Progress
from tl_core.runs import RunFolder

#: Run by Python. In every run of the tests the command line's own test makes ONNX.
PROVED = [each.id for each in formats.FORMATS if each.runtime in RUNTIMES]
#: How far a probability may be from the app's.
AWAY = {"litert-f16": 0.01, "litert-w8": 0.1, "litert-int8": 0.2, "onnx-int8": 0.2}


def picture_of(run: RunFolder) -> Path:
    return manifest.image_path(run.project, predictions.load(run, "validation").ids[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", PROVED)
def test_a_bundle_answers_as_the_app_does_without_the_app(head, tmp_path, name):
    made, row = export(head, name), formats.get(name)
    assert (made.proof.agree, made.proof.n, made.proof.changed) == (6, 6, ())
    assert made.proof.max_difference <= AWAY.get(name, 1e-4)
    assert made.proof.interval[0] < 1 == made.proof.interval[1]
    assert 0 < made.proof.milliseconds < 10_000
    assert made.not_proved is None
    assert [each for each in stored.of_run(head) if each.format == name] == [made]

    folder = unpacked(head, made, tmp_path)
    assert {"labels.txt", "README.md", "card.md", "example.py", row.file} == {each.name for each in folder.iterdir()}
    assert storage.size(folder / row.file) == made.proof.bytes
    assert (folder / "labels.txt").read_text(encoding="utf-8").splitlines() == head.classes
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert made.proof.sentence() in readme
    assert ("familiarity < " if row.familiarity else "similarity × √probability < ") in readme
    assert made.proof.refusals == (6 if row.familiarity else None)
    assert len((folder / "example.py").read_text(encoding="utf-8").splitlines()) <= 26
    card = (folder / "card.md").read_text(encoding="utf-8")
    assert f"| {row.title} | {made.proof.sentence()} |" in card.replace("\\", ""), "signs are escaped"
    assert "| cold | 6 | 3 | 3 |" in card

    asked = picture_of(head)
    if name == "onnx":  # half of it is seen through
        asked = tmp_path / "alpha.png"
        with Image.open(picture_of(head)) as opened:
            seen_through = opened.convert("RGBA")
        seen_through.putalpha(Image.linear_gradient("L").resize(seen_through.size))
        seen_through.save(asked)
    said = example(folder, asked)
    (app,) = predict.predict(head.folder, [str(asked)], untransferred=False)
    for each in app.classes:
        assert said[each.label] == pytest.approx(each.probability, abs=AWAY.get(name, 1e-3))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tail", "flatten"])
@pytest.mark.parametrize("name", PROVED)
def test_a_sigmoid_and_a_flattened_map_can_be_taken_away_too(others, kind, name):
    made = export(RunFolder(others.runs / kind), name)
    assert made.proof.agree == made.proof.n
    assert made.proof.max_difference <= AWAY.get(name, 1e-4)


def test_the_process_of_a_proof_has_nothing_of_this_program(tmp_path):
    done = subprocess.run(
        [sys.executable, "-I", "-c", "import tl_core"], cwd=tmp_path, capture_output=True, check=False
    )
    assert b"No module named 'tl_core'" in done.stderr


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it leaves a folder to the collector
def test_core_ml_is_made_and_said_not_to_be_proved(head, tmp_path):
    coremltools = pytest.importorskip("coremltools")
    made = export(head, "coreml")
    assert made.proof is None
    assert made.not_proved == "Core ML cannot be run on this system: it runs on Apple's devices only."
    folder = unpacked(head, made, tmp_path)
    assert f"Not proved: {made.not_proved}" in (folder / "README.md").read_text(encoding="utf-8")
    about = coremltools.utils.load_spec(str(folder / "model.mlpackage")).description
    assert about.input[0].type.imageType.width == head.recipe.image_size
    assert about.predictedFeatureName == "classLabel"


@pytest.fixture(scope="module")
def strange(hues_with, tmp_path_factory) -> RunFolder:
    """A run whose model has a stock network inside as a layer, and a thousand classes in many scripts."""
    run = RunFolder(hues_with(tmp_path_factory.mktemp("workspace"), "head").runs / "head")
    picture = keras.Input((64, 64, 3))
    stock = keras.applications.MobileNetV2(input_shape=(64, 64, 3), include_top=False, weights=None)
    seen = keras.layers.GlobalAveragePooling2D()(stock(keras.layers.Rescaling(1 / 127.5, -1)(picture)))
    apart = keras.initializers.RandomNormal(stddev=3.0, seed=1)
    answer = keras.layers.Dense(1000, activation="softmax", kernel_initializer=apart, bias_initializer=apart)(seen)
    saved.save(keras.Model(picture, answer), run.model_path)
    names = ["cold", "warm", "猫 & <犬>", "кошка", "قطة", "बिल्ली", "🐈", *(f"class {number}" for number in range(993))]
    write_json(run.folder / "classes.json", {"classes": names})
    return run


@pytest.mark.slow
@pytest.mark.parametrize("name", ["keras", "saved-model", "litert", "onnx"])
def test_a_nested_stock_network_with_a_thousand_classes(strange, tmp_path, name):
    made = export(strange, name)
    assert (made.proof.agree, made.proof.n) == (6, 6)
    assert made.proof.max_difference < 1e-4
    folder = unpacked(strange, made, tmp_path)
    assert (folder / "labels.txt").read_text(encoding="utf-8").splitlines() == strange.classes
    assert len(example(folder, picture_of(strange))) == 1000


class Meddling(Progress):
    """Does something once a step begins: that after the file is made, or another."""

    def __init__(self, deed, step="Running"):
        self.deed, self.step = deed, step

    def emit(self, event, **fields):
        if event == "message" and self.step in fields["text"]:
            self.deed()


def test_a_run_that_is_deleted_meanwhile_is_a_sentence_and_does_not_come_back(hues_with, tmp_path):
    run = RunFolder(hues_with(tmp_path, "head").runs / "head")
    with pytest.raises(NotFoundError, match="The run hues/head was deleted meanwhile"):
        export(run, "keras", Meddling(lambda: storage.trash_run(run)))
    assert not run.folder.exists()


@pytest.mark.parametrize("step", ["Making", "Running", pytest.param("Packing", marks=pytest.mark.slow)])
def test_stop_leaves_the_export_before_as_it_was(head, step):
    before = stored.of_run(head)
    job = jobs.create_in(head.project.workspace, "export", run=str(head.folder), format="keras")
    with pytest.raises(Stopped, match="Nothing was saved"):
        jobs.execute(job.folder, echo=Meddling(job.stop, step))
    assert stored.of_run(head) == before
    assert not list(head.project.workspace.root.rglob(".new-*"))


def test_a_network_that_the_converter_does_not_know_names_the_other_formats(head, monkeypatch):
    strange = formats.Format(id="strange", title="Strange", purpose="None.", file="model.x", maker=f"{__name__}:fails")
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, strange))
    with pytest.raises(InputError, match="Strange does not know every operation of this network") as caught:
        export(head, "strange")
    assert [each.id for each in formats.FORMATS[:-1] if (each.title in str(caught.value)) == each.document] == []
    assert not (head.folder / "exports" / "strange").exists()


def fails(run, target, progress):
    """Stand for a converter that meets something new."""
    target.write_bytes(b"half")
    raise ValueError("Unsupported operation: Erfc")


@pytest.mark.parametrize("name", ["keras", pytest.param("script", marks=pytest.mark.slow)])
def test_a_full_disk_is_a_sentence_and_leaves_nothing(hues_with, small_disk, name):
    def resize(size):
        subprocess.run(["mount", "-o", f"remount,size={size}k", small_disk], check=True)

    resize(100_000)
    run = RunFolder(hues_with(small_disk / "workspace", "head").runs / "head")
    resize(shutil.disk_usage(small_disk).used // 1024 + 4000)
    with pytest.raises(StorageError, match="The disk is full"):
        export(run, name)
    assert stored.of_run(run) == []
    assert not list(small_disk.rglob(".new-*"))


def test_an_export_of_an_earlier_model_does_not_count(head, tmp_path):
    made = stored.Export(format="onnx", file="a.zip", bytes=4, made=1.0, model=arrays.model_of(head), not_proved="No.")
    for model, counts in ((made.model, True), ("another", False)):
        (filled := tmp_path / model).mkdir()
        (filled / "a.zip").write_bytes(b"demo")
        stored.put(head, replace(made, model=model), filled)
        assert (made in stored.of_run(head)) == counts


def test_a_file_that_cannot_be_run_is_not_proved_and_says_why(head, tmp_path):
    broken = tmp_path / "model.onnx"
    broken.write_bytes(b"no graph")
    (tmp_path / "room").mkdir()
    with pytest.raises(NotProvedError, match=r"Its runtime could not run the file: .*Protobuf"):
        proof.prove(head, formats.get("onnx"), broken, tmp_path / "room", Progress())


def test_a_proof_counts_the_pictures_that_changed(head):
    app = reference.of(head)
    probabilities = app.probabilities.copy()
    probabilities[2] = probabilities[2][::-1]
    counted = proof.compare(app, probabilities, np.array([1.0, 2.0, 9.0]), 5)
    assert (counted.agree, counted.n, counted.changed) == (len(app) - 1, len(app), (app.ids[2],))
    assert counted.milliseconds == 2
    assert counted.warns
    assert counted.max_difference == pytest.approx(abs(np.diff(app.probabilities[2]).item()))
    with pytest.raises(NotProvedError, match="a probability for each class"):
        proof.compare(app, probabilities[:, :1], np.ones(3), 5)
    with pytest.raises(NotProvedError, match="a probability for each class"):
        proof.compare(app, probabilities * np.nan, np.ones(3), 5)


def test_several_may_put_the_same_export_at_once(hues_with, tmp_path):
    run = RunFolder(hues_with(tmp_path / "workspace", "head").runs / "head")
    made = stored.Export(format="onnx", file="a.zip", bytes=4, made=1.0, model=arrays.model_of(run), not_proved="No.")

    def put(number: int) -> None:
        (filled := tmp_path / str(number)).mkdir()
        (filled / "a.zip").write_bytes(b"demo")
        stored.put(run, made, filled)

    with ThreadPoolExecutor(8) as several:
        list(several.map(put, range(40)))
    assert stored.of_run(run) == [made]
    assert [each.name for each in run.exports.iterdir() if each.is_dir()] == ["onnx"]


def test_whatever_lies_among_the_exports_is_no_export(hues_with, tmp_path):
    run = RunFolder(hues_with(tmp_path / "workspace", "head").runs / "head")
    made = export(run, "card")
    about = run.exports / "card" / stored.ABOUT
    whole = about.read_bytes()
    for content in (
        b"",
        whole[: len(whole) // 2],
        b"[]",
        b"\xff\0",
        b'{"format": "card"}',
    ):
        about.write_bytes(content)
        assert stored.of_run(run) == []
    about.write_bytes(whole)
    stored.path(run, made).unlink()
    assert stored.of_run(run) == []
    shutil.rmtree(run.exports / "card")
    (run.exports / "card").write_text("a file in the way")
    (run.exports / "junk").symlink_to("nowhere")
    assert export(run, "card").file == "README.md"
    shutil.rmtree(run.exports)
    run.exports.write_text("a file in the way")
    with pytest.raises(DamagedError, match="should be a folder"):
        export(run, "card")


def test_a_browser_that_hangs_can_be_stopped(tmp_path, monkeypatch):
    (hangs := tmp_path / "browser").write_text("#!/bin/sh\nexec sleep 60\n")
    hangs.chmod(0o700)
    monkeypatch.setenv("TL_CHROMIUM", str(hangs))
    with pytest.raises(Stopped, match="Nothing was saved"):
        page_proof.answers(tmp_path / "page.html", [], Impatient())


class Impatient(Progress):
    """Wants everything to stop."""

    def stopped(self):
        return True
