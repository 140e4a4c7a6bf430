"""Where texts come from: a table, several of them, a folder of text files for each class, a zip, pasted lines."""

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path, PurePath, PurePosixPath

from tl_core import paths, wording
from tl_core.dataset.names import ClassNames, plain
from tl_core.dataset.split_words import UNLABELLED, split_word
from tl_core.dataset.splits import SPLITS
from tl_core.errors import InputError
from tl_core.ingest import archive, levels, parts
from tl_core.ingest.aside import items_of
from tl_core.ingest.entries import MAX_FILES, Entry, LeftOut, junk, read_file, why_no_picture
from tl_core.ingest.layouts import NO_CLASS
from tl_core.ingest.members import ZipBombError
from tl_core.ingest.sources import Files, Source, open_files
from tl_core.language import N_, _
from tl_core.paths import MAX_BYTES
from tl_core.text import encodings, endings, tables
from tl_core.text.guess import GUESSED, Chosen, Guess
from tl_core.text.reading import Item, TextReading
from tl_core.text.tables import Look

TABLES, TEXTS = endings.TABLES, endings.TEXTS
#: All characters that are read from a folder together.
_MOST_BYTES = 4 * MAX_BYTES
#: At most so many files of a folder are looked at.
_LOOKED_AT = 1000
_NO_TEXT = N_("Not a text, by its name.")


def read(source: Source, chosen: Chosen = GUESSED) -> TextReading:
    """Return how a source reads; nothing is written.

    A file is a table whatever its name ends in, unless it is a zip. Of several tables those with the columns of the
    largest one are read together, and the names of the files may give splits: ``train.csv``, ``test.csv``.

    Args:
        source: a file, a folder, a zip or an upload.
        chosen: what a person says of it.

    Raises:
        InputError: there is nothing at the path, or nothing that reads as texts with labels.
    """
    if source.kind == "folder" and (table := _single(source)):
        return tables.read(table.read(), table.name, chosen)
    with open_files(source) as files:
        found, texts, left_out = _sorted(files)
        if found and (chosen.table is not None or not _in_folders(texts)):
            reading = _of_tables(found, files.name, chosen)
            left_out += [LeftOut(each.name, _("Beside a table, it is not read.")) for each in texts]
        elif _in_folders(texts):
            reading = _of_folders(texts, files.name, chosen)
            left_out += [LeftOut(each.name, _("Beside folders of texts, it is not read.")) for each in found]
        elif texts:  # a table without an ending, or called .txt
            reading = _of_tables(texts, files.name, chosen)
        else:
            raise InputError(
                _(
                    "“{name}” holds no texts with labels. Give a table (CSV, TSV, JSONL, .xlsx), "
                    "or a folder of .txt files for each class."
                ).format(name=files.name)
            )
        return replace(reading, left_out=[*reading.left_out, *left_out], remarks=(*files.remarks, *reading.remarks))


def look(source: Source, chosen: Chosen = GUESSED) -> Look:
    """Return the table of a source that was chosen, else the largest one, before its columns have their roles.

    Raises:
        InputError: there is no table that can be divided into rows.
    """
    if source.kind == "folder" and (table := _single(source)):
        return tables.look(table.read(), table.name, chosen)
    with open_files(source) as files:
        found, texts, __ = _sorted(files)
        every = {each.name: each.read() for each in found or texts[:1]}
        if not every:
            raise InputError(_("“{name}” holds no table.").format(name=files.name))
        name = chosen.table if chosen.table in every else max(every, key=lambda each: len(every[each]))
        return tables.look(every[name], name, chosen)


def holds(names: Iterable[str]) -> bool:
    """Return whether files of these names are texts: there are tables or text files, and no pictures.

    A table beside pictures gives the labels of these.

    >>> holds(["mails.jsonl"]), holds(["labels.csv", "1.png"]), holds(["spam/1.txt", "ham/2.txt", "notes.pdf"])
    (True, False, True)
    """
    seen = [PurePath(name).name for name in islice(names, _LOOKED_AT) if PurePath(name).suffix]
    others = [name for name in seen if not name.lower().endswith((*TABLES, *TEXTS))]
    return len(others) < len(seen) and all(why_no_picture(name) for name in others)


def holds_texts(path: Path) -> bool:
    """Return whether a path is a table or a text by its name, or a folder or zip that ``holds`` texts."""
    if path.is_file() and (path.suffix.lower() in TABLES or not zipfile.is_zipfile(path)):
        return path.suffix.lower() in (*TABLES, *TEXTS)
    return holds(zipfile.ZipFile(path).namelist() if path.is_file() else (each.name for each in path.rglob("*")))


def pasted(text: str, chosen: Chosen = GUESSED) -> TextReading:
    """Return how pasted lines read: ``label<TAB>text``, or any table. Raises InputError.

    >>> pasted("praise\\tGreat shop!\\nquestion\\tWhere are you?\\npraise\\tThank you so much").classes
    {'praise': 2, 'question': 1}
    """
    return tables.read(text.encode("utf-8", "replace"), _("pasted lines"), replace(chosen, encoding="utf-8"))


def _single(source: Source) -> Entry | None:
    """Return the file that a path names, unless it is a folder or an archive."""
    place = paths.existing(source.path)
    if place.is_dir() or archive.is_archive(place.name):
        return None
    name = plain(place.name)
    if place.stat().st_size > MAX_BYTES:
        raise InputError(
            _("“{name}” has {size}; at most {most} are read. Split it into smaller files.").format(
                name=name, size=wording.size(place.stat().st_size), most=wording.size(MAX_BYTES)
            )
        )
    return Entry(name, lambda: read_file(place), path=place)


def _sorted(files: Files) -> tuple[list[Entry], list[Entry], list[LeftOut]]:
    """Return the tables of a source, its text files, and what is neither."""
    found: list[Entry] = []
    texts: list[Entry] = []
    left_out: list[LeftOut] = []
    for at, item in enumerate(files.items):
        if at >= MAX_FILES:
            raise InputError(
                _("“{name}” holds more than {most} files. Import it in several steps.").format(
                    name=files.name, most=wording.number(MAX_FILES)
                )
            )
        if isinstance(item, LeftOut):
            left_out.append(item)
        elif reason := junk(item.name):
            left_out.append(LeftOut(item.name, reason))
        elif item.name.lower().endswith(TABLES):
            found.append(item)
        elif item.name.lower().endswith(TEXTS) or not PurePosixPath(item.name).suffix:
            texts.append(item)
        else:
            left_out.append(LeftOut(item.name, _NO_TEXT))
    for each in (found, texts):
        each.sort(key=lambda entry: entry.name)
    return found, texts, left_out


def _in_folders(texts: Sequence[Entry]) -> bool:
    return len({entry.folders for entry in texts if entry.folders}) > 1


def _of_tables(found: Sequence[Entry], name: str, chosen: Chosen) -> TextReading:
    """Return how several tables read: together those with the columns of the largest, or the one that was chosen."""
    known = {entry.name: entry for entry in found}
    if chosen.table in known:
        found = [known[chosen.table]]
    readings, refused = _read_each(found, chosen)
    main = max(readings.values(), key=lambda each: len(each.items))
    if len(readings) == 1:
        others = tuple(each for each in known if each != main.name)
        why = _("You chose it.") if chosen.table else _("The others do not read as texts with labels.")
        table = Guess(value=main.name, why=why, others=others) if others else None
        return replace(main, table=table, left_out=[*main.left_out, *refused])
    alike = {each: reading for each, reading in readings.items() if _belongs(reading, main)}
    splits = {each: split_word(tables.stem(each))[0] for each in alike}
    divided = len(set(splits.values()) - {""}) > 1
    items = [
        replace(item, split=item.split or (splits[each] if divided and splits[each] in SPLITS else ""))
        for each, reading in alike.items()
        for item in reading.items
    ]
    remarks = [_("Read together: {tables}.").format(tables=wording.listed(list(alike)))]
    if divided:
        remarks.append(_("The names of the files give the splits."))
    refused += [
        LeftOut(each, _("It has other columns than the largest table.")) for each in readings if each not in alike
    ]
    return replace(
        main,
        name=name,
        items=items,
        table=Guess(value="", why=_("These tables have the same columns."), others=tuple(known)),
        left_out=[*(each for reading in alike.values() for each in reading.left_out), *refused],
        remarks=(*main.remarks, *remarks),
    )


def _belongs(reading: TextReading, main: TextReading) -> bool:
    """Return whether a table goes on with another: the same columns, and where they have no names the same labels."""
    if reading.columns != main.columns:
        return False
    named = reading.header is None or reading.header.value == "yes"
    return named or 2 * len(reading.classes.keys() & main.classes.keys()) >= len(reading.classes)


def _read_each(found: Sequence[Entry], chosen: Chosen) -> tuple[dict[str, TextReading], list[LeftOut]]:
    """Return the readings of tables by their names, and those that cannot be read. Raises InputError if none can."""
    readings: dict[str, TextReading] = {}
    refused: list[LeftOut] = []
    for entry in found:
        try:
            readings[entry.name] = tables.read(entry.read(), entry.name, chosen)
        except InputError as exc:
            if isinstance(exc, ZipBombError):
                raise
            refused.append(LeftOut(entry.name, str(exc)))
    if not readings:
        raise InputError(refused[0].reason)
    return readings, refused


def _of_folders(texts: Sequence[Entry], name: str, chosen: Chosen) -> TextReading:
    """Return how a folder of text files for each class reads, with splits above or below the classes."""
    divided = parts.divide(items_of(entry.name for entry in texts), lambda one, other: False)
    found = levels.read(divided.items)
    known = {entry.name: entry for entry in texts}
    labels, items, left_out, pages, total = ClassNames(), [], list(divided.left_out), set(), 0
    for each in divided.items:
        label = labels[found.label(each, found.chosen)] if found.chosen is not None else ""
        if not label or each.split == UNLABELLED:
            left_out.append(LeftOut(each.name, NO_CLASS))
            continue
        try:
            data = known[each.name].read()
            text, page = encodings.decode(data, each.name, chosen.encoding)
        except InputError as exc:
            left_out.append(LeftOut(each.name, str(exc)))
            continue
        total += len(data)
        if total > _MOST_BYTES:
            raise InputError(
                _("The texts of “{name}” have more than {most}. Import them in several steps.").format(
                    name=name, most=wording.size(_MOST_BYTES)
                )
            )
        pages.add(page.value)
        group = found.group(each, found.chosen or 0)
        split = each.split if each.split in SPLITS else ""
        items.append(Item(source=each.name, text=text, label=label, split=split, group=group))
    if not items:
        raise InputError(
            _(
                "No text of “{name}” lies in a class folder. Make a folder for each class and move the texts there."
            ).format(name=name)
        )
    return TextReading(
        name=name,
        items=items,
        left_out=left_out,
        remarks=tuple(_remarks(found, sorted(pages))),
        doubt=found.doubt or divided.doubt,
    )


def _remarks(found: levels.Levels, pages: Sequence[str]) -> list[str]:
    grouped = [wording.quoted(name) for level in found.groups for name in found.names[level]]
    said = []
    if grouped:
        said.append(
            _("{shown} are no classes: the texts of each stay in one split.").format(shown=wording.listed(grouped, 3))
        )
    if pages != ["utf-8"]:
        said.append(_("The encodings of the files are {encodings}.").format(encodings=wording.listed(list(pages))))
    return said
