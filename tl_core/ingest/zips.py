"""Zips: what their members are called and how they are read."""

import contextlib
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tl_core.errors import InputError
from tl_core.ingest import file_names
from tl_core.ingest.entries import Entry, LeftOut, about_empty, safe_parts
from tl_core.ingest.members import DAMAGED, Budget, Members, entry
from tl_core.language import _

#: Between the class and the number in the names of Teachable Machine's project file: ``Class 1-!-0.jpg``.
_TEACHABLE = "-!-"
_UTF8, _LOCKED, _UNICODE_PATH = 0x800, 0x1, 0x7075


@contextlib.contextmanager
def opened(path: Path, name: str, budget: Budget) -> Iterator[Members]:
    """Open a zip. Raises InputError if it is damaged or a bomb."""
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGED as exc:
        raise InputError(
            _("“{name}” cannot be opened as a zip: it is damaged, cut off or not a zip.").format(name=name)
        ) from exc
    with archive:
        infos = archive.infolist()
        names = _names(infos, name)
        members = [(info, text) for info, text in zip(infos, names.texts, strict=True) if text[-1:] not in ("/", "\\")]
        budget.check(sum(info.file_size for info, _ in members))
        project = any(text == "manifest.json" for _, text in members)
        pairs = ((info, _by_class(text) if project else text) for info, text in members)
        used = {text[: at + 1] for __, text in members for at, letter in enumerate(text) if letter in "/\\"}
        empty = [text[:-1] for text in names.texts if text[-1:] in ("/", "\\") and text not in used]
        notes = [*names.notes, *about_empty(["/".join(safe_parts(each)) for each in empty if safe_parts(each)])]
        yield Members((_member(archive, info, text, budget) for info, text in pairs), notes)


def _by_class(name: str) -> str:
    """Return the name of a member of Teachable Machine's project file with the class as its folder."""
    label, mark, rest = name.partition(_TEACHABLE)
    return f"{label}/{rest}" if mark and label and rest else name


def _names(infos: Sequence[zipfile.ZipInfo], what: str) -> file_names.Names:
    """Return the names of a zip's members: as the zip says, else as their bytes speak for.

    A name is UTF-8 where its flag says so, or where Info-ZIP's Unicode path stands beside it
    (https://libzip.org/specifications/extrafld.txt).
    """
    raw = [info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437") for info in infos]
    known = [_said(info, name) for info, name in zip(infos, raw, strict=True)]
    unsure = file_names.decoded([name for name, text in zip(raw, known, strict=True) if text is None], what)
    rest = iter(unsure.texts)
    return file_names.Names([next(rest) if text is None else text for text in known], unsure.notes)


def _said(info: zipfile.ZipInfo, raw: bytes) -> str | None:
    """Return a member's name where the zip says what it is."""
    if info.flag_bits & _UTF8:
        return info.orig_filename
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and field[:5] == b"\1" + struct.pack("<I", zlib.crc32(raw)):
            with contextlib.suppress(UnicodeDecodeError):
                return field[5:].decode("utf-8")
    return None


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, text: str, budget: Budget) -> Entry | LeftOut:
    def read(most: int) -> bytes:
        try:
            with archive.open(info) as file:
                data = file.read(most)
        except DAMAGED as exc:
            raise InputError(_("It is damaged inside the zip ({reason}).").format(reason=exc)) from exc
        budget.spend(len(data))
        return data

    if info.flag_bits & _LOCKED and safe_parts(text):
        return LeftOut(
            "/".join(safe_parts(text)), _("The zip is locked with a password. Unpack it and import the folder.")
        )
    return entry(text, read, link=stat.S_ISLNK(info.external_attr >> 16))
