"""Where images come from: a folder, a zip, an upload that lies in the workspace. All give the same: named entries.

A name that comes from outside is only ever a label. It is never used as a path to write to.
"""

import contextlib
import json
import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from tl_core import paths
from tl_core.dataset.names import plain
from tl_core.errors import InputError
from tl_core.files import read_json
from tl_core.ingest import archive
from tl_core.ingest.entries import (
    CLIMBS,
    MAX_FILES,
    PROJECT,
    Entry,
    LeftOut,
    about_empty,
    begin_file,
    is_table,
    junk,
    read_file,
    safe_parts,
    why_no_content,
    why_no_picture,
)
from tl_core.language import _
from tl_core.wording import number


@dataclass(frozen=True)
class Source:
    """What to import.

    Attributes:
        kind: ``"folder"``, ``"zip"``, or ``"upload"`` (a staging folder in the workspace). A folder's path may name a
            zip or another archive, and an upload may consist of one: that is opened then.
        path: where it lies.
    """

    kind: str
    path: str

    def __post_init__(self) -> None:
        if self.kind not in ("folder", "zip", "upload"):
            raise InputError(
                _("Pictures come from a folder, a zip or an upload. Received: {kind}.").format(kind=repr(self.kind))
            )


@dataclass(frozen=True)
class Contents:
    """What a source holds.

    Attributes:
        name: of the source, for a person.
        entries: files that may be images, sorted by name.
        left_out: all other files but the tables.
        tables: files that may be tables of labels.
        remarks: sentences on what was assumed.
    """

    name: str
    entries: list[Entry]
    left_out: list[LeftOut]
    tables: list[Entry] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@contextlib.contextmanager
def open_source(source: Source) -> Iterator[Contents]:
    """Open a source of images; its entries can be read until the end of the ``with``.

    Raises:
        InputError: there is nothing of that kind at the path, or an upload was cut off.
    """
    with open_files(source) as files:
        yield _sorted(files)


@dataclass(frozen=True)
class Files:
    """All files of a source, whatever they hold.

    Attributes:
        name: of the source, for a person.
        items: the files, in any order.
        remarks: sentences on what was assumed.
    """

    name: str
    items: Iterable[Entry | LeftOut]
    remarks: Sequence[str] = ()


@contextlib.contextmanager
def open_files(source: Source) -> Iterator[Files]:
    """Open a source; its files can be read until the end of the ``with``. Raises what ``open_source`` does."""
    if source.kind == "upload":
        with _upload(Path(source.path)) as files:
            yield files
        return
    place = paths.existing(source.path)
    if place.is_dir():
        remarks: list[str] = []
        yield Files(plain(place.absolute().name), _folder(place, remarks), remarks)
    else:
        with archive.opened(place, plain(place.name)) as members:
            yield Files(plain(place.name), members.items, members.remarks)


def _sorted(files: Files) -> Contents:
    name = files.name
    entries, left_out, tables = [], [], []
    times = Counter[str]()
    for at, item in enumerate(files.items):
        if at >= MAX_FILES:
            raise InputError(
                _("“{name}” holds more than {most} files. Import it in several steps.").format(
                    name=name, most=number(MAX_FILES)
                )
            )
        if item.name.removeprefix(f"{item.name.partition('/')[0]}/") == PROJECT:
            raise InputError(
                _(
                    "“{name}” is an exported project, not a set of pictures. Import its zip as a project. If "
                    "it was unpacked, pack the folder as a zip first."
                ).format(name=name)
            )
        if isinstance(item, LeftOut):
            left_out.append(item)
        elif is_table(item.name) and not junk(item.name):
            tables.append(item)
        elif reason := why_no_picture(item.name) or why_no_content(item):
            left_out.append(LeftOut(item.name, reason))
        else:
            times[item.name] += 1
            entries.append(_apart(item, times[item.name]))
    entries.sort(key=lambda entry: entry.name)
    return Contents(name, entries, left_out, sorted(tables, key=lambda entry: entry.name), list(files.remarks))


def _apart(entry: Entry, time: int) -> Entry:
    """Return an entry under a name of its own: an archive may hold a name twice, and two may read the same."""
    before, dot, ending = entry.name.rpartition(".")
    return entry if time == 1 else replace(entry, name=f"{before} ({time}){dot}{ending}" if before else entry.name)


def _folder(root: Path, remarks: list[str]) -> Iterator[Entry | LeftOut]:
    """Give the files of a folder; links to folders come last, so that what lies in a folder has its name from there."""
    seen: set[tuple[int, int]] = set()
    failed: list[OSError] = []
    empty: list[str] = []
    starts = [root]
    for start in starts:
        for place, folders, files in os.walk(start, onerror=failed.append):
            folder = Path(place)
            about = folder.stat()
            if (about.st_dev, about.st_ino) in seen:
                yield LeftOut(_relative(folder, root), _("A link to a folder that is read anyway."))
                folders.clear()
                continue
            seen.add((about.st_dev, about.st_ino))
            starts += [folder / each for each in folders if (folder / each).is_symlink()]
            if not files and not folders:
                empty.append(_relative(folder, root))
            for file in files:
                yield _file(folder / file, root)
    for error in failed:
        yield LeftOut(
            _relative(Path(str(error.filename)), root),
            _("The folder cannot be read: {reason}.").format(reason=error.strerror),
        )
    remarks += about_empty(empty)


def _relative(path: Path, root: Path) -> str:
    return "/".join(plain(part) or "_" for part in path.relative_to(root).parts) or "."


def _file(path: Path, root: Path) -> Entry | LeftOut:
    name = _relative(path, root)
    try:
        about = path.stat()
    except OSError:
        return LeftOut(name, _("A link that leads nowhere."))
    if not stat.S_ISREG(about.st_mode):
        return LeftOut(name, _("Not an ordinary file."))
    return _entry(name, path)


def _entry(name: str, path: Path) -> Entry:
    return Entry(name, partial(read_file, path), partial(begin_file, path), path)


@contextlib.contextmanager
def _upload(staged: Path) -> Iterator[Files]:
    """Give the files of an upload: ``names.jsonl`` has the name each came with, ``upload.json`` says if it is whole."""
    if not (staged / "upload.json").is_file():
        raise InputError(_("This upload is no longer there. Upload the pictures again."))
    about = read_json(staged / "upload.json")
    lines = (staged / "names.jsonl").read_bytes().splitlines() if (staged / "names.jsonl").exists() else []
    files = [_staged(staged, line) for line in lines]
    arrived = sum(path is not None and path.is_file() for __, path in files)
    if not about.get("complete") or arrived != about.get("total") or arrived != len(files):
        raise InputError(
            _(
                "The upload was cut off: {arrived} of {every} files arrived. Nothing was imported. Upload them again."
            ).format(arrived=number(arrived), every=number(about.get("total") or 0))
        )
    name, first = files[0] if files else ("", None)
    if len(files) == 1 and first is not None and archive.is_archive(name):
        shown = plain(name.split("/")[-1])
        with archive.opened(first, shown) as members:
            yield Files(shown, members.items, members.remarks)
    else:
        yield Files(_("the upload"), (_named(name, path) for name, path in files if path is not None))


def _staged(staged: Path, line: bytes) -> tuple[str, Path | None]:
    """Return the name that a file came with, and the file; None if the line is torn or names no file of the upload."""
    try:
        record = json.loads(line)
        file = str(record["file"])
        return str(record["name"]), staged / file if Path(file).name == file else None
    except (ValueError, KeyError, TypeError):
        return "", None


def _named(name: str, path: Path) -> Entry | LeftOut:
    parts = safe_parts(name)
    return _entry("/".join(parts), path) if parts else LeftOut(plain(name), CLIMBS)
