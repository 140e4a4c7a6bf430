"""The graph of a network says what Keras says."""

import gc

import keras
import numpy as np
import psutil
import pytest

from tests.core.features.conftest import SIZE, away
from tl_core.features import converted
from tl_core.features import runtime as module
from tl_core.features.runtime import bytes_of_one, forward


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
