"""A data set as folders, ``split/class/picture``, with names that every system and every script can bear.

>>> class_folders(["Cat", "cat", "CON", "a:b"])
{'CON': 'CON_', 'Cat': 'Cat', 'a:b': 'a_b', 'cat': 'cat (2)'}
"""

import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tl_core.about import Things
from tl_core.dataset import kinds, manifest
from tl_core.dataset.manifest import BETWEEN, Row
from tl_core.dataset.names import plain
from tl_core.dataset.splits import CONFLICT, SPLITS
from tl_core.errors import InputError, NotFoundError, Stopped
from tl_core.files import storage_errors
from tl_core.language import _
from tl_core.progress import Progress
from tl_core.wording import number
from tl_core.workspace import Project

#: Names that Windows keeps for devices, whatever their ending
#: (https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)")
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
#: Characters of a picture's own name, and of its id, in the name of its file.
_STEM, _ID = 40, 12
#: Names that the import takes for what systems leave.
_JUNK = re.compile(r"(?i)(__macosx|desktop\.ini|e?h?thumbs\.db|\$recycle\.bin|system volume information|@eadir)$")


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A picture of a data set as folders.

    Attributes:
        id: of the picture.
        label: its class, as a person named it.
        split: ``"train"``, ``"validation"`` or ``"test"``.
        name: of its file, ``"train/cat/rex-0123456789ab.jpg"``.
        path: where it lies in the project.
    """

    id: str
    label: str
    split: str
    name: str
    path: Path


@dataclass(frozen=True)
class Arranged:
    """A data set as folders: its ``pictures``, and the ids of those whose files are ``missing``."""

    pictures: Sequence[Filed]
    missing: Sequence[str]


def file_name(text: str, longest: int = 60) -> str:
    """Return a text as a name that every file system takes: no reserved characters or names, no dot at its ends.

    >>> file_name("a/b?"), file_name("nul.jpg"), file_name(".hidden "), file_name("猫")
    ('a_b_', 'nul_.jpg', '_hidden', '猫')
    """
    name = _FORBIDDEN.sub("_", plain(text[:1000]))[:longest].lstrip(" ").rstrip(" .")
    name = f"_{name[1:]}" if name.startswith(".") else name
    if match := _DEVICES.match(name):
        name = f"{match[1]}_{name[len(match[1]) :]}"
    return f"{name}_" if _JUNK.match(name) or not name else name


def class_folders(classes: Iterable[str]) -> dict[str, str]:
    """Return the folder of each class. No two differ only by case, which some systems do not see."""
    folders: dict[str, str] = {}
    taken: set[str] = set()
    for label in sorted(set(classes)):
        name, number = file_name(label), 1
        free = name
        while (seen := unicodedata.normalize("NFC", free).casefold()) in taken:
            number += 1
            free = f"{name} ({number})"
        taken.add(seen)
        folders[label] = free
    return folders


def _no_folders(labels: Iterable[str]) -> dict[str, str]:
    """Return that pictures lie in no folder of a label: they have several."""
    return dict.fromkeys(labels, "")


_FOLDERS: Mapping[Things, Callable[[Iterable[str]], dict[str, str]]] = {
    "pictures": class_folders,
    "tags": _no_folders,
    "boxes": _no_folders,
    "texts": class_folders,
}


def arrange(project: Project, table: pd.DataFrame) -> Arranged:
    """Return where each picture of a manifest's table goes. Those in no split, or in conflict, go nowhere.

    Pictures with several labels lie in the folder of their split.
    """
    used = table[table["split"].isin(SPLITS) & ~table["flags"].str.startswith(CONFLICT)]
    folder = _FOLDERS[kinds.of(project)](used["label"])
    pictures, missing = [], []
    for row in manifest.rows_of(used):
        try:
            path = manifest.image_path(project, row.id)
        except NotFoundError:
            missing.append(row.id)
            continue
        name = "/".join(filter(None, (row.split, folder[row.label], f"{stem(row)}{path.suffix}")))
        pictures.append(Filed(id=row.id, label=row.label, split=row.split, name=name, path=path))
    return Arranged(sorted(pictures, key=lambda each: each.name), missing)


def stem(row: Row) -> str:
    """Return the name of the file of a picture, without its ending: its own name, and a part of its id."""
    own = row.source.split(BETWEEN)[0].rpartition("/")[2].rpartition(".")
    return f"{file_name(own[0] or own[2], _STEM)}-{row.id[:_ID]}"


def require(arranged: Arranged) -> Sequence[Filed]:
    """Return the pictures of a data set. Raises InputError if there are none, or files are missing."""
    if arranged.missing:
        count = len(arranged.missing)
        raise InputError(
            _(
                "{missing} of {every} pictures are missing on this machine. Import the same pictures "
                "again, then try again."
            ).format(missing=number(count), every=number(count + len(arranged.pictures)))
        )
    if not arranged.pictures:
        raise InputError(_("No picture is in a split, so there is nothing to export. Split the pictures first."))
    return arranged.pictures


def new_zip(path: Path, compression: int = zipfile.ZIP_STORED) -> zipfile.ZipFile:
    """Return a new zip for pictures. It takes files from before 1980, too: some copies of a disk lose the times."""
    return zipfile.ZipFile(path, "w", compression, strict_timestamps=False)


def write(bundle: zipfile.ZipFile, pictures: Sequence[Filed], progress: Progress, under: str = "") -> None:
    """Write pictures into an open zip, below the folder ``under``; they are compressed already, so they are stored.

    Raises:
        NotFoundError: a picture was removed meanwhile.
        StorageError: the disk is full.
        Stopped: a person pressed Stop.
    """
    for done, each in enumerate(pictures, start=1):
        if progress.stopped():
            raise Stopped(_("Stopped before the file was ready. Nothing was saved."))
        with storage_errors():
            add(bundle, each.path, f"{under}{each.name}")
        progress.emit("progress", what="pictures", done=done, total=len(pictures))


def add(bundle: zipfile.ZipFile, path: Path, name: str) -> None:
    """Add a picture to an open zip as it is. Raises NotFoundError if it was removed meanwhile."""
    try:
        bundle.write(path, name, zipfile.ZIP_STORED)
    except FileNotFoundError as exc:
        raise NotFoundError(_("The picture {id}… was removed meanwhile. Try again.").format(id=path.stem[:12])) from exc
