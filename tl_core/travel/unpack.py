"""A project from a zip that comes from anywhere: every file is checked, and all of it is imported or nothing.

No name in the zip is used as a path before it matches a row of ``contents``; no size in it is believed.
"""

import hashlib
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tl_core import limits, runs, wording
from tl_core.dataset import manifest
from tl_core.dataset.image import LONGEST_SIDE
from tl_core.dataset.names import plain
from tl_core.errors import Stopped, StorageError, TLError
from tl_core.files import new_folder, storage_errors, sync
from tl_core.ingest.archive import ALWAYS_ALLOWED, MAX_RATIO
from tl_core.ingest.entries import MAX_FILES
from tl_core.ingest.entries import PROJECT as NAME
from tl_core.ingest.members import DAMAGED, Budget
from tl_core.language import _
from tl_core.paths import MAX_BYTES
from tl_core.progress import Progress
from tl_core.travel import contents, record
from tl_core.travel.record import README, UNDER, PackedFile, Record, TravelError
from tl_core.workspace import Project, Workspace, slugify

_CHUNK = 2**20
_LOCKED = 0x1
#: Files that systems add where a project is unpacked and packed again.
_ADDED = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
#: Room that an import leaves on the disk, in bytes.
_MARGIN = 64 * 2**20
_KINDS = {".jpg": "JPEG", ".png": "PNG"}


@dataclass(frozen=True)
class Member:
    """A file of the zip: where it is, and its name in the project."""

    info: zipfile.ZipInfo
    name: str

    @property
    def is_picture(self) -> bool:
        return contents.PICTURE.fullmatch(self.name) is not None


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """The project that was imported, what its zip said of it, and how many of its pictures are not here."""

    project: Project
    record: Record
    missing: int


def unpack(workspace: Workspace, path: Path, progress: Progress, name: str | None = None) -> Unpacked:
    """Import an exported project as a new one.

    Args:
        workspace: where to.
        path: the zip.
        progress: hears how many files are done.
        name: of the zip, for a person; None for that of the file.

    Raises:
        TravelError: it is damaged, cut off, changed, of a newer version, or no project.
        StorageError: the disk is full.
        Stopped: a person pressed Stop. In every case nothing is left.
    """
    called = plain(name or path.name)[:120]
    try:
        with zipfile.ZipFile(path) as archive:
            about = record.read(archive, called)
            members = _members(archive, about, called)
            budget = Budget(called, max(ALWAYS_ALLOWED, MAX_RATIO * path.stat().st_size))
            size = sum(each.info.file_size for each in members)
            budget.check(size)
            _check_room(workspace, size)
            limits.check_disk(workspace.root, size)
            limits.check_pictures(workspace.root, about.pictures)

            def fill(folder: Path) -> None:
                _extract(archive, members, about, folder, budget, progress, called)
                _check(Project(folder), members, about, workspace, progress, called)
                sync()

            made = Project(new_folder(workspace.projects_folder, slugify(about.name) or "project", fill))
    except DAMAGED as exc:
        raise TravelError(called, _("it is damaged, cut off or no zip. Copy it again.")) from exc
    return Unpacked(project=made, record=about, missing=len(missing(made)))


def missing(project: Project) -> list[str]:
    """Return the ids of the pictures in the present list of a project that have no file on this machine."""
    if not manifest.is_stored(project):
        return []
    there = {path.stem for path in project.images.glob("*/*")}
    return [id_ for id_ in manifest.load(project).files if id_ not in there]


def _members(archive: zipfile.ZipFile, about: Record, called: str) -> list[Member]:
    """Return the files of a project, each of which is expected. Raises TravelError for any other, and any missing."""
    under = f"{record.folder_of(archive) or ''}{UNDER}"
    members = list(_known(archive, under, called))
    names = [each.name for each in members]
    if len(members) > MAX_FILES or len(set(names)) < len(names):
        raise TravelError(
            called, _("it holds a file twice, or more than {number} files.").format(number=wording.number(MAX_FILES))
        )
    listed, pictures = {each.name for each in about.files}, sum(each.is_picture for each in members)
    small = {each.name for each in members if not each.is_picture}
    if lost := sorted(listed - small):
        raise TravelError(called, _("“{file}” is missing. Copy the zip again.").format(file=lost[0][:60]))
    if extra := sorted(small - listed):
        raise TravelError(called, _("“{file}” is not in its list of files.").format(file=extra[0][:60]))
    if pictures != about.pictures:
        raise TravelError(
            called,
            _("it holds {pictures} pictures and should hold {expected}.").format(
                pictures=wording.number(pictures), expected=wording.number(about.pictures)
            ),
        )
    if "project.json" not in small:
        raise TravelError(called, _("“project.json” is missing. Export the project again."))
    order = {each.name: number for number, each in enumerate(about.files)}
    return sorted(members, key=lambda each: order.get(each.name, len(order)))


def _known(archive: zipfile.ZipFile, under: str, called: str) -> Iterator[Member]:
    outside = under.removesuffix(UNDER)
    for info in archive.infolist():
        full = info.orig_filename
        name = full.removeprefix(under)
        if (
            full in (f"{outside}{NAME}", f"{outside}{README}")
            or _is_added(full)
            or (info.is_dir() and not info.file_size)
        ):
            continue
        shown = plain(full)[:60]
        if stat.S_ISLNK(info.external_attr >> 16):
            raise TravelError(called, _("“{file}” is a link, not a file.").format(file=shown))
        if info.flag_bits & _LOCKED:
            raise TravelError(called, _("it is locked with a password."))
        picture = contents.PICTURE.fullmatch(name)
        row = None if picture else contents.of_name(name)
        if not full.startswith(under) or not (picture or row):
            raise TravelError(called, _("“{file}” is no file of a project.").format(file=shown))
        if info.file_size > (row.most if row else MAX_BYTES):
            raise TravelError(called, _("“{file}” is larger than such a file can be.").format(file=shown))
        yield Member(info, name)


def _is_added(name: str) -> bool:
    return name.startswith(_ADDED[0]) or name.rpartition("/")[2] in _ADDED[1:]


def _check_room(workspace: Workspace, size: int) -> None:
    free = shutil.disk_usage(workspace.root).free
    if size + _MARGIN > free:
        raise StorageError(
            _(
                "The disk is too full: this project takes {size}; free: {free}. Nothing was imported. Free some "
                "space and try again."
            ).format(size=wording.size(size), free=wording.size(free))
        )


def _extract(
    archive: zipfile.ZipFile,
    members: Sequence[Member],
    about: Record,
    folder: Path,
    budget: Budget,
    progress: Progress,
    called: str,
) -> None:
    """Write the files of a project, each with the size and hash that the record, or its own name, gives it."""
    expected = {each.name: each for each in about.files}
    for number, each in enumerate(members, start=1):
        _go_on(progress)
        digest, size = _write(archive, each.info, folder / each.name, budget)
        if not _is_expected(each, expected.get(each.name), digest, size):
            raise TravelError(
                called, _("“{file}” was changed or damaged. Copy the zip again.").format(file=each.name[:60])
            )
        progress.emit("progress", what="files", done=number, total=len(members))


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, budget: Budget) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with storage_errors():
        target.parent.mkdir(parents=True, exist_ok=True)
        file = target.open("xb")
    with archive.open(info) as packed, file:
        while chunk := packed.read(_CHUNK):
            budget.spend(len(chunk))
            digest.update(chunk)
            with storage_errors():
                file.write(chunk)
            size += len(chunk)
        with storage_errors():
            file.flush()
    return digest.hexdigest(), size


def _is_expected(member: Member, expected: PackedFile | None, digest: str, size: int) -> bool:
    if expected is None:
        return Path(member.name).stem == digest
    return (expected.sha256, expected.bytes) == (digest, size)


def _check(
    project: Project,
    members: Sequence[Member],
    about: Record,
    workspace: Workspace,
    progress: Progress,
    called: str,
) -> None:
    """Check what every file holds, the list of pictures first. Raises TravelError."""
    names = [each.name for each in members if not each.is_picture]
    for row in contents.CONTENTS:
        for name in names:
            if contents.of_name(name) is row:
                _calm(lambda row=row, name=name: row.check(project.folder / name), name, called)  # type: ignore[misc]
    _calm(lambda: _check_project(project, about), "project.json", called)
    _check_pictures(project, [each.name for each in members if each.is_picture], progress, called)
    for run in runs.of_project(project):
        if not run.ready or run.damage():
            raise TravelError(called, _("the run {run} is not whole.").format(run=run.id))
    opened = max(about.opened - sum(run.times_opened() for run in runs.of_project(project)), project.about().opened)
    project.update(name=workspace.free_name(project.name), opened=opened, incomplete=bool(missing(project)))


def _calm(check: Callable[[], object], name: str, called: str) -> None:
    """Run a check of a file; whatever it finds is a sentence that names the file."""
    try:
        check()
    except StorageError as exc:
        if type(exc) is StorageError:  # the disk is full
            raise
        raise TravelError(called, _("“{file}” is cut off or holds something else.").format(file=name)) from exc
    except TLError as exc:
        raise TravelError(called, _("“{file}” cannot be used. {problem}").format(file=name, problem=exc)) from exc
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, MemoryError) as exc:
        raise TravelError(called, _("“{file}” holds something else.").format(file=name)) from exc


def _check_project(project: Project, about: Record) -> None:
    if manifest.is_stored(project):
        manifest.load(project)
    if len(runs.of_project(project)) != about.runs:
        raise ValueError("another number of runs")


def _check_pictures(project: Project, names: Sequence[str], progress: Progress, called: str) -> None:
    """Check that each picture belongs to a list, and is one as the import stores it."""
    sides: dict[str, tuple[int, int]] = {}
    for version in manifest.versions(project):
        table = manifest.load(project, version).table
        sides.update(zip(table["id"], zip(table["width"], table["height"], strict=True), strict=True))
    for number, name in enumerate(names, start=1):
        _go_on(progress)
        path = project.folder / name
        try:
            with Image.open(path, formats=[_KINDS[path.suffix]]) as image:
                fits = image.size == sides.get(path.stem) and max(image.size) <= LONGEST_SIDE
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            fits = False
        if not fits:
            raise TravelError(called, _("“{picture}…” is no picture of this project.").format(picture=name[:24]))
        progress.emit("progress", what="pictures checked", done=number, total=len(names))


def _go_on(progress: Progress) -> None:
    if progress.stopped():
        raise Stopped(_("Stopped before the project was imported. Nothing was imported."))
