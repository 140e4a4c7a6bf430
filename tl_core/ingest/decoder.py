"""What one worker of an import does: contents of files become stored images in a folder.

It knows neither projects nor tables, so that a process of its own is ready for it at once.
"""

import contextlib
import dataclasses
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from tl_core import language
from tl_core.dataset import image
from tl_core.dataset.deep_grey import Extent, Ranges
from tl_core.dataset.image import StoredImage
from tl_core.errors import InputError
from tl_core.files import storage_errors
from tl_core.ingest.entries import Entry, read_file
from tl_core.ingest.members import ZipBombError

#: By how much a process that decodes comes after the one that began it.
NICENESS = 5

#: Of a file: where it lies, or its bytes where it is packed, or why they cannot be had.
Content = Path | bytes | InputError


@dataclass(frozen=True)
class Decoder:
    """Decodes into the files of a project.

    Attributes:
        images: folder of the images that the project has already.
        staging: where the others are written.
        ranges: of deep grey.
    """

    images: Path
    staging: Path
    ranges: Ranges

    def decode(self, contents: Sequence[Content]) -> list[StoredImage | Extent | InputError]:
        """Return all but the bytes of each image, the extent of deep grey without a range, or why there is no image.

        Raises:
            ZipBombError: an archive unpacks to too much.
            StorageError: the disk is full.
        """
        return [self._decode(content) for content in contents]

    def _decode(self, content: Content) -> StoredImage | Extent | InputError:
        """Write an image to the staging folder, unless the project has it already."""
        try:
            stored = image.decode_in(_bytes(content), self.ranges)
        except ZipBombError:
            raise
        except InputError as exc:
            return exc
        if not isinstance(stored, StoredImage):
            return stored
        name = stored.id + stored.suffix
        if not (self.images / name[:2] / name).exists():
            _write(self.staging / name, stored.data)
        return dataclasses.replace(stored, data=b"")


def begin(process: int, spoken: str) -> None:
    """Let this process end with another one, speak its language, and stand back for it.

    It ends however that ends: a killed one cannot say that its work is not wanted. What the other one does meanwhile,
    such as loading TensorFlow or answering a page, is what a person waits for.
    """
    language.speak(spoken)
    if hasattr(os, "nice"):
        os.nice(NICENESS)

    def wait() -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(process).wait()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def content(entry: Entry) -> Content:
    """Return what a worker needs of a file: only an archive has to be read where it is open."""
    if entry.path is not None:
        return entry.path
    try:
        return entry.read()
    except InputError as exc:
        return exc


def _bytes(content: Content) -> bytes:
    if isinstance(content, InputError):
        raise content
    return read_file(content) if isinstance(content, Path) else content


def _write(path: Path, data: bytes) -> None:
    """Write a file into a staging folder, which nobody reads before all is there and on the disk (``commit``).

    All lie side by side: to create files in 256 new folders takes longer than in one, from where they are moved.
    """
    with storage_errors(), open(path, "wb", opener=partial(os.open, mode=0o600)) as file:
        file.write(data)
