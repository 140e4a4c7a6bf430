"""YOLO's texts: a file for each picture with a line for each box, and ``data.yaml`` with the names of the classes.

A line is ``class x y width height``: the number of the class, the centre and the size as shares of the picture's sides
(https://docs.ultralytics.com/datasets/detect/). More numbers are the points of an outline.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tl_core.boxes.annotations import Annotated, Annotations, Drawn, Tally
from tl_core.boxes.numbers import around, number, numbers
from tl_core.errors import InputError
from tl_core.language import _

#: Files of a folder of labels that hold no labels.
NAMES = ("classes.txt", "obj.names", "_darknet.labels", "labels.txt", "predefined_classes.txt")
#: Numbers of a box without and with how sure a network was of it; an outline has more.
BOX, SURE, OUTLINE = 4, 5, 6
#: Characters of a ``data.yaml``: names of 50,000 classes.
MOST_YAML = 2**20
#: And how deep lists may lie in each other there.
DEEPEST_YAML = 20
#: No share of a side is larger, however far a box reaches beyond its picture.
MOST = 2


def names_of_yaml(text: str, name: str) -> dict[int, str] | None:
    """Return the classes of ``data.yaml`` by their numbers; None if it names none.

    Raises:
        InputError: it is no YAML, or more than names of classes take: a few lines can stand for gigabytes.
    """
    import yaml

    try:
        if len(text) > MOST_YAML or not _is_plain(text):
            raise InputError(
                _(
                    "“{name}” was not read: names of classes are shorter, and neither nested nor repeated by “*”."
                ).format(name=name)
            )
        return _names(yaml.safe_load(text))
    except (yaml.YAMLError, ValueError, RecursionError) as exc:  # also a date or a number that there is not
        raise InputError(_("“{name}” cannot be read as YAML: {reason}.").format(name=name, reason=exc)) from exc


def _is_plain(text: str) -> bool:
    """Return whether a YAML text means no more than it has lines, and can be read in a moment."""
    import yaml

    depth = 0
    for each in yaml.parse(text, yaml.SafeLoader):
        depth += isinstance(each, yaml.CollectionStartEvent) - isinstance(each, yaml.CollectionEndEvent)
        if isinstance(each, yaml.AliasEvent) or depth > DEEPEST_YAML:
            return False
    return True


def _names(value: object) -> dict[int, str] | None:
    names: Any = value.get("names") if isinstance(value, Mapping) else None
    if isinstance(names, list):
        return {at: _text(each) for at, each in enumerate(names)}
    if isinstance(names, Mapping):
        return {int(at): _text(each) for at, each in names.items() if str(at).strip().isdecimal()}
    return None


def _text(name: object) -> str:
    return "" if name is None else str(name)


def names_of_lines(text: str) -> dict[int, str]:
    """Return the classes of ``classes.txt``, one a line."""
    return {at: line.strip() for at, line in enumerate(text.splitlines()) if line.strip()}


def looks_like(text: str) -> bool:
    """Return whether a text may be the boxes of a picture: at least half of its lines are boxes.

    >>> looks_like("0 0.5 0.5 0.1 0.2"), looks_like("a line of words"), looks_like("")
    (True, False, True)
    """
    rows = _rows(text)
    fits = sum(len(row) > BOX and _class(row[0]) is not None and numbers(row) is not None for row in rows)
    return 2 * fits >= len(rows)


def strange_class(text: str) -> str:
    """Return what stands where the number of a class should, in lines that are boxes otherwise; ``""`` if they are not.

    >>> strange_class("cat 0.5 0.5 0.1 0.2"), strange_class("0.5 0.5 0.5 0.1 0.2"), strange_class("a line of words")
    ('cat', '0.5', '')
    """
    rows = [row for row in _rows(text) if len(row) in (BOX + 1, SURE + 1)]
    strange = [row[0] for row in rows if _class(row[0]) is None and max(numbers(row[1:]) or [MOST + 1]) <= MOST]
    return strange[0] if 2 * len(strange) >= max(1, len(rows)) else ""


def _class(said: str) -> int | None:
    """Return the number of a class, which some programs write as ``0.0``; None for anything else."""
    kind = number(said)
    return int(kind) if kind.is_integer() and kind >= 0 else None


def _rows(text: str) -> list[list[str]]:
    """Return the parts of each line, between spaces, or between commas where there is no space.

    >>> _rows("0 0,5 0,5 0,1 0,2\\n\\n1,0.5,0.5,0.1,0.2")
    [['0', '0,5', '0,5', '0,1', '0,2'], ['1', '0.5', '0.5', '0.1', '0.2']]
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [
        [part.rstrip(",;") for part in (line.split() if " " in line or "\t" in line else re.split("[,;]", line))]
        for line in lines
    ]


def read(files: Iterable[tuple[str, str]], names: Mapping[int, str] | None) -> Annotations:
    """Return what the files of labels say.

    Args:
        files: name and text of each.
        names: of the classes by their numbers; None where no file has them: then they are called ``class 0`` and so on.
    """
    tally, pictures, seen = Tally(), [], dict[str, None]()
    for place, text in files:
        stem = place.rpartition("/")[2].rpartition(".")[0]
        read = [_box(row, names, stem, tally) for row in _rows(text)]
        pictures.append(Annotated.of(stem, place, read, shares=True))
        seen |= dict.fromkeys(box.label for box in pictures[-1].boxes)
    unnamed = [] if names else [_("No data.yaml or classes.txt names the classes, so they go by their numbers.")]
    classes = [names[at] for at in sorted(names) if names[at]] if names else sorted(seen)
    return Annotations(form="yolo", pictures=pictures, classes=classes, tally=tally, remarks=unnamed)


def _box(row: list[str], names: Mapping[int, str] | None, where: str, tally: Tally) -> Drawn | None:
    kind, read = _class(row[0]), numbers(row[1:])
    if not read or len(read) < BOX:
        tally.add("unreadable", where)
        return None
    if kind is None:
        tally.add("number", f"“{row[0]}”, {where}")
        return None
    label = f"class {kind}" if names is None else names.get(kind, "")
    if not label or max(read) > MOST:
        tally.add("pixels" if label else "unknown", where)
        return None
    if len(read) in (BOX, SURE):
        x, y, width, height = read[:BOX]
        return Drawn(label, x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    tally.add("polygon", where)
    return Drawn(label, *around(read[: len(read) // 2 * 2]))
