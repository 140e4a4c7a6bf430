import os
import re
import shutil
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.core.hues import KINDS, new_run
from tests.core.pictures import noise
from tl_core import jobs, runs
from tl_core.dataset import image, manifest
from tl_core.errors import InputError
from tl_core.evaluation import inference, predict, predictions, scores, sealed_test, unknowns
from tl_core.explain import service
from tl_core.networks import taps
from tl_core.workspace import Workspace


@pytest.fixture(scope="module")
def project(hues_with, tmp_path_factory):
    return hues_with(tmp_path_factory.mktemp("workspace"), "head", "tail")


@pytest.fixture(scope="module")
def trained(project):
    return {kind: runs.RunFolder(project.runs / kind) for kind in ("head", "tail")}


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_kept_answers_are_those_of_the_saved_model(hues_with, tmp_path, name):
    project = hues_with(tmp_path, name)
    run = runs.RunFolder(project.runs / name)
    model = keras.models.load_model(run.model_path)
    for split, n in (("validation", 6), ("train", 12)):
        result = predictions.load(run, split)
        assert len(result) == n
        assert result.ids == list(manifest.load(project).split(split)["id"])
        assert [result.classes[at] for at in result.truth] == list(manifest.load(project).split(split)["label"])
        pixels = np.stack([image.pixels(manifest.image_path(project, id_), 64) for id_ in result.ids])
        np.testing.assert_allclose(result.probabilities, model.predict(pixels, verbose=0), atol=2e-5)
        assert result.features.shape == (n, 1280)
        features, _ = predict.load(run).infer(pixels)
        np.testing.assert_allclose(result.features, features, rtol=1e-3, atol=1e-3)
    assert taps.of(model).temperature == pytest.approx(run.report().temperature, rel=1e-6)
    assert predictions.load(run, "test") is None, "sealed"


@pytest.mark.slow
def test_predictions_that_were_lost_or_of_an_earlier_model_are_computed_again(trained):
    run = trained["head"]
    before = predictions.load(run, "train")
    (run.folder / "answers-train.npz").unlink()
    assert predictions.load(run, "train") is None
    assert unknowns.of(run) is None
    inference.ensure(run)
    np.testing.assert_allclose(predictions.load(run, "train").logits, before.logits, rtol=1e-4, atol=1e-4)
    assert predictions.load(run, "train").temperature == pytest.approx(before.temperature, rel=1e-6)
    model = keras.models.load_model(run.model_path)
    model.get_layer("head_logits").bias.assign_add([1.0, 0.0])
    model.save(run.model_path)
    assert predictions.load(run, "train") is None
    inference.ensure(run)
    after = predictions.load(run, "train")
    np.testing.assert_allclose(after.logits - before.logits, np.tile([1.0, 0.0], (len(after), 1)), atol=1e-3)


def test_a_copy_of_a_workspace_keeps_its_answers_whatever_the_times_of_its_files(trained, tmp_path):
    run = trained["head"]
    shutil.copytree(run.project.workspace.root, tmp_path / "copy", copy_function=shutil.copyfile)
    copy = runs.find(Workspace.open(tmp_path / "copy"), run.reference)
    os.utime(copy.model_path, (0, 0))
    assert predictions.load(copy, "validation").ids == predictions.load(run, "validation").ids
    assert unknowns.of(copy).helped, "6 validation pictures alone cannot set the bound"


def test_answers_beside_the_classes_of_a_later_list(trained, project):
    result = predictions.load(trained["head"], "validation")
    table = manifest.load(project).table
    moved, gone, strange, doubted = result.ids[:4]
    table = table[table["id"] != gone].copy()
    other = {"warm": "cold", "cold": "warm"}
    table.loc[table["id"] == moved, "label"] = table.loc[table["id"] == moved, "label"].map(other)
    table.loc[table["id"] == strange, "label"] = "purple"
    table.loc[table["id"] == doubted, "flags"] = "conflict: cold | warm"
    now = result.relabelled(table)
    assert now.ids == [moved, *result.ids[4:]]
    assert now.truth[0] == 1 - result.truth[0]
    assert now.truth[1:].tolist() == result.truth[4:].tolist()
    nothing = result.relabelled(pd.DataFrame(columns=table.columns).astype(table.dtypes))
    assert len(nothing) == 0
    assert scores.of(trained["head"], nothing).accuracy is None


def test_a_model_that_is_ready_is_not_read_again(trained, project):
    run = trained["tail"]
    picture = str(manifest.image_path(project, predictions.load(run, "validation").ids[0]))
    predict.ready(run.folder)
    read = predict._load.cache_info().misses
    predict.predict(run.folder, [picture], untransferred=False)
    assert predict._load.cache_info().misses == read


def test_a_model_refuses_noise_and_knows_its_own(trained, project):
    run = trained["head"]
    validation = predictions.load(run, "validation")
    paths = [str(manifest.image_path(project, id_)) for id_ in validation.ids]
    judged = [each.known for each in predict.predict(run.folder, paths, untransferred=False)]
    expected = np.sort(unknowns.of(run).scores(validation.features, validation.probabilities))
    np.testing.assert_allclose(sorted(each.score for each in judged), expected, rtol=1e-3)
    assert not any(each.score < each.threshold * 0.999 for each in judged), "few pictures: the least is the bound"
    assert len(unknowns.of(run).held_out) == 18, "training pictures help where the network itself was not trained"
    assert len(unknowns.of(trained["tail"]).held_out) == 6
    unknowns.choose(run, 0.0)
    assert not any(each.refused for each in predict.predict(run.folder, paths, untransferred=False))
    with pytest.raises(InputError, match=r"from 0 to 0\.5"):
        unknowns.choose(run, 0.7)


@pytest.mark.parametrize("kind", ["functional", pytest.param("sequential, one unit", marks=pytest.mark.slow)])
def test_a_model_whose_backbone_is_nested_is_asked_refused_and_explained(project, kind):
    run = new_run(project, epochs=1)
    jobs.execute(run.folder)
    picture = keras.Input((64, 64, 3))
    x = keras.layers.Conv2D(6, 3, strides=2, activation="relu")(keras.layers.Rescaling(1 / 255)(picture))
    backbone = keras.Model(picture, keras.layers.Conv2D(5, 3, strides=4, activation="relu")(x), name="backbone")
    pooling = keras.layers.GlobalAveragePooling2D()
    if kind == "functional":
        outer = keras.Input((64, 64, 3))
        model = keras.Model(outer, keras.layers.Dense(2, activation="softmax")(pooling(backbone(outer))))
    else:
        head = keras.layers.Dense(1, activation="sigmoid")
        model = keras.Sequential([keras.Input((64, 64, 3)), backbone, pooling, head])
    model.save(run.model_path)

    inference.ensure(run)
    result = predictions.load(run, "validation")
    pixels = np.stack([image.pixels(manifest.image_path(project, id_), 64) for id_ in result.ids])
    predicted = model.predict(pixels, verbose=0)
    predicted = np.concatenate([1 - predicted, predicted], axis=1) if predicted.shape[1] == 1 else predicted
    np.testing.assert_allclose(result.probabilities, predicted, atol=1e-5)
    assert result.features.shape == (6, 5)
    assert sealed_test.evaluate(run.folder).n == 6
    path = str(manifest.image_path(project, result.ids[0]))
    (answer,) = predict.predict(run.folder, [path], untransferred=False)
    assert answer.classes[0].probability == pytest.approx(predicted[0].max(), abs=1e-5)
    assert answer.known.score <= 1
    assert service.grad_cam(run.folder, path).label == answer.classes[0].label


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("JPEG", (3000, 2000)),
        *(pytest.param(*each, marks=pytest.mark.slow) for each in (("JPEG", (300, 200)), ("PNG", (1500, 900)))),
    ],
)
@pytest.mark.slow
def test_pictures_that_are_prepared_as_readme_says_get_the_same_answers(trained, tmp_path, monkeypatch, kind, size):
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    (snippet,) = (text for text in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if '"model.keras"' in text)
    run, about = trained["head"], Image.Exif()
    about[0x0112] = 6
    noise(5, *size).save(tmp_path / "new.jpg", kind, exif=about)
    for name in ("model.keras", "classes.json"):
        shutil.copy(run.folder / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    said: dict[str, object] = {"print": lambda answer: said.update(answer=answer)}
    exec(snippet, said)
    (expected,) = predict.predict(run.folder, [str(tmp_path / "new.jpg")], untransferred=False)
    assert said["answer"] == pytest.approx({each.label: each.probability for each in expected.classes}, abs=1e-3)
