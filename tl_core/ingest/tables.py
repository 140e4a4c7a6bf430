"""Label tables beside pictures: ``filename,label``, one column per class, ``ClassId;Path``, tabs, with or without head.

Several labels a picture, called tags, stand in columns of 0 and 1, in lists (``tag_cells``), or as JSON (``tag_json``).

Only what stands in a table counts: which column names files is seen by the pictures that are there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tl_core.dataset.split_words import split_of
from tl_core.errors import InputError
from tl_core.ingest import cells, label_columns, tag_cells, tag_json
from tl_core.ingest.entries import Entry
from tl_core.ingest.label_columns import Row
from tl_core.ingest.named import Index
from tl_core.language import _

#: Thousands of text files beside pictures are boxes, one for each picture, and no tables.
MOST_TABLES = 40
JSON = ".json"
OFTEN_BOXES = (".txt", JSON)
#: At least this share of a table's rows must name a picture that is there, or that many pictures be named by it.
NAMED = 0.5
#: At most so many other columns of labels are offered.
MOST_COLUMNS = 4


@dataclass(frozen=True)
class Table:
    """What the tables of a set say.

    Attributes:
        labels: the class of each picture by the name of its entry.
        splits: the split of those of which a column says it.
        groups: what those of which a column says it share with others: a patient, a session.
        columns: the labels by other columns that may be meant, by their heads.
        blank: pictures for which it has no label.
        several: pictures that have several classes in it.
        names: of the tables that were used.
        tags: all labels of each picture, where tables give several; a picture may have none.
        surely_tags: whether several labels are meant, and not one that some pictures have twice.
        twice: pictures to which a table gives a tag in one row and denies it in another.
        missing: what tables name and is not there.
        head: of the column of labels, or ``""``.
        unused: why a table was not used, by its name.
        empty: cells of 0 and 1 that are empty.
        unclear: what the cell of a picture says where 0 or 1 is meant.
        never: tags of which no table says that a picture has them.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    splits: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    blank: frozenset[str] = frozenset()
    several: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    tags: Mapping[str, Sequence[str]] = field(default_factory=dict)
    surely_tags: bool = False
    twice: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()
    empty: int = 0
    unclear: Mapping[str, str] = field(default_factory=dict)
    never: tuple[str, ...] = ()
    head: str = ""
    unused: Mapping[str, str] = field(default_factory=dict)


def read(tables: Sequence[Entry], pictures: Iterable[str]) -> Table:
    """Return what the tables that name these pictures say of them together; the first one that says it counts.

    Where two tables say different things under the same head, a picture has several classes; a column that is called
    otherwise is another one that may be meant.
    """
    if not tables:
        return Table()
    index, used, unused = Index(pictures), list[Table](), dict[str, str]()
    for entry in _candidates(tables):
        one = _one(entry, index)
        if isinstance(one, Table):
            used.append(one)
        elif one:
            unused[entry.name] = one
    used, columns, differing = _apart(used)
    labels, splits, tags, unclear = (
        {name: said for one in reversed(used) for name, said in getattr(one, each).items()}
        for each in ("labels", "splits", "tags", "unclear")
    )
    groups = next((one.groups for one in used if one.groups), {})
    given = {tag for each in tags.values() for tag in each}
    several, twice, blank = (
        frozenset(name for one in used for name in getattr(one, each)) for each in ("several", "twice", "blank")
    )
    several |= differing
    if several and not labels.keys() - several:
        reason = _("The tables of labels give the same pictures different classes.")
        unused |= {name: reason for one in used for name in one.names}
        used = []
    return Table(
        labels={name: label for name, label in labels.items() if name not in several},
        splits=splits,
        groups=groups,
        columns=dict(list(columns.items())[:MOST_COLUMNS]),
        blank=blank - labels.keys(),
        several=several,
        names=tuple(name for one in used for name in one.names),
        tags=tags,
        surely_tags=any(one.surely_tags for one in used),
        twice=twice,
        missing=tuple(name for one in used for name in one.missing),
        empty=sum(one.empty for one in used),
        unclear={name: cell for name, cell in unclear.items() if name not in tags},
        never=tuple(dict.fromkeys(tag for one in used for tag in one.never if tag not in given)),
        unused=unused,
    )


def _apart(found: Sequence[Table]) -> tuple[list[Table], dict[str, Mapping[str, str]], set[str]]:
    """Return the tables of which the labels go together, other columns of labels, and pictures with two labels."""
    together, columns, differing = list[Table](), dict[str, Mapping[str, str]](), set[str]()
    for one in found:
        known = {name: label for each in together for name, label in each.labels.items()}
        both = known.keys() & one.labels.keys()
        if both and one.head and one.head not in {each.head for each in together}:
            columns.setdefault(one.head, one.labels)
            one = replace(one, labels={})
        else:
            differing |= {name for name in both if known[name].casefold() != one.labels[name].casefold()}
        for head, labels in one.columns.items():
            columns[head] = {**labels, **columns.get(head, {})}
        together.append(one)
    return together, columns, differing


def _candidates(tables: Sequence[Entry]) -> list[Entry]:
    """Return the tables worth reading: .csv and .tsv, and text and JSON files that are few in their folder."""
    often = Counter((entry.folders, _ending(entry)) for entry in tables)
    few = [e for e in tables if _ending(e) not in OFTEN_BOXES or often[e.folders, _ending(e)] <= MOST_TABLES]
    return sorted(few, key=lambda e: (_ending(e) in OFTEN_BOXES, e.name))[:MOST_TABLES]


def _ending(entry: Entry) -> str:
    return "." + entry.name.lower().rpartition(".")[2]


def _one(entry: Entry, index: Index) -> Table | str:
    """Return what one table says of the pictures; why it says nothing, or ``""`` if it is no table."""
    try:
        data = entry.read()
    except InputError as exc:
        return str(exc)
    if entry.name.lower().endswith(JSON) and (listed := _of_json(entry.name, data, index)):
        return listed
    rows = cells.rows(data)
    if len(rows) < 2:
        return ""
    folder = "".join(f"{step}/" for step in entry.folders)
    for loosely in (False, True):  # a column that names pictures as they are called is better than one nearly so
        if (at := _naming(rows, index, folder, loosely=loosely)) is not None:
            break
    else:
        return _("A table, but it names no picture here, or several by one name.")
    with_head = not index.find(rows[0][at], folder, loosely=loosely)
    head = [cell.strip() for cell in rows[0]] if with_head else [""] * len(rows[0])
    named = [(index.find(row[at], folder, loosely=loosely), row) for row in (rows[1:] if with_head else rows)]
    missing = tuple(row[at].strip() for name, row in named if not name)
    said = _said(entry.name, head, at, [(name, row) for name, row in named if name], missing)
    return said or _("A table that names pictures, but none of its columns reads as labels.")


def _naming(rows: Sequence[Sequence[str]], index: Index, folder: str, *, loosely: bool) -> int | None:
    """Return the column that names pictures, None if there is none."""
    columns = list(zip(*rows[1:200], strict=True))
    found = [[index.find(cell, folder, loosely=loosely) for cell in column] for column in columns]
    hits = [len(set(each) - {""}) for each in found]
    at = max(range(len(hits)), key=hits.__getitem__)
    return at if hits[at] and sum(map(bool, found[at])) >= NAMED * len(found[at]) else None


def _of_json(place: str, data: bytes, index: Index) -> Table | None:
    """Return what a list of pictures with their labels says, None for any other JSON."""
    rows = tag_json.read(data)
    folder = "/".join(place.split("/")[:-1]) + "/" if "/" in place else ""
    found = [(index.find(name, folder), name, labels) for name, labels in rows]
    if not rows or sum(bool(name) for name, _, _ in found) < NAMED * len(rows):
        return None
    said: dict[str, set[str]] = defaultdict(set)
    for name, __, labels in found:
        if name:
            said[name] |= set(labels)
    missing = tuple(named for name, named, _ in found if not name)
    return _table(place, said, tags=said, surely=_often(said), missing=missing)


def _said(name: str, head: Sequence[str], at: int, rows: Sequence[Row], missing: tuple[str, ...]) -> Table | None:
    """Return what the rows say, each with the picture that it names; None if no column holds labels."""
    others = [column for column in range(len(head)) if column != at]
    split = next((each for each in others if label_columns.is_split(head[each], [row[each] for _, row in rows])), None)
    others = [each for each in others if each != split]
    group = label_columns.group_column(head, others, rows)
    table = _labelled(name, head, [each for each in others if each != group], rows, missing)
    if table is None and group is not None:  # what is called a group may be the label itself
        table, group = _labelled(name, head, others, rows, missing), None
    if table is None:
        return None
    splits = {picture: split_of(row[split].strip()) for picture, row in rows} if split is not None else {}
    groups = {picture: row[group].strip() for picture, row in rows} if group is not None else {}
    columns = {each: said for each, said in table.columns.items() if head.index(each) not in (split, group)}
    return replace(table, splits=splits, groups=groups, columns=columns)


def _labelled(
    name: str,
    head: Sequence[str],
    others: Sequence[int],
    rows: Sequence[Row],
    missing: tuple[str, ...],
) -> Table | None:
    """Return what some columns say of the pictures, as one label, where they have one, and as tags."""
    flags = tag_cells.flagged(head, others, [row for _, row in rows])
    beside = label_columns.label_column(head, [each for each in others if each not in flags], rows) if flags else None
    called = beside is not None and label_columns.label_rank(head[beside]) < label_columns.NO_LABEL
    hot = [] if called else label_columns.one_column_each(head, others, rows)
    column = beside if called else None if hot else label_columns.label_column(head, others, rows)
    said: dict[str, set[str]] = defaultdict(set)
    for picture, row in rows:
        said[picture] |= (
            label_columns.hot(head, hot, row)
            if hot
            else {label_columns.label(row[column])} - {""}
            if column is not None
            else set()
        )
    if flags:
        unclear = {
            picture: row[each].strip() for picture, row in rows for each in flags if tag_cells.flag(row[each]) is None
        }
        clear = [(picture, row) for picture, row in rows if picture not in unclear]
        tags, twice = _flags(head, flags, clear)
        table = _table(name, said, tags=tags, surely=not called and _often(tags), missing=missing, twice=twice)
        return table and replace(
            table,
            empty=sum(not row[each].strip() for _, row in clear for each in flags),
            unclear=unclear,
            never=tuple(head[each] for each in flags if not any(tag_cells.flag(row[each]) for _, row in rows)),
        )
    if lists := _lists(head, others, rows):
        return _table(name, said, tags=lists, surely=_often(lists), missing=missing)
    if not any(said.values()):
        return None
    many = sum(len(each) > 1 for each in said.values()) > sum(len(each) == 1 for each in said.values())
    table = _table(name, said, tags=said if _often(said) else {}, surely=many, missing=missing)
    if table is None or column is None:
        return table
    return replace(table, head=head[column], columns=label_columns.other_columns(head, others, column, rows))


def _table(
    name: str,
    said: Mapping[str, set[str]],
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
    blank = frozenset(picture for picture, each in said.items() if not each)
    return Table(
        labels=labels,
        blank=blank,
        several=several,
        names=(name,),
        tags=listed,
        surely_tags=surely,
        twice=twice,
        missing=missing,
    )


def _often(tags: Mapping[str, set[str]]) -> bool:
    """Return whether pictures have several tags often enough for that to be meant."""
    return sum(len(each) > 1 for each in tags.values()) >= max(1, tag_cells.SEVERAL * len(tags))


def _flags(
    head: Sequence[str], columns: Sequence[int], rows: Sequence[Row]
) -> tuple[dict[str, set[str]], frozenset[str]]:
    """Return the tags of each picture by columns of 0 and 1, and the pictures of which two rows differ."""
    tags: dict[str, set[str]] = {}
    twice = set()
    for picture, row in rows:
        said = {head[each] for each in columns if tag_cells.flag(row[each])}
        if said != tags.setdefault(picture, said):
            twice.add(picture)
    return {picture: said for picture, said in tags.items() if picture not in twice}, frozenset(twice)


def _lists(head: Sequence[str], columns: Sequence[int], rows: Sequence[Row]) -> dict[str, set[str]]:
    """Return the tags of each picture by the column of lists that is called best; empty if there is none."""
    found = {each: tag_cells.listed(head[each], [row[each] for _, row in rows]) for each in columns}
    lists = {each: cells for each, cells in found.items() if cells is not None}
    tags: dict[str, set[str]] = defaultdict(set)
    if lists:
        best = min(lists, key=lambda each: (label_columns.label_rank(head[each]), each))
        for (picture, _), said in zip(rows, lists[best], strict=True):
            tags[picture] |= set(said)
    return tags
