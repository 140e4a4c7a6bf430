import numpy as np
import pytest

from tl_core.metrics import intervals


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(18, 20, 0.699, 0.972), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (0, 0, 0.0, 1.0)],
)
def test_wilson_against_published_values(right, n, low, high):
    assert intervals.wilson(right, n) == pytest.approx((low, high), abs=5e-4)


def test_accuracy_of_nothing_is_unknown():
    assert intervals.accuracy(0, 0) == {"accuracy": None, "n": 0, "interval": [0.0, 1.0]}


def test_a_mean_over_repeats_is_not_called_all_right():
    assert intervals.in_words(103.6, 104).startswith("103.6 of 104 right")
    assert intervals.in_words(104.0, 104).startswith("104 of 104 right")
    assert intervals.wilson(103.6, 104)[1] < 1


def test_per_class_figures_from_a_confusion_matrix():
    truth = np.array([0, 0, 0, 1, 1, 2])
    answer = np.array([0, 0, 1, 1, 1, 1])
    counts = intervals.confusion(truth, answer, 4)
    assert counts.tolist() == [[2, 1, 0, 0], [0, 2, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    rows = intervals.per_class(counts, ["a", "b", "c", "d"])
    assert rows[0]["precision"] == 1
    assert rows[0]["recall"] == pytest.approx(2 / 3)
    assert rows[1]["precision"] == 0.5
    assert rows[2] == {**rows[2], "precision": None, "recall": 0.0, "f1": 0.0, "support": 1}
    assert rows[3] == {**rows[3], "precision": None, "recall": None, "f1": None, "support": 0}


@pytest.mark.parametrize(
    ("first", "second", "p"), [(0, 0, 1.0), (1, 3, 0.625), (5, 5, 1.0), (0, 6, 0.03125), (10, 2, 0.03857421875)]
)
def test_mcnemar_is_the_binomial_test(first, second, p):
    assert intervals.mcnemar(first, second) == pytest.approx(p)
    assert intervals.mcnemar(second, first) == pytest.approx(p)


def test_mcnemar_of_thousands():
    assert intervals.mcnemar(1600, 1400) == pytest.approx(0.0002789, rel=1e-2)
    assert intervals.mcnemar(0, 3000) == 0.0
