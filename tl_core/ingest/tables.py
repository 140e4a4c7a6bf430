"""Label tables beside pictures: ``filename,label``, one column per class, ``ClassId;Path``, tabs, with or without head.

Several labels a picture, called tags, stand in columns of 0 and 1, in lists (``tag_cells``), or as JSON (``tag_json``).

Only what stands in a table counts: which column names files is seen by the pictures that are there.
"""

import codecs
import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tl_core.dataset.split_words import split_of, word_list, words
from tl_core.errors import InputError
from tl_core.ingest import tag_cells, tag_json
from tl_core.ingest.entries import Entry

#: Thousands of text files beside pictures are boxes, one for each picture, and no tables.
MOST_TABLES, MOST_BYTES = 40, 64 * 2**20
JSON = ".json"
OFTEN_BOXES = (".txt", JSON)
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
#: How a file in UTF-16 begins.
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
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
        tags: all labels of each picture, where tables give several; a picture may have none.
        surely_tags: whether several labels are meant, and not one that some pictures have twice.
        twice: pictures to which a table gives a tag in one row and denies it in another.
        missing: what tables name and is not there.
        empty: cells of 0 and 1 that are empty.
        unclear: what the cell of a picture says where 0 or 1 is meant.
        never: tags of which no table says that a picture has them.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    splits: Mapping[str, str] = field(default_factory=dict)
    several: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    tags: Mapping[str, Sequence[str]] = field(default_factory=dict)
    surely_tags: bool = False
    twice: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()
    empty: int = 0
    unclear: Mapping[str, str] = field(default_factory=dict)
    never: tuple[str, ...] = ()


def read(tables: Sequence[Entry], pictures: Iterable[str]) -> Table:
    """Return what the tables that name these pictures say of them together; the first one that says it counts."""
    if not tables:
        return Table()
    index, used = _Index(pictures), list[Table]()
    for entry in _candidates(tables):
        one = _of_json(entry, index) if entry.name.lower().endswith(JSON) else _one(entry, index)
        if one is not None:
            used.append(one)
    labels, splits, tags, unclear = (
        {name: said for one in reversed(used) for name, said in getattr(one, each).items()}
        for each in ("labels", "splits", "tags", "unclear")
    )
    given = {tag for each in tags.values() for tag in each}
    several, twice = (frozenset(name for one in used for name in getattr(one, each)) for each in ("several", "twice"))
    return Table(
        labels={name: label for name, label in labels.items() if name not in several},
        splits=splits,
        several=several,
        names=tuple(name for one in used for name in one.names),
        tags=tags,
        surely_tags=any(one.surely_tags for one in used),
        twice=twice,
        missing=tuple(name for one in used for name in one.missing),
        empty=sum(one.empty for one in used),
        unclear={name: cell for name, cell in unclear.items() if name not in tags},
        never=tuple(dict.fromkeys(tag for one in used for tag in one.never if tag not in given)),
    )


def _candidates(tables: Sequence[Entry]) -> list[Entry]:
    """Return the tables worth reading: .csv and .tsv, and text and JSON files that are few in their folder."""
    often = Counter((entry.folders, _ending(entry)) for entry in tables)
    few = [e for e in tables if _ending(e) not in OFTEN_BOXES or often[e.folders, _ending(e)] <= MOST_TABLES]
    return sorted(few, key=lambda e: (_ending(e) in OFTEN_BOXES, e.name))[:MOST_TABLES]


def _ending(entry: Entry) -> str:
    return "." + entry.name.lower().rpartition(".")[2]


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
    missing = tuple(row[at].strip() for name, row in named if not name)
    return _said(entry.name, head, at, [(name, row) for name, row in named if name], missing)


def _of_json(entry: Entry, index: _Index) -> Table | None:
    """Return what a list of pictures with their labels says, None for any other JSON."""
    try:
        rows = tag_json.read(entry.read())
    except InputError:
        return None
    folder = "".join(f"{step}/" for step in entry.folders)
    found = [(index.find(name, folder), name, labels) for name, labels in rows]
    if not rows or sum(bool(name) for name, _, _ in found) < NAMED * len(rows):
        return None
    said: dict[str, set[str]] = defaultdict(set)
    for name, _, labels in found:
        if name:
            said[name] |= set(labels)
    missing = tuple(named for name, named, _ in found if not name)
    return _table(entry.name, said, {}, tags=said, surely=_often(said), missing=missing)


def _rows(entry: Entry) -> list[list[str]]:
    """Return the cells of a table, all rows with as many as most have; empty if it is none."""
    try:
        data = entry.read()
    except InputError:
        return []
    if len(data) > MOST_BYTES or (b"\0" in data[:1000] and not data.startswith(_UTF_16)):
        return []
    try:
        text = data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
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


def _said(
    name: str, head: Sequence[str], at: int, rows: Sequence[tuple[str, Sequence[str]]], missing: tuple[str, ...]
) -> Table | None:
    """Return what the rows say, each with the picture that it names; None if no column holds labels."""
    others = [column for column in range(len(head)) if column != at]
    split = next((each for each in others if is_split(head[each], [row[each] for _, row in rows])), None)
    others = [each for each in others if each != split]
    flags = tag_cells.flagged(head, others, [row for _, row in rows])
    beside = _label_column(head, [each for each in others if each not in flags], rows) if flags else None
    called = beside is not None and label_rank(head[beside]) < NO_LABEL
    hot = [] if called else _one_column_each(head, others, rows)
    column = beside if called else None if hot else _label_column(head, others, rows)
    said: dict[str, set[str]] = defaultdict(set)
    for picture, row in rows:
        said[picture] |= _hot(head, hot, row) if hot else {row[column].strip()} - {""} if column is not None else set()
    splits = {picture: split_of(row[split].strip()) for picture, row in rows} if split is not None else {}
    if flags:
        unclear = {
            picture: row[each].strip() for picture, row in rows for each in flags if tag_cells.flag(row[each]) is None
        }
        clear = [(picture, row) for picture, row in rows if picture not in unclear]
        tags, twice = _flags(head, flags, clear)
        table = _table(name, said, splits, tags=tags, surely=not called and _often(tags), missing=missing, twice=twice)
        return table and replace(
            table,
            empty=sum(not row[each].strip() for _, row in clear for each in flags),
            unclear=unclear,
            never=tuple(head[each] for each in flags if not any(tag_cells.flag(row[each]) for _, row in rows)),
        )
    if lists := _lists(head, others, rows):
        return _table(name, said, splits, tags=lists, surely=_often(lists), missing=missing)
    if not any(said.values()):
        return None
    many = sum(len(each) > 1 for each in said.values()) > sum(len(each) == 1 for each in said.values())
    return _table(name, said, splits, tags=said if _often(said) else {}, surely=many, missing=missing)


def _table(
    name: str,
    said: Mapping[str, set[str]],
    splits: Mapping[str, str],
    *,
    tags: Mapping[str, set[str]],
    surely: bool,
    missing: tuple[str, ...],
    twice: frozenset[str] = frozenset(),
) -> Table | None:
    """Return what a table says of each picture as one label, where it has one, and as tags."""
    several = frozenset(picture for picture, labels in said.items() if len(labels) > 1)
    labels = {picture: next(iter(each)) for picture, each in said.items() if len(each) == 1}
    if len(several) > len(labels):
        labels, several = {}, frozenset()
    listed = {picture: sorted(each) for picture, each in tags.items()}
    if not labels and not any(listed.values()):
        return None
    return Table(labels, splits, several, (name,), listed, surely, twice, missing)


def _often(tags: Mapping[str, set[str]]) -> bool:
    """Return whether pictures have several tags often enough for that to be meant."""
    return sum(len(each) > 1 for each in tags.values()) >= max(1, tag_cells.SEVERAL * len(tags))


def _flags(
    head: Sequence[str], columns: Sequence[int], rows: Sequence[tuple[str, Sequence[str]]]
) -> tuple[dict[str, set[str]], frozenset[str]]:
    """Return the tags of each picture by columns of 0 and 1, and the pictures of which two rows differ."""
    tags: dict[str, set[str]] = {}
    twice = set()
    for picture, row in rows:
        said = {head[each] for each in columns if tag_cells.flag(row[each])}
        if said != tags.setdefault(picture, said):
            twice.add(picture)
    return {picture: said for picture, said in tags.items() if picture not in twice}, frozenset(twice)


def _lists(
    head: Sequence[str], columns: Sequence[int], rows: Sequence[tuple[str, Sequence[str]]]
) -> dict[str, set[str]]:
    """Return the tags of each picture by the column of lists that is called best; empty if there is none."""
    found = {each: tag_cells.listed(head[each], [row[each] for _, row in rows]) for each in columns}
    lists = {each: cells for each, cells in found.items() if cells is not None}
    tags: dict[str, set[str]] = defaultdict(set)
    if lists:
        best = min(lists, key=lambda each: (label_rank(head[each]), each))
        for (picture, _), said in zip(rows, lists[best], strict=True):
            tags[picture] |= set(said)
    return tags


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
