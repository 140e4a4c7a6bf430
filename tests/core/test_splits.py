import pandas as pd
import pytest

from tl_core.errors import InputError
from tl_core.splits import PARTS, fill, split


def table(sizes: dict[str, int], splits: dict[str, str] | None = None) -> pd.DataFrame:
    rows = [(f"{label}{n:05d}", label) for label, size in sizes.items() for n in range(size)]
    frame = pd.DataFrame(rows, columns=["id", "label"]).assign(
        split="", flags="", phash=[f"{n:016x}" for n in range(len(rows))]
    )
    for label, part in (splits or {}).items():
        frame.loc[frame["label"] == label, "split"] = part
    return frame


def counts(frame: pd.DataFrame, label: str) -> tuple[int, ...]:
    of_class = frame[frame["label"] == label]["split"]
    return tuple(int((of_class == part).sum()) for part in PARTS)


@pytest.mark.parametrize(
    ("size", "expected"),
    [(1, (1, 0, 0)), (2, (1, 1, 0)), (3, (1, 1, 1)), (4, (2, 1, 1)), (10, (6, 2, 2)), (100, (70, 15, 15))],
)
def test_every_class_gets_its_share(size: int, expected: tuple[int, ...]) -> None:
    parts = split(table({"cat": size, "dog": 50}))
    assert counts(parts, "cat") == expected
    assert sum(counts(parts, "dog")) == 50


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
    one, other = (part.set_index("id")["split"].sort_index() for part in (split(frame), split(shuffled)))
    assert one.equals(other)
    assert not split(frame, seed=1)["split"].equals(split(frame)["split"])


@pytest.mark.parametrize(("validation", "test"), [(-0.1, 0.1), (0.5, 0.5), (1, 0), (0, 0.95), (float("nan"), 0.1)])
def test_fractions_that_leave_nothing_to_train_on_are_refused(validation: float, test: float) -> None:
    with pytest.raises(InputError, match="between 0 and 0"):
        split(table({"cat": 5}), validation=validation, test=test)


def test_given_parts_stay_and_validation_is_carved_out_of_training() -> None:
    frame = table({"cat": 20})
    frame.loc[:14, "split"] = "train"
    frame.loc[15:, "split"] = "test"
    filled = fill(frame)
    assert counts(filled, "cat") == (12, 3, 5)
    assert (filled["split"][15:] == "test").all()


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


def test_pictures_that_look_the_same_stay_in_one_part() -> None:
    frame = table({"cat": 60, "dog": 10})
    frame.loc[:19, "phash"] = [f"{n // 2:016x}" for n in range(20)]
    parts = split(frame)
    assert (parts[:20].groupby("phash")["split"].nunique() == 1).all()
    assert sum(counts(parts, "cat")) == 60
    assert min(counts(parts, "cat")) >= 1
    twin = frame.iloc[[0, 1]].assign(id=["x", "y"], phash=[parts["phash"][30], parts["phash"][31]])
    added = fill(pd.concat([parts, twin], ignore_index=True))
    assert added["split"].tolist()[-2:] == parts["split"][[30, 31]].tolist()


def test_pictures_that_all_look_the_same_are_dealt_all_the_same() -> None:
    assert counts(split(table({"blank": 10}).assign(phash="0" * 16)), "blank") == (6, 2, 2)


def test_pictures_added_one_by_one_come_to_the_same_shares_as_all_at_once() -> None:
    whole = table({"cat": 20})
    grown = whole.iloc[:0]
    for number in range(20):
        grown = fill(pd.concat([grown, whole.iloc[[number]]], ignore_index=True))
    assert counts(grown, "cat") == counts(split(whole), "cat") == (14, 3, 3)
