"""Shares in words: nearly all is not all, hardly any is not none, and a range has two ends."""

import pytest

from tl_core import wording
from tl_core.metrics import intervals

COUNTS = [
    (right, n)
    for n in (1, 2, 3, 10, 44, 99, 100, 999, 1000, 100_000)
    for right in sorted({0, 1, 2, n // 2, n - 2, n - 1, n} & set(range(n + 1)))
]


def value(text):
    return float(text.strip("<>%"))


@pytest.mark.parametrize(("right", "n"), COUNTS)
def test_a_share_and_its_interval_never_say_more_than_is_known(right, n):
    figures = intervals.accuracy(right, n)
    share, between = wording.percent(right / n, n), wording.interval(*figures.interval, n)
    assert (value(share) in (0, 100) and share[0] not in "<>") == (right in (0, n))
    low, high = between.split(" to ")
    assert (low == "0%") == (right == 0)
    assert (high == "100%") == (right == n)
    assert value(low) < value(high)
    assert value(low) == pytest.approx(100 * figures.interval[0], abs=0.51)
    assert value(high) == pytest.approx(100 * figures.interval[1], abs=0.51)
    assert "<" not in between
    assert ">" not in between
    assert between in figures.sentence()


@pytest.mark.parametrize("n", [None, 10, 100, 10**7])
@pytest.mark.parametrize("low", [0.0, 1e-7, 0.00994, 0.5, 0.95, 0.99, 0.9999])
@pytest.mark.parametrize("width", [0.0, 1e-6, 1e-5, 0.0004, 0.004])
def test_the_ends_of_a_range_read_as_two_where_they_are_two(low, width, n):
    text = wording.interval(low, min(1.0, low + width), n)
    assert (" to " in text) == (width > 0)
    assert not text.startswith("-")


@pytest.mark.parametrize("difference", [0.0004, -0.0004, 0.00001, 0.2])
def test_a_difference_that_there_is_does_not_read_as_none(difference):
    text = wording.points(difference)
    assert text[0] == ("+" if difference > 0 else "−")
    assert value(text[1:].split()[0]) > 0
