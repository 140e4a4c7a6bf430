"""What is to be said about a set of pictures before a network learns from it."""

from collections.abc import Collection

import pandas as pd

from tl_core import wording
from tl_core.dataset import duplicates
from tl_core.dataset.splits import CONFLICT, PARTS, TEST, TRAIN, VALIDATION, divided, leaks

#: Below so many pictures a class is called small.
FEW_PICTURES = 20
#: From so many times the smallest class on, classes are called uneven.
UNEVEN = 3.0
#: Below so many pixels on a side a picture is called small.
SMALL_SIDE = 64
#: The parts as sentences name them.
PART_NAMES = {TRAIN: "training", VALIDATION: "validation", TEST: "test"}


def problems(counts: pd.DataFrame) -> list[str]:
    """Return why training cannot start, as sentences, given ``Manifest.counts()``; empty if it can."""
    if counts.empty:
        return ["There are no pictures. Bring in pictures of at least two classes."]
    found = []
    if len(counts) == 1:
        found.append(f"There is only one class, “{counts.index[0]}”. Training needs at least two to tell apart.")
    usable = counts["total"] - counts["unused"]
    found += [
        f"The class “{label}” has {wording.pictures(int(number))} to learn from; it needs at least 2. "
        "Add some or remove the class."
        for label, number in usable.items()
        if number < 2
    ]
    found += [
        f"The class “{label}” has no picture in the training part. Add some, remove the class, or split the pictures "
        "again without keeping the parts that they came with."
        for label in counts.index[(counts["train"] == 0) & (usable >= 2)]
    ]
    if usable.sum() and not counts["validation"].sum():
        found.append("No pictures are set aside for validation. Split the pictures again.")
    return found


def notes(table: pd.DataFrame, counts: pd.DataFrame) -> list[str]:
    """Return what a person should know about these pictures, as sentences."""
    if counts.empty:
        return []
    return [*alike_notes(table), *_count_notes(counts), *_size_notes(table)]


def alike_notes(table: pd.DataFrame) -> list[str]:
    """Return what is to be said of conflicts, copies and series: two labels for one picture, one in two parts."""
    return [*_conflict_notes(table[table["flags"].str.startswith(CONFLICT)]), *_alike_notes(table)]


def _conflict_notes(conflicts: pd.DataFrame) -> list[str]:
    if conflicts.empty:
        return []
    return [
        f"{wording.pictures(len(conflicts))} came under two classes (“{conflicts['source'].iloc[0]}”) and "
        f"take{'s' if len(conflicts) == 1 else ''} no part until moved to one of them."
    ]


def _alike_notes(table: pd.DataFrame) -> list[str]:
    notes = []
    if two_labels := len(duplicates.conflicts(table)):
        pairs = "1 pair of pictures looks" if two_labels == 1 else f"{two_labels:,} pairs of pictures look"
        notes.append(f"{pairs} the same under two labels. See “One picture, two labels” on the Pictures page.")
    if apart := leak_notes(leaks(table)):
        notes += [*apart[:-1], f"{apart[-1]} See “One picture, two parts” on the Pictures page."]
    for label in (series := divided(table))[:5]:
        notes.append(
            f"All pictures of “{label}” look like one picture or one series. It was divided all the same, for "
            "otherwise the class could not be trained and checked; its accuracy will look better than it is. Add "
            "pictures from other moments."
        )
    if len(series) > 5:
        notes.append(f"The same is true of {len(series) - 5:,} more classes.")
    return notes


def leak_notes(found: pd.DataFrame, of: Collection[str] = PARTS) -> list[str]:
    """Return how many pictures of one part are in another, too, given ``splits.leaks``, as sentences.

    Args:
        found: what ``splits.leaks`` returned.
        of: the parts whose accuracy is spoken of.
    """
    notes = []
    for part, other in ((TEST, TRAIN), (VALIDATION, TRAIN), (TEST, VALIDATION)):
        one = found.loc[(found["first_part"] == part) & (found["second_part"] == other), "first"]
        two = found.loc[(found["second_part"] == part) & (found["first_part"] == other), "second"]
        if (number := len({*one, *two})) and part in of:
            are = "are" if number > 1 else "is"
            notes.append(
                f"{wording.pictures(number)} of the {PART_NAMES[part]} part {are} in the {PART_NAMES[other]} part, "
                "too, or nearly so: the accuracy will look better than it is."
            )
    return notes


def _count_notes(counts: pd.DataFrame) -> list[str]:
    notes = []
    usable = (counts["total"] - counts["unused"]).sort_values(kind="stable")
    few = usable[(usable >= 2) & (usable < FEW_PICTURES)]
    if len(few):
        named = _first([f"“{label}” ({number})" for label, number in few.items()])
        notes.append(f"Fewer than {FEW_PICTURES} pictures in {named}: results will vary; more pictures help most.")
    if len(usable) > 1 and usable.iloc[0] > 0 and usable.iloc[-1] >= UNEVEN * usable.iloc[0]:
        notes.append(
            f"The classes are uneven: {usable.iloc[-1]:,} pictures of “{usable.index[-1]}”, {usable.iloc[0]:,} of "
            f"“{usable.index[0]}”. Class weights make up for it in training."
        )
    if not counts["test"].sum():
        notes.append("No pictures are set aside for the test: the final accuracy cannot be measured on untouched ones.")
    lacking = [f"“{label}”" for label in counts.index[(counts["validation"] == 0) & (usable >= 2)]]
    if lacking and counts["validation"].sum():
        notes.append(f"No validation pictures in {_first(lacking)}.")
    untested = [f"“{label}”" for label in counts.index[(counts["test"] == 0) & (usable >= 2)]]
    if untested and counts["test"].sum():
        notes.append(f"No test pictures in {_first(untested)}.")
    return notes


def _first(named: list[str], most: int = 5) -> str:
    """Return the first of some classes and how many more there are."""
    more = f" and {len(named) - most} more" if len(named) > most else ""
    return ", ".join(named[:most]) + more


def _size_notes(table: pd.DataFrame) -> list[str]:
    small = int((table[["width", "height"]].min(axis="columns") < SMALL_SIDE).sum())
    if not small:
        return []
    return [
        f"{wording.pictures(small)} of {len(table):,} under {SMALL_SIDE} pixels on a side: "
        "there is little detail to see."
    ]
