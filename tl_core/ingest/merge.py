"""New images join the list: classes that read the same become one, copies are left out, conflicts are flagged."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import pandas as pd

from tl_core import wording
from tl_core.about import Things
from tl_core.dataset import boxes, manifest, tags
from tl_core.dataset.image import StoredImage
from tl_core.dataset.manifest import BETWEEN, Row, conflict_flag
from tl_core.dataset.names import differing_by_case, key
from tl_core.dataset.splits import CONFLICT, GIVEN, SPLITS, TRAIN
from tl_core.ingest.entries import LeftOut
from tl_core.language import N_, _


@dataclass(frozen=True)
class Picture:
    """An image that was decoded.

    Attributes:
        name: that it came with.
        label: its class.
        split: that it came with, or ``""``.
        image: as it is stored, without its bytes.
        group: what it shares with the images of one day or patient, or ``""``.
        boxes: around things in it (``dataset.boxes.join``).
    """

    name: str
    label: str
    split: str
    image: StoredImage
    group: str = ""
    boxes: str = ""


@dataclass(frozen=True)
class Merged:
    """The list of images after new ones joined it.

    Attributes:
        table: of a manifest; new images have no split yet, or the one that they came with.
        added: number of new rows.
        already: number of images that changed nothing.
        left_out: images that came more than once.
        notes: sentences on what was decided.
    """

    table: pd.DataFrame
    added: int = 0
    already: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def merge(table: pd.DataFrame, pictures: Iterable[Picture], kind: Things = "pictures") -> Merged:
    """Return the table with the images added, and what became of each.

    An image that is there already under the same name or class changes nothing, whatever was done to it since. Where
    an image may have several labels, one that has none takes those that it comes with.
    The same image under two classes is stored once, flagged, and in no split until a person moves it to a class.
    """
    rows = list(map(_row, pictures))
    if kind in tags.SEVERAL:
        known = tags.one_spelling((row.label for row in rows), table["label"])
        return join(table, [_spelled(row, known) for row in rows], TAGS)
    return join(table, rows, PICTURES)


def _spelled(row: Row, known: Mapping[str, str]) -> Row:
    return replace(row, label=tags.spelled(row.label, known), boxes=boxes.spelled(row.boxes, known))


class Words(NamedTuple):
    """What is said of copies: that came in two splits, and that came under two classes. Shown by ``_``.

    ``names`` returns the classes that a label names. ``filled`` is said of those that had no label and took one: where
    there is such a sentence, a picture without a label says nothing against one that comes with labels.
    """

    across: str
    conflict: str
    names: Callable[[str], list[str]] = lambda label: [label]
    filled: str = ""


PICTURES = Words(
    across=N_(
        "{pictures} came as exact copies in two splits. Each was added once, to the more sealed "
        "split: test before validation before training."
    ),
    conflict=N_("The same picture as {first}, which is in “{label}”. It is not used until you move it to one class."),
)
TAGS = PICTURES._replace(
    conflict=N_("The same picture as {first}, which has other labels: “{label}”. It is not used."),
    names=tags.split,
    filled=N_("{pictures} without a label took the labels that came now."),
)
TEXTS = Words(
    across=N_(
        "{texts} came as exact copies in two splits. Each was added once, to the more sealed "
        "split: test before validation before training."
    ),
    conflict=N_("The same text as {first}, which is in “{label}”. It is not used until you move it to one class."),
)


def join(table: pd.DataFrame, new: Iterable[Row], said: Words) -> Merged:
    """Return the table with rows added that have the names, labels and splits that they came with (``merge``)."""
    new = list(new)
    labels, notes = _one_name_each(table["label"].unique(), new, said)
    rows = {row.id: row for row in manifest.rows_of(table)}
    before, across, filled, already = set(rows), set(), set(), 0
    left_out: list[LeftOut] = []
    for came in new:
        label = labels[key(came.label)]
        row = rows.get(came.id)
        if row is None:
            rows[came.id] = came if came.label == label else replace(came, label=label)
        elif said.filled and came.id in before and not (row.label and label) and not row.flags.startswith(CONFLICT):
            drawn = row.boxes if row.label else came.boxes or row.boxes
            rows[came.id] = replace(row, label=row.label or label, boxes=drawn)
            filled |= {came.id} if label and not row.label else set()
            already += 1
        elif came.id in before and _is_known(row, came.source, label):
            already += 1
        else:
            if came.id not in before and _across_splits(row, label, came.split):
                across.add(came.id)
                row = _more_sealed(row, came.split)
            rows[came.id] = _with_copy(row, came.source, label)
            left_out.append(_left_out(came.source, row, label, said))
    if across:
        notes.append(_(said.across).format(pictures=wording.pictures(len(across)), texts=wording.texts(len(across))))
    if filled:
        notes.append(_(said.filled).format(pictures=wording.pictures(len(filled))))
    merged = _without_empty_training(manifest.table_of(rows.values()))
    return Merged(merged, len(rows) - len(before), already, left_out, notes)


def _one_name_each(classes: Iterable[str], new: list[Row], said: Words) -> tuple[dict[str, str], list[str]]:
    """Return the class name for each key (the one in the table, else the most frequent new one), and notes on it."""
    names = {key(name): name for name in classes}
    groups: dict[str, Counter[str]] = {}
    for row in new:
        groups.setdefault(key(row.label), Counter())[row.label] += 1
    for name_key, spellings in groups.items():
        names.setdefault(name_key, max(sorted(spellings), key=spellings.__getitem__))
    return names, differing_by_case(name for label in names.values() for name in said.names(label))


def _row(picture: Picture) -> Row:
    image = picture.image
    return Row(
        id=image.id,
        label=picture.label,
        split=picture.split,
        width=image.width,
        height=image.height,
        source=picture.name,
        flags=GIVEN + picture.split if picture.split else "",
        look=image.look,
        taken=image.taken,
        group=picture.group,
        boxes=picture.boxes,
    )


def _classes(row: Row) -> list[str]:
    """Return the classes that an image came under."""
    return row.flags.removeprefix(CONFLICT).split(BETWEEN) if row.flags.startswith(CONFLICT) else [row.label]


def _is_known(row: Row, name: str, label: str) -> bool:
    return label in _classes(row) or name in row.source.split(BETWEEN)


def _across_splits(row: Row, label: str, split: str) -> bool:
    """Return True if an image of one class came with another split before."""
    before = row.flags.removeprefix(GIVEN)
    return split in SPLITS and before in SPLITS and split != before and row.label == label


def _more_sealed(row: Row, split: str) -> Row:
    sealed = max(split, row.flags.removeprefix(GIVEN), key=SPLITS.index)
    return replace(row, split=sealed, flags=GIVEN + sealed)


def _with_copy(row: Row, name: str, label: str) -> Row:
    """Return the row of an image that came once more; under another class it becomes a conflict."""
    row = replace(row, source=row.source + BETWEEN + name)
    if label in _classes(row):
        return row
    return replace(row, flags=conflict_flag([*_classes(row), label]), split="")


def _left_out(name: str, row: Row, label: str, said: Words) -> LeftOut:
    first = row.source.split(BETWEEN)[0]
    if label in _classes(row):
        return LeftOut(name, _("An exact copy of {first}.").format(first=first), copy=True)
    return LeftOut(name, _(said.conflict).format(first=first, label=row.label))


def _without_empty_training(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table without the splits that images came with, where they leave nothing at all to train on."""
    free = ~table["flags"].str.startswith(CONFLICT)
    if table.loc[free, "split"].isin([TRAIN, ""]).any():
        return table
    return table.assign(split="", flags=table["flags"].where(~free, ""))
