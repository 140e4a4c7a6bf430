"""What an archive holds, whatever its kind: members as entries, and how much they may unpack to."""

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tl_core import wording
from tl_core.dataset.names import plain
from tl_core.errors import InputError
from tl_core.ingest.entries import CLIMBS, HEAD, Entry, LeftOut, bounded, safe_parts
from tl_core.language import _
from tl_core.paths import MAX_BYTES

#: What reading a damaged archive raises.
DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError,
           RuntimeError, ValueError)  # fmt: skip


@dataclass(frozen=True)
class Members:
    """What an archive holds: its files, and sentences on what was assumed."""

    items: Iterable[Entry | LeftOut]
    remarks: list[str] = field(default_factory=list)


class Budget:
    """How many bytes an archive may still unpack to, whatever its headers say.

    Raises:
        ZipBombError: it is more than that.
    """

    def __init__(self, name: str, most: int) -> None:
        self.name, self.most, self.spent = name, most, 0

    def check(self, size: int) -> None:
        if self.spent + size > self.most:
            raise ZipBombError(
                _(
                    "“{name}” unpacks to over {size}, far more than an archive of its size should: a zip "
                    "bomb. Nothing was imported. If the pictures are real, unpack it and import the folder."
                ).format(name=self.name, size=wording.size(self.most))
            )

    def spend(self, size: int) -> None:
        self.check(size)
        self.spent += size


class ZipBombError(InputError):
    """An archive that would fill the disk or the memory; unlike other errors of an entry it ends the import."""


def entry(text: str, read: Callable[[int], bytes], *, link: bool) -> Entry | LeftOut:
    """Return a member as an entry; one whose name climbs, or that is a link, is left out.

    Args:
        text: its name.
        read: returns its first bytes, as many as it is asked for; raises InputError.
        link: whether it is a link.
    """
    parts = safe_parts(text)
    if not parts:
        return LeftOut(plain(text), CLIMBS)
    name = "/".join(parts)
    if link:
        return LeftOut(name, _("A link, not a file. Links in an archive are not followed."))
    return Entry(name, lambda: bounded(read(MAX_BYTES + 1)), lambda: read(HEAD))
