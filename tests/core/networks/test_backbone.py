import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import applications

from tl_core.errors import InputError, MissingWeightsError
from tl_core.networks import backbone, catalogue
from tl_core.networks.backbone import preprocess
from tl_core.workspace import Workspace

#: One of each family that is quick to build.
SOME = ["efficientnet-lite0", "mobilenet-v3-small", "vgg16"]


@pytest.fixture
def memory():
    """Let go of what was built."""
    yield
    keras.backend.clear_session()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return Workspace.open(tmp_path_factory.mktemp("workspace"))


def pictures(size, n=2):
    return np.random.default_rng(0).uniform(0, 255, (n, size, size, 3)).astype(np.float32)


def random(id_, size, workspace):
    return backbone.build(catalogue.get(id_), size, weights="random", workspace=workspace)


@pytest.mark.parametrize(
    ("convention", "by_keras"),
    [
        ("tf", applications.mobilenet_v2.preprocess_input),
        ("caffe", applications.resnet.preprocess_input),
        ("torch", applications.densenet.preprocess_input),
        ("inside", applications.efficientnet.preprocess_input),
        ("lite", lambda x: (x - 127) / 128),
    ],
)
def test_preprocessing_is_that_of_keras(convention, by_keras):
    image = keras.Input((8, 8, 3))
    model = keras.Model(image, preprocess(image, convention))
    mine = model(pictures(8)).numpy() if convention != "inside" else pictures(8)
    np.testing.assert_allclose(mine, by_keras(pictures(8).copy()), rtol=1e-5, atol=1e-4)


def test_an_unknown_convention_is_an_error_and_not_raw_pixels():
    with pytest.raises(ValueError, match=r"'caffee'\. Choose one of: tf, caffe, torch, lite, inside"):
        preprocess(keras.Input((8, 8, 3)), "caffee")


@pytest.mark.parametrize("row", [row for row in catalogue.CATALOGUE if not row.bundled], ids=lambda row: row.id)
def test_each_row_names_the_convention_of_its_keras_module(row):
    module = sys.modules[getattr(applications, row.constructor).__module__]
    x = pictures(4)
    mine = x if row.preprocessing == "inside" else preprocess(x, row.preprocessing)
    np.testing.assert_allclose(np.asarray(mine), module.preprocess_input(x.copy()), rtol=1e-5, atol=1e-4)


EVERY = [pytest.param(row.id, marks=[] if row.id in SOME else [pytest.mark.slow]) for row in catalogue.CATALOGUE]


@pytest.mark.usefixtures("memory")
@pytest.mark.parametrize("id_", EVERY)
def test_a_network_is_one_flat_graph_at_its_least_size_and_at_odd_ones(id_, workspace):
    least = catalogue.get(id_).least_size
    for size in (least, least + 37):
        model = random(id_, size, workspace)
        assert model.input_shape == (None, size, size, 3)
        assert len(model.output_shape) == 4
        assert not any(isinstance(layer, keras.Model) for layer in model.layers)
        assert model.count_params() == catalogue.get(id_).backbone_parameters
    assert np.isfinite(model(pictures(size)).numpy()).all()


@pytest.mark.parametrize(
    "id_", ["efficientnet-lite0", "mobilenet-v3-small", pytest.param("convnext-tiny", marks=pytest.mark.slow)]
)
def test_layers_have_the_same_names_each_time(id_, workspace):
    once, twice = ([op.name for op in random(id_, 64, workspace).operations] for _ in range(2))
    assert once == twice
    assert len(set(once)) == len(once)


def test_too_small_a_picture_is_refused(workspace):
    for row in catalogue.CATALOGUE:
        with pytest.raises(InputError, match=f"at least {row.least_size} pixels"):
            backbone.build(row, row.least_size - 1, weights="random", workspace=workspace)


@pytest.mark.slow
def test_a_saved_network_needs_keras_alone(workspace, tmp_path):
    for id_ in ("efficientnet-lite0", "convnext-tiny", "resnet50"):
        model = random(id_, 64, workspace)
        model.save(tmp_path / f"{id_}.keras")
        np.save(tmp_path / f"{id_}.npy", model(pictures(64)).numpy())
    np.save(tmp_path / "pictures.npy", pictures(64))
    code = """
import pathlib, sys
import keras, numpy as np
for path in pathlib.Path().glob("*.keras"):
    mine = keras.models.load_model(path)(np.load("pictures.npy")).numpy()
    assert np.allclose(mine, np.load(path.with_suffix(".npy")), rtol=1e-4, atol=1e-5), path
assert not any(name.startswith("tl_core") for name in sys.modules)
"""
    subprocess.run([sys.executable, "-I", "-c", code], check=True, cwd=tmp_path)


def test_a_thousand_names():
    names = backbone.imagenet_classes()
    assert len(set(names)) == 1000
    assert [names[index] for index in (0, 281, 504, 999)] == ["tench", "tabby", "coffee mug", "toilet tissue"]


def test_the_top_is_there_only_with_its_file(workspace, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    row = catalogue.get("mobilenet-v3-small")
    with pytest.raises(MissingWeightsError, match=row.top_weights_file):
        backbone.top(row, workspace)
    whole = applications.MobileNetV3Small(weights=None, input_shape=(224, 224, 3))
    (tmp_path / "models").mkdir()
    whole.save(tmp_path / "models" / row.top_weights_file)
    np.testing.assert_allclose(backbone.top(row, workspace)(pictures(224)), whole(pictures(224)), rtol=1e-3, atol=1e-6)
