"""New pictures join the list: classes that differ by case become one, copies are left out, conflicts are flagged."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tl_core import wording
from tl_core.dataset.image import StoredImage
from tl_core.dataset.manifest import BETWEEN, COLUMNS, conflict_flag
from tl_core.dataset.names import key
from tl_core.dataset.splits import CONFLICT, GIVEN, PARTS, TRAIN
from tl_core.ingest.report import ImportReport
from tl_core.ingest.sources import LeftOut


@dataclass(frozen=True)
class Picture:
    """A picture that was decoded: the name it came with, its class, the part that it came with (or ``""``)."""

    name: str
    label: str
    split: str
    image: StoredImage


def gather(table: pd.DataFrame, pictures: Iterable[Picture], report: ImportReport) -> pd.DataFrame:
    """Return the table with the pictures added, and tell the report what became of each.

    A picture that is there already under the same name or class changes nothing, whatever was done to it since.
    The same picture under two classes is kept once, flagged, and takes no part until a person moves it to a class.
    """
    pictures = list(pictures)
    labels = _one_name_each(table["label"].unique(), pictures, report)
    rows: dict[str, dict[str, Any]] = {row["id"]: row for row in _records(table)}
    before = set(rows)
    twice = set()
    for picture in pictures:
        row = rows.get(picture.image.id)
        label = labels[key(picture.label)]
        if row is None:
            rows[picture.image.id] = _row(picture, label)
            report.imported += 1
        elif picture.image.id in before and _is_known(row, picture.name, label):
            report.already += 1
        else:
            if picture.image.id not in before and _in_two_parts(row, label, picture.split):
                twice.add(picture.image.id)
            report.left_out.append(_again(row, picture.name, label))
    if twice:
        report.notes.append(
            f"{wording.pictures(len(twice))} came as exact copies in two parts: kept once, in the more sealed one "
            "(test before validation, validation before training)."
        )
    return _without_empty_division(pd.DataFrame(list(rows.values()), columns=list(COLUMNS)).astype(COLUMNS))


def _one_name_each(classes: Iterable[str], pictures: list[Picture], report: ImportReport) -> dict[str, str]:
    """Return the class name for each key: the one in the table, else the most frequent among the new pictures."""
    known = {key(name): name for name in classes}
    groups: dict[str, Counter[str]] = {}
    for picture in pictures:
        groups.setdefault(key(picture.label), Counter())[picture.label] += 1
    for name_key, spellings in groups.items():
        name = known.setdefault(name_key, max(sorted(spellings), key=spellings.__getitem__))
        others = sorted(set(spellings) - {name})
        if others:
            also = ", ".join(f"“{other}”" for other in others)
            report.notes.append(f"{also} and “{name}” differ only by case: they became one class, “{name}”.")
    return known


def _row(picture: Picture, label: str) -> dict[str, Any]:
    image = picture.image
    return {
        "id": image.id,
        "label": label,
        "split": picture.split,
        "width": image.width,
        "height": image.height,
        "source": picture.name,
        "phash": image.phash,
        "flags": GIVEN + picture.split if picture.split else "",
        "look": image.look,
        "taken": image.taken,
        "apart": "",
    }


def _sides(row: dict[str, Any]) -> list[str]:
    """Return the classes that a picture came under."""
    flags = str(row["flags"])
    return flags.removeprefix(CONFLICT).split(BETWEEN) if flags.startswith(CONFLICT) else [str(row["label"])]


def _is_known(row: dict[str, Any], name: str, label: str) -> bool:
    return label in _sides(row) or name in row["source"].split(BETWEEN)


def _in_two_parts(row: dict[str, Any], label: str, part: str) -> bool:
    """Return True if a picture of one class came with another part before; the more sealed of the two is kept."""
    before = str(row["flags"]).removeprefix(GIVEN)
    if part not in PARTS or before not in PARTS or part == before or row["label"] != label:
        return False
    sealed = max(part, before, key=PARTS.index)
    row.update(split=sealed, flags=GIVEN + sealed)
    return True


def _again(row: dict[str, Any], name: str, label: str) -> LeftOut:
    """Note in its row that a picture came once more, and return what the report says about it."""
    first = row["source"].split(BETWEEN)[0]
    row["source"] += BETWEEN + name
    if label in _sides(row):
        return LeftOut(name, f"An exact copy of {first}.")
    row.update(flags=conflict_flag([*_sides(row), label]), split="")
    return LeftOut(
        name,
        f"The same picture as {first}, which came under “{row['label']}”: kept once, and out of all parts until it is "
        "moved to one class.",
    )


def _without_empty_division(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table without the parts that pictures came with, where they leave nothing at all to train on."""
    free = ~table["flags"].str.startswith(CONFLICT)
    if table.loc[free, "split"].isin([TRAIN, ""]).any():
        return table
    return table.assign(split="", flags=table["flags"].where(~free, ""))


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
