from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tl_core.features import texts


@pytest.fixture
def ran():
    """What came: one shape for each call."""
    return []


@pytest.fixture(params=["hidden states", "vectors"])
def run(request, ran):
    def noted(ids):
        ran.append(ids.shape)
        assert ids[:, -1].all() or ids.shape[1] == 1
        return (
            np.stack([ids, -ids], axis=-1)
            if request.param == "hidden states"
            else np.stack([ids.sum(1), ids.max(1)], -1)
        )

    with ThreadPoolExecutor(2) as threads:
        yield texts.without_padding(noted, threads)


def test_texts_of_one_length_go_together_and_without_padding(run, ran):
    lengths = np.array([3, 5, 0, 3, *[4] * 19])
    ids = np.where(np.arange(5) < lengths[:, None], np.random.default_rng(0).integers(1, 9, (23, 5)), 0)
    ids[1, 2] = 0  # no padding: more comes after it
    result = run(ids)
    hidden = result.ndim == 3
    wanted = np.stack([ids, -ids], axis=-1) if hidden else np.stack([ids.sum(1), ids.max(1)], -1)
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, wanted)
    assert sorted(ran) == [(1, 1), (1, 5), (2, 3), (3, 4), (8, 4), (8, 4)]


def test_with_little_padding_each_text_gets_its_own_numbers_in_its_own_place():
    ran = []

    def noted(ids):
        ran.append(ids.shape)
        return np.stack([ids, -ids], axis=-1)

    lengths = np.random.default_rng(1).integers(0, 30, 40)
    ids = np.where(np.arange(30) < lengths[:, None], 7, 0)
    np.testing.assert_array_equal(texts.with_little_padding(noted)(ids), np.stack([ids, -ids], axis=-1))
    wanted = [int(part.max()) for part in np.split(np.sort(np.maximum(lengths, 1)), range(8, 40, 8))]
    assert ran == [(8, longest) for longest in wanted]
