"""The line that the accuracies of a probe speak for."""

import numpy as np

from tl_core.freezing.suggestion import suggestion

IDS, LABELS = ["low", "middle", "top"], ["Stem", "Stage 1, convolution 1", "Final convolution"]


def right(count, n=400):
    return np.arange(n) < count


def test_everything_is_frozen_where_the_top_is_best():
    best = suggestion(IDS, LABELS, [right(250), right(300), right(380)], right(200))
    assert best.line == "all"
    assert "380 of 400 validation pictures" in best.why


def test_everything_is_frozen_where_the_top_is_as_good_as_any_within_noise():
    best = suggestion(IDS, LABELS, [right(250), right(382), right(379)], right(200))
    assert best.line == "all"
    assert "Chance alone can explain" in best.why


def test_the_line_is_the_highest_block_that_is_as_good_as_the_best():
    best = suggestion(IDS, LABELS, [right(379), right(378), right(300)], right(200))
    assert best.line == "middle"
    assert "378 of 400" in best.why
    assert "300" in best.why


def test_few_pictures_prove_nothing():
    assert suggestion(IDS, LABELS, [right(12, 20), right(20, 20), right(17, 20)], right(10, 20)).line == "all"


def test_nothing_is_frozen_where_no_block_is_better_than_guessing():
    hits = [np.roll(right(count), count) for count in (205, 212, 203)]
    best = suggestion(IDS, LABELS, hits, right(200))
    assert best.line == "none"
    assert "guessing" in best.why


def test_the_best_of_many_blocks_has_to_win_by_more_than_the_better_of_two():
    """Nine of ten pictures on which two blocks differ: p = 0.011. The best of 18 blocks is often that lucky."""
    middle, top = right(90, 100), right(81, 100)
    top[99] = True
    lower = [right(60, 100)] * 16
    of_two = suggestion(["middle", "top"], ["Middle", "Top"], [middle, top], right(50, 100))
    ids = [*map(str, range(16)), "middle", "top"]
    of_many = suggestion(ids, ids, [*lower, middle, top], right(50, 100))
    assert (of_two.line, of_many.line) == ("middle", "all")


def test_with_so_few_pictures_that_nothing_could_be_shown_everything_stays_frozen():
    most_frequent = np.arange(59) < 50
    groups = np.arange(59).clip(max=56)
    best = suggestion([*IDS] * 4, [*LABELS] * 4, [np.ones(59, bool)] * len(IDS) * 4, most_frequent, groups)
    assert best.line == "all"
    assert "too few pictures" in best.why
