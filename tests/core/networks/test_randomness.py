import threading

import keras
import numpy as np
import pytest

from tl_core.networks import backbone, catalogue
from tl_core.networks.model import Network
from tl_core.recipe import Head

#: Between them they have every kind of layer with random weights that the table has.
SOME = ("mobilenet-v3-small", "xception", "convnext-tiny")


def weights(id_, workspace, seed):
    row = catalogue.get(id_)
    model = backbone.build(row, row.least_size, weights="random", workspace=workspace, seed=seed)
    return {
        f"{layer.name}/{number}": values for layer in model.layers for number, values in enumerate(layer.get_weights())
    }


@pytest.fixture
def neighbour():
    """A thread that builds layers all the time, as other threads of a worker do."""
    ended = threading.Event()

    def disturb():
        while not ended.wait(0.001):
            keras.layers.Dense(2).build((None, 2))

    thread = threading.Thread(target=disturb)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.mark.slow
@pytest.mark.parametrize("id_", SOME)
def test_random_weights_follow_from_the_seed_alone(id_, workspace, neighbour):
    first, again, other = (weights(id_, workspace, seed) for seed in (1, 1, 2))
    for name, values in first.items():
        np.testing.assert_array_equal(values, again[name])
        assert (np.ptp(values) > 0) == (not np.array_equal(values, other[name])), name


def test_random_weights_are_drawn_as_keras_draws_them(workspace):
    mine, by_keras = (weights("efficientnet-lite0", workspace, seed) for seed in (1, None))
    for name, values in mine.items():
        if values.size > 1000:
            assert values.std() == pytest.approx(by_keras[name].std(), rel=0.1, abs=1e-6), name
    large = [values.ravel()[:100] for values in mine.values() if values.std() > 0]
    assert len({values.tobytes() for values in large}) == len(large), "no two layers get the same numbers"


def test_the_head_starts_from_its_seed_whatever_other_threads_build(neighbour):
    def head(seed):
        network = Network(lambda: None, Head(hidden=8), 3, seed)
        return [values.tobytes() for values in network.head_learner((16,)).get_weights()]

    assert head(1) == head(1)
    assert head(1) != head(2)
