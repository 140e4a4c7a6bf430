"""One table of texts: its bytes become rows, its columns get their roles."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from tl_core import wording
from tl_core.dataset.names import ClassNames
from tl_core.dataset.split_words import split_of
from tl_core.errors import InputError
from tl_core.ingest.entries import LeftOut
from tl_core.language import _, ngettext
from tl_core.text import columns, encodings, excel, grids, headers, records
from tl_core.text.columns import Column
from tl_core.text.grids import Grid
from tl_core.text.guess import GUESSED, Chosen, Guess
from tl_core.text.reading import Item, TextReading

#: At most so many rows with a title stand above a table.
_MOST_TITLES = 10
#: Rows with more cells than the others may be this share of all, or the separator is taken for wrong.
_UNEVEN = 0.2
#: So many rows with something odd are named.
_MOST_ROWS_NAMED = 5
#: So many rows of a table are shown where its columns are to be chosen.
_LOOKED_AT = 5


def read(data: bytes, name: str, chosen: Chosen = GUESSED) -> TextReading:
    """Return how a table reads: CSV with any separator, JSON lines, a JSON array, or an Excel workbook.

    Args:
        data: the whole file.
        name: of the file, for a person; what it ends in does not matter.
        chosen: what a person says of it.

    Raises:
        InputError: it is no table of texts with labels; the sentence says what it is.

    >>> reading = read(b"text,label\\nHello there,hi\\nSee you,bye\\nGood morning,hi\\nGood night,bye\\n", "talk.csv")
    >>> reading.text.value, reading.label.value, reading.classes
    ('text', 'label', {'bye': 2, 'hi': 2})
    """
    grid, encoding = _grid(data, name, chosen)
    return _read(grid, encoding, name, chosen)


def texts(data: bytes, name: str, chosen: Chosen = GUESSED) -> list[str]:
    """Return the texts of a table, which needs no labels. Args and errors are those of ``read``.

    >>> texts(b"message\\nHello there\\nWhere are you today?\\n", "new.csv")
    ['Hello there', 'Where are you today?']
    """
    body = _body(_grid(data, name, chosen)[0], chosen)
    every = _columns(body)
    wanted = columns.text(every, every, name, chosen)[0].value
    return list(next(each.cells for each in every if each.name == wanted))


@dataclass(frozen=True, kw_only=True)
class Look:
    """A table before its columns have their roles; ``encoding``, ``separator``, ``header`` are those of a reading.

    Attributes:
        columns: their names.
        rows: the first rows, a cell for each column.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    encoding: Guess | None
    separator: Guess | None
    header: Guess | None


def look(data: bytes, name: str, chosen: Chosen = GUESSED) -> Look:
    """Return a table as it is divided into rows and columns, also where none holds texts or labels.

    Args and errors are those of ``read``; what is chosen of columns does not matter.

    >>> look(b"a,b\\n1,2\\n3,4\\n", "numbers.csv").columns
    ('a', 'b')
    """
    grid, encoding = _grid(data, name, chosen)
    body = _body(grid, replace(chosen, text=None, label=None, group=None))
    return Look(
        columns=tuple(body.names),
        rows=body.rows[:_LOOKED_AT],
        encoding=encoding,
        separator=grid.separator,
        header=body.header,
    )


def _grid(data: bytes, name: str, chosen: Chosen) -> tuple[Grid, Guess | None]:
    """Return the rows of a table, at least one, and its encoding if it has one."""
    encoding = None
    if excel.is_workbook(data):
        grid = excel.grid(data, name, chosen.table)
    else:
        text, encoding = encodings.decode(data, name, chosen.encoding)
        grid = records.grid(text, name) if _is_json(text) else grids.of_text(text, name, chosen.separator)
    if not grid.rows or (grid.named and len(grid.rows) < 2):
        raise InputError(_("“{name}” is empty: it has no rows. Choose another file.").format(name=name))
    return _without_nul(grid), encoding


def _without_nul(grid: Grid) -> Grid:
    """Return rows without NUL characters, which stand for nothing, and say which rows had some."""
    held = [number for number, row in zip(grid.numbers, grid.rows, strict=True) if any("\0" in cell for cell in row)]
    if not held:
        return grid
    rows = [[cell.replace("\0", "").strip() for cell in row] for row in grid.rows]
    said = ngettext(
        "Row {rows} held bytes that are no characters (NUL). They were dropped.",
        "Rows {rows} held bytes that are no characters (NUL). They were dropped.",
        len(held),
    ).format(rows=wording.listed([wording.number(each) for each in held], _MOST_ROWS_NAMED))
    return replace(grid, rows=rows, remarks=(*grid.remarks, said))


def _is_json(text: str) -> bool:
    """Return whether a text begins like JSON: an object, or an array of objects."""
    begin = text.lstrip()[:2000]
    if begin.startswith("["):
        return begin[1:].lstrip()[:1] in ("{", "]")
    if not begin.startswith("{"):
        return False
    try:
        json.loads(begin.split("\n", 1)[0])
    except ValueError:
        return begin[1:].lstrip()[:1] in ('"', "}")
    return True


@dataclass(frozen=True, kw_only=True)
class _Body:
    """The rows of a table without the one that names its columns."""

    header: Guess | None
    names: list[str]
    rows: Sequence[list[str]]
    numbers: Sequence[int]


def _read(grid: Grid, encoding: Guess | None, name: str, chosen: Chosen) -> TextReading:
    if len(grid.uneven) > _UNEVEN * (len(grid.rows) + len(grid.uneven)):
        first = grid.uneven[0]
        raise InputError(
            _(
                "Row {row} of “{name}” has {cells}, and most have {usual}. "
                "Put quotation marks around texts that hold the separator, or choose another one."
            ).format(
                row=wording.number(first.number),
                name=name,
                cells=wording.plural(first.cells, "cell", "cells"),
                usual=wording.number(grid.width),
            )
        )
    titles = _titles(grid)
    above = [f"{name}:{number}" for number in grid.numbers[:titles]]
    grid = replace(grid, rows=grid.rows[titles:], numbers=grid.numbers[titles:])
    body = _body(grid, chosen)
    if not body.rows:
        raise InputError(_("“{name}” has one row, which names the columns. Add a row for each text.").format(name=name))
    every = _columns(body)
    roles = (
        columns.roles(every, name, chosen) if chosen.one_label is None else columns.with_one_label(every, name, chosen)
    )
    reading = TextReading(
        name=name,
        items=_items(body, roles, name, chosen.one_label),
        encoding=encoding,
        separator=grid.separator,
        header=body.header,
        text=roles.text,
        label=roles.label,
        group=roles.group,
        columns=tuple(body.names),
        left_out=[
            *(LeftOut(each, _("It stands alone in its row, above the table.")) for each in above),
            *(LeftOut(f"{name}:{each.number}", _too_wide(each.cells, grid.width)) for each in grid.uneven),
        ],
        remarks=grid.remarks,
        doubt=roles.doubt,
    )
    said = [_("The column “{column}” gives the splits.").format(column=roles.split)] if roles.split else []
    said += columns.said_of_several(reading.classes)
    return replace(reading, remarks=(*reading.remarks, *said))


def _titles(grid: Grid) -> int:
    """Return how many rows stand above the table: titles, or the ``sep=;`` of Excel, each alone in its row."""
    most = min(_MOST_TITLES, len(grid.rows) - 1) if grid.width > 1 else 0
    return next((at for at in range(most) if sum(map(bool, grid.rows[at])) > 1), most)


def _columns(body: _Body) -> list[Column]:
    return [columns.column(name, cells) for name, cells in zip(body.names, zip(*body.rows, strict=True), strict=True)]


def _too_wide(cells: int, usual: int) -> str:
    return _("It has {cells}, and the others have {usual}.").format(
        cells=wording.plural(cells, "cell", "cells"), usual=wording.number(usual)
    )


def _body(grid: Grid, chosen: Chosen) -> _Body:
    header = None
    if not grid.named:
        header = headers.header(grid.rows)
        named_by_choice = {chosen.text, chosen.label, chosen.group} & set(grid.rows[0]) - {""}
        if chosen.header is None and named_by_choice:
            header = Guess(value="yes", why=_("You chose a column by its name."), others=("no",))
        if chosen.header is not None:
            value, other = ("yes", "no") if chosen.header else ("no", "yes")
            header = Guess(value=value, why=_("You chose it."), others=(other,))
    named = grid.named or (header is not None and header.value == "yes")
    first = grid.rows[0] if named else [""] * grid.width
    rows, numbers = (grid.rows[1:], grid.numbers[1:]) if named else (grid.rows, grid.numbers)
    return _Body(header=header, names=_names(first), rows=rows, numbers=numbers)


def _names(first: Sequence[str]) -> list[str]:
    """Return a name for each column, no two the same; one without a name has the letter of spreadsheets."""
    names: list[str] = []
    for place, cell in enumerate(first, 1):
        wanted = " ".join(cell.split()) or letters(place)
        free = wanted if wanted not in names else f"{wanted} ({place})"
        names.append(free)
    return names


def letters(place: int) -> str:
    """Return what spreadsheets call a column, the first of which is 1.

    >>> letters(1), letters(26), letters(28)
    ('A', 'Z', 'AB')
    """
    before, last = divmod(place - 1, 26)
    return (letters(before) if before else "") + chr(ord("A") + last)


def _items(body: _Body, roles: columns.Roles, name: str, one_label: str | None) -> list[Item]:
    at = {each: place for place, each in enumerate(body.names)}
    text = at[roles.text.value]
    label, group, split = (at.get(each) for each in (roles.label.value, roles.group.value, roles.split))
    labels = ClassNames()
    return [
        Item(
            source=f"{name}:{number}",
            text=row[text],
            label=labels[row[label] if label is not None else one_label or ""],
            split=split_of(row[split]) if split is not None else "",
            group=row[group] if group is not None else "",
        )
        for number, row in zip(body.numbers, body.rows, strict=True)
    ]


def stem(name: str) -> str:
    """Return the name of a table's file without folders and ending."""
    return PurePosixPath(name).stem
