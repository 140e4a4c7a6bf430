"""The exports of a run, as they lie in its folder: ``exports/<format>/`` has one file and ``export.json``."""

import contextlib
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from tl_core import arrays
from tl_core.errors import DamagedError, NotFoundError
from tl_core.export.formats import FORMATS
from tl_core.export.proof import Proof, in_words
from tl_core.files import (
    NEW,
    PART,
    PRIVATE,
    locked,
    read_stored,
    remove_leftovers,
    staging,
    storage_errors,
    write_record,
)
from tl_core.language import _
from tl_core.runs import RunFolder

#: Says what lies beside it.
ABOUT = "export.json"


@dataclass(frozen=True, kw_only=True)
class Export:
    """What was made of a run in one format.

    Attributes:
        format: id of a row of ``formats.FORMATS``.
        file: name of the file to take away: ``<project>-<run>-<format>.zip``, or the one that is made where that is
            no bundle.
        bytes: of that file.
        made: when, in seconds since the epoch.
        model: digest of the model that it was made of.
        proof: how it answers; None where it could not be proved.
        not_proved: why not, a sentence; None where it was.
    """

    format: str
    file: str
    bytes: int
    made: float
    model: str
    proof: Proof | None = None
    not_proved: str | None = None

    def sentence(self) -> str:
        """Return whether it is proved, for people."""
        return in_words(self.proof, self.not_proved)


def of_run(run: RunFolder) -> list[Export]:
    """Return what was made of the present model of a run, in the order of the table of formats."""
    return [made for each in FORMATS if (made := find(run, each.id))]


def find(run: RunFolder, format_id: str) -> Export | None:
    """Return what was made of the present model of a run in a format; None if nothing was, or the run is gone."""
    made = read_stored(_folder(run, format_id) / ABOUT, Export)
    with contextlib.suppress(FileNotFoundError):
        if made and run.ready and path(run, made).is_file() and made.model == arrays.model_of(run):
            return made
    return None


def path(run: RunFolder, export: Export) -> Path:
    """Return where the file of an export lies."""
    return _folder(run, export.format) / export.file


def put(run: RunFolder, export: Export, filled: Path) -> None:
    """Let a folder that holds the file of an export become that export of the run; an earlier one goes.

    Raises:
        FileNotFoundError: the run is no longer there.
        DamagedError: a file is in the way.
        StorageError: the disk is full; an earlier export is as it was.
    """
    exports, target = run.exports, _folder(run, export.format)
    write_record(filled / ABOUT, export)
    with storage_errors():
        try:
            exports.mkdir(mode=PRIVATE, exist_ok=True)
        except FileExistsError as exc:
            raise DamagedError(
                _("{folder} should be a folder and is a file. Remove it, then try again.").format(folder=exports)
            ) from exc
        remove_leftovers(exports, NEW)
        with locked(exports), staging(exports, NEW) as before:
            if os.path.lexists(target):
                target.rename(before / "export")
            filled.rename(target)


def copy(run: RunFolder, export: Export, folder: Path) -> Path:
    """Copy the file of an export into a folder and return where it is now.

    Raises:
        NotFoundError: the file, or its run, was removed meanwhile.
        StorageError: the disk is full.

    It replaces the same export of the run. A file whose name says nothing of the run, as README.md, leaves one that is
    there as it is, and is called after the run.
    """
    of_the_run = f"{run.project.slug}-{run.id}"
    target, part = folder / export.file, folder / f".{secrets.token_hex(8)}{PART}"
    if not export.file.startswith(of_the_run) and target.exists():
        target = folder / f"{of_the_run}-{export.file}"
    with storage_errors():
        try:
            shutil.copyfile(path(run, export), part)
            part.replace(target)
        except FileNotFoundError as exc:
            raise NotFoundError(
                _("The export of {run} was removed meanwhile. Export it again.").format(run=run.reference)
            ) from exc
        finally:
            part.unlink(missing_ok=True)
    return target


def _folder(run: RunFolder, format_id: str) -> Path:
    return run.exports / format_id
