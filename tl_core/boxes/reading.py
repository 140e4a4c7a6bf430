"""Which annotation files a source has, how they are written, and what they say."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from xml.etree.ElementTree import Element

from tl_core import wording
from tl_core.boxes import coco, createml, tables, voc, yolo
from tl_core.boxes.annotations import Annotations, Tally
from tl_core.boxes.numbers import json_of, text_of
from tl_core.errors import InputError
from tl_core.ingest.entries import Entry, LeftOut, junk, why_no_content, why_no_picture
from tl_core.language import N_, _

#: How boxes are written down, for people; also the order in which forms are looked for.
FORMS = {
    "coco": N_("COCO (JSON)"),
    "createml": N_("Create ML (JSON)"),
    "voc": N_("Pascal VOC (XML)"),
    "yolo": N_("YOLO (text files)"),
    "csv": N_("a table of boxes (CSV)"),
}
BROKEN = N_("“{name}” was not read: {reason}")
#: Files that are broken, of which so many are named before a person looks at what was left out.
MOST_BROKEN = 3
#: Characters of a class that is none.
MOST_SAID = 30
_ENDINGS = (".json", ".xml", ".txt", ".csv", ".tsv", ".yaml", ".yml", ".names", ".labels")


@dataclass
class _Found:
    """What each form could be read from."""

    coco: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    createml: list[tuple[str, list[Mapping[str, Any]]]] = field(default_factory=list)
    voc: list[tuple[str, Element]] = field(default_factory=list)
    yolo: list[tuple[str, str]] = field(default_factory=list)
    csv: list[tuple[str, str]] = field(default_factory=list)
    names: dict[int, str] | None = None
    lists: list[tuple[str, str]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


@dataclass(frozen=True)
class Read:
    """A source of boxes: its annotations, its pictures, and all other files with the reason."""

    annotations: Annotations
    pictures: Sequence[Entry]
    left_out: Sequence[LeftOut]


def read(items: Iterable[Entry | LeftOut], name: str, *, drawn_later: bool = False) -> Read:
    """Return what the annotation files among some files say. The files have to be open.

    Args:
        items: all files of the source.
        name: of the source, for a person.
        drawn_later: whether pictures alone will do.

    Raises:
        InputError: there are no annotations, or those of two forms.
    """
    found, pictures = _Found(), []
    for item in items:
        if isinstance(item, LeftOut):
            found.left_out.append(item)
        elif reason := junk(item.name):
            found.left_out.append(LeftOut(item.name, reason))
        elif item.name.lower().endswith(_ENDINGS):
            _sort(item, found)
        elif reason := why_no_picture(item.name) or why_no_content(item):
            found.left_out.append(LeftOut(item.name, reason))
        else:
            pictures.append(item)
    pictures.sort(key=lambda entry: entry.name)
    forms = [form for form in FORMS if getattr(found, form)]
    if len(forms) > 1:
        named = wording.listed([_(FORMS[form]) for form in forms])
        raise InputError(
            _("“{name}” has boxes in several forms: {forms}. Keep the files of one of them.").format(
                name=name, forms=named
            )
        )
    left_out = sorted(found.left_out, key=lambda item: item.name)
    if not forms and drawn_later:
        nothing = Annotations(form="", pictures=(), classes=(), tally=Tally(), remarks=found.broken[:MOST_BROKEN])
        return Read(nothing, pictures, left_out)
    if not forms:
        known = wording.listed([_(title) for title in FORMS.values()])
        none = _("“{name}” has no file with boxes that can be read. Boxes can be in one of these forms: {forms}.")
        raise InputError(" ".join([none.format(name=name, forms=known), *found.broken[:MOST_BROKEN]]))
    said = _READERS[forms[0]](found)
    said = replace(said, remarks=[*said.remarks, *found.broken[:MOST_BROKEN]])
    return Read(said, pictures, left_out)


def _read_voc(found: _Found) -> Annotations:
    return voc.read(sorted(found.voc, key=lambda each: each[0]), voc.splits_of(found.lists))


_READERS: dict[str, Callable[[_Found], Annotations]] = {
    "coco": lambda found: coco.read(sorted(found.coco, key=lambda each: each[0])),
    "createml": lambda found: createml.read(sorted(found.createml, key=lambda each: each[0])),
    "voc": _read_voc,
    "yolo": lambda found: yolo.read(sorted(found.yolo), found.names),
    "csv": lambda found: tables.read(sorted(found.csv)),
}


def _sort(item: Entry, found: _Found) -> None:
    """Note what an annotation file is; one that is none is left out with the reason."""
    try:
        data = item.read()
        kind = item.name.lower().rpartition(".")[2]
        fits = _SORTERS[kind](item.name, data, found)
    except InputError as exc:
        found.left_out.append(LeftOut(item.name, str(exc)))
        found.broken.append(_(BROKEN).format(name=item.name, reason=" ".join(str(exc).split())))
        return
    if not fits:
        found.left_out.append(LeftOut(item.name, N_("No picture, and no boxes in a form that can be read.")))


def _json(name: str, data: bytes, found: _Found) -> bool:
    value = json_of(data, name)
    if coco.fits(value):
        found.coco.append((name, value))
    elif createml.fits(value):
        found.createml.append((name, value))
    return coco.fits(value) or createml.fits(value)


def _xml(name: str, data: bytes, found: _Found) -> bool:
    root = voc.parse(data)
    if root is not None:
        found.voc.append((name, root))
    return root is not None


def _txt(name: str, data: bytes, found: _Found) -> bool:
    text, *folders, file = text_of(data), *name.split("/")
    if file.lower() in yolo.NAMES:
        found.names = found.names or yolo.names_of_lines(text)
    elif "imagesets" in (folder.lower() for folder in folders):
        found.lists.append((file.rpartition(".")[0], text))
    elif yolo.looks_like(text):
        found.yolo.append((name, text))
    elif tables.looks_like(text):
        found.csv.append((name, text))
    elif said := yolo.strange_class(text):
        raise InputError(
            _("In YOLO's files each line begins with the number of a class, 0 or more. Received: {said}.").format(
                said=wording.quoted(said[:MOST_SAID])
            )
        )
    else:
        return False
    return True


def _table(name: str, data: bytes, found: _Found) -> bool:
    text = text_of(data)
    if tables.looks_like(text):
        found.csv.append((name, text))
        return True
    return False


def _yaml(name: str, data: bytes, found: _Found) -> bool:
    names = yolo.names_of_yaml(text_of(data), name)
    found.names = names or found.names
    return names is not None


_SORTERS: dict[str, Callable[[str, bytes, _Found], bool]] = {
    "json": _json,
    "xml": _xml,
    "txt": _txt,
    "names": _txt,
    "labels": _txt,
    "csv": _table,
    "tsv": _table,
    "yaml": _yaml,
    "yml": _yaml,
}
