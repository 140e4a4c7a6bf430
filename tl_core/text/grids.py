"""Rows of cells out of a text: which separator stands between the cells is seen from all rows.

Python's ``csv.Sniffer`` goes by a few lines and takes letters for separators; here each candidate reads the table, and
the one by which the rows agree best wins. Quotation marks are part of the format only where they keep a separator
inside a cell: messages with a single quotation mark are common in tables with tabs.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tl_core import wording
from tl_core.errors import InputError
from tl_core.language import N_, _
from tl_core.paths import MAX_BYTES
from tl_core.text.guess import Guess

if TYPE_CHECKING:
    from _csv import Reader

#: What may stand between cells, and its name. The earlier wins a tie.
SEPARATORS = {"\t": N_("tab"), ",": N_("comma"), ";": N_("semicolon"), "|": N_("vertical bar")}
#: At most so many characters of a table are read by every candidate.
_SAMPLE = 2 * 2**20
#: At least this share of the rows has as many cells as most, or the separator is none.
_AGREE = 0.5
#: Where fewer agree, the label may stand before the first separator of each line, and the text after it.
_CLEAR = 0.9
#: Quotation marks keep fewer separators in cells than this, per line: they are those of the texts.
_HARDLY = 0.05
#: A label of which there is one for so many lines, on average, and that has at most so many characters.
_LINES_EACH, _LONGEST_LABEL = 5, 60
_FASTTEXT = "__label__"
#: A file with more rows than this is not read.
MOST_ROWS = 200_000
#: A cell may be as long as a file: what is too long for a text is left out by name, and does not end the reading.
csv.field_size_limit(MAX_BYTES)


@dataclass(frozen=True, kw_only=True)
class Uneven:
    """A row that has more cells than the others: ``cells`` of them in row ``number``."""

    number: int
    cells: int


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table as it was read.

    Attributes:
        rows: cells, without blanks around them; all rows have as many.
        numbers: of each row in its file, from 1, as a spreadsheet counts them.
        uneven: rows that were left out.
        named: whether the first row names the columns for sure; None if that is to be guessed.
        separator: what was guessed; None where the format has none.
        remarks: sentences on what was assumed.
    """

    rows: list[list[str]]
    numbers: list[int]
    uneven: list[Uneven] = field(default_factory=list)
    named: bool | None = None
    separator: Guess | None = None
    remarks: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """How many cells a row has."""
        return len(self.rows[0]) if self.rows else 0


def of_text(text: str, name: str, separator: str | None = None) -> Grid:
    """Return the rows of a table of text.

    Args:
        text: the whole table.
        name: of the file, for a person.
        separator: that a person chose, ``""`` for none; None to guess.

    Raises:
        InputError: the quotation marks of a row do not close, or there are too many rows.
    """
    if separator == "":
        rows = [[line] for line in lines(text)]
        check_length(len(rows), name)
        return even(rows, range(1, len(rows) + 1), 1, separator=_guess(_NONE, [], chosen=True))
    if separator is not None and len(separator) != 1:
        raise InputError(
            _("A separator is one character. Received: {separator}.").format(separator=repr(separator[:20]))
        )
    sample = text[:_SAMPLE]
    sample = sample[: sample.rfind("\n") + 1] or sample if len(text) > _SAMPLE else sample
    ways = [_way(sample, each) for each in ([separator] if separator else SEPARATORS)]
    best = max(ways, key=lambda way: way.share)
    if best.share < _CLEAR and best.kept < _HARDLY and (once := _once(lines(text), separator)):
        return once
    if best.share < _AGREE and separator is None:
        best = _NONE
        alone = set(_widths(text, ",", quoted=True) or ()) == {1}  # texts alone, with quotation marks around commas
        rows = _cells(text, ",", name, quoted=True) if alone else [[line] for line in lines(text)]
    else:
        rows = _cells(text, best.separator, name, quoted=best.quoted)
    check_length(len(rows), name)
    return even(rows, range(1, len(rows) + 1), best.width, separator=_guess(best, ways, chosen=separator is not None))


def check_length(count: int, name: str) -> None:
    """Raise InputError if a table has more rows than are read."""
    if count > MOST_ROWS:
        raise InputError(
            _("“{name}” has {rows}; at most {most} are read. Split it into smaller files.").format(
                name=name, rows=wording.plural(count, "row", "rows"), most=wording.number(MOST_ROWS)
            )
        )


def lines(text: str) -> list[str]:
    """Return the lines of a file. ``splitlines`` also divides at signs that stand inside texts, such as U+2028."""
    return re.split(r"\r\n|\r|\n", text)


def _once(every: list[str], separator: str | None) -> Grid | None:
    """Return lines divided once, into a label and a text that may hold the separator; None if they are none.

    ``spam,Win a prize, now``, ``Win a prize, now,spam``, ``spam: Win a prize``, and fastText's
    ``__label__spam Win a prize``.
    """
    filled = [(number, line) for number, line in enumerate(every, 1) if line.strip()]
    if not filled:
        return None
    for mark in [separator] if separator else (*SEPARATORS, ":", " "):
        for cut in (str.partition, str.rpartition):
            parts = [cut(line.strip(), mark) for __, line in filled]
            sides = [part[0] if cut is str.partition else part[2] for part in parts]
            if not all(part[1] for part in parts) or not _labels(sides, mark):
                continue
            first = cut is str.partition
            rows = [[_label(part[0]), part[2]] if first else [part[0], part[2]] for part in parts]
            why = _("Each line is divided at its first one.") if first else _("Each line is divided at its last one.")
            others = tuple(each for each in SEPARATORS if each != mark)
            return even(rows, [number for number, __ in filled], 2, separator=Guess(value=mark, why=why, others=others))
    return None


def _labels(sides: list[str], mark: str) -> bool:
    """Return whether one side of all lines holds labels: short, and few of them."""
    if mark == " " and not all(side.startswith(_FASTTEXT) for side in sides):
        return False
    return _LINES_EACH * len(set(sides)) <= len(sides) and max(map(len, sides)) <= _LONGEST_LABEL


def _label(side: str) -> str:
    return side.strip().removeprefix(_FASTTEXT)


def even(
    rows: Iterable[list[str]],
    numbers: Iterable[int],
    width: int,
    *,
    separator: Guess | None = None,
    named: bool | None = None,
    remarks: tuple[str, ...] = (),
) -> Grid:
    """Return rows as a grid: those that lack cells get empty ones, those with too many are left out."""
    kept, places, uneven = [], [], []
    for number, row in zip(numbers, rows, strict=True):
        cells = [cell.strip() for cell in row]
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if not any(cells):
            continue
        if len(cells) > width:
            uneven.append(Uneven(number=number, cells=len(cells)))
            continue
        kept.append(cells + [""] * (width - len(cells)))
        places.append(number)
    return Grid(rows=kept, numbers=places, uneven=uneven, separator=separator, named=named, remarks=remarks)


@dataclass(frozen=True, kw_only=True)
class _Way:
    """How a table reads with a separator.

    Attributes:
        separator: between the cells.
        quoted: whether quotation marks are part of the format.
        share: of the rows, which has as many cells as most.
        width: how many cells that is.
        kept: how many cells a line, on average, keep the separator in quotation marks.
    """

    separator: str
    quoted: bool
    share: float
    width: int
    kept: float


#: No separator: each line is a cell.
_NONE = _Way(separator="", quoted=False, share=1.0, width=1, kept=0.0)


def _way(text: str, separator: str) -> _Way:
    quoted = _widths(text, separator, quoted=True)
    plain = quoted if '"' not in text else _widths(text, separator, quoted=False)
    mark = re.escape(separator)
    kept = len(re.findall(rf'(?:^|{mark}) ?"[^"\n]*{mark}[^"\n]*"', text, re.MULTILINE)) / (text.count("\n") + 1)
    raw = _of_widths(separator, plain or Counter(), kept, quoted=False)
    if quoted is None:
        return replace(raw, quoted=kept > 0)
    read = _of_widths(separator, quoted, kept, quoted=True)
    return raw if raw.share > read.share and not kept else read


def _reader(text: str, separator: str, *, quoted: bool) -> "Reader":
    """Return what reads row after row, and raises ``csv.Error`` where quotation marks do not fit."""
    return csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        skipinitialspace=True,
        strict=True,
    )


def _widths(text: str, separator: str, *, quoted: bool) -> Counter[int] | None:
    """Return how many rows have how many cells; None where the quotation marks do not fit."""
    try:
        return Counter(len(row) for row in _reader(text, separator, quoted=quoted) if any(row))
    except csv.Error:
        return None


def _of_widths(separator: str, widths: Counter[int], kept: float, *, quoted: bool) -> _Way:
    several = {width: count for width, count in widths.items() if width > 1}
    width = max(several, key=lambda each: several[each], default=1)
    share = several[width] / widths.total() if several else 0.0
    return _Way(separator=separator, quoted=quoted, share=share, width=width, kept=kept)


def _guess(best: _Way, ways: list[_Way], *, chosen: bool) -> Guess:
    others = tuple(each for each in SEPARATORS if each != best.separator)
    if chosen:
        return Guess(value=best.separator, why=_("You chose it."), others=others)
    if not best.separator:
        return Guess(value="", why=_("No separator divides most rows into the same number of cells."), others=others)
    why = _("With it {share} of the rows have {cells}.").format(
        share=wording.percent(best.share), cells=wording.plural(best.width, "cell", "cells")
    )
    return Guess(value=best.separator, why=why, others=others)


def _cells(text: str, separator: str, name: str, *, quoted: bool) -> list[list[str]]:
    reader = _reader(text, separator, quoted=quoted)
    rows: list[list[str]] = []
    line = 1
    try:
        for row in reader:
            if reader.line_num > line + 1 and _swallowed(row, separator):
                raise csv.Error
            rows.append(row)
            line = reader.line_num + 1
    except csv.Error as exc:
        raise InputError(
            _(
                "The quotation marks in line {line} of “{name}” do not fit. "
                "Close them, and write a quotation mark inside a text twice."
            ).format(line=line, name=name)
        ) from exc
    return rows


def _swallowed(row: list[str], separator: str) -> bool:
    """Return whether a cell of several lines holds whole rows, since its quotation mark was closed by another's."""
    cell = max(row, key=len)
    inner = cell.splitlines()[1:-1]
    # A line of one cell alone has as many separators as any other text: it tells nothing.
    several = len(row) > 1 and len(inner) > 1
    return several and sum(line.count(separator) == len(row) - 1 for line in inner) > 0.8 * len(inner)
