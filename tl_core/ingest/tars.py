"""Tars, packed or not: read like zips."""

import bz2
import contextlib
import gzip
import itertools
import lzma
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, BinaryIO, cast

from tl_core.errors import InputError
from tl_core.files import storage_errors
from tl_core.ingest import file_names
from tl_core.ingest.entries import MAX_FILES, Entry, LeftOut, safe_parts
from tl_core.ingest.members import DAMAGED, Budget, Members, entry
from tl_core.language import _

#: How a packed tar begins, and what unpacks it.
PACKED: dict[bytes, Callable[[IO[bytes]], BinaryIO]] = {
    b"\x1f\x8b": lambda file: cast(BinaryIO, gzip.GzipFile(fileobj=file)),
    b"BZh": lambda file: cast(BinaryIO, bz2.BZ2File(file)),
    b"\xfd7zXZ\0": lambda file: cast(BinaryIO, lzma.LZMAFile(file)),  # noqa: SIM115 - closed with the file in it
}
_CHUNK = 2**20


@contextlib.contextmanager
def opened(path: Path, name: str, budget: Budget, unpack: Callable[[IO[bytes]], BinaryIO] | None) -> Iterator[Members]:
    """Open a tar; a packed one is unpacked into a temporary file first, since its members are read in any order."""
    with contextlib.ExitStack() as stack:
        file: IO[bytes] = stack.enter_context(path.open("rb"))
        try:
            if unpack is not None:
                file = _unpacked(unpack(file), stack, budget)
            archive = stack.enter_context(tarfile.open(fileobj=file, mode="r:"))
            infos = list(itertools.islice(archive, MAX_FILES + 1))
        except DAMAGED as exc:
            raise InputError(
                _("“{name}” cannot be opened as a tar: it is damaged, cut off or not a tar.").format(name=name)
            ) from exc
        infos = [info for info in infos if not info.isdir()]
        names = file_names.decoded([info.name.encode("utf-8", "surrogateescape") for info in infos], name)
        lock = threading.Lock()
        yield Members(
            (_member(archive, info, text, lock) for info, text in zip(infos, names.texts, strict=True)),
            names.notes,
        )


def _unpacked(file: IO[bytes], stack: contextlib.ExitStack, budget: Budget) -> IO[bytes]:
    target = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed by the stack
    while chunk := file.read(_CHUNK):
        budget.spend(len(chunk))
        with storage_errors():
            target.write(chunk)
    target.seek(0)
    return target


def _member(archive: tarfile.TarFile, info: tarfile.TarInfo, text: str, lock: threading.Lock) -> Entry | LeftOut:
    def read(most: int) -> bytes:
        file = archive.extractfile(info)
        with lock:  # one file for all members
            try:
                return file.read(most) if file else b""
            except DAMAGED as exc:
                raise InputError(_("It is damaged inside the tar ({reason}).").format(reason=exc)) from exc

    if (info.issparse() or not (info.isreg() or info.issym() or info.islnk())) and safe_parts(text):
        return LeftOut("/".join(safe_parts(text)), _("Not an ordinary file."))
    return entry(text, read, link=not info.isreg())
