"""Numbers about answers with several labels."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from tl_core.metrics import intervals, multilabel


@pytest.fixture(params=range(12))
def answers(request):
    draw = np.random.default_rng(request.param)
    n = int(draw.integers(2, 60))
    return draw.random(n) < draw.random(), np.round(draw.random(n), int(draw.integers(1, 4)))


def test_average_precision_is_that_of_scikit_learn(answers):
    own, probability = answers
    if own.any():
        assert multilabel.average_precision(own, probability) == pytest.approx(
            average_precision_score(own, probability)
        )
    else:
        assert multilabel.average_precision(own, probability) is None


def test_no_threshold_has_a_higher_f1(answers):
    own, probability = answers
    (chosen,) = multilabel.thresholds(own[:, None], probability[:, None])
    if own.any() and not own.all():
        best = max(f1_score(own, probability >= level, zero_division=0) for level in probability)
        assert f1_score(own, probability >= chosen, zero_division=0) == pytest.approx(best)
    else:
        assert chosen == 0.5


def test_the_scores_of_a_tag():
    own, probability = np.array([[1], [1], [1], [0], [0]], bool), np.array([[0.9], [0.8], [0.2], [0.7], [0.1]])
    (row,) = multilabel.per_tag(own, probability, [0.5], ["dark"], None)
    assert (row.support, row.given) == (3, 3)
    assert (row.accuracy, row.precision, row.recall) == (pytest.approx(0.6), pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert row.f1 == pytest.approx(f1_score(own[:, 0], probability[:, 0] >= 0.5))
    assert row.f1_interval[0] == pytest.approx(multilabel.f1(intervals.rate_interval(2, 4)[0]))


def test_pictures_that_are_alike_count_as_fewer():
    draw = np.random.default_rng(0)
    own = np.repeat(draw.random((20, 1)) < 0.5, 5, axis=0)
    probability = np.where(own ^ np.repeat(draw.random((20, 1)) < 0.2, 5, axis=0), 0.9, 0.1)
    (alone,) = multilabel.per_tag(own, probability, [0.5], ["dark"], None)
    (alike,) = multilabel.per_tag(own, probability, [0.5], ["dark"], np.repeat(np.arange(20), 5))
    assert alike.accuracy == alone.accuracy
    assert np.diff(alike.accuracy_interval) > np.diff(alone.accuracy_interval)
    assert np.diff(alike.f1_interval) > np.diff(alone.f1_interval)


def test_a_tag_that_no_picture_has_has_no_scores():
    (row,) = multilabel.per_tag(np.zeros((3, 1), bool), np.full((3, 1), 0.1), [0.5], ["dark"], None)
    assert (row.precision, row.recall, row.f1, row.average_precision) == (None, None, None, None)
    assert multilabel.mean_average_precision([row]) is None
