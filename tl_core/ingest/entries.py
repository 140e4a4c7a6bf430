"""One file of a source: its name, which is only ever a label, and how to read it."""

import functools
import mimetypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tl_core import wording
from tl_core.dataset import other_files
from tl_core.dataset.names import plain
from tl_core.dataset.split_words import word_list
from tl_core.errors import InputError
from tl_core.language import N_, _, ngettext
from tl_core.paths import MAX_BYTES

#: A source with more files than this is not read.
MAX_FILES = 500_000

#: Files and folders that systems leave, in lower case, and what is said of each.
JUNK = {
    "__macosx": N_("Not a picture of yours: “{name}” is left by macOS."),
    "thumbs.db": N_("Not a picture of yours: “{name}” is left by Windows."),
    "ehthumbs.db": N_("Not a picture of yours: “{name}” is left by Windows."),
    "desktop.ini": N_("Not a picture of yours: “{name}” is left by Windows."),
    "$recycle.bin": N_("Not a picture of yours: “{name}” is left by Windows."),
    "system volume information": N_("Not a picture of yours: “{name}” is left by Windows."),
    "icon\r": N_("Not a picture of yours: “{name}” is left by macOS."),
    "@eadir": N_("Not a picture of yours: “{name}” is left by a network drive."),
}

#: Endings of tables that may say which picture is of which class.
TABLES = (".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl", ".ndjson")
_WORKBOOKS = (".xlsx", ".xls", ".ods", ".numbers")
#: The file by which an exported project is known.
PROJECT = "thaw.json"
#: Bytes that tell the format of a picture.
HEAD = other_files.HEAD
#: Endings of pictures that Python's table of types does not know.
_PICTURES = frozenset(
    word_list(
        ".apng .arw .avif .bmp .cr2 .cr3 .cur .dds .dib .dng .fits .gif .heic .heif .icns .ico .j2c .j2k .jfif "
        ".jp2 .jpe .jpeg .jpf .jpg .jpx .mpo .nef .nrw .orf .pbm .pcx .pef .pfm .pgm .png .pnm .ppm .psd .qoi .raf "
        ".ras .raw .rgb .rw2 .sgi .srw .tga .tif .tiff .webp .x3f .xbm .xpm"
    )
)

_types = mimetypes.MimeTypes(filenames=())


@dataclass(frozen=True)
class LeftOut:
    """A file that was not imported.

    Attributes:
        name: as it came, ``/`` between folders.
        reason: a sentence, shown by ``_``: in English here where ``N_`` marks it, else in the language of the import.
        copy: whether it says nothing that another of the same source does not say.
    """

    name: str
    reason: str
    copy: bool = False


@dataclass(frozen=True)
class Entry:
    """A file that may be an image.

    Attributes:
        name: its path as it came, ``/`` between folders, fit to be shown.
        read: returns its bytes; raises InputError with the reason if it cannot.
        begin: returns its first bytes, ``HEAD`` at most; None: those of ``read``.
        path: where it lies on this machine; None for one that is packed.
    """

    name: str
    read: Callable[[], bytes]
    begin: Callable[[], bytes] | None = None
    path: Path | None = None

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders around it, outermost first."""
        return tuple(self.name.split("/")[:-1])


def junk(name: str) -> str | None:
    """Return why a file is one that a system leaves or hides, None if it is not."""
    *folders, file = name.split("/")
    for step in (*folders, file):
        if step.lower() in JUNK:
            return _(JUNK[step.lower()]).format(name=step)
        if step.startswith("."):
            hidden = _("Hidden file “{name}”.") if step == file else _("Hidden folder “{name}”.")
            return hidden.format(name=step)
    return None


def about_empty(folders: Sequence[str]) -> list[str]:
    """Return a sentence on folders without files; empty if there are none, or only such as systems leave.

    >>> about_empty(["bird", ".git"])
    ['The folder “bird” is empty.']
    """
    named = [wording.quoted(name) for name in sorted(folders) if not junk(f"{name}/x")]
    if not named:
        return []
    text = ngettext("The folder {names} is empty.", "{n} folders are empty: {names}.", len(named))
    return [text.format(n=wording.number(len(named)), names=wording.listed(named, 4))]


def why_no_picture(name: str) -> str | None:
    """Return why a name is not that of an image, None if it may be one."""
    if reason := junk(name):
        return reason
    file = name.rpartition("/")[2]
    kind, packed = _types.guess_type(file)
    if kind == "application/zip" or packed:
        return _("An archive inside: unpack it and import what it holds.")
    if file.lower().endswith(_WORKBOOKS):
        return _("A workbook. If it says which picture is of which class, save it as CSV.")
    if kind and not kind.startswith("image/"):
        return _("Not a picture, by its name ({ending}).").format(ending=Path(file).suffix)
    return None


def is_table(name: str) -> bool:
    """Return whether a file may be a table of labels, by its name."""
    return name.lower().endswith(TABLES)


def why_no_content(entry: Entry) -> str | None:
    """Return why a file whose ending says nothing is no image, by its first bytes; None if it may be one."""
    ending = Path(entry.name).suffix.lower()
    if ending in _PICTURES or (_types.guess_type(entry.name)[0] or "").startswith("image/"):
        return None
    try:
        head = (entry.begin or entry.read)()[:HEAD]
    except InputError as exc:
        return str(exc)
    padded = head.ljust(HEAD)  # what looks at the first bytes expects some
    if not head or any(accepts(padded) for accepts in _formats()):
        return None
    return other_files.why(head, _("Not a picture, by its content."))


@functools.cache
def _formats() -> list[Callable[[bytes], object]]:
    from PIL import Image

    from tl_core.dataset.opening import formats

    return [accept for kind in formats() if kind in Image.OPEN and (accept := Image.OPEN[kind][1]) is not None]


def read_file(path: Path) -> bytes:
    """Return a file's bytes. Raises InputError if it is too large or cannot be read."""
    try:
        large = path.stat().st_size > MAX_BYTES
        return bounded(begin_file(path, MAX_BYTES + 1) if large else path.read_bytes())
    except OSError as exc:
        raise InputError(_("It cannot be read: {reason}.").format(reason=exc.strerror)) from exc


def begin_file(path: Path, count: int = HEAD) -> bytes:
    """Return a file's first bytes. Raises InputError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError as exc:
        raise InputError(_("It cannot be read: {reason}.").format(reason=exc.strerror)) from exc


def bounded(data: bytes) -> bytes:
    """Return the bytes of a file. Raises InputError if there are more than ``MAX_BYTES``."""
    if len(data) > MAX_BYTES:
        raise InputError(
            _("It is larger than {size}, the limit. Make it smaller first.").format(size=wording.size(MAX_BYTES))
        )
    return data


CLIMBS = N_("Its name points outside its own folder (“..”, or a path from the root of a disk).")


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
