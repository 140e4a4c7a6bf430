"""Zip archives: their members as entries, bounded in what they may unpack to."""

import contextlib
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from tl_core import wording
from tl_core.dataset.names import plain
from tl_core.errors import InputError
from tl_core.ingest.entries import CLIMBS, HEAD, MAX_BYTES, Entry, LeftOut, bounded, safe_parts

#: An archive may unpack to this many times its size, or to this many bytes if that is more.
MAX_RATIO, ALWAYS_ALLOWED = 100, 2**30


@contextlib.contextmanager
def opened(path: Path, name: str) -> Iterator[Iterator[Entry | LeftOut]]:
    """Open a zip and give its files; they can be read until the end of the ``with``.

    Raises:
        InputError: it is damaged, or a zip bomb.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as exc:
        raise InputError(f"“{name}” cannot be opened as a zip: it is damaged, cut off or not a zip.") from exc
    with archive:
        budget = _Budget(name, max(ALWAYS_ALLOWED, MAX_RATIO * path.stat().st_size))
        members = [info for info in archive.infolist() if not info.is_dir()]
        budget.check(sum(info.file_size for info in members))
        yield (_member(archive, info, budget) for info in members)


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
    return Entry(
        name,
        lambda: bounded(_unpack(archive, info, budget, MAX_BYTES + 1)),
        lambda: _unpack(archive, info, budget, HEAD),
    )


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: _Budget, most: int) -> bytes:
    try:
        with archive.open(info) as file:
            data = file.read(most)
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
