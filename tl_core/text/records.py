"""The rows of JSON: objects of which each is a text with its label, one a line or in a list."""

import json

from tl_core import wording
from tl_core.errors import InputError
from tl_core.language import _
from tl_core.text.grids import Grid, check_length, even, lines


def grid(text: str, name: str) -> Grid:
    """Return the objects of JSON lines, or of a JSON array, as rows; the first row has the names of their fields.

    Raises:
        InputError: a line is no JSON, or there are no objects.
    """
    records = _records(text, name)
    names = list(dict.fromkeys(key for __, record in records for key in record))
    check_length(len(records), name)
    rows = [names, *([_cell(record.get(key)) for key in names] for __, record in records)]
    return even(rows, [0, *(number for number, __ in records)], len(names), named=True)


def _records(text: str, name: str) -> list[tuple[int, dict[str, object]]]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):  # also a number of thousands of digits
        return [(number, _object(line, number, name)) for number, line in enumerate(lines(text), 1) if line.strip()]
    if isinstance(whole, dict):  # a list of objects in an object, or a single line
        whole = next((each for each in whole.values() if isinstance(each, list)), [whole])
    if not isinstance(whole, list) or not whole or not all(isinstance(each, dict) for each in whole):
        raise InputError(
            _(
                "“{name}” holds no list of JSON objects. Give each text an object with fields for text and label."
            ).format(name=name)
        )
    return list(enumerate(whole, 1))


def _object(line: str, number: int, name: str) -> dict[str, object]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InputError(
            _("Line {line} of “{name}” is no JSON object. Correct it, or remove the line.").format(
                line=wording.number(number), name=name
            )
        )
    return value


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return number(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def number(value: float) -> str:
    """Return a number as a person writes it: whole ones without a point."""
    return str(int(value)) if value.is_integer() else str(value)
