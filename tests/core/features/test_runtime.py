"""The graph of a network says what Keras says."""

import gc

import keras
import numpy as np
import psutil
import pytest

from tl_core.features import converted
from tl_core.features import runtime as module
from tl_core.features.runtime import bytes_of_one, forward
from tl_core.networks import backbone, catalogue

SIZE = 64


@pytest.fixture(scope="module")
def lite(tmp_path_factory):
    from tl_core.workspace import Workspace

    workspace = Workspace.open(tmp_path_factory.mktemp("workspace"))
    return backbone.build(catalogue.get("efficientnet-lite0"), SIZE, weights="imagenet", workspace=workspace)


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (11, SIZE, SIZE, 3), dtype=np.uint8)


def away(model, run, pixels):
    """Return the largest difference to Keras as a share of the largest value."""
    wanted = model.predict(pixels.astype(np.float32), verbose=0)
    result = np.concatenate([run(pixels[at : at + 4]) for at in range(0, len(pixels), 4)])
    assert (result.shape, result.dtype) == (wanted.shape, np.float32)
    return np.abs(result - wanted).max() / np.abs(wanted).max()


def test_it_equals_keras_on_whole_and_short_batches(lite, pixels):
    run = forward(lite)
    assert away(lite, run, pixels) < 1e-5
    assert away(lite, run, pixels.astype(np.float32)) < 1e-5


class BatchSize(keras.layers.Layer):
    """Says of each picture with how many it goes through."""

    def call(self, pictures):
        return keras.ops.zeros_like(pictures[:, 0, 0, :1]) + keras.ops.cast(keras.ops.shape(pictures)[0], "float32")


def test_large_feature_maps_go_through_in_parts(lite, pixels, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 3 * bytes_of_one(lite))
    assert away(lite, forward(lite), pixels) < 1e-5

    picture = keras.Input((SIZE, SIZE, 3))
    counting = keras.Model(picture, BatchSize()(picture))
    monkeypatch.setattr(module, "MOST_BYTES", 3 * bytes_of_one(counting))
    assert forward(counting)(pixels[:4]).max() <= 3


@pytest.mark.slow
@pytest.mark.parametrize("way", [forward, lambda model: converted.quickest(model).run], ids=["tensorflow", "onnx"])
def test_what_a_network_took_is_given_back(lite, pixels, way):
    held = []
    for _ in range(5):
        way(lite)(pixels)
        gc.collect()
        held.append(psutil.Process().memory_info().rss)
    growth = np.diff(held[1:])
    assert min(growth) < 4 * lite.count_params(), "at least once, nothing like another copy of the weights stayed"
