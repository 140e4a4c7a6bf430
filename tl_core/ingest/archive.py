"""Archives, zip and tar: their members as entries, bounded in what they may unpack to.

Nothing is unpacked to where its name says. A member is read into memory when its picture is decoded.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tl_core.errors import InputError
from tl_core.ingest import tars, zips
from tl_core.ingest.members import Budget, Members
from tl_core.language import _

#: An archive may unpack to this many times its size, or to this many bytes if that is more.
MAX_RATIO, ALWAYS_ALLOWED = 100, 2**30
#: Endings of archives that are read, in lower case; ``.tm`` is Teachable Machine's project file.
ENDINGS = (".zip", ".tm", ".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz")
#: Endings of those that are refused by what they are.
OTHERS = (".7z", ".rar", ".zst", ".tzst", ".gz", ".bz2", ".xz")
#: How other archives begin, and their names.
_OTHERS = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "RAR", b"\x28\xb5\x2f\xfd": "Zstandard"}


def is_archive(name: str) -> bool:
    """Return whether a file is an archive, by its name."""
    return name.lower().endswith(ENDINGS + OTHERS)


def stem(name: str) -> str:
    """Return the name of an archive without its ending.

    >>> stem("pets.tar.gz"), stem("pets.zip"), stem("pets 1.2")
    ('pets', 'pets', 'pets 1.2')
    """
    ending = max((each for each in ENDINGS if name.lower().endswith(each)), key=len, default="")
    return name[: len(name) - len(ending)]


@contextlib.contextmanager
def opened(path: Path, name: str) -> Iterator[Members]:
    """Open an archive and give its files; they can be read until the end of the ``with``.

    Raises:
        InputError: it is damaged, of a kind that is not read, or a bomb.
    """
    head = _head(path, name)
    budget = Budget(name, max(ALWAYS_ALLOWED, MAX_RATIO * path.stat().st_size))
    packed = next((unpack for begin, unpack in tars.PACKED.items() if head.startswith(begin)), None)
    if packed is not None or head[257:262] == b"ustar" or name.lower().endswith(".tar"):
        with tars.opened(path, name, budget, packed) as members:
            yield members
    else:
        with zips.opened(path, name, budget) as members:
            yield members


def _head(path: Path, name: str) -> bytes:
    """Return an archive's first bytes. Raises InputError if it is one that is not read."""
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as exc:
        raise InputError(_("“{name}” cannot be read: {reason}.").format(name=name, reason=exc.strerror)) from exc
    for begin, kind in _OTHERS.items():
        if head.startswith(begin):
            raise InputError(
                _(
                    "“{name}” is a {kind} archive, which Thaw does not read. Unpack it and import the "
                    "folder, or pack it as a zip."
                ).format(name=name, kind=kind)
            )
    return head
