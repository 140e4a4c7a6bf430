"""The cells of a label table: any separator, any encoding, lines of JSON, or one object of names and labels."""

import codecs
import csv
import json
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from tl_core.ingest import file_names

MOST_BYTES = 64 * 2**20
#: How a file in UTF-16 begins.
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: What no character of several bytes holds after its first byte, and what stands between words.
_BETWEEN = re.compile(rb"[\x00-/:-?]+")
#: So many different words with foreign letters say in which encoding they are.
_WORDS = 500


def rows(data: bytes) -> list[list[str]]:
    """Return the rows of a table, all with as many cells as most have; empty if it is none.

    >>> rows(b"file;label\\n1.jpg;cat\\n"), rows(b'{"1.jpg": "cat", "2.jpg": "dog"}')
    ([['file', 'label'], ['1.jpg', 'cat']], [['1.jpg', 'cat'], ['2.jpg', 'dog']])
    """
    if len(data) > MOST_BYTES or (b"\0" in data[:1000] and not data.startswith(_UTF_16)):
        return []
    text = decoded(data)
    if text.lstrip()[:1] in ("{", "["):
        return _of_json(text)
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("#", "sep="))]
    mark = max(",;\t|", key=lambda each: min((line.count(each) for line in lines[:20]), default=0))
    if not lines or lines[0].count(mark) == 0:
        return _even([line.split() for line in lines])
    try:
        return _even(list(csv.reader(lines, delimiter=mark)))
    except csv.Error:  # a cell of more characters than any label has
        return []


def decoded(data: bytes) -> str:
    """Return the text of a table: UTF-16 by its mark, UTF-8 if it is valid, else the code page its words speak for.

    >>> decoded("1.jpg;кошка".encode("cp1251")), decoded("1.jpg,猫".encode("shift_jis"))
    ('1.jpg;кошка', '1.jpg,猫')
    """
    try:
        return data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError:
        pass
    foreign = sorted({word for word in _BETWEEN.split(data[:MOST_BYTES]) if not word.isascii()})
    sample = foreign[:: len(foreign) // _WORDS + 1]
    return data.decode(file_names.best(sample, foreign), "replace")


def _of_json(text: str) -> list[list[str]]:
    """Return the rows of lines or a list of objects, with their keys as head, or of one object ``{file: label}``."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        try:
            value = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            return []
    if isinstance(value, dict):
        named = {name: label for name, label in value.items() if isinstance(label, str | int)}
        return [[name, str(label)] for name, label in named.items()] if len(named) == len(value) else []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return []
    head = list(dict.fromkeys(key for each in islice(value, 100) for key in each))
    return [head, *([_cell(each.get(key)) for key in head] for each in value)]


def _cell(value: object) -> str:
    return "" if value is None else str(value) if isinstance(value, str | int | float) else json.dumps(value)


def _even(found: Sequence[list[str]]) -> list[list[str]]:
    width = Counter(map(len, found)).most_common(1)[0][0] if found else 0
    return [row for row in found if len(row) == width] if width > 1 else []
