"""Numbers and texts as annotation files have them: any usual encoding, decimal points or commas."""

import codecs
import json
import math
from collections.abc import Sequence
from typing import Any

from tl_core.errors import InputError
from tl_core.language import _


def text_of(data: bytes) -> str:
    """Return the text of a file: UTF-8 or UTF-16 with or without a mark at its beginning, else Windows' Latin.

    >>> text_of("\\ufeffclass".encode())
    'class'
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def json_of(data: bytes, name: str) -> Any:
    """Return what a JSON file holds. Raises InputError if it is none."""
    try:
        return json.loads(text_of(data))
    except (ValueError, RecursionError) as exc:  # also a number of thousands of digits
        raise InputError(
            _("“{name}” cannot be read as JSON: {reason}. Correct the file, or write it again.").format(
                name=name, reason=exc
            )
        ) from exc


def number(value: object) -> float:
    """Return a number that may be written with a decimal comma; not-a-number for anything else.

    >>> number("12,5"), number(3), number(" 1e2 ")
    (12.5, 3.0, 100.0)
    """
    try:
        read = float(value.strip().replace(",", ".") if isinstance(value, str) else value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return read if math.isfinite(read) else math.nan


def numbers(values: Sequence[object]) -> list[float] | None:
    """Return several numbers; None if one of them is none."""
    read = [number(value) for value in values]
    return None if any(map(math.isnan, read)) else read


def are_shares(edges: Sequence[float]) -> bool:
    """Return whether the edges of all boxes of a file are shares of the sides, and not pixels.

    They may reach a little beyond 1, by rounding or at the edge of the picture; pixels are never all so small.

    >>> are_shares([0.1, 0.2, 1.0004, 0.5]), are_shares([0, 0, 1, 1]), are_shares([0.5, 0.5, 60, 40])
    (True, False, False)
    """
    return bool(edges) and max(edges) <= 1.5 and any(edge % 1 for edge in edges)


def around(points: Sequence[float]) -> tuple[float, float, float, float]:
    """Return the box around the points of an outline, ``x, y, x, y, …``.

    >>> around([1, 2, 5, 2, 3, 8])
    (1, 2, 5, 8)
    """
    return min(points[::2]), min(points[1::2]), max(points[::2]), max(points[1::2])
