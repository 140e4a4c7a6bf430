"""Several labels in a table: a column of 0 and 1 for each tag, or one with lists of them (``a;b``, ``['a', 'b']``)."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from tl_core.dataset.split_words import word_list, words

#: What cells of a column of 0 and 1 say; an empty one, and -1 where there is no 0, are taken for 0.
FLAGS = {
    **dict.fromkeys(word_list("1 1.0 true yes x ja wahr oui vrai sí si verdadero да"), True),
    **dict.fromkeys(word_list("0 0.0 false no -1 -1.0 nein falsch non faux falso нет"), False),
    "": False,
}
_ZERO, _MINUS = {"0", "0.0"}, {"-1", "-1.0"}
#: At most this share of the cells of a column of 0 and 1 say something else, such as "?", but no other number.
UNCLEAR = 0.05
#: Heads of columns that hold the one label of a picture, even where that is 0 or 1.
_ONE = frozenset(word_list("label class target category classid id name"))
#: Heads of columns that hold several, so that blanks, too, may part them.
_SEVERAL = frozenset(word_list("tags labels classes categories attributes attribute keywords objects"))
#: What may part the tags in a cell. The first two hardly ever stand in a label.
_PARTS = (";", "|", ",", " ")
_SURE = _PARTS[:2]
#: This share of the cells, or of the pictures, at least has several tags where they are meant.
SEVERAL = 0.02


def flag(cell: str) -> bool | None:
    """Return what a cell of 0 and 1 says, None for any other cell.

    >>> flag(" 1"), flag("no"), flag("cat")
    (True, False, None)
    """
    return FLAGS.get(cell.strip().lower())


def flagged(head: Sequence[str], columns: Sequence[int], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the columns of 0 and 1, two or more, if they are tags; empty if another column holds one label."""
    cells = {each: Counter(row[each].strip().lower() for row in rows) for each in columns if head[each]}
    binary = [each for each, found in cells.items() if _binary(found)]
    one = [each for each in columns if head[each] and set(words(head[each])) <= _ONE]
    return binary if len(binary) > 1 and not one else []


def _binary(found: Counter[str]) -> bool:
    """Return whether the cells of a column say 0 and 1, but for a few of which it is not clear."""
    said, others = found.keys() & FLAGS.keys() - {""}, found.keys() - FLAGS.keys()
    few = sum(found[each] for each in others) <= UNCLEAR * found.total()
    words_only = not any(character.isdigit() for each in others for character in each)
    return bool(said) and few and words_only and not (said & _ZERO and said & _MINUS)


def listed(head: str, cells: Sequence[str]) -> list[list[str]] | None:
    """Return the tags of each cell of a column with lists, None if it is none.

    >>> listed("labels", ["cat;dog", "cat", ""])
    [['cat', 'dog'], ['cat'], []]
    >>> listed("name", ["Shepherd, German", "Retriever, Golden"])
    """
    bare = [re.sub(r"^\[(.*)\]$", r"\1", cell.strip()) for cell in cells]
    bracketed = bare != [cell.strip() for cell in cells]
    several = bool(set(words(head)) & _SEVERAL)
    for mark in _PARTS:
        if not any(mark in cell for cell in bare) or (mark == " " and (bracketed or not several)):
            continue
        split = {cell: _parts(cell, mark) for cell in set(bare)}
        often = sum(len(split[cell]) > 1 for cell in bare) >= SEVERAL * len(bare)
        if bracketed or (mark in _SURE and often) or _repeat(split, mark):
            return [split[cell] for cell in bare] if _few(split, bare) else None
    return [_parts(cell, ",") for cell in bare] if bracketed and any(bare) else None


def _parts(cell: str, mark: str) -> list[str]:
    parts = (part.strip().strip("'\"").strip() for part in cell.split(mark))
    return list(dict.fromkeys(part for part in parts if part))


def _repeat(split: Mapping[str, Sequence[str]], mark: str) -> bool:
    """Return whether what stands in lists stands in other cells, too: half of it at least, and no halves of numbers."""
    times = Counter(part for parts in split.values() for part in parts)
    inside = {part for parts in split.values() if len(parts) > 1 for part in parts}
    numbers = mark == "," and all(part.lstrip("-").isdecimal() for part in inside)
    return not numbers and 2 * sum(times[part] > 1 for part in inside) >= len(inside) > 0


def _few(split: Mapping[str, Sequence[str]], cells: Sequence[str]) -> bool:
    """Return whether there are few different tags, as many as half of the cells, so that they are no texts."""
    return len({part for parts in split.values() for part in parts}) <= max(4, len(cells) / 2)
