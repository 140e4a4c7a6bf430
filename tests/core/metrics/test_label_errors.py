"""Labels in doubt: on arrays, and on real digits."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from tl_core.metrics import label_errors


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Out-of-sample probabilities of digits of which some have got a wrong label, those labels, and which it was."""
    pixels, right = load_digits(n_class=6, return_X_y=True)
    chance = np.random.default_rng(0)
    swapped = chance.choice(len(right), 20, replace=False)
    labels = right.copy()
    labels[swapped] = (labels[swapped] + chance.integers(1, 6, len(swapped))) % 6
    model = LogisticRegression(C=0.1, max_iter=500)
    return cross_val_predict(model, pixels / 16, labels, cv=3, method="predict_proba"), labels, swapped


def test_labels_that_were_swapped_are_found(digits):
    p, labels, swapped = digits
    doubts = label_errors.find(p, labels)
    sure = doubts.rows[: doubts.confident]
    assert len(set(sure) & set(swapped.tolist())) >= 0.7 * len(swapped), "most are found"
    assert len(set(sure) & set(swapped.tolist())) >= 0.8 * len(sure), "and hardly any other"
    assert set(swapped.tolist()) <= set(doubts.rows), "the others are further down"
    assert doubts.margins[: doubts.confident] == sorted(doubts.margins[: doubts.confident], reverse=True)
    assert set(doubts.rows) == set(np.flatnonzero(p.argmax(1) != labels).tolist())
    right = load_digits(n_class=6, return_X_y=True)[1]
    assert np.mean(right[sure] == doubts.suggested[: doubts.confident]) > 0.9
    assert f"it is confident about {doubts.confident} of them" in doubts.sentence()


@pytest.mark.parametrize("p", [[[1, 0], [0, 1], [1, 0], [0, 1]], [[0.5, 0.5]] * 4, [[1, 0]] * 4])
def test_two_pictures_in_a_class(p):
    doubts = label_errors.find(np.array(p, float), np.array([0, 0, 1, 1]))
    assert all(0 <= margin <= 1 for margin in doubts.margins)
    assert doubts.few == [0, 1]
    assert "mean nothing yet" in doubts.sentence()


def test_few_pictures_are_said_to_be_few():
    doubts = label_errors.find(np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.9, 0.1]]), np.array([0, 0, 1, 1]))
    assert doubts.rows == [3]
    assert doubts.sentence().endswith("2 classes have fewer than 20 pictures, so there it is hard to tell which.")


def test_a_class_without_pictures_is_suggested_to_nobody():
    p = np.array([[0.1, 0.1, 0.8], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1]])
    doubts = label_errors.find(p, np.array([0, 1, 0]))
    assert 2 not in doubts.suggested[: doubts.confident]
    assert label_errors.find(np.zeros((0, 2)), np.zeros(0, np.int64)).rows == []
