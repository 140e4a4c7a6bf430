"""Which columns of a table hold labels, which one splits, and which one what belongs together."""

import re
from collections.abc import Sequence

from tl_core.dataset.split_words import TRAIN, split_of, word_list, words
from tl_core.ingest import tag_cells

#: A table row: the picture that it names, and its cells.
Row = tuple[str, Sequence[str]]
#: At least this share of the rows has one label where each class has a column of its own.
ONE = 0.5
_LABEL_HEADS = word_list(
    "label labels class classname classes category breed species target diagnosis dx variety genus name disease "
    "emotion sentiment etiquette etiqueta klasse kategorie classe clase categoria klasa kategoria класс метка "
    "категория 类别 标签 ラベル クラス type style artist cultivar tag classid id"
)
#: The heads of columns of labels, each with its rank.
_LABEL_WORDS = {word: rank for rank, word in enumerate(_LABEL_HEADS)}
NO_LABEL = len(_LABEL_WORDS)
_SPLIT_WORDS = frozenset(word_list("split set subset partition usage fold part"))
#: Heads of columns that say which pictures belong together; the first of them counts.
_GROUP_HEADS = word_list(
    "patient subject participant proband person lesion session sitting series sequence video clip fold group"
)
#: What programs write where a table has no label.
_NO_LABELS = frozenset(("nan", "na", "n/a", "#n/a", "null", "<na>"))
#: Words in the heads of columns that measure something.
MEASURES = frozenset(
    word_list(
        "width height x y xmin ymin xmax ymax left top right bottom roi size area score confidence latitude longitude "
        "lat lon time date age"
    )
)


def label(cell: str) -> str:
    """Return the label in a cell, ``""`` for none."""
    text = cell.strip()
    return "" if text.casefold() in _NO_LABELS else text


def group_column(head: Sequence[str], columns: Sequence[int], rows: Sequence[Row]) -> int | None:
    """Return the column that says by its head which pictures belong together; None if none does, or all differ."""
    for wanted in _GROUP_HEADS:
        for each in columns:
            different = {row[each].strip() for _, row in rows}
            if wanted in words(head[each]) and 1 < len(different) < len(rows):
                return each
    return None


def other_columns(
    head: Sequence[str], columns: Sequence[int], chosen: int, rows: Sequence[Row]
) -> dict[str, dict[str, str]]:
    """Return the labels of the columns that may hold labels, too, and divide the pictures in another way."""
    found = {}
    for each in columns:
        if each != chosen and head[each] and head.count(head[each]) == 1 and _usable(head, each, rows):
            pairs = {(row[each].strip(), row[chosen].strip()) for _, row in rows}
            if len(pairs) > max(len({one for one, _ in pairs}), len({other for _, other in pairs})):
                found[head[each]] = {picture: said for picture, row in rows if (said := label(row[each]))}
    return found


def is_split(head: str, cells: Sequence[str]) -> bool:
    """Return whether a column names splits: each of its cells does, and its head says so, or two splits are named.

    >>> is_split("set", ["train"]), is_split("Teil", ["train", "test"]), is_split("vehicle", ["train", "bus"])
    (True, True, False)
    """
    named = {split_of(cell.strip()) for cell in set(cells)}
    return "" not in named and (bool(set(words(head)) & _SPLIT_WORDS) or (len(named) > 1 and TRAIN in named))


def one_column_each(head: Sequence[str], columns: Sequence[int], rows: Sequence[Row]) -> list[int]:
    """Return the columns of a table with one column per class; empty if it is none."""
    flags = {each: [tag_cells.flag(row[each]) for _, row in rows] for each in columns if head[each]}
    binary = [each for each, said in flags.items() if None not in said]
    if len(binary) < 2:
        return []
    ones = [sum(bool(flags[each][at]) for each in binary) for at in range(len(rows))]
    return binary if sum(count == 1 for count in ones) >= ONE * len(ones) else []


def hot(head: Sequence[str], columns: Sequence[int], row: Sequence[str]) -> set[str]:
    """Return the heads of the columns that a row says yes to."""
    return {head[each] for each in columns if tag_cells.flag(row[each])}


def label_column(head: Sequence[str], columns: Sequence[int], rows: Sequence[Row]) -> int | None:
    """Return the column that holds labels: by its head, words before numbers; else the first that repeats itself."""
    usable = [each for each in columns if _usable(head, each, rows)]
    called = [each for each in usable if label_rank(head[each]) < NO_LABEL]
    texts = [each for each in called if not all(re.fullmatch(r"[\d.]*", row[each].strip()) for _, row in rows)]
    several = [each for each in usable if len({label(row[each]) for _, row in rows} - {""}) > 1]
    chosen = texts or called or several or usable
    return min(chosen, key=lambda each: (label_rank(head[each]), each)) if chosen else None


def _usable(head: Sequence[str], column: int, rows: Sequence[Row]) -> bool:
    """Return whether a column may hold labels: its cells repeat, measure nothing, and are no paths."""
    said = [row[column].strip() for _, row in rows]
    paths = label_rank(head[column]) == NO_LABEL and any("/" in cell for cell in said)
    measured = bool(set(words(head[column])) & MEASURES) and any(character.isdecimal() for character in "".join(said))
    return repeats(said) and not measured and not paths


def repeats(cells: Sequence[str]) -> bool:
    """Return whether the cells may be labels: not nearly all different, no fractions."""
    different = set(cells) - {""}
    fraction = any(re.fullmatch(r"-?\d+\.\d+", cell) and not cell.endswith(".0") for cell in different)
    return 0 < len(different) <= max(2, len(cells) / 2) and not fraction


def label_rank(head: str) -> int:
    """Return how well the head of a column names labels, 0 the best; ``NO_LABEL`` if it does not."""
    said = {"".join(words(head)), *words(head)}
    return min((_LABEL_WORDS.get(word, NO_LABEL) for word in said), default=NO_LABEL)
