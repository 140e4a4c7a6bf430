"""Two models that order the same images: as scikit-learn counts it, and chance is called chance."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from tl_core.metrics.precision_difference import difference


def made(n: int, tags: int, skill: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return labels, and scores that know them the better, the larger the skill."""
    random = np.random.default_rng(seed)
    truth = random.random((n, tags)) < 0.4
    return truth, skill * truth + random.normal(size=(n, tags))


def test_the_means_are_those_of_scikit_learn_where_scores_are_equal_too():
    truth, scores = made(60, 3, 1.0, 0)
    coarse = np.round(scores)
    found = difference(truth, scores, coarse)
    assert found.old == pytest.approx(average_precision_score(truth, scores, average="macro"))
    assert found.new == pytest.approx(average_precision_score(truth, coarse, average="macro"))
    assert (found.n, found.tags) == (60, 3)
    assert found.interval[0] <= found.new - found.old <= found.interval[1]


def test_a_better_model_is_told_from_chance_and_luck_is_not():
    truth, scores = made(120, 4, 0.2, 1)
    better = scores + 1.5 * truth
    assert difference(truth, scores, better).p < 0.01
    assert difference(truth, scores, better).interval[0] > 0
    other = made(120, 4, 0.2, 2)[1] - 0.2 * made(120, 4, 0.2, 2)[0] + 0.2 * truth
    assert difference(truth, scores, other).p > 0.05
    same = difference(truth, scores, scores)
    assert same.p == 1.0
    assert same.interval == pytest.approx((-0.031, 0.031), abs=0.001), "as of a rate of 0 of 120"
    assert difference(truth, scores, np.exp(scores)).p == 1.0, "another scale is no difference"


def test_images_that_are_alike_count_together():
    truth, scores = made(20, 2, 0.0, 3)
    better = scores + 0.3 * truth
    many, groups = [np.repeat(each, 6, axis=0) for each in (truth, scores, better)], np.repeat(np.arange(20), 6)
    alone, together = difference(*many), difference(*many, groups)
    assert together.p >= alone.p
    assert np.ptp(together.interval) > 1.5 * np.ptp(alone.interval)


def test_a_tag_that_no_image_has_says_nothing():
    truth, scores = made(20, 2, 1.0, 4)
    truth[:, 1] = False
    assert difference(truth, scores, scores).tags == 1
    assert difference(np.zeros_like(truth), scores, scores) is None
