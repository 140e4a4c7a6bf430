"""The rows of an Excel workbook."""

import io
import zipfile
from datetime import date, datetime
from typing import TYPE_CHECKING

from tl_core import wording
from tl_core.errors import InputError
from tl_core.ingest.archive import ALWAYS_ALLOWED, MAX_RATIO
from tl_core.ingest.members import DAMAGED, Budget
from tl_core.language import _
from tl_core.text.grids import Grid, check_length, even
from tl_core.text.records import number

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


def is_workbook(data: bytes) -> bool:
    """Return whether the bytes of a file are those of a workbook, whatever its name ends in."""
    if not data.startswith(b"PK"):
        return False
    try:
        return "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    except DAMAGED:
        return False


def grid(data: bytes, name: str, sheet: str | None = None) -> Grid:
    """Return the rows of a sheet, the one with the most rows unless one is named.

    Raises:
        InputError: the workbook is damaged or locked, the sheet has merged cells, or there is none of that name.
    """
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            budget = Budget(name, max(ALWAYS_ALLOWED, MAX_RATIO * len(data)))
            budget.check(sum(info.file_size for info in parts.infolist()))
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        if not book.worksheets:
            raise KeyError("no worksheet")
    except (*DAMAGED, LookupError, TypeError, AttributeError, SyntaxError) as exc:  # an XML error is a SyntaxError
        if isinstance(exc, InputError):
            raise
        raise InputError(
            _("“{name}” cannot be opened: it is damaged, or locked with a password. Save it again as .xlsx.").format(
                name=name
            )
        ) from exc
    sheets = {each.title: each for each in book.worksheets}
    if sheet is not None and sheet not in sheets:
        raise InputError(
            _("“{name}” has no sheet “{sheet}”. Sheets: {sheets}.").format(
                name=name, sheet=sheet, sheets=", ".join(sheets)
            )
        )
    chosen = sheets[sheet] if sheet is not None else max(book.worksheets, key=lambda each: each.max_row)
    _check(chosen, name)
    rows = [[_cell(value) for value in row] for row in chosen.iter_rows(values_only=True)]
    width = max((len(row) for row in rows), default=0)
    others = [title for title in sheets if title != chosen.title]
    remarks = (
        (_("The sheet “{sheet}” was read, not {others}.").format(sheet=chosen.title, others=wording.listed(others)),)
        if others
        else ()
    )
    return even(rows, range(1, len(rows) + 1), width, remarks=remarks)


def _check(sheet: "Worksheet", name: str) -> None:
    if merged := sorted(str(each) for each in sheet.merged_cells.ranges):
        raise InputError(
            _("“{name}” has merged cells ({cells}). Unmerge them, so that each row has its own text and label.").format(
                name=name, cells=wording.listed(merged, 3)
            )
        )
    check_length(sheet.max_row, name)


def _cell(value: object) -> str:
    """Return a cell as a person sees it: whole numbers without a point, days without a time."""
    if value is None:
        return ""
    if isinstance(value, float):
        return number(value)
    if isinstance(value, datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    return value.isoformat() if isinstance(value, date) else str(value)
