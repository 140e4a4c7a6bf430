from typing import get_args

import keras
import numpy as np
import pytest

from tl_core.features import converted
from tl_core.networks.text_catalogue import Pooling
from tl_core.networks.text_pooling import pooled

WANTED = {
    "first": lambda values: values[0],
    "average": lambda values: values.mean(axis=0),
    "max": lambda values: values.max(axis=0),
}


def model(pooling, length):
    hidden = keras.Input((length, 5))
    return keras.Model(hidden, pooled(hidden, pooling))


@pytest.fixture(scope="module")
def hidden():
    """Texts of 6, 3, 1 and no tokens; those of the second have no positive value."""
    values = np.random.default_rng(0).normal(size=(4, 6, 5)).astype(np.float32)
    values[1] = -np.abs(values[1]) - 1
    for row, count in enumerate((6, 3, 1, 0)):
        values[row, count:] = 0
    return values


@pytest.mark.parametrize("length", [6, None])
@pytest.mark.parametrize("pooling", get_args(Pooling))
def test_padding_does_not_count(hidden, pooling, length):
    result = model(pooling, length)(hidden).numpy()
    for row, count in enumerate((6, 3, 1)):
        np.testing.assert_allclose(result[row], WANTED[pooling](hidden[row, :count]), rtol=1e-6)
    np.testing.assert_array_equal(result[3], 0)


@pytest.mark.parametrize("pooling", get_args(Pooling))
def test_a_longer_row_of_padding_changes_nothing(hidden, pooling):
    made = model(pooling, None)
    wide = np.pad(hidden, [(0, 0), (0, 9), (0, 0)])
    np.testing.assert_allclose(made(wide), made(hidden), rtol=1e-6)


@pytest.mark.parametrize("pooling", get_args(Pooling))
def test_stock_keras_and_onnx_runtime_know_it(hidden, pooling, tmp_path):
    made = model(pooling, 6)
    made.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(again(hidden), made(hidden))
    np.testing.assert_allclose(converted._of(converted.convert(made)).run(hidden), made(hidden), atol=1e-6)
    assert made.layers[-1].name == "head_pooling"
