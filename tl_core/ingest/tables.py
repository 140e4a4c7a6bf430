"""Label tables beside pictures: ``filename,label``, one column per class, ``ClassId;Path``, tabs, with or without head.

Only what stands in a table counts: which column names files is seen by the pictures that are there.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tl_core.dataset.split_words import split_of, word_list, words
from tl_core.errors import InputError
from tl_core.ingest.entries import Entry

#: Thousands of text files beside pictures are boxes, one for each picture, and no tables.
MOST_TABLES, MOST_BYTES = 40, 64 * 2**20
#: At least this share of a table's rows must name a picture that is there, or that many pictures be named by it.
NAMED = 0.5
_LABEL_HEADS = word_list(
    "label labels class classname classes category breed species target diagnosis dx variety genus name disease "
    "emotion sentiment etiquette etiqueta klasse kategorie type style artist cultivar tag classid id"
)
#: The heads of columns of labels, each with its rank.
_LABEL_WORDS = {word: rank for rank, word in enumerate(_LABEL_HEADS)}
NO_LABEL = len(_LABEL_WORDS)
_SPLIT_WORDS = frozenset(word_list("split set subset partition usage fold part"))
#: Words in the heads of columns that measure something.
MEASURES = frozenset(
    word_list(
        "width height x y xmin ymin xmax ymax left top right bottom roi size area score confidence latitude longitude "
        "lat lon time date age"
    )
)


@dataclass(frozen=True)
class Table:
    """What the tables of a set say.

    Attributes:
        labels: the class of each picture by the name of its entry.
        splits: the split of those of which a column says it.
        several: pictures that have several classes in it.
        names: of the tables that were used.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    splits: Mapping[str, str] = field(default_factory=dict)
    several: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()


def read(tables: Sequence[Entry], pictures: Iterable[str]) -> Table:
    """Return what the tables that name these pictures say of them together; the first one that says it counts."""
    if not tables:
        return Table()
    index = _Index(pictures)
    labels: dict[str, str] = {}
    splits: dict[str, str] = {}
    several: set[str] = set()
    used = []
    for entry in _candidates(tables):
        one = _one(entry, index)
        if one is not None:
            labels = dict(one.labels) | labels
            splits = dict(one.splits) | splits
            several |= one.several
            used.append(entry.name)
    return Table(
        {name: label for name, label in labels.items() if name not in several}, splits, frozenset(several), tuple(used)
    )


def _candidates(tables: Sequence[Entry]) -> list[Entry]:
    """Return the tables worth reading: .csv and .tsv, and text files that are few in their folder."""
    texts = Counter(entry.folders for entry in tables if entry.name.lower().endswith(".txt"))
    few = [e for e in tables if not e.name.lower().endswith(".txt") or texts[e.folders] <= MOST_TABLES]
    return sorted(few, key=lambda e: (e.name.lower().endswith(".txt"), e.name))[:MOST_TABLES]


class _Index:
    """Finds the picture that a cell of a table names: by its path, or the end of it, with or without ending."""

    def __init__(self, pictures: Iterable[str]) -> None:
        self.by_end: dict[str, list[str]] = defaultdict(list)
        for name in pictures:
            file = name.rpartition("/")[2].casefold()
            self.by_end[file].append(name)
            bare = file.rpartition(".")[0]
            if bare:
                self.by_end[bare].append(name)

    def find(self, cell: str, folder: str) -> str:
        """Return the picture that a cell means in a table that lies in this folder, ``""`` if it means none."""
        text = cell.strip().replace("\\", "/").removeprefix("./").casefold()
        near = self.by_end.get(text.rpartition("/")[2], [])
        ends = [name for name in near if _ends(name.casefold(), text)]
        inside = [name for name in ends if name.startswith(folder)]
        return (inside or ends)[0] if inside or len(ends) == 1 else ""


def _ends(name: str, text: str) -> bool:
    bare = name.rpartition(".")[0]
    return any(each == text or each.endswith("/" + text) or text.endswith("/" + each) for each in (name, bare))


def _one(entry: Entry, index: _Index) -> Table | None:
    rows = _rows(entry)
    if len(rows) < 2:
        return None
    folder = "".join(f"{step}/" for step in entry.folders)
    columns = list(zip(*rows, strict=True))
    found = [[index.find(cell, folder) for cell in column[:200]] for column in columns]
    hits = [len(set(each[1:]) - {""}) for each in found]
    at = max(range(len(hits)), key=hits.__getitem__)
    if not hits[at] or sum(map(bool, found[at][1:])) < NAMED * len(found[at][1:]):
        return None
    head = [cell.strip() for cell in rows[0]] if not found[at][0] else [""] * len(columns)
    body = rows if found[at][0] else rows[1:]
    named = [(index.find(row[at], folder), row) for row in body]
    return _said(entry.name, head, at, [(name, row) for name, row in named if name])


def _rows(entry: Entry) -> list[list[str]]:
    """Return the cells of a table, all rows with as many as most have; empty if it is none."""
    try:
        data = entry.read()
    except InputError:
        return []
    if len(data) > MOST_BYTES or b"\0" in data[:1000]:
        return []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    mark = max(",;\t|", key=lambda each: min((line.count(each) for line in lines[:20]), default=0))
    if not lines or lines[0].count(mark) == 0:
        rows = [line.split() for line in lines]
    else:
        rows = list(csv.reader(lines, delimiter=mark))
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    return [row for row in rows if len(row) == width] if width > 1 else []


def _said(name: str, head: Sequence[str], at: int, rows: Sequence[tuple[str, Sequence[str]]]) -> Table | None:
    """Return what the rows say, each with the picture that it names; None if no column holds labels."""
    others = [column for column in range(len(head)) if column != at]
    split = next((each for each in others if is_split(head[each], [row[each] for _, row in rows])), None)
    others = [each for each in others if each != split]
    hot = _one_column_each(head, others, rows)
    column = None if hot else _label_column(head, others, rows)
    if not hot and column is None:
        return None
    said: dict[str, set[str]] = defaultdict(set)
    for picture, row in rows:
        said[picture] |= _hot(head, hot, row) if hot else {row[column].strip()} - {""} if column is not None else set()
    several = frozenset(picture for picture, labels in said.items() if len(labels) > 1)
    labels = {picture: next(iter(each)) for picture, each in said.items() if len(each) == 1}
    if len(several) > len(labels):
        return None
    splits = {picture: split_of(row[split].strip()) for picture, row in rows} if split is not None else {}
    return Table(labels, splits, several, (name,))


def is_split(head: str, cells: Sequence[str]) -> bool:
    """Return whether a column names splits: its head says so, and each of its cells."""
    return bool(set(words(head)) & _SPLIT_WORDS) and all(split_of(cell.strip()) for cell in set(cells))


def _one_column_each(
    head: Sequence[str], columns: Sequence[int], rows: Sequence[tuple[str, Sequence[str]]]
) -> list[int]:
    """Return the columns of a table with one column per class; empty if it is none."""
    binary = [each for each in columns if head[each] and {_number(row[each]) for _, row in rows} <= {0.0, 1.0}]
    if len(binary) < 2:
        return []
    ones = [sum(_number(row[each]) == 1 for each in binary) for _, row in rows]
    return binary if sum(count == 1 for count in ones) >= NAMED * len(ones) else []


def _hot(head: Sequence[str], columns: Sequence[int], row: Sequence[str]) -> set[str]:
    return {head[each] for each in columns if _number(row[each]) == 1}


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _label_column(head: Sequence[str], columns: Sequence[int], rows: Sequence[tuple[str, Sequence[str]]]) -> int | None:
    """Return the column that holds labels: by its head, words before numbers; else the first that repeats itself."""
    cells = {each: [row[each].strip() for _, row in rows] for each in columns}
    named = {each for each in columns if label_rank(head[each]) < NO_LABEL}
    usable = [each for each in columns if repeats(cells[each]) and not set(words(head[each])) & MEASURES]
    usable = [each for each in usable if each in named or not any("/" in cell for cell in cells[each])]  # paths
    called = [each for each in usable if each in named]
    texts = [each for each in called if not all(re.fullmatch(r"[\d.]*", cell) for cell in cells[each])]
    chosen = texts or called or usable
    return min(chosen, key=lambda each: (label_rank(head[each]), each)) if chosen else None


def repeats(cells: Sequence[str]) -> bool:
    """Return whether the cells may be labels: not nearly all different, no fractions."""
    different = set(cells) - {""}
    fraction = any(re.fullmatch(r"-?\d+\.\d+", cell) and not cell.endswith(".0") for cell in different)
    return 0 < len(different) <= max(2, len(cells) / 2) and not fraction


def label_rank(head: str) -> int:
    """Return how well the head of a column names labels, 0 the best; ``NO_LABEL`` if it does not."""
    said = {"".join(words(head)), *words(head)}
    return min((_LABEL_WORDS.get(word, NO_LABEL) for word in said), default=NO_LABEL)
