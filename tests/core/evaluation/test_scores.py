"""Scores and mistakes of predictions that need no model."""

import numpy as np
import pytest

from tests.core.evaluation.predicted import made
from tl_core.evaluation import scores
from tl_core.metrics import confusion, label_errors


def test_the_surest_mistakes_come_first():
    result = made([[0.9, 0.1], [0.4, 0.6], [1.0, 0.0], [0.2, 0.8], [0.55, 0.45]], [1, 0, 1, 1, 0])
    assert scores.mistakes(result) == ["id2", "id0", "id1"]
    assert scores.cell(result, 1, 0) == ["id2", "id0"]
    assert scores.cell(result, 0, 0) == ["id4"]
    assert scores.matrix(result).tolist() == [[1, 1], [2, 1]]
    (first, second) = confusion.pairs(scores.matrix(result))
    assert (first.truth, first.predicted, first.pictures, first.share) == (1, 0, 2, pytest.approx(2 / 3))
    assert second.pictures == 1


def test_no_pictures_no_mistakes():
    result = made(np.zeros((0, 3)), [])
    assert scores.mistakes(result) == []
    assert scores.cell(result, 0, 1) == []
    assert confusion.pairs(scores.matrix(result)) == []


def test_two_hundred_classes_and_all_answers_one_class():
    p = np.full((400, 200), 0.001)
    p[:, 7] = 0.801
    result = made(p, np.repeat(np.arange(200), 2))
    assert len(confusion.pairs(scores.matrix(result))) == 199
    rows = scores.per_class(result)
    assert rows[7].recall == 1
    assert rows[8].precision is None
    assert len(scores.mistakes(result)) == 398
    assert "mean nothing yet" in label_errors.find(result.probabilities, result.truth).sentence()
