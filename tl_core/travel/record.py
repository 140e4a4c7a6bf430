"""What an exported project says of itself: ``thaw.json`` in its zip, and where its files lie."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tl_core.dataset.names import plain
from tl_core.errors import InputError
from tl_core.ingest.entries import PROJECT as NAME
from tl_core.ingest.members import DAMAGED
from tl_core.language import _

#: The format that is written, and the newest one that is read.
FORMAT = 1
README = "README.txt"
#: Every file of a project lies in this folder of the zip.
UNDER = "project/"
#: The record may have at most this many bytes: its list of files is long only where runs are many.
_MOST = 64 * 2**20
#: Characters of a project's name at most; what the app writes has far fewer.
_LONGEST_NAME = 1000


@dataclass(frozen=True, kw_only=True)
class PackedFile:
    """A file of the zip that is no picture.

    Attributes:
        name: below ``project/``.
        bytes: of it.
        sha256: 64 hex digits.
    """

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is in the zip of a project.

    Attributes:
        format: of the zip; a newer one is not read.
        name: of the project, as a person typed it.
        listed: pictures in its present list.
        pictures: files of pictures in the zip, those of earlier versions of the list, too; 0: only their list travels.
        runs: in the zip.
        opened: how often the test pictures have been opened in the project, by runs that stayed at home, too.
        files: every other file.
    """

    format: int
    name: str
    listed: int
    pictures: int
    runs: int
    opened: int
    files: tuple[PackedFile, ...]

    def sentence(self) -> str:
        """Return what is in the zip, for a person.

        >>> Record(format=1, name="Pets", listed=12, pictures=0, runs=1, opened=0, files=()).sentence()
        'A project of 12 pictures, of which only the list is here, and 1 run.'
        """
        from tl_core.wording import pictures, plural

        if self.pictures or not self.listed:
            said = (
                _("A project of {pictures} and {runs}.")
                if self.runs
                else _("A project of {pictures}, without its runs.")
            )
        else:
            said = (
                _("A project of {pictures}, of which only the list is here, and {runs}.")
                if self.runs
                else _("A project of {pictures}, of which only the list is here, without its runs.")
            )
        return said.format(pictures=pictures(self.listed), runs=plural(self.runs, "run", "runs"))


class TravelError(InputError):
    """The zip of a project cannot be opened; nothing of it was imported."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            _("“{file}” cannot be opened as a project: {reason} Nothing was imported.").format(file=name, reason=why)
        )


def folder_of(archive: zipfile.ZipFile) -> str | None:
    """Return the folder of a zip that a project lies in, ``""`` for none; None if the zip is no project.

    A project that was unpacked and packed again often lies in a folder.
    """
    ends = (each for each in archive.namelist() if each == NAME or each.endswith(f"/{NAME}"))
    places = [each.removesuffix(NAME) for each in ends if each.count("/") <= 1]
    return next((each for each in places if not each.startswith("__MACOSX")), None)


def of_file(path: Path) -> Record | None:
    """Return the record of an exported project; None if the file is none.

    Raises:
        TravelError: it is one, and its record cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return None if folder_of(archive) is None else read(archive, path.name)
    except DAMAGED:
        return None


def read(archive: zipfile.ZipFile, name: str) -> Record:
    """Return the record in an opened zip. Raises TravelError if it cannot be read, or is of a newer version."""
    folder = folder_of(archive)
    if folder is None:
        raise TravelError(name, _("it has no “{file}”. Export the project again.").format(file=NAME))
    try:
        data = _content(archive, f"{folder}{NAME}")
        _check_format(json.loads(data), name)
        record = msgspec.json.decode(data, type=Record)
    except (*DAMAGED, RecursionError, msgspec.MsgspecError) as exc:
        raise TravelError(name, _("its “{file}” is damaged. Export the project again.").format(file=NAME)) from exc
    named = len(record.name) <= _LONGEST_NAME and plain(record.name)
    if min(record.listed, record.pictures, record.runs, record.opened) < 0 or not named:
        raise TravelError(name, _("its “{file}” is damaged. Export the project again.").format(file=NAME))
    return record


def _content(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _MOST:
        raise ValueError("too large for a record")
    return archive.read(name)


def _check_format(value: object, name: str) -> None:
    format_ = value.get("format") if isinstance(value, dict) else None
    if not isinstance(format_, int):
        raise ValueError("no format")
    if format_ > FORMAT:
        raise TravelError(
            name,
            _("a newer Thaw wrote it (format {format}; this one reads {known}). Update Thaw.").format(
                format=format_, known=FORMAT
            ),
        )
