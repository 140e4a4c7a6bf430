"""Images that are alike count as fewer: how often an interval that says 95% holds the true rate."""

import numpy as np
import pytest
from scipy.stats import binom

from tl_core.metrics import evidence, intervals

TEN_OF_TEN = (10,) * 10
UNEVEN = tuple(1 + number % 10 for number in range(30))


def of(hits, sizes):
    """Return an accuracy of groups, given the right answers in each."""
    right = np.concatenate([np.arange(size) < hit for hit, size in zip(hits, sizes, strict=True)])
    return intervals.share(right, np.repeat(np.arange(len(sizes)), sizes))


def drawn(chance, sizes, rate, correlation):
    spread = 1 / correlation - 1
    own = chance.beta(rate * spread, (1 - rate) * spread, len(sizes)) if spread else chance.random(len(sizes)) < rate
    return chance.binomial(sizes, own)


def coverage(sizes, rate, correlation, times=150):
    chance, seen, held = np.random.default_rng(0), {}, 0
    for _ in range(times):
        hits = drawn(chance, np.array(sizes), rate, correlation)
        key = tuple(sorted(zip(hits.tolist(), sizes, strict=True)))
        low, high = seen[key] if key in seen else seen.setdefault(key, of(hits, sizes).interval)
        held += low <= rate <= high
    return held / times


def coverage_of_moments(interval, rate):
    """Return the exact coverage where ten moments are each right or wrong as a whole."""
    ends = [interval(right) for right in range(11)]
    return sum(binom.pmf(right, 10, rate) for right, (low, high) in enumerate(ends) if low <= rate <= high)


@pytest.mark.parametrize(("right", "n"), [(0, 1), (1, 1), (18, 20), (104, 104), (0, 1000), (999, 1000)])
def test_single_pictures_have_the_very_interval_that_they_had(right, n):
    alone = intervals.share(np.arange(n) < right, np.random.default_rng(0).permutation(n))
    assert alone.interval == intervals.rate_interval(right, n)
    assert (alone.groups, alone.effective) == (n, n)
    assert alone.grouped() == ""
    assert intervals.share(np.arange(n) < right, None) == alone


@pytest.mark.slow
def test_95_percent_is_95_percent():
    """On average it is. One rate may have 90 to 99%, as with single pictures: ``tests/bench/README.md`` has the table.

    The coverages are drawn: each is within 4 points of the true one in 97 of 100 cases.
    """
    shares = {
        (len(sizes), correlation): [coverage(sizes, rate, correlation) for rate in (0.85, 0.95)]
        for sizes in (TEN_OF_TEN, UNEVEN)
        for correlation in (0.1, 0.5, 1.0)
    }
    assert min(map(min, shares.values())) >= 0.9, shares
    assert min(map(np.mean, shares.values())) >= 0.93, shares
    assert 0.93 <= np.mean(list(shares.values())) <= 0.97, shares


def test_the_interval_of_few_groups_allows_for_how_little_they_show_of_their_correlation():
    """Korn and Graubard's factor, where groups agree as a whole: t with 9 degrees of freedom over t with 99."""
    z = 1.959963984540054 * 2.262157 / 1.984217
    assert of([10] * 10, TEN_OF_TEN).interval == pytest.approx(intervals.rate_interval(10, 10, z), abs=1e-6)
    assert intervals.rate_interval(80, 100, effective=100.0) == intervals.rate_interval(80, 100)


@pytest.mark.parametrize("rate", [0.7, 0.8, 0.85, 0.9, 0.95])
def test_ten_pictures_of_each_moment_count_as_moments(rate):
    of_pictures = coverage_of_moments(lambda right: of([10] * right + [0] * (10 - right), TEN_OF_TEN).interval, rate)
    assert of_pictures >= coverage_of_moments(lambda right: intervals.rate_interval(right, 10), rate) - 0.005


def test_groups_without_a_mistake_count_once_each():
    whole = of([10] * 10, TEN_OF_TEN)
    assert whole.effective == of([0] * 10, TEN_OF_TEN).effective == 10
    assert whole.interval == pytest.approx((1 - of([0] * 10, TEN_OF_TEN).interval[1], 1))
    assert whole.sentence() == (
        "100 of 100 right; the true accuracy is probably 66.7% to 100%. "
        "Some of the 100 pictures are alike: they form 10 groups and say as much as 10 different pictures."
    )


def test_mistakes_in_every_group_show_that_groups_do_not_matter():
    assert of([9] * 30, (10,) * 30).effective > 250
    assert of([10] * 27 + [0] * 3, (10,) * 30).effective == pytest.approx(30, abs=2)


def test_one_group_says_next_to_nothing():
    low, high = of([40], (50,)).interval
    assert low < 0.4
    assert high > 0.95


def test_nothing_is_counted_without_pictures():
    assert evidence.of(np.empty(0, bool), np.empty(0, int)).effective == 0
    assert intervals.share(np.empty(0, bool), np.empty(0, int)).interval == (0.0, 1.0)
