"""A table with a row for each box: the picture, the edges in pixels or as shares, the class."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from tl_core.boxes.annotations import SHARES, Annotated, Annotations, Drawn, Tally
from tl_core.boxes.numbers import are_shares, numbers
from tl_core.dataset.split_words import split_of
from tl_core.errors import InputError
from tl_core.language import _

#: What each column may be called, in lower case and without spaces, underscores and dashes.
COLUMNS = {
    "name": ("filename", "file", "image", "imagename", "imageid", "imagepath", "path", "picture", "img"),
    "label": ("label", "class", "classname", "category", "name", "labelname"),
    "x1": ("xmin", "x1", "left", "x", "bboxx", "bx"),
    "y1": ("ymin", "y1", "top", "y", "bboxy", "by"),
    "x2": ("xmax", "x2", "right"),
    "y2": ("ymax", "y2", "bottom"),
    "bw": ("bboxwidth", "boxwidth", "bboxw", "bw", "w"),
    "bh": ("bboxheight", "boxheight", "bboxh", "bh", "h"),
    "width": ("width", "imagewidth", "imgwidth"),
    "height": ("height", "imageheight", "imgheight"),
    "split": ("split", "set", "subset", "part"),
}
#: Of a table whose first row has no names: the picture, four edges, the class.
BARE = ("name", "x1", "y1", "x2", "y2", "label")
_EDGES = ("x1", "y1", "x2", "y2", "bw", "bh")


def looks_like(text: str) -> bool:
    """Return whether a text is a table of boxes.

    >>> looks_like("file,xmin,ymin,xmax,ymax,label\\n"), looks_like("a.jpg;1;2;3;4;cat\\n"), looks_like("a,b,c\\n")
    (True, True, False)
    """
    try:
        rows = _rows(text[:10_000])
    except csv.Error:
        return False
    return bool(rows) and _columns(rows) is not None


def read(files: Iterable[tuple[str, str]]) -> Annotations:
    """Return what tables say, given by their names and texts; each is one for which ``looks_like`` is true.

    Raises:
        InputError: a table cannot be read to its end.
    """
    tally, pictures, classes, remarks = Tally(), [], dict[str, None](), list[str]()
    for place, text in files:
        try:
            rows = _rows(text)
        except csv.Error as exc:
            raise InputError(_("“{name}” cannot be read as a table: {reason}.").format(name=place, reason=exc)) from exc
        columns = _columns(rows) or {}
        grouped: dict[str, list[Mapping[str, str]]] = {}
        for row in rows if _is_bare(rows) else rows[1:]:
            cells = {what: row[at].strip() for what, at in columns.items() if at < len(row)}
            if cells.get("name"):
                grouped.setdefault(cells["name"], []).append(cells)
        found = [_picture(name, group, place, tally) for name, group in grouped.items()]
        shares = are_shares([edge for each in found for box in each.boxes for edge in box.edges])
        remarks += [_(SHARES).format(name=place)] if shares else []
        pictures += [each.in_shares() for each in found] if shares else found
        classes |= dict.fromkeys(sorted({box.label for each in found for box in each.boxes}))
    return Annotations(form="csv", pictures=pictures, classes=list(classes), tally=tally, remarks=remarks)


def _rows(text: str) -> list[list[str]]:
    first = text.partition("\n")[0]
    separator = max("\t;,", key=first.count)
    return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if any(row)]


def _columns(rows: Sequence[Sequence[str]]) -> dict[str, int] | None:
    """Return the position of each column; None if this is no table of boxes."""
    if _is_bare(rows):
        return {what: at for at, what in enumerate(BARE)}
    names = ["".join(character for character in cell.casefold() if character.isalnum()) for cell in rows[0]]
    found: dict[str, int] = {}
    for what, known in COLUMNS.items():
        at = next((names.index(each) for each in known if each in names), None)
        if at is not None and at not in found.values():
            found[what] = at
    corner = {"x1", "y1"} <= found.keys() and {"name", "label"} <= found.keys()
    if not corner:
        return None
    if {"x2", "y2"} <= found.keys() or {"bw", "bh"} <= found.keys():
        return found
    if {"width", "height"} <= found.keys():  # nothing else gives the size of the box
        return {("bw" if what == "width" else "bh" if what == "height" else what): at for what, at in found.items()}
    return None


def _is_bare(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row is a box already, or a picture without one, and not the names of the columns."""
    first = list(rows[0]) if rows else []
    return len(first) == len(BARE) and (numbers(first[1:5]) is not None or not any(first[1:]))


def _picture(name: str, group: Sequence[Mapping[str, str]], place: str, tally: Tally) -> Annotated:
    read = [_box(cells, name, tally) for cells in group if cells.get("label") or any(map(cells.get, _EDGES))]
    size = numbers([group[0].get("width"), group[0].get("height")])
    return Annotated.of(name, place, read, size=size, split=split_of(group[0].get("split", "")))


def _box(cells: Mapping[str, str], name: str, tally: Tally) -> Drawn | None:
    edges = [cells.get(each, "") for each in ("x1", "y1", *(("bw", "bh") if "bw" in cells else ("x2", "y2")))]
    label = cells.get("label", "")
    read = numbers(edges)
    if not read or not label:
        tally.add("unknown" if read else "unreadable", name)
        return None
    x1, y1, x2, y2 = read
    return Drawn(label, x1, y1, x1 + x2, y1 + y2) if "bw" in cells else Drawn(label, x1, y1, x2, y2)
