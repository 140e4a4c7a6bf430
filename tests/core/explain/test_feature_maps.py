import io
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from tests.core.hues import new_run
from tl_core.dataset import manifest
from tl_core.errors import InputError, MissingWeightsError, NotFoundError
from tl_core.explain import feature_maps
from tl_core.networks import backbone, catalogue
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace

NETWORK, TOP = "efficientnet-lite0", "head_relu"


@pytest.fixture(scope="module")
def project(hues_with, tmp_path_factory):
    return hues_with(tmp_path_factory.mktemp("workspace"), "tail")


@pytest.fixture(scope="module")
def picture(project):
    return str(manifest.image_path(project, manifest.load(project).table["id"][0]))


@pytest.fixture(scope="module")
def run(project):
    """The last blocks were trained."""
    return RunFolder(project.runs / "tail")


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)))


def look(project, picture, block, **more):
    return feature_maps.feature_maps(project.workspace.root, NETWORK, picture, block, **more)


def test_the_strongest_maps_come_first(project, picture):
    seen = look(project, picture, "stem_relu", size=96)
    assert seen.shape == (48, 48, 32)
    assert len(seen.channels) == len(set(seen.channels)) == len(seen.before) == 12
    assert seen.after is None
    network = backbone.build(catalogue.get(NETWORK), 96, weights="imagenet", workspace=project.workspace)
    stem = keras.Model(network.input, network.get_layer("stem_relu").output)
    pixels_seen = feature_maps.as_trained(project.workspace, picture, 96)[None].astype(np.float32)
    means = stem(pixels_seen).numpy().mean(axis=(0, 1, 2))
    assert seen.channels == tuple(np.argsort(-means, kind="stable")[:12])
    for png in seen.before:
        assert pixels(png).shape == (144, 144, 3)


def test_the_same_picture_as_bytes_and_at_the_default_size(project, picture):
    seen = look(project, Path(picture).read_bytes(), TOP, count=3)
    assert seen.shape == (7, 7, 1280)
    assert [pixels(png).shape for png in seen.before] == 3 * [(154, 154, 3)]


def test_training_changes_what_lies_after_the_line_alone(project, picture, run):
    frozen, trained = (look(project, picture, block, run_folder=str(run.folder)) for block in ("block_04_add", TOP))
    assert frozen.shape == (8, 8, 40)
    assert frozen.before == frozen.after
    assert len(trained.after) == 12
    assert trained.before != trained.after


def test_filters_are_tiles_with_one_scale(project, run):
    seen = feature_maps.filters(project.workspace.root, NETWORK, str(run.folder))
    assert seen.layer == "stem_conv"
    assert len(seen.before) == 32
    assert seen.before == seen.after
    assert all(pixels(png).shape == (63, 63, 3) for png in seen.before)
    assert feature_maps.filters(project.workspace.root, NETWORK).after is None


def test_filters_of_a_network_that_takes_blue_first_are_shown_in_true_colours(project):
    row = catalogue.get("vgg16")
    model = backbone.build(row, 32, weights="random", workspace=project.workspace)
    kernel = model.get_layer("block1_conv1").kernel.numpy()
    name, shown = feature_maps.first_kernels(model, row)
    assert name == "block1_conv1"
    np.testing.assert_array_equal(shown[:, :, 0], kernel[:, :, 2])


@pytest.mark.slow
@pytest.mark.parametrize("id_", ["convnext-tiny", "resnet50", "inception-resnet-v2", "mobilenet-v3-small"])
def test_layers_of_a_saved_network_keep_their_names(id_, tmp_path):
    network = backbone.build(catalogue.get(id_), 75, weights="random", workspace=Workspace.open(tmp_path))
    network.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", compile=False)
    assert [op.name for op in again.operations] == [op.name for op in network.operations]


def test_what_is_wrong_is_said(project, picture, run, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    root = project.workspace.root
    with pytest.raises(InputError, match="no feature map at “attic”"):
        look(project, picture, "attic")
    with pytest.raises(InputError, match="cannot be read"):
        look(project, str(tmp_path / "gone.jpg"), TOP)
    with pytest.raises(InputError):
        look(project, b"not a picture", TOP)
    with pytest.raises(MissingWeightsError, match="MobileNetV2"):
        feature_maps.filters(root, "mobilenet-v2")
    with pytest.raises(InputError, match="not MobileNetV2"):
        feature_maps.filters(root, "mobilenet-v2", str(run.folder))
    with pytest.raises(NotFoundError, match="has no model"):
        feature_maps.filters(root, NETWORK, str(new_run(project).folder))
    scratch = {"epochs": 0, "fine_tune_epochs": 1, "freeze": "none", "weights": "random", "image_size": 32}
    from_scratch = new_run(project, **scratch)
    from_scratch.model_path.write_bytes(b"a model")
    with pytest.raises(InputError, match="started from random weights"):
        feature_maps.filters(root, NETWORK, str(from_scratch.folder))
