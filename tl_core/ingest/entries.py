"""One file of a source: its name, which is only ever a label, and how to read it."""

import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tl_core import wording
from tl_core.dataset.names import plain
from tl_core.errors import InputError

#: A file with more bytes than this is not read.
MAX_BYTES = 256 * 2**20

#: Files and folders that systems leave, in lower case.
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


def why_no_picture(name: str) -> str | None:
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


def read_file(path: Path) -> bytes:
    """Return a file's bytes. Raises InputError if it is too large or cannot be read."""
    try:
        with path.open("rb") as file:
            return bounded(file.read(MAX_BYTES + 1))
    except OSError as exc:
        raise InputError(f"It cannot be read: {exc.strerror}.") from exc


def bounded(data: bytes) -> bytes:
    """Return the bytes of a file. Raises InputError if there are more than ``MAX_BYTES``."""
    if len(data) > MAX_BYTES:
        raise InputError(f"It is larger than {wording.size(MAX_BYTES)}, the limit. Make it smaller first.")
    return data


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
