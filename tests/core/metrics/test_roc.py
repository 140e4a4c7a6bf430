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
def test_curves_are_those_of_scikit_learn(name):
    positive, score = case(name)
    found = roc.of(positive, score)
    area = roc.area_under_roc(found)
    assert area["area"] == pytest.approx(metrics.roc_auc_score(positive, score))
    assert roc.average_precision(found) == pytest.approx(metrics.average_precision_score(positive, score))
    false, recall, at = metrics.roc_curve(positive, score, drop_intermediate=False)
    np.testing.assert_allclose(found.recall, recall)
    np.testing.assert_allclose(found.false_alarms, false)
    np.testing.assert_allclose(found.at, at)
    assert area["interval"][0] <= area["area"] <= area["interval"][1]


@pytest.mark.parametrize("positives", [0, 4])
def test_a_class_that_is_absent_has_no_area(positives):
    found = roc.of(np.ones(positives, bool) if positives else np.zeros(4, bool), np.linspace(0, 1, 4))
    assert roc.area_under_roc(found)["area"] is None
    assert roc.area_under_roc(found)["interval"] == [0.0, 1.0]
    assert roc.average_precision(found) == (1.0 if positives else None)
    assert np.isnan(found.false_alarms if positives else found.recall).all()


def test_nothing_at_all_is_no_error():
    found = roc.of(np.zeros(0, bool), np.zeros(0))
    assert found.hits.tolist() == [0]
    assert roc.area_under_roc(found)["area"] is None
    assert roc.at(np.zeros(0, bool), np.zeros(0), 0.5)["accuracy"]["accuracy"] is None


def test_a_perfect_order_of_few_pictures_is_no_certainty():
    low, high = roc.area_interval(1.0, 20, 20)
    assert high == 1.0
    assert 0.8 < low < 0.95
    assert roc.area_interval(1.0, 2000, 2000)[0] > 0.998
    assert roc.area_interval(0.0, 20, 20) == pytest.approx((0.0, 1 - low))


@pytest.mark.parametrize(("shift", "m", "n"), [(1.0, 20, 30), (2.5, 22, 22), (2.5, 60, 12)])
def test_the_interval_holds_the_true_area_as_often_as_it_says(shift, m, n):
    from math import erf

    chance = np.random.default_rng(1)
    true, inside = 0.5 * (1 + erf(shift / 2)), 0
    positive = np.arange(m + n) < m
    for _ in range(400):
        found = roc.of(positive, chance.normal(shift * positive))
        low, high = roc.area_under_roc(found)["interval"]
        inside += low <= true <= high
    assert 0.92 <= inside / 400 <= 0.99


def test_counts_at_a_threshold_include_scores_that_are_equal_to_it():
    positive = np.array([True, True, False, False, True])
    score = np.array([1.0, 0.5, 0.5, 0.0, 0.2])
    found = roc.at(positive, score, 0.5)
    assert (found["hits"], found["missed"], found["false_alarms"], found["passed"]) == (2, 1, 1, 1)
    assert found["recall"]["accuracy"] == pytest.approx(2 / 3)
    assert found["specificity"] == {"accuracy": 0.5, "n": 2, "interval": found["specificity"]["interval"]}
    nothing = roc.at(positive, score, 1.01)
    assert nothing["precision"]["accuracy"] is None
    assert nothing["precision"]["interval"] == [0.0, 1.0]
    assert roc.at(positive, score, 0.0)["specificity"]["accuracy"] == 0.0
