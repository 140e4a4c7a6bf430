"""A converted trunk says what Keras says, is made once, and never gives other numbers than before."""

from typing import get_args

import keras
import numpy as np
import pytest

from tests.core.features.conftest import SIZE, away
from tl_core.features import converted
from tl_core.networks import backbone, catalogue
from tl_core.progress import Progress


class Heard(Progress):
    """Remembers what it was told."""

    def __init__(self):
        self.texts = []

    def emit(self, event, **fields):
        self.texts.append(fields["text"])


def never():
    raise AssertionError("it was converted before")


def small():
    """Return a network of two layers."""
    picture = keras.Input((8, 8, 3))
    return keras.Model(picture, keras.layers.Flatten()(keras.layers.Conv2D(2, 3)(picture)))


def test_it_is_converted_once_and_says_what_keras_says(lite, pixels, tmp_path):
    path, heard = tmp_path / "lite.trunk", Heard()
    converted.trunk(path, lambda: lite, heard)
    assert heard.texts == ["Preparing the frozen blocks: once for this network and line"]
    ready = converted.trunk(path, never, heard)
    assert len(heard.texts) == 1
    assert ready.shape == lite.output_shape[1:]
    assert away(lite, ready.run, pixels) < 1e-5
    assert away(lite, ready.run, pixels.astype(np.float32)) < 1e-5
    alone = np.concatenate([ready.run(pixels[at : at + 1]) for at in range(len(pixels))])
    np.testing.assert_array_equal(ready.run(pixels), alone, "the numbers of a picture are its own")


@pytest.mark.parametrize("convention", get_args(catalogue.Preprocessing))
def test_pixels_of_every_convention_are_converted(convention):
    picture = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(2, 3)(backbone.preprocess(picture, convention))
    model = keras.Model(picture, keras.layers.Flatten()(x))
    pixels = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)
    run = converted.quickest(model).run
    assert away(model, run, pixels) < 1e-5


@pytest.mark.parametrize("harm", ["half", "empty", "a flipped bit"])
def test_a_damaged_file_is_made_again(tmp_path, harm):
    path, model, heard = tmp_path / "small.trunk", small(), Heard()
    picture = np.full((1, 8, 8, 3), 7, np.uint8)
    wanted = converted.trunk(path, lambda: model, Progress()).run(picture)
    content = path.read_bytes()
    flipped = content[:-9] + bytes([content[-9] ^ 1]) + content[-8:]
    path.write_bytes({"half": content[: len(content) // 2], "empty": b"", "a flipped bit": flipped}[harm])
    np.testing.assert_array_equal(converted.trunk(path, lambda: model, heard).run(picture), wanted)
    assert "small.trunk is damaged" in heard.texts[0]
    converted.trunk(path, never, Progress())


class Singular(keras.layers.Layer):
    """Singular values, which the converter does not know."""

    def call(self, pictures):
        return keras.ops.svd(pictures[:, :, :, 0], compute_uv=False)


def test_what_cannot_be_converted_is_tried_once_stays_with_tensorflow_and_warns_each_time(tmp_path):
    picture = keras.Input((8, 8, 3))
    model, path, heard = keras.Model(picture, Singular()(picture)), tmp_path / "svd.trunk", Heard()
    pixels = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)
    for _ in range(2):
        ready = converted.trunk(path, lambda: model, heard)
        assert ready.shape == (8,)
        assert away(model, ready.run, pixels) < 1e-5
    assert not path.exists()
    assert sum("Preparing" in text for text in heard.texts) == 1
    assert heard.texts[1] == heard.texts[2]
    assert "in TensorFlow: more slowly, with the right numbers. The reason: " in heard.texts[2]


def test_an_exact_gelu_converts(pixels, tmp_path):
    picture = keras.Input((SIZE, SIZE, 3))
    model = keras.Model(picture, keras.layers.Activation("gelu")(keras.layers.Rescaling(1 / 32, -4)(picture)))
    assert away(model, converted.trunk(tmp_path / "gelu.trunk", lambda: model, Progress()).run, pixels) < 1e-6
    assert (tmp_path / "gelu.trunk").exists()


def test_a_grouped_convolution_converts(pixels, tmp_path):
    picture = keras.Input((SIZE, SIZE, 3))
    groups = keras.layers.Conv2D(8, 3, groups=4)(keras.layers.Conv2D(8, 3)(picture))
    model = keras.Model(picture, groups)
    assert away(model, converted.trunk(tmp_path / "groups.trunk", lambda: model, Progress()).run, pixels) < 1e-5
    assert (tmp_path / "groups.trunk").exists()


def test_what_was_not_used_for_longest_gives_way(tmp_path, monkeypatch):
    converted.trunk(tmp_path / "a.trunk", small, Progress())
    size = (tmp_path / "a.trunk").stat().st_size
    monkeypatch.setattr(converted, "MOST_KEPT_BYTES", round(2.5 * size))
    converted.trunk(tmp_path / "b.trunk", small, Progress())
    converted.trunk(tmp_path / "a.trunk", never, Progress())
    converted.trunk(tmp_path / "c.trunk", small, Progress())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.trunk", "c.trunk"]


def test_the_numbers_of_a_picture_do_not_depend_on_what_goes_through_with_it():
    model = small()
    pixels = np.random.default_rng(0).integers(0, 256, (5, *model.input.shape[1:])).astype(np.uint8)
    run = converted.quickest(model).run
    together = run(pixels)
    assert away(model, run, pixels) < 1e-5
    assert np.array_equal(together, np.concatenate([run(pixels[at : at + 1]) for at in range(len(pixels))]))


@pytest.mark.slow
@pytest.mark.parametrize("network", ["mobilenet-v2", "vgg16", "resnet50", "densenet121", "convnext-tiny"])
def test_other_families_convert(network, workspace, pixels):
    model = backbone.build(catalogue.get(network), SIZE, weights="random", workspace=workspace, seed=1)
    assert converted.convert(model)


@pytest.mark.slow
def test_convnext_gives_the_numbers_of_keras(workspace, pixels):
    """Its convolutions are grouped ones, as Keras writes them, and its GELU needs an error function."""
    model = backbone.build(catalogue.get("convnext-tiny"), SIZE, weights="random", workspace=workspace, seed=1)
    assert away(model, converted.quickest(model).run, pixels) < 1e-5
