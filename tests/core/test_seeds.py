import itertools

from tl_core.seeds import derive


def test_every_part_of_a_purpose_counts_and_nothing_else():
    purposes = [(), ("a",), ("b",), ("a", 0), ("a", 1), ("a", "0"), (0, "a"), ("a", "b"), ("b", "a"), ("ab",)]
    drawn = {(seed, purpose): derive(seed, *purpose) for seed, purpose in itertools.product((0, 1), purposes)}
    assert len(set(drawn.values())) == len(drawn)
    assert all(derive(seed, *purpose) == value for (seed, purpose), value in drawn.items())
    assert all(0 <= value < 2**31 for value in drawn.values())


def test_a_seed_is_the_same_in_every_version():
    """Else a run that was interrupted before an update would go on with other numbers."""
    assert derive(7, "layers", "head", 3) == 1450977318
