import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from tl_core.metrics import confusion


def test_scores_of_each_class_are_those_of_scikit_learn():
    chance = np.random.default_rng(0)
    truth, predicted = chance.integers(0, 5, 200), chance.integers(0, 5, 200)
    counts = confusion.matrix(truth, predicted, 5)
    np.testing.assert_array_equal(counts, confusion_matrix(truth, predicted))
    rows = confusion.per_class(truth, predicted, list("abcde"))
    expected = precision_recall_fscore_support(truth, predicted)
    for name, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert [getattr(row, name) for row in rows] == pytest.approx(values.tolist())


def test_what_is_undefined_is_none():
    truth, predicted = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 1, 1])
    counts = confusion.matrix(truth, predicted, 4)
    assert counts.tolist() == [[2, 1, 0, 0], [0, 2, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    rows = confusion.per_class(truth, predicted, ["a", "b", "c", "d"])
    assert (rows[2].precision, rows[2].recall, rows[2].f1, rows[2].support) == (None, 0.0, 0.0, 1)
    assert (rows[3].precision, rows[3].recall, rows[3].f1, rows[3].support) == (None, None, None, 0)
    assert confusion.matrix(np.empty(0, int), np.empty(0, int), 2).tolist() == [[0, 0], [0, 0]]


def test_confusions_come_by_their_number():
    first, second = confusion.pairs(np.array([[1, 1], [2, 1]]))
    assert (first.truth, first.predicted, first.pictures, first.share) == (1, 0, 2, pytest.approx(2 / 3))
    assert second.pictures == 1
    assert confusion.pairs(np.eye(3, dtype=int)) == []
