"""Curves over all thresholds, against scikit-learn and against what can be counted by hand."""

import numpy as np
import pytest
from sklearn import metrics

from tl_core.metrics import roc


def case(name: str) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(5)
    positive = chance.random(60) < 0.4
    score = np.clip(chance.normal(0.4 + 0.2 * positive, 0.2), 0, 1)
    return {
        "usual": (positive, score),
        "ties": (positive, score.round(1)),
        "exactly 0 and 1": (positive, np.where(chance.random(60) < 0.8, positive, ~positive).astype(float)),
        "all equal": (positive, np.full(60, 0.5)),
        "perfect": (positive, positive * 0.5 + 0.2),
        "always wrong": (positive, 1.0 - positive),
    }[name]


@pytest.mark.parametrize("name", ["usual", "ties", "exactly 0 and 1", "all equal", "perfect", "always wrong"])
def test_curves_start_and_end_where_they_must_and_pass_every_threshold(name):
    positive, score = case(name)
    curves = roc.curves(positive, score)
    assert curves.area == pytest.approx(metrics.roc_auc_score(positive, score))
    assert curves.interval[0] <= curves.area <= curves.interval[1]
    assert (curves.false_alarms[0], curves.hits[0], curves.false_alarms[-1], curves.hits[-1]) == (0, 0, 1, 1)
    assert len(curves.hits) == len(np.unique(score)) + 1
    assert curves.base_rate == positive.mean()
    for threshold in np.unique(score):
        here = roc.at(positive, score, threshold)
        place = (1 - here.specificity.accuracy, here.recall.accuracy)
        assert any(np.allclose(place, each) for each in zip(curves.false_alarms, curves.hits, strict=True))
        place = (here.recall.accuracy, here.precision.accuracy)
        assert any(np.allclose(place, each) for each in zip(curves.recall, curves.precision, strict=True))


@pytest.mark.parametrize("positive", [np.ones(4, bool), np.zeros(4, bool), np.zeros(0, bool)])
def test_without_both_classes_there_are_no_curves(positive):
    assert roc.curves(positive, np.linspace(0, 1, len(positive))) is None
    assert roc.at(np.zeros(0, bool), np.zeros(0), 0.5).accuracy.accuracy is None


def test_a_perfect_order_of_few_pictures_is_no_certainty():
    low, high = roc.area_interval(1.0, 20, 20)
    assert high == 1.0
    assert 0.8 < low < 0.95
    assert roc.area_interval(1.0, 2000, 2000)[0] > 0.998
    assert roc.area_interval(0.0, 20, 20) == pytest.approx((0.0, 1 - low))


@pytest.mark.slow
@pytest.mark.parametrize(("shift", "m", "n"), [(1.0, 20, 30), (2.5, 22, 22), (2.5, 60, 12)])
def test_the_interval_holds_the_true_area_as_often_as_it_says(shift, m, n):
    from math import erf

    chance = np.random.default_rng(1)
    true, inside = 0.5 * (1 + erf(shift / 2)), 0
    positive = np.arange(m + n) < m
    for _ in range(400):
        low, high = roc.curves(positive, chance.normal(shift * positive)).interval
        inside += low <= true <= high
    assert 0.92 <= inside / 400 <= 0.99


def test_counts_at_a_threshold_include_scores_that_are_equal_to_it():
    positive = np.array([True, True, False, False, True])
    score = np.array([1.0, 0.5, 0.5, 0.0, 0.2])
    here = roc.at(positive, score, 0.5)
    assert (here.hits, here.missed, here.false_alarms, here.passed) == (2, 1, 1, 1)
    assert here.recall.accuracy == pytest.approx(2 / 3)
    assert (here.specificity.accuracy, here.specificity.n) == (0.5, 2)
    nothing = roc.at(positive, score, 1.01)
    assert nothing.precision.accuracy is None
    assert nothing.precision.interval == (0.0, 1.0)
    assert roc.at(positive, score, 0.0).specificity.accuracy == 0.0
