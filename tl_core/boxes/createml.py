"""Create ML's JSON: a list of pictures with their annotations; coordinates are the centre and the size, in pixels.

The format: https://developer.apple.com/documentation/createml/building-an-object-detector-data-source.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tl_core.boxes.annotations import SHARES, Annotated, Annotations, Drawn, Tally
from tl_core.boxes.numbers import are_shares, numbers
from tl_core.language import _

_PICTURE = ("image", "imagefilename", "filename")
_BOXES = ("annotations", "annotation")


def fits(value: object) -> bool:
    """Return whether a JSON value has Create ML's form."""
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) and _name(each) for each in value)


def read(files: Iterable[tuple[str, list[Mapping[str, Any]]]]) -> Annotations:
    """Return what Create ML files say, given by their names and content."""
    tally, pictures, classes, remarks = Tally(), [], dict[str, None](), list[str]()
    for place, value in files:
        found = [_picture(each, place, tally) for each in value]
        classes |= dict.fromkeys(box.label for each in found for box in each.boxes)
        shares = are_shares([edge for each in found for box in each.boxes for edge in box.edges])
        remarks += [_(SHARES).format(name=place)] if shares else []
        pictures += [each.in_shares() for each in found] if shares else found
    return Annotations(form="createml", pictures=pictures, classes=list(classes), tally=tally, remarks=remarks)


def _picture(each: Mapping[str, Any], place: str, tally: Tally) -> Annotated:
    drawn: list[object] = next((each[name] for name in _BOXES if isinstance(each.get(name), list)), [])
    return Annotated.of(_name(each), place, [_box(one, _name(each), tally) for one in drawn])


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
