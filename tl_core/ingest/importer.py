"""Importing images into a project: all of a folder, a zip or an upload in one step, whole or not at all."""

import dataclasses
import os
import secrets
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tl_core.dataset import image
from tl_core.dataset.names import class_name
from tl_core.dataset.splits import USUAL, SplitSettings
from tl_core.errors import InputError, Stopped
from tl_core.files import write_bytes
from tl_core.ingest import layouts
from tl_core.ingest.archive import ZipBombError
from tl_core.ingest.commit import Decoded, Imported, commit
from tl_core.ingest.entries import Entry, LeftOut
from tl_core.ingest.merge import Picture
from tl_core.ingest.report import ImportResult
from tl_core.ingest.sources import Contents, Source, open_source
from tl_core.progress import Progress
from tl_core.workspace import Project, Workspace

THREADS = min(4, os.cpu_count() or 1)
#: Images read ahead of the decoding threads: bounds the memory, whatever the number of images.
AHEAD = 2 * THREADS

Item = TypeVar("Item")
Result = TypeVar("Result")

NO_CLASS = "It is in no class folder. Put it into a folder that is named after its class."


@dataclass(frozen=True)
class Place:
    """An ``entry`` with the class (``label``) and the ``split`` (or ``""``) that its folders mean."""

    entry: Entry
    label: str
    split: str


@dataclass(frozen=True)
class Placement:
    """Where the entries of a source belong.

    Attributes:
        places: entries that have a class.
        left_out: those in no class folder.
        notes: sentences on folders of which the class has another name.
        layout: what the folders mean, for instance ``"split/class/picture"``; empty if a class was given.
    """

    places: list[Place]
    left_out: list[LeftOut] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    layout: str = ""


def run(
    folder: Path,
    progress: Progress,
    *,
    project: str,
    source: Mapping[str, str],
    label: str | None = None,
    replace: bool = False,
    validation: float = USUAL.validation,
    test: float = USUAL.test,
    seed: int = USUAL.seed,
) -> ImportResult:
    """Do the "import" job: ``import_source`` with the project's folder and the source as JSON."""
    target, origin = Project(Path(project)), Source(**source)
    settings = SplitSettings(validation=validation, test=test, seed=seed)
    imported = import_source(target, origin, progress=progress, label=label, replace=replace, settings=settings)
    staged = Path(origin.path)
    if staged.parent == target.workspace.uploads:
        shutil.rmtree(staged, ignore_errors=True)
    return imported.result(target)


def import_source(
    project: Project,
    source: Source,
    *,
    progress: Progress | None = None,
    label: str | None = None,
    replace: bool = False,
    settings: SplitSettings = USUAL,
) -> Imported:
    """Import images into a project as its next manifest version.

    Args:
        project: the project.
        source: a folder, a zip or an upload.
        progress: hears how many images are done.
        label: the class of all the images; their folders mean nothing then.
        replace: the new version holds these images alone, instead of adding them to the list.
        settings: how images are split that come without a split.

    Raises:
        InputError: there is nothing that can be used; the project is as it was.
        StorageError: the disk is full; the project is as it was.
        Stopped: a person pressed Stop; the project is as it was.
    """
    label = None if label is None else class_name(label)
    began = time.monotonic()
    staging = project.folder / "imports" / f".incoming-{secrets.token_hex(4)}"
    try:
        with open_source(source) as contents:
            placement = _placed(contents, label)
            pictures, unreadable = _decode_all(placement.places, project, staging, progress or Progress())
        decoded = Decoded(
            source=contents.name,
            pictures=pictures,
            left_out=[*contents.left_out, *placement.left_out, *unreadable],
            notes=placement.notes,
            layout=placement.layout,
            began=began,
        )
        return commit(project, staging, decoded, settings, replace=replace)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def project_for_folder(workspace: Workspace, folder: Path) -> Project:
    """Return the project that was made from this folder, else a new one of that name.

    Raises:
        InputError: there is no such folder.
    """
    place = folder.expanduser().resolve()
    if not place.exists():
        raise InputError(f"There is no folder {folder}. Check the path.")
    name = place.stem if place.is_file() else place.name
    made = (project for project in workspace.projects() if project.about().get("source") == str(place))
    return next(made, None) or workspace.create_project(name or "pictures", source=str(place))


def _placed(contents: Contents, label: str | None) -> Placement:
    """Return each entry with its class and split."""
    if label is not None:
        return Placement([Place(entry, label, "") for entry in contents.entries])
    layout = layouts.detect(entry.folders for entry in contents.entries)
    places, left_out, names = [], [], _ClassNames()
    for entry in contents.entries:
        folder, split = layout.place(entry.folders)
        name = names.of(folder)
        if name:
            places.append(Place(entry, name, split))
        else:
            left_out.append(LeftOut(entry.name, NO_CLASS))
    return Placement(places, left_out, names.notes(), str(layout))


class _ClassNames(dict[str, str]):
    """The class name of each folder; empty for a folder that cannot name a class."""

    def of(self, folder: str) -> str:
        if folder not in self:
            try:
                self[folder] = class_name(folder)
            except InputError:
                self[folder] = ""
        return self[folder]

    def notes(self) -> list[str]:
        changed = ((folder, name) for folder, name in self.items() if name not in ("", folder))
        return [f"The folder “{folder}” became the class “{name}”." for folder, name in changed]


def _decode_all(
    places: list[Place], project: Project, staging: Path, progress: Progress
) -> tuple[list[Picture], list[LeftOut]]:
    """Decode every entry into the staging folder; return the images, and the files that cannot be read."""
    pictures, unreadable = [], []
    with ThreadPoolExecutor(THREADS, "decode") as pool:
        decoded = _in_order(pool, lambda place: _decode(place, project, staging), places)
        for done, result in enumerate(decoded, 1):
            if isinstance(result, LeftOut):
                unreadable.append(result)
            else:
                pictures.append(result)
            progress.emit("progress", what="pictures", done=done, total=len(places))
            if progress.stopped():
                raise Stopped("Stopped. No picture was imported and the project is unchanged.")
    return pictures, unreadable


def _in_order(pool: ThreadPoolExecutor, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield the results in order, with at most AHEAD items begun and not yet asked for."""
    waiting: deque[Future[Result]] = deque()
    for item in items:
        waiting.append(pool.submit(function, item))
        if len(waiting) > AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _decode(place: Place, project: Project, staging: Path) -> Picture | LeftOut:
    """Write the image to the staging folder, unless the project has it already, and return all but its bytes."""
    try:
        stored = image.decode(place.entry.read())
    except ZipBombError:
        raise
    except InputError as exc:
        return LeftOut(place.entry.name, str(exc))
    path = Path(stored.id[:2], stored.id + stored.suffix)
    if not (project.images / path).exists():
        write_bytes(staging / path, stored.data)
    return Picture(place.entry.name, place.label, place.split, dataclasses.replace(stored, data=b""))
