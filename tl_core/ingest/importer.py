"""Importing images into a project: all of a folder, a zip or an upload in one step, whole or not at all."""

import dataclasses
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tl_core import limits, paths
from tl_core.about import USUAL, SplitSettings, Things
from tl_core.dataset import labelling
from tl_core.dataset.splits import TRAIN
from tl_core.files import staging
from tl_core.ingest import layouts
from tl_core.ingest.archive import stem
from tl_core.ingest.commit import Decoded, Imported, commit
from tl_core.ingest.decoding import Task, decode_all
from tl_core.ingest.entries import LeftOut, why_no_picture
from tl_core.ingest.reading import Place, Reading, Readings
from tl_core.ingest.report import ImportResult
from tl_core.ingest.sources import Contents, Source, open_source
from tl_core.progress import Progress
from tl_core.storage import INCOMING
from tl_core.workspace import Project, Workspace


def run(
    folder: Path,
    progress: Progress,
    *,
    project: str,
    source: Mapping[str, str],
    label: str | None = None,
    group: str = "",
    reading: str | None = None,
    things: Things | None = None,
    replace: bool = False,
    validation: float = USUAL.validation,
    test: float = USUAL.test,
    seed: int = USUAL.seed,
) -> ImportResult:
    """Do the "import" job: ``import_source`` with the project's folder and the source as JSON."""
    target, origin = Project(Path(project)), Source(**source)
    settings = SplitSettings(validation=validation, test=test, seed=seed)
    imported = import_source(
        target,
        origin,
        progress=progress,
        label=label,
        group=group,
        reading=reading,
        kind=things,
        replace=replace,
        settings=settings,
    )
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
    group: str = "",
    reading: str | None = None,
    kind: Things | None = None,
    replace: bool = False,
    settings: SplitSettings = USUAL,
) -> Imported:
    """Import images into a project as its next manifest version.

    Args:
        project: the project.
        source: a folder, a zip or an upload.
        progress: hears how many images are done.
        label: the class of all the images; their folders mean nothing then. Of tags it may be "": none yet.
        group: with a label, what all the images share, such as one take of a camera, or ``""``.
        reading: name of the reading to go by (``readings``); None for the best one, if it is clear.
        kind: one label a picture or several, where the best reading of these is meant; None for either. A reading of
            one label that is named gives each picture this one of several.
        replace: the new version holds these images alone, instead of adding them to the list.
        settings: how images are split that come without a split.

    Raises:
        InputError: there is nothing that can be used, or it is not clear what the folders mean; the project is as it
            was.
        StorageError: the disk is full; the project is as it was.
        Stopped: a person pressed Stop; the project is as it was.
    """
    label = None if label is None else labelling.of(kind or "pictures").name(label)
    began = time.monotonic()
    with staging(project.folder / "imports", INCOMING) as staged:
        with open_source(source) as contents:
            chosen = _chosen(contents, label, reading, group, kind)
            entries = {entry.name: entry for entry in contents.entries}
            tasks = [Task(entries[place.name], place) for place in _dividing(chosen.places)]
            limits.check_pictures(project.folder, len(tasks))
            decodings = decode_all(tasks, project, staged, progress or Progress())
        decoded = Decoded(
            source=contents.name,
            pictures=decodings.pictures,
            left_out=[*contents.left_out, *chosen.left_out, *decodings.left_out],
            notes=[*contents.remarks, *chosen.remarks, *decodings.notes],
            layout=chosen.name,
            began=began,
            ranges=decodings.ranges,
            kind=chosen.kind,
        )
        return commit(project, staged, decoded, settings, replace=replace)


def project_for_folder(workspace: Workspace, folder: Path, kind: Things = "pictures") -> Project:
    """Return the project that was made from this folder and holds this kind of thing, else a new one of that name.

    Raises:
        InputError: there is no such folder, or it cannot be opened.
    """
    place = paths.existing(str(folder)).resolve()
    name = stem(place.name) if place.is_file() else place.name
    made = (each for each in workspace.projects() if (each.about().source, each.about().kind) == (str(place), kind))
    return next(made, None) or workspace.create_project(name or "pictures", source=str(place))


def readings(source: Source) -> Readings:
    """Return every way to read a source, the likeliest first; nothing is decoded or written. Raises InputError."""
    with open_source(source) as contents:
        every = layouts.read(contents.entries, contents.tables).every
    complete = [
        dataclasses.replace(
            reading,
            left_out=[*contents.left_out, *reading.left_out],
            remarks=[*contents.remarks, *reading.remarks],
        )
        for reading in every
    ]
    return Readings(complete)


def _chosen(contents: Contents, label: str | None, reading: str | None, group: str, kind: Things | None) -> Reading:
    """Return the places of the entries: all in one class, or as the reading of that name says."""
    if label is None:
        every = layouts.read(contents.entries, contents.tables)
        return every.choose(reading).of_kind(kind) if reading else every.of_kind(kind).choose()
    tables = [LeftOut(entry.name, why_no_picture(entry.name) or "") for entry in contents.tables]
    places = [Place(entry.name, label, group=group) for entry in contents.entries]
    return Reading(name="", title="", places=places, left_out=tables, kind=kind or "pictures")


def _dividing(places: Sequence[Place]) -> Sequence[Place]:
    """Return the places without a split that is the only one and leaves validation and test to be divided: training."""
    if {place.split for place in places} - {""} == {TRAIN}:
        return [dataclasses.replace(place, split="") for place in places]
    return places
