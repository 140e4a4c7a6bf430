"""Create ML's JSON: a list of pictures with their annotations; coordinates are the centre and the size, in pixels.

The format: https://developer.apple.com/documentation/createml/building-an-object-detector-data-source.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tl_core.boxes.annotations import Annotated, Annotations, Drawn, Tally
from tl_core.boxes.numbers import numbers

_PICTURE = ("image", "imagefilename", "filename")
_BOXES = ("annotations", "annotation")


def fits(value: object) -> bool:
    """Return whether a JSON value has Create ML's form."""
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) and _name(each) for each in value)


def read(files: Iterable[tuple[str, list[Mapping[str, Any]]]]) -> Annotations:
    """Return what Create ML files say, given by their names and content."""
    tally, pictures, classes = Tally(), [], dict[str, None]()
    for place, value in files:
        for each in value:
            found: list[object] = next((each[name] for name in _BOXES if isinstance(each.get(name), list)), [])
            boxes = tuple(box for one in found if (box := _box(one, _name(each), tally)))
            classes |= dict.fromkeys(box.label for box in boxes)
            pictures.append(Annotated(name=_name(each), boxes=boxes, place=place))
    return Annotations(form="createml", pictures=pictures, classes=list(classes), tally=tally)


def _name(each: Mapping[str, Any]) -> str:
    return next((str(each[name]) for name in _PICTURE if each.get(name)), "")


def _box(one: object, where: str, tally: Tally) -> Drawn | None:
    at = one.get("coordinates") if isinstance(one, Mapping) else None
    at = at if isinstance(at, Mapping) else {}
    read = numbers([at.get(name) for name in ("x", "y", "width", "height")])
    label = str(one.get("label") or "") if isinstance(one, Mapping) else ""
    if not read or not label:
        tally.add("unknown" if read else "unreadable", where)
        return None
    x, y, width, height = read
    return Drawn(label, x - width / 2, y - height / 2, x + width / 2, y + height / 2)
