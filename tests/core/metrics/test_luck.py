"""How much the best of several equal models looks better than it is: against draws of such models."""

import numpy as np
import pytest

from tl_core.metrics import luck


def equal_models(chance: np.random.Generator, k: int, n: int, shared: float) -> np.ndarray:
    """Return which images ``k`` equal models have right: a share of the images is as hard for one as for the other."""
    common = chance.random(n) < 0.8
    own = chance.random((k, n)) < 0.8
    return np.where(chance.random(n) < shared, common, own)


@pytest.mark.parametrize(
    ("k", "n", "shared"),
    [
        (2, 100, 0.0),
        *(pytest.param(*more, marks=pytest.mark.slow) for more in ((10, 200, 0.0), (10, 200, 0.6), (60, 400, 0.3))),
    ],
)
def test_it_is_what_the_best_of_equal_models_gains(k, n, shared):
    chance = np.random.default_rng(0)
    draws = [equal_models(chance, k, n, shared) for _ in range(400)]
    # All of them share the luck of the images, which the best is not ahead by.
    gained = np.mean([right.mean(axis=1).max() - right.mean() for right in draws])
    assert np.mean([luck.gain(right) for right in draws]) == pytest.approx(gained, rel=0.08)


def test_images_that_are_alike_make_luck_larger():
    right = np.random.default_rng(0).random((8, 50)) < 0.8
    alone = luck.gain(right, np.arange(50))
    assert alone == pytest.approx(luck.gain(right))
    assert luck.gain(np.repeat(right, 4, axis=1), np.repeat(np.arange(50), 4)) == pytest.approx(alone)


@pytest.mark.parametrize("right", [np.zeros((0, 5), bool), np.ones((1, 5), bool), np.ones((3, 5), bool)])
def test_models_without_a_difference_leave_nothing_to_luck(right):
    assert luck.gain(right) == 0.0
