"""Pascal VOC's XML: a file for each picture, with its size and its objects.

Edges are pixels counted from 1, and the last ones belong to the box (M. Everingham et al., "The PASCAL Visual Object
Classes Challenge 2007 Development Kit"). Many programs count from 0 all the same, which an edge at 0 gives away.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tl_core.boxes.annotations import SHARES, Annotated, Annotations, Drawn, Tally
from tl_core.boxes.numbers import are_shares, around, numbers
from tl_core.errors import InputError
from tl_core.language import _

_EDGES = ("xmin", "ymin", "xmax", "ymax")
_ENCODING = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]{1,40})["']""")
_EASTERN = frozenset(
    {"shift_jis", "cp932", "windows_31j", "euc_jp", "gb2312", "gbk", "gb18030", "big5", "euc_kr", "cp949"}
)


class _Plain(ET.TreeBuilder):
    """Builds a tree, of files without a document type alone: entities of one could grow without end or read files."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise InputError(
            _("It has a document type ({name}), which annotations never need. Remove the line “<!DOCTYPE …>”.").format(
                name=name
            )
        )


def parse(data: bytes) -> ET.Element | None:
    """Return the root of an annotation; None for XML that is something else.

    Raises:
        InputError: it is no XML, or has a document type.
    """
    parser = ET.XMLParser(target=_Plain())
    try:
        parser.feed(_decoded(data))
        root: ET.Element = parser.close()
    except (ET.ParseError, ValueError, LookupError) as exc:  # the last two for an encoding that Python does not know
        raise InputError(_("It is no XML: {reason}.").format(reason=exc)) from exc
    return root if root.tag == "annotation" else None


def _decoded(data: bytes) -> bytes | str:
    """Return a file as the parser takes it, which knows no encoding with several bytes a character but Unicode's."""
    said = _ENCODING.match(data)
    name = said[1].decode().lower().replace("-", "_") if said else ""
    return data.decode(name, errors="replace") if name in _EASTERN else data


def read(files: Iterable[tuple[str, ET.Element]], splits: Mapping[str, str]) -> Annotations:
    """Return what VOC files say.

    Args:
        files: name and root of each.
        splits: of pictures by their names without an ending, from ``ImageSets/Main``.
    """
    tally, pictures = Tally(), []
    for place, root in files:
        stem = place.rpartition("/")[2].rpartition(".")[0]
        name = (root.findtext("filename") or "").strip() or stem
        size = numbers([root.findtext("size/width"), root.findtext("size/height")])
        read = [_box(each, name, tally) for each in root.iter("object")]
        pictures.append(Annotated.of(name, place, read, size=size, split=splits.get(stem, "")))
    classes = sorted({box.label for each in pictures for box in each.boxes})
    if are_shares([edge for each in pictures for box in each.boxes for edge in box.edges]):
        remarks = [_(SHARES).format(name=pictures[0].place)]
        shares = [each.in_shares() for each in pictures]
        return Annotations(form="voc", pictures=shares, classes=classes, tally=tally, remarks=remarks)
    from_zero = any(0 <= min(box.x1, box.y1) < 1 for each in pictures for box in each.boxes)
    remark = (
        _("Edges are counted from 0: some are at 0.")
        if from_zero
        else _("Edges are counted from 1, as Pascal VOC does.")
    )
    pictures = pictures if from_zero else [_from_zero(each) for each in pictures]
    return Annotations(form="voc", pictures=pictures, classes=classes, tally=tally, remarks=[remark])


def splits_of(lists: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the split of pictures from the texts of ``ImageSets/Main/train.txt`` and so on.

    >>> splits_of([("train", "a\\nb"), ("val", "b 1"), ("cat_train", "c 1")])
    {'a': 'train', 'b': 'validation'}
    """
    known = {"train": "train", "trainval": "train", "val": "validation", "test": "test"}
    found: dict[str, str] = {}
    for name in known:
        for listed, text in lists:
            if listed == name:
                rows = (line.split() for line in text.splitlines() if line.split())
                found |= {row[0]: known[name] for row in rows if name != "trainval" or row[0] not in found}
    return found


def _box(each: ET.Element, where: str, tally: Tally) -> Drawn | None:
    label, at = (each.findtext("name") or "").strip(), each.find("bndbox")
    read = numbers([at.findtext(edge) for edge in _EDGES]) if at is not None else None
    if not read and (outline := each.find("polygon")) is not None:
        points = numbers([child.text for child in outline])
        if points and len(points) % 2 == 0:
            tally.add("polygon", where)
            read = list(around(points))
    if not read or not label:
        tally.add("unknown" if read else "unreadable", where)
        return None
    return Drawn(label, *read)


def _from_zero(picture: Annotated) -> Annotated:
    boxes = tuple(replace(box, x1=box.x1 - 1, y1=box.y1 - 1) for box in picture.boxes)
    return replace(picture, boxes=boxes)
