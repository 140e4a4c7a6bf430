"""Where images come from: a folder, a zip, an upload that lies in the workspace. All give the same: named entries.

A name that comes from outside is only ever a label. It is never used as a path to write to.
"""

import contextlib
import json
import mimetypes
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tl_core import wording
from tl_core.dataset.names import plain
from tl_core.errors import InputError
from tl_core.workspace import read_json

MAX_FILES = 500_000
#: A file with more bytes than this is not read.
MAX_BYTES = 256 * 2**20
#: An archive may unpack to this many times its size, or to this many bytes if that is more.
MAX_RATIO, ALWAYS_ALLOWED = 100, 2**30

JUNK = {
    "__macosx": "left by macOS",
    "thumbs.db": "left by Windows",
    "ehthumbs.db": "left by Windows",
    "desktop.ini": "left by Windows",
    "$recycle.bin": "left by Windows",
    "system volume information": "left by Windows",
    "icon\r": "left by macOS",
    "@eadir": "left by a network drive",
}

_types = mimetypes.MimeTypes(filenames=())


@dataclass(frozen=True)
class Source:
    """What to import.

    Attributes:
        kind: ``"folder"``, ``"zip"``, or ``"upload"`` (a staging folder in the workspace). A folder's path may name a
            zip file, and an upload may consist of one zip: that is opened then.
        path: where it lies.
    """

    kind: str
    path: str

    def __post_init__(self) -> None:
        if self.kind not in ("folder", "zip", "upload"):
            raise InputError(f"Pictures come from a folder, a zip or an upload. Received: {self.kind!r}.")


@dataclass(frozen=True)
class LeftOut:
    """A file that was not imported.

    Attributes:
        name: as it came, ``/`` between folders.
        reason: a sentence.
    """

    name: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """A file that may be an image.

    Attributes:
        name: its path as it came, ``/`` between folders, fit to be shown.
        read: returns its bytes; raises InputError with the reason if it cannot.
    """

    name: str
    read: Callable[[], bytes]

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders around it, outermost first."""
        return tuple(self.name.split("/")[:-1])


@dataclass(frozen=True)
class Contents:
    """What a source holds.

    Attributes:
        name: of the source, for a person.
        entries: files that may be images, sorted by name.
        left_out: all other files.
    """

    name: str
    entries: list[Entry]
    left_out: list[LeftOut]


@contextlib.contextmanager
def open_source(source: Source) -> Iterator[Contents]:
    """Open a source; its entries can be read until the end of the ``with``.

    Raises:
        InputError: there is nothing of that kind at the path, or an upload was cut off.
    """
    place = Path(source.path).expanduser()
    if source.kind == "upload":
        with _upload(place) as contents:
            yield contents
    elif not place.exists():
        raise InputError(f"There is no {source.kind} {plain(str(place))}. Check the path.")
    elif place.is_dir():
        yield _sorted(plain(place.absolute().name), _folder(place))
    else:
        with _archive(place, plain(place.name)) as contents:
            yield contents


def _sorted(name: str, items: Iterator[Entry | LeftOut]) -> Contents:
    entries, left_out = [], []
    for number, item in enumerate(items):
        if number >= MAX_FILES:
            raise InputError(f"“{name}” holds more than {MAX_FILES:,} files. Import it in several steps.")
        reason = _no_picture(item.name) if isinstance(item, Entry) else item.reason
        if isinstance(item, Entry) and reason is None:
            entries.append(item)
        else:
            left_out.append(LeftOut(item.name, reason or ""))
    return Contents(name, sorted(entries, key=lambda entry: entry.name), left_out)


def _no_picture(name: str) -> str | None:
    """Return why a name is not that of an image, None if it may be one."""
    *folders, file = name.split("/")
    for step in (*folders, file):
        if step.lower() in JUNK:
            return f"Not a picture of yours: “{step}” is {JUNK[step.lower()]}."
        if step.startswith("."):
            return f"Hidden {'file' if step == file else 'folder'} “{step}”."
    kind, packed = _types.guess_type(file)
    if kind == "application/zip" or packed:
        return "An archive inside: unpack it and import what it holds."
    if kind and not kind.startswith("image/"):
        return f"Not a picture, by its name ({Path(file).suffix})."
    return None


def _folder(root: Path) -> Iterator[Entry | LeftOut]:
    seen: set[tuple[int, int]] = set()
    failed: list[OSError] = []
    for folder, folders, files in os.walk(root, followlinks=True, onerror=failed.append):
        about = os.stat(folder)  # noqa: PTH116 - os.walk gives text
        if (about.st_dev, about.st_ino) in seen:  # a link back up: once is enough
            folders.clear()
            continue
        seen.add((about.st_dev, about.st_ino))
        for file in files:
            yield _file(Path(folder, file), root)
    for error in failed:
        yield LeftOut(_relative(Path(str(error.filename)), root), f"The folder cannot be read: {error.strerror}.")


def _relative(path: Path, root: Path) -> str:
    return "/".join(plain(part) or "_" for part in path.relative_to(root).parts) or "."


def _file(path: Path, root: Path) -> Entry | LeftOut:
    name = _relative(path, root)
    try:
        about = path.stat()
    except OSError:
        return LeftOut(name, "A link that leads nowhere.")
    if not stat.S_ISREG(about.st_mode):
        return LeftOut(name, "Not an ordinary file.")
    return Entry(name, lambda: read_file(path))


def read_file(path: Path) -> bytes:
    """Return a file's bytes. Raises InputError if it is too large or cannot be read."""
    try:
        with path.open("rb") as file:
            return _bounded(file.read(MAX_BYTES + 1))
    except OSError as exc:
        raise InputError(f"It cannot be read: {exc.strerror}.") from exc


def _bounded(data: bytes) -> bytes:
    if len(data) > MAX_BYTES:
        raise InputError(f"It is larger than {wording.size(MAX_BYTES)}, the limit. Make it smaller first.")
    return data


@contextlib.contextmanager
def _upload(staged: Path) -> Iterator[Contents]:
    """Give the files of an upload: ``names.jsonl`` has the name each came with, ``upload.json`` says if it is whole."""
    if not (staged / "upload.json").is_file():
        raise InputError("This upload is no longer there. Upload the pictures again.")
    about = read_json(staged / "upload.json")
    lines = (staged / "names.jsonl").read_bytes().splitlines() if (staged / "names.jsonl").exists() else []
    files = [_staged(staged, line) for line in lines]
    arrived = sum(path is not None and path.is_file() for _, path in files)
    if not about.get("complete") or arrived != about.get("total") or arrived != len(files):
        raise InputError(
            f"The upload was cut off: {arrived:,} of {about.get('total') or 0:,} files arrived. "
            "Nothing was imported. Upload them again."
        )
    name, first = files[0] if files else ("", None)
    if len(files) == 1 and first is not None and name.lower().endswith(".zip"):
        with _archive(first, plain(name.split("/")[-1])) as contents:
            yield contents
    else:
        yield _sorted("the upload", (_named(name, path) for name, path in files if path is not None))


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
    return Entry("/".join(parts), lambda: read_file(path)) if parts else LeftOut(plain(name), CLIMBS)


CLIMBS = "Its name points outside its own folder (“..”, or a path from the root of a disk)."


def safe_parts(name: str) -> tuple[str, ...]:
    """Return the steps of a path from outside, with either slash; empty if it is absolute or climbs.

    >>> safe_parts("photos\\\\cat/1.jpg")
    ('photos', 'cat', '1.jpg')
    >>> safe_parts("../../etc/passwd")
    ()
    """
    parts = name.replace("\\", "/").split("/")
    if parts[0] == "" or ".." in parts or (len(parts[0]) == 2 and parts[0][1] == ":"):
        return ()
    return tuple(plain(part) or "_" for part in parts if part not in ("", "."))


@contextlib.contextmanager
def _archive(path: Path, name: str) -> Iterator[Contents]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as exc:
        raise InputError(f"“{name}” cannot be opened as a zip: it is damaged, cut off or not a zip.") from exc
    with archive:
        budget = _Budget(name, max(ALWAYS_ALLOWED, MAX_RATIO * path.stat().st_size))
        members = [info for info in archive.infolist() if not info.is_dir()]
        budget.check(sum(info.file_size for info in members))
        yield _sorted(name, (_member(archive, info, budget) for info in members))


class _Budget:
    """How many bytes an archive may still unpack to, whatever its headers say."""

    def __init__(self, name: str, most: int) -> None:
        self.name, self.most, self.spent = name, most, 0

    def check(self, size: int) -> None:
        if self.spent + size > self.most:
            raise ZipBombError(
                f"“{self.name}” unpacks to over {wording.size(self.most)}, far more than a zip of its size should: "
                "a zip bomb. Nothing was imported. If the pictures are real, unpack it and import the folder."
            )

    def spend(self, size: int) -> None:
        self.check(size)
        self.spent += size


class ZipBombError(InputError):
    """An archive that would fill the disk or the memory; unlike other errors of an entry it ends the import."""


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: _Budget) -> Entry | LeftOut:
    parts = safe_parts(info.filename)
    if not parts:
        return LeftOut(plain(info.filename), CLIMBS)
    name = "/".join(parts)
    if stat.S_ISLNK(info.external_attr >> 16):
        return LeftOut(name, "A link, not a file. Links in an archive are not followed.")
    if info.flag_bits & 1:
        return LeftOut(name, "The zip is locked with a password. Unpack it and import the folder.")
    return Entry(name, lambda: _unpack(archive, info, budget))


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: _Budget) -> bytes:
    try:
        with archive.open(info) as file:
            data = _bounded(file.read(MAX_BYTES + 1))
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as exc:
        raise InputError(f"It is damaged inside the zip ({exc}).") from exc
    budget.spend(len(data))
    return data
