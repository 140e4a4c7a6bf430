import numpy as np
import pandas as pd
import pytest

from tl_core.about import SplitSettings
from tl_core.dataset import notes
from tl_core.dataset.splits import SPLITS, divided, fill, leaks
from tl_core.errors import InputError


def table(sizes: dict[str, int], splits: dict[str, str] | None = None) -> pd.DataFrame:
    rows = [(f"{label}{n:05d}", label) for label, size in sizes.items() for n in range(size)]
    frame = pd.DataFrame(rows, columns=["id", "label"]).assign(split="", flags="", width=64, height=64)
    for label, name in (splits or {}).items():
        frame.loc[frame["label"] == label, "split"] = name
    return frame


def split(frame: pd.DataFrame, **settings: float) -> pd.DataFrame:
    return fill(frame.assign(split=""), SplitSettings(**settings))


def counts(frame: pd.DataFrame, label: str) -> tuple[int, ...]:
    of_class = frame[frame["label"] == label]["split"]
    return tuple(int((of_class == name).sum()) for name in SPLITS)


@pytest.mark.parametrize(
    ("size", "expected"),
    [(1, (1, 0, 0)), (2, (1, 1, 0)), (3, (1, 1, 1)), (4, (2, 1, 1)), (10, (6, 2, 2)), (100, (70, 15, 15))],
)
def test_every_class_gets_its_share(size: int, expected: tuple[int, ...]) -> None:
    assigned = split(table({"cat": size, "dog": 50}))
    assert counts(assigned, "cat") == expected
    assert sum(counts(assigned, "dog")) == 50


@pytest.mark.parametrize("size", range(1, 40))
@pytest.mark.parametrize(
    ("validation", "test"), [(0.15, 0.15), (0.45, 0.45), (0.9, 0.0), (0.01, 0.01), (0.0, 0.2), (0, 0)]
)
def test_small_classes_always_have_something_to_train_on(size: int, validation: float, test: float) -> None:
    train, to_validate, to_test = counts(split(table({"cat": size}), validation=validation, test=test), "cat")
    assert train >= 1
    assert train + to_validate + to_test == size
    assert (to_validate >= 1) == (size >= 2 and validation > 0)
    assert (to_test >= 1) == (test > 0 and size >= (3 if validation > 0 else 2))


def test_the_seed_and_the_pictures_alone_decide() -> None:
    frame = table({"cat": 40, "dog": 30})
    shuffled = frame.sample(frac=1, random_state=7).reset_index(drop=True)
    one, other = (each.set_index("id")["split"].sort_index() for each in (split(frame), split(shuffled)))
    assert one.equals(other)
    assert not split(frame, seed=1)["split"].equals(split(frame)["split"])


@pytest.mark.parametrize(("validation", "test"), [(-0.1, 0.1), (0.5, 0.5), (1, 0), (0, 0.95), (float("nan"), 0.1)])
def test_fractions_that_leave_nothing_to_train_on_are_refused(validation: float, test: float) -> None:
    with pytest.raises(InputError, match="between 0 and 0"):
        split(table({"cat": 5}), validation=validation, test=test)


def test_given_splits_stay_and_validation_is_carved_out_of_training() -> None:
    frame = table({"cat": 20})
    frame.loc[:14, "split"] = "train"
    frame.loc[15:, "split"] = "test"
    filled = fill(frame)
    assert counts(filled, "cat") == (12, 3, 5)
    assert (filled["split"][15:] == "test").all()


def test_a_large_test_part_takes_nothing_from_those_to_train_on() -> None:
    frame = table({"cat": 150})
    frame.loc[:49, "split"] = "train"
    frame.loc[50:, "split"] = "test"
    assert counts(fill(frame), "cat") == (41, 9, 100)


def test_a_missing_test_part_stays_empty_unless_asked_for() -> None:
    frame = table({"cat": 20})
    frame.loc[:14, "split"] = "train"
    frame.loc[15:, "split"] = "validation"
    assert counts(fill(frame), "cat") == (15, 5, 0)
    assert counts(fill(frame, carve_test=True), "cat") == (12, 5, 3)


def test_pictures_that_are_added_are_dealt_and_the_others_stay() -> None:
    before = split(table({"cat": 20}))
    after = fill(pd.concat([before, table({"cat": 60}).iloc[20:]], ignore_index=True))
    assert after["split"][:20].equals(before["split"])
    assert counts(after, "cat") == (42, 9, 9)


def test_a_picture_in_conflict_takes_no_part() -> None:
    frame = table({"cat": 5})
    frame.loc[0, "flags"] = "conflict: cat | dog"
    assert split(frame)["split"].tolist().count("") == 1
    assert split(frame)["split"][0] == ""


def alike_in(frame: pd.DataFrame, *sets: list[int]) -> pd.DataFrame:
    """Give every row a look of its own, and those of each set looks that differ in a few bits of 256."""
    chance = np.random.default_rng(0)
    codes = chance.integers(0, 256, (len(frame), 32), dtype=np.uint8)
    for rows in sets:
        codes[rows] = codes[rows[0]]
        codes[rows, 16 + np.arange(len(rows)) % 16] ^= 3
    return frame.assign(look=[code.tobytes().hex() + "80" * 48 for code in codes])


def test_alike_pictures_stay_in_one_part_and_the_shares_are_kept() -> None:
    pairs = [[n, n + 1] for n in range(0, 40, 2)]
    frame = alike_in(table({"cat": 60, "dog": 10}), *pairs)
    assigned = split(frame)
    assert leaks(assigned).empty
    assert counts(assigned, "cat") == (42, 9, 9)
    used = {assigned["split"][one] for one, _ in pairs}
    assert used == {"train", "validation", "test"}  # pairs come to every split, not to one alone
    shuffled = split(frame.sample(frac=1, random_state=3)).sort_values("id")["split"]
    assert shuffled.tolist() == assigned.sort_values("id")["split"].tolist()


def test_a_picture_that_is_added_goes_to_the_part_of_its_group() -> None:
    whole = alike_in(table({"cat": 40}), *([n, n + 20] for n in range(20)))
    before = split(whole.iloc[:20])
    after = fill(pd.concat([before, whole.iloc[20:]], ignore_index=True))
    assert after["split"][20:].tolist() == before["split"].tolist()


def test_a_group_across_classes_lies_in_one_part() -> None:
    frame = alike_in(table({"cat": 20, "dog": 20}), *([n, n + 20] for n in range(6)))
    assigned = split(frame)
    assert leaks(assigned).empty
    assert counts(assigned, "cat") == counts(assigned, "dog") == (14, 3, 3)


@pytest.mark.parametrize(("sizes", "count"), [([20, 20], 2), ([20, 20, 20], 3), ([2, 1], 2)])
def test_series_are_kept_whole_where_a_class_has_several(sizes: list[int], count: int) -> None:
    frame = table({"cat": sum(sizes), "dog": 30})
    ends = np.cumsum(sizes)
    frame = alike_in(frame, *(list(range(end - size, end)) for size, end in zip(sizes, ends, strict=True)))
    dealt = split(frame)
    assert leaks(dealt).empty
    assert sum(number > 0 for number in counts(dealt, "cat")) == count
    assert divided(dealt) == []


def test_a_class_that_is_one_series_is_divided_in_its_order_and_named() -> None:
    frame = alike_in(table({"cat": 20, "dog": 20}), list(range(20)))
    frame = frame.assign(source=[f"{label}/film{n}.png" for n, label in enumerate(frame["label"])])
    dealt = split(frame)
    assert counts(dealt, "cat") == (14, 3, 3)
    assert dealt["split"][:20].tolist() == ["validation"] * 3 + ["test"] * 3 + ["train"] * 14
    assert divided(dealt) == ["cat"]
    assert set(leaks(dealt)["kind"]) == {"near duplicate"}


def test_two_alike_pictures_are_a_class_that_can_be_trained() -> None:
    dealt = split(alike_in(table({"cat": 2, "dog": 20}), [0, 1]))
    assert counts(dealt, "cat") == (1, 1, 0)
    assert divided(dealt) == ["cat"]


def test_two_hundred_classes_of_three() -> None:
    frame = table({f"c{n:03d}": 3 for n in range(200)})
    dealt = split(alike_in(frame, *([3 * n, 3 * n + 1] for n in range(200))))
    assert leaks(dealt).empty
    assert {counts(dealt, f"c{n:03d}") for n in range(200)} <= {(2, 1, 0), (1, 2, 0)}


def test_given_splits_stay_and_their_leaks_are_reported() -> None:
    frame = alike_in(table({"cat": 20, "dog": 20}), [0, 15], [1, 16])
    frame.loc[frame.index % 20 < 15, "split"] = "train"
    frame.loc[frame.index % 20 >= 15, "split"] = "test"
    filled = fill(frame)
    result = leaks(filled)
    assert filled["split"][15:20].eq("test").all()
    assert result[["first", "second", "second_split"]].values.tolist() == [
        ["cat00000", "cat00015", "test"],
        ["cat00001", "cat00016", "test"],
    ]
    assert set(result["first_split"]) == {"train"}  # validation is carved out of pictures without a copy
    assert counts(filled, "cat") == counts(filled, "dog") == (12, 3, 5)
    assert notes.leak_notes(result, of=["validation"]) == []
    (note,) = notes.leak_notes(result, of=["test"])
    assert note.startswith("2 test pictures also appear in training, exactly or nearly")


def test_pictures_added_one_by_one_come_to_the_same_shares_as_all_at_once() -> None:
    whole = table({"cat": 20})
    grown = whole.iloc[:0]
    for number in range(20):
        grown = fill(pd.concat([grown, whole.iloc[[number]]], ignore_index=True))
    assert counts(grown, "cat") == counts(split(whole), "cat") == (14, 3, 3)


def grouped(days: int, each: int, classes: tuple[str, ...] = ("ok", "scratch")) -> pd.DataFrame:
    rows = [
        (f"{day}{label}{n:03d}", label, f"day {day}") for day in range(days) for label in classes for n in range(each)
    ]
    frame = pd.DataFrame(rows, columns=["id", "label", "group"])
    return frame.assign(split="", flags="", width=64, height=64, source="", look="")


@pytest.mark.parametrize(("days", "each"), [(2, 6), (3, 6), (4, 1), (5, 8), (12, 3), (40, 2)])
def test_a_group_stays_in_one_split_and_every_split_has_every_class(days: int, each: int) -> None:
    assigned = split(grouped(days, each))
    assert (assigned.groupby("group")["split"].nunique() == 1).all()
    used = SPLITS if days > 2 else SPLITS[:2]
    for label in ("ok", "scratch"):
        assert set(assigned[assigned["label"] == label]["split"]) == set(used)
    assert (assigned["split"] == "train").sum() >= len(assigned) / 4


def test_a_class_of_one_group_is_divided_and_named() -> None:
    frame = grouped(3, 6)
    frame.loc[frame["label"] == "scratch", "group"] = "day 0"
    assigned = split(frame)
    assert divided(assigned) == ["scratch"]
    assert counts(assigned, "scratch")[0] >= 1
