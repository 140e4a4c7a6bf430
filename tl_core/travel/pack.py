"""A project as one zip, that another machine opens: pictures or only their list, with runs or without.

What is made again by one press stays at home: stored activations, exported files, checkpoints. So does what names this
machine: paths, and what jobs reported. Pictures are written as they are, one by one, so that no size fills the memory.
"""

import contextlib
import hashlib
import io
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import msgspec

from tl_core import runs, wording
from tl_core.dataset import manifest
from tl_core.errors import NotFoundError, Stopped, TLError
from tl_core.evaluation import box_record, predictions, tags
from tl_core.files import replacing
from tl_core.ingest.entries import PROJECT as NAME
from tl_core.jobs import JobStatus, Task
from tl_core.language import _
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.travel import contents, trained
from tl_core.travel.record import FORMAT, README, UNDER, PackedFile, Record
from tl_core.workspace import Project

_CHUNK = 2**20
#: What a run has predicted of a split: classes, labels or boxes.
_PREDICTED = re.compile(r"(?P<what>answers|tags|boxes)-(?P<split>train|validation|test)\.npz")
_IS_STORED = {"answers": predictions.is_stored, "tags": tags.is_stored, "boxes": box_record.is_stored}
_README = """This is a project of Thaw, exported on {day}.

Open it on another machine: drop this zip on the Pictures page, or run
python -m tl_core import FILE.zip
"""


@dataclass(frozen=True, kw_only=True)
class Packed:
    """What went into the zip: its ``record``, and in ``left_out`` what did not, in sentences."""

    record: Record
    left_out: tuple[str, ...] = ()


def pack(
    project: Project, target: Path, progress: Progress, *, pictures: bool = True, with_runs: bool = True
) -> Packed:
    """Write a project into a zip.

    Args:
        project: the project.
        target: the zip; one that is there is replaced once the new one is whole.
        progress: hears how many files are done.
        pictures: whether pictures travel, or only their list.
        with_runs: whether runs travel.

    Raises:
        NotFoundError: something was removed meanwhile.
        DamagedError: the present list of pictures cannot be read.
        StorageError: the disk is full.
        Stopped: a person pressed Stop. In every case nothing is left.
    """
    every = runs.of_project(project) if with_runs else []
    going = [run for run in every if _why_not(run) is None]
    left_out = [
        _("Run {run} stays: {reason}").format(run=run.id, reason=why) for run in every if (why := _why_not(run))
    ]
    there, missing = _pictures(project) if pictures else ([], 0)
    if missing:
        left_out.append(
            _("{pictures} pictures are missing here, so they are missing in the zip, too.").format(
                pictures=wording.number(missing)
            )
        )
    small = [*contents.files_of(project), *(file for run in going for file in _files_of_run(run))]
    with replacing(target) as part, zipfile.ZipFile(part, "w", allowZip64=True) as archive:
        packed = []
        for number, (name, source) in enumerate([*small, *((path_name(each), each) for each in there)], start=1):
            if progress.stopped():
                raise Stopped(_("Stopped before the zip was ready. Nothing was saved."))
            added = _add(archive, name, source)
            packed += [added] if number <= len(small) else []
            progress.emit("progress", what="files", done=number, total=len(small) + len(there))
        record = Record(
            format=FORMAT,
            name=project.name,
            listed=len(manifest.load(project).table) if manifest.is_stored(project) else 0,
            pictures=len(there),
            runs=len(going),
            opened=runs.times_opened(project),
            files=tuple(packed),
        )
        archive.writestr(NAME, msgspec.json.encode(record), zipfile.ZIP_DEFLATED)
        archive.writestr(README, _README.format(day=time.strftime("%Y-%m-%d")), zipfile.ZIP_DEFLATED)
    return Packed(record=record, left_out=tuple(left_out))


def path_name(picture: Path) -> str:
    """Return the name of a picture's file below its project."""
    return f"images/{picture.parent.name}/{picture.name}"


def _pictures(project: Project) -> tuple[list[Path], int]:
    """Return the pictures of all versions of the list, and how many have no file."""
    listed: set[str] = set()
    for version in manifest.versions(project):
        with contextlib.suppress(TLError):
            listed.update(manifest.load(project, version).files)
    there = {path.stem: path for path in project.images.glob("*/*") if path.stem in listed}
    return sorted(there.values()), len(listed) - len(there)


def _why_not(run: RunFolder) -> str | None:
    """Return why a run does not travel; None if it does."""
    state = run.job.state
    if state not in trained.ENDED or not run.ready:
        return _("it has no model yet ({state}).").format(state=state)
    if damage := run.damage():
        return damage
    try:
        manifest.load(run.project, run.recipe.manifest)
    except TLError as exc:
        return str(exc)
    return None


def _files_of_run(run: RunFolder) -> Iterator[tuple[str, Path | bytes]]:
    opened = run.times_opened() > 0
    for path in sorted(run.folder.glob("*")):
        name = f"runs/{run.id}/{path.name}"
        predicted = _PREDICTED.fullmatch(path.name)
        stale = predicted is not None and not _IS_STORED[predicted["what"]](run, predicted["split"])
        sealed = predicted is not None and predicted["split"] == "test" and not opened
        if not path.is_file() or not contents.of_name(name) or stale or sealed:
            continue
        match path.name:
            case "job.json":
                yield name, msgspec.json.encode(Task(kind="train", args={}, created=run.job.created))
            case "status.json":
                yield name, msgspec.json.encode(JobStatus(state=run.job.state))
            case _:
                yield name, path


def _add(archive: zipfile.ZipFile, name: str, source: Path | bytes) -> PackedFile:
    """Write a file into a zip, and return its size and hash."""
    if name == "project.json" and isinstance(source, Path):
        source = msgspec.json.encode(replace(Project(source.parent).about(), source=None))
    row = contents.of_name(name)
    info = zipfile.ZipInfo(f"{UNDER}{name}", time.localtime()[:6])
    info.compress_type = zipfile.ZIP_STORED if row is None or row.stored else zipfile.ZIP_DEFLATED
    try:
        with _opened(source) as data, archive.open(info, "w", force_zip64=True) as into:
            digest, size = hashlib.sha256(), 0
            while chunk := data.read(_CHUNK):
                into.write(chunk)
                digest.update(chunk)
                size += len(chunk)
    except FileNotFoundError as exc:
        raise NotFoundError(_("“{file}” was removed meanwhile. Export the project again.").format(file=name)) from exc
    return PackedFile(name=name, bytes=size, sha256=digest.hexdigest())


def _opened(source: Path | bytes) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
