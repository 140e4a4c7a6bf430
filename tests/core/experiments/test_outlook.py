"""What more pictures bring, on learning curves whose law is known."""

import numpy as np
import pytest

from tl_core.experiments import curve_words, learners, outlook, power_law
from tl_core.experiments.curve import Curve
from tl_core.experiments.power_law import Laws

SIZES = [5, 10, 20, 40, 80, 160]


def law(floor: float, scale: float, exponent: float) -> Laws:
    return Laws(floor=np.array([floor]), scale=np.array([scale]), exponent=np.array([exponent]))


def curve(laws: list[Laws], each: int = 200, repeats: int = 4, seed: int = 0) -> Curve:
    """Return a curve that follows a law for each class, as closely as counts do."""
    chance = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(laws)), each)
    rates = np.array([[each.accuracy(size)[0] for each in laws] for size in SIZES])
    right = chance.random((repeats, len(SIZES), len(labels))) < rates[None][:, :, labels]
    return Curve(
        sizes=SIZES,
        learned=np.repeat(np.array(SIZES, float)[:, None], len(laws), axis=1),
        right=right.astype(np.int8),
        fold=np.tile(np.arange(len(labels)) % 5, (repeats, 1)).astype(np.int8),
        labels=labels,
        groups=np.arange(len(labels)),
        classes=["dog", "wolf", "fox"][: len(laws)],
        every=len(labels),
    )


DONE = law(0.02, 0.2, 1.0)
HUNGRY = law(0.0, 1.2, 0.3)


def test_a_law_is_found_again():
    amounts = np.array(SIZES, float)
    accuracies = np.array([[each.accuracy(size)[0] for size in SIZES] for each in (HUNGRY, DONE)])
    found = power_law.fit(amounts, accuracies, 100_000)

    assert found is not None
    assert found.accuracy(320) == pytest.approx([HUNGRY.accuracy(320)[0], DONE.accuracy(320)[0]], abs=0.005)
    assert power_law.fit(amounts[:3], accuracies[:, :3], 100) is None


def test_the_points_carry_intervals_that_hold_the_truth():
    points = curve([HUNGRY, HUNGRY]).points()

    assert [each.pictures for each in points] == SIZES
    for each in points:
        assert each.interval[0] < each.accuracy < each.interval[1]
        assert each.interval[0] <= HUNGRY.accuracy(each.pictures) <= each.interval[1]


def test_a_curve_that_still_rises_asks_for_more_and_one_that_is_flat_does_not():
    rising, flat = outlook.of(curve([HUNGRY, HUNGRY]), 0), outlook.of(curve([DONE, DONE]), 0)

    assert rising.doubled
    low, high = rising.doubled.interval
    assert low <= HUNGRY.accuracy(400) <= high
    assert curve_words.verdict(rising).startswith("More pictures help")
    assert curve_words.verdict(flat).startswith("You have enough pictures")
    assert "any one class would hardly help" in curve_words.by_class(flat)


def test_the_class_that_needs_pictures_is_named_where_that_is_sure():
    mixed = outlook.of(curve([DONE, HUNGRY, DONE]), 0)

    assert [each.label for each in mixed.leading()] == ["wolf"]
    assert {each.label for each in mixed.hardly()} == {"dog", "fox"}
    assert curve_words.by_class(mixed) == (
        "100 more pictures of “wolf” would help most. More of “dog”, “fox” would hardly help."
    )


def test_nothing_is_claimed_where_classes_are_alike_or_pictures_few():
    alike = outlook.of(curve([HUNGRY, HUNGRY, HUNGRY], each=20), 0)

    assert alike.leading() == []
    assert "cannot be said yet" in curve_words.by_class(alike)


def test_the_same_seed_gives_the_same_outlook():
    assert outlook.of(curve([DONE, HUNGRY]), 3) == outlook.of(curve([DONE, HUNGRY]), 3)


def test_a_smaller_draw_is_part_of_a_larger_one():
    labels, pool = np.repeat([0, 1], 50), np.arange(100) % 5 > 0
    small, large = (learners.drawn(labels, pool, most, 7) for most in (5, 30))

    assert set(small) < set(large)
    assert np.bincount(labels[small]).tolist() == [5, 5]
    assert pool[large].all()


def test_a_class_that_is_too_small_for_a_law_does_not_silence_the_others():
    grown = curve([DONE, HUNGRY, DONE])
    grown.learned[:, 2] = 4
    some = outlook.of(grown, 0)

    assert [each.label for each in some.leading()] == ["wolf"]
    assert some.too_few == ("fox",)
    assert curve_words.by_class(some).endswith("Too few pictures to say that of “fox”.")
