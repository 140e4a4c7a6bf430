import numpy as np
import pytest

from tl_core.metrics import intervals


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(18, 20, 0.699, 0.972), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (0, 0, 0.0, 1.0)],
)
def test_the_interval_of_a_rate_against_published_values(right, n, low, high):
    assert intervals.rate_interval(right, n) == pytest.approx((low, high), abs=5e-4)


def test_accuracy_of_nothing_is_unknown():
    nothing = intervals.accuracy(0, 0)
    assert (nothing.accuracy, nothing.n, nothing.interval) == (None, 0, (0.0, 1.0))
    assert nothing.sentence() == "There are no pictures to measure it on."


def test_a_mean_over_repeats_is_not_called_all_right():
    assert intervals.accuracy(103.6, 104).sentence().startswith("99.6% of 104 right")
    assert intervals.accuracy(104.0, 104).sentence().startswith("104 of 104 right")
    assert intervals.rate_interval(103.6, 104)[1] < 1


def test_an_interval_that_has_a_width_never_reads_as_if_it_had_none():
    assert intervals.accuracy(1000, 1000).sentence().endswith("probably 99.6% to 100%.")
    assert intervals.accuracy(0, 1000).sentence().endswith("probably 0% to 0.4%.")


def test_the_mean_interval_is_that_of_students_t():
    assert intervals.mean_interval(np.array([1.0, 2.0, 3.0])) == pytest.approx((2.0, -0.484, 4.484), abs=1e-3)
    assert intervals.mean_interval(np.array([2.0])) == (2.0, 2.0, 2.0)
    assert intervals.mean_interval(np.array([2.0, 2.0])) == (2.0, 2.0, 2.0)
    assert intervals.mean_interval(np.empty(0)) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("first", "second", "p"), [(0, 0, 1.0), (1, 3, 0.625), (5, 5, 1.0), (0, 6, 0.03125), (10, 2, 0.03857421875)]
)
def test_mcnemar_is_the_binomial_test(first, second, p):
    assert intervals.mcnemar(*one_by_one(first, second)) == pytest.approx(p)
    assert intervals.mcnemar(*one_by_one(second, first)) == pytest.approx(p)


def test_mcnemar_of_thousands():
    assert intervals.mcnemar(*one_by_one(1600, 1400)) == pytest.approx(0.0002789, rel=1e-2)
    assert intervals.mcnemar(*one_by_one(0, 3000)) == pytest.approx(0, abs=1e-300)


def test_mcnemar_counts_groups_and_not_their_pictures():
    assert intervals.mcnemar(*grouped(10, 10, -10)) == 1.0
    assert intervals.mcnemar(*grouped(10, 10, 10, 10)) == pytest.approx(2 / 16)
    assert intervals.mcnemar(*grouped(3, 2, 1)) == pytest.approx(2 / 8)
    assert intervals.mcnemar(*grouped(3, -2, -1)) == 1.0
    assert intervals.mcnemar(np.empty(0, bool), np.empty(0, bool), np.empty(0, int)) == 1.0


def one_by_one(first, second):
    right = np.arange(first + second) < first
    return right, ~right


def grouped(*differences):
    """Return who is right where, and the groups, of which the second model wins so many pictures (or loses)."""
    second = np.concatenate([np.full(abs(each), each > 0) for each in differences])
    return ~second, second, np.repeat(np.arange(len(differences)), np.abs(differences))
