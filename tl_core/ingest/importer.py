"""Bringing pictures into a project: all of a folder, a zip or an upload in one step, whole or not at all."""

import contextlib
import dataclasses
import os
import secrets
import shutil
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from tl_core import wording
from tl_core.dataset import image, manifest, splits
from tl_core.dataset.manifest import Manifest
from tl_core.dataset.names import class_name
from tl_core.errors import InputError, Stopped
from tl_core.ingest import layouts, merge
from tl_core.ingest.merge import Picture
from tl_core.ingest.report import ImportReport
from tl_core.ingest.sources import Entry, LeftOut, Source, ZipBombError, open_source
from tl_core.progress import Progress
from tl_core.workspace import Project, Workspace, locked, storage_errors, write_bytes, write_json

THREADS = min(4, os.cpu_count() or 1)
#: Pictures read ahead of the decoding threads: bounds the memory, whatever the number of pictures.
AHEAD = 2 * THREADS

Item = TypeVar("Item")
Result = TypeVar("Result")

NO_CLASS = "It lies in no class folder. Put it into one that is named after its class."


@dataclass(frozen=True)
class Place:
    """An entry with the class and the part (or ``""``) that its folders mean."""

    entry: Entry
    label: str
    split: str


@dataclass(frozen=True)
class Outcome:
    """What an import left: the manifest, and the report with the path of its file."""

    manifest: Manifest
    report: ImportReport
    report_path: Path


def run(folder: Path, progress: Progress, **args: Any) -> dict[str, Any]:
    """Do the "import" job.

    Args:
        folder: the job's folder.
        progress: the listener.
        **args: ``project`` (path of its folder), ``source`` (``{"kind": "folder"|"zip"|"upload", "path": …}``),
            and those of ``bring_in``.

    Returns:
        ``{"project": slug, "manifest": version, "report": path of the report's JSON}``.
    """
    project, source = Project(Path(args.pop("project"))), args.pop("source")
    outcome = bring_in(project, source, progress=progress, **args)
    staged = Path(source["path"])
    if staged.parent == project.workspace.uploads:
        shutil.rmtree(staged, ignore_errors=True)
    return {"project": project.slug, "manifest": outcome.manifest.version, "report": str(outcome.report_path)}


def import_source(project: Project, source: Mapping[str, str], **options: Any) -> ImportReport:
    """Bring pictures into a project and return the report. Options and errors are those of ``bring_in``."""
    return bring_in(project, source, **options).report


def bring_in(
    project: Project,
    source: Mapping[str, str],
    *,
    progress: Progress | None = None,
    label: str | None = None,
    replace: bool = False,
    validation: float = 0.15,
    test: float = 0.15,
    seed: int = 0,
) -> Outcome:
    """Bring pictures into a project as its next manifest version.

    Args:
        project: the project.
        source: ``{"kind": "folder"|"zip"|"upload", "path": …}``.
        progress: the listener.
        label: the class of all the pictures; their folders mean nothing then.
        replace: the new version holds these pictures alone, instead of being added to.
        validation: part of the pictures that is set aside for validation, where no part is given.
        test: part that is sealed away for the test, where no part is given.
        seed: of the split.

    Raises:
        InputError: there is nothing that can be used; the project is as it was.
        StorageError: the disk is full; the project is as it was.
        Stopped: a person pressed Stop; the project is as it was.
    """
    splits.check_fractions(validation, test)
    label = None if label is None else class_name(label)
    began = time.monotonic()
    staging = project.folder / "imports" / f".incoming-{secrets.token_hex(4)}"
    try:
        with open_source(source["kind"], source["path"]) as opened:
            report = ImportReport(source=opened.name, left_out=list(opened.left_out))
            report.found = len(opened.entries) + len(opened.left_out)
            places = _places(opened, label, report)
            pictures = _decode_all(places, project, staging, report, progress or Progress())
        report.seconds = round(time.monotonic() - began, 2)
        return _commit(project, staging, pictures, report, replace=replace, validation=validation, test=test, seed=seed)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def project_for_folder(workspace: Workspace, folder: Path) -> Project:
    """Return the project that was made from this folder, else a new one that bears its name.

    Raises:
        InputError: there is no such folder.
    """
    place = folder.expanduser().resolve()
    if not place.exists():
        raise InputError(f"There is no folder {folder}. Check the path.")
    name = place.stem if place.is_file() else place.name
    made = (project for project in workspace.projects() if project.about().get("source") == str(place))
    return next(made, None) or workspace.create_project(name or "pictures", source=str(place))


def _places(source: Source, label: str | None, report: ImportReport) -> list[Place]:
    """Return each entry with its class and part; report those that lie in no class."""
    if label is not None:
        return [Place(entry, label, "") for entry in source.entries]
    layout = layouts.detect(entry.folders for entry in source.entries)
    report.layout = str(layout)
    places, names = [], _ClassNames()
    for entry in source.entries:
        folder, part = layout.place(entry.folders)
        name = names.of(folder)
        if name:
            places.append(Place(entry, name, part))
        else:
            report.left_out.append(LeftOut(entry.name, NO_CLASS))
    report.notes += names.notes()
    return places


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
    places: list[Place], project: Project, staging: Path, report: ImportReport, progress: Progress
) -> list[Picture]:
    """Decode every entry into the staging folder; report those that cannot be read."""
    pictures = []
    with ThreadPoolExecutor(THREADS, "decode") as pool:
        decoded = _in_order(pool, lambda place: _decode(place, project, staging), places)
        for done, result in enumerate(decoded, 1):
            if isinstance(result, LeftOut):
                report.left_out.append(result)
            else:
                pictures.append(result)
            progress.emit("progress", what="pictures", done=done, total=len(places))
            if progress.stopped():
                raise Stopped("Stopped before the end: no picture was brought in, the project is as it was.")
    return pictures


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
    """Write the picture to the staging folder, unless the project keeps it already, and return all but its bytes."""
    try:
        stored = image.decode(place.entry.read())
    except ZipBombError:
        raise
    except InputError as exc:
        return LeftOut(place.entry.name, str(exc))
    kept = Path(stored.id[:2], stored.id + stored.suffix)
    if not (project.images / kept).exists():
        write_bytes(staging / kept, stored.data)
    return Picture(place.entry.name, place.label, place.split, dataclasses.replace(stored, data=b""))


def _commit(
    project: Project,
    staging: Path,
    pictures: list[Picture],
    report: ImportReport,
    *,
    replace: bool,
    **split: Any,
) -> Outcome:
    """Make the pictures part of the project: files first, then the report, at last the manifest."""
    with locked(project.folder):
        current = manifest.load(project) if manifest.has(project) else None
        before = manifest.empty_table() if replace or current is None else current.table
        table = merge.gather(before, pictures, report)
        if not pictures:
            raise InputError(_nothing_usable(report))
        table = splits.fill(table, **split)
        changed = current is None or not _same(current.table, table)
        after = manifest.Manifest(0, table) if changed or current is None else current
        _finish(report, after, changed)
        with _undone_on_failure() as made:
            made += _move(staging, project.images)
            made.append(_write_report(project, report))
            if changed:
                after = manifest.save(
                    project,
                    table,
                    f"{'Replaced by' if replace else 'Added'} {wording.pictures(report.imported)}",
                )
                project.update(split=split)
    return Outcome(after, report, made[-1])


def _same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    order = list(manifest.COLUMNS)
    return len(one) == len(other) and one[order].sort_values("id", ignore_index=True).equals(
        other[order].sort_values("id", ignore_index=True)
    )


def _finish(report: ImportReport, after: Manifest, changed: bool) -> None:
    if not changed:
        report.already, report.imported = report.already + report.imported, 0
        which = "The picture is" if report.already == 1 else f"All {report.already:,} pictures are"
        report.notes.insert(0, f"{which} already there; nothing was added.")
    report.classes = {str(label): int(number) for label, number in after.counts()["total"].items()}
    report.notes += [*after.problems(), *after.notes()]


def _nothing_usable(report: ImportReport) -> str:
    if not report.found:
        return f"“{report.source}” is empty: there is no file in it."
    reason, times = Counter(item.reason for item in report.left_out).most_common(1)[0]
    example = next(item.name for item in report.left_out if item.reason == reason)
    files = "its only file was" if report.found == 1 else f"all of its {report.found:,} files were"
    lead = "The reason" if times == report.found else f"The most frequent reason ({times:,} of {report.found:,})"
    return (
        f"“{report.source}” holds no picture that can be used; {files} left out and nothing was imported. "
        f"{lead}: {reason} For instance: {example}."
    )


def _move(staging: Path, kept: Path) -> list[Path]:
    """Move the decoded files to where the project keeps them and return those that were not there before."""
    moved = []
    with storage_errors():
        for path in sorted(staging.glob("*/*")):
            target = kept / path.parent.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                path.replace(target)
                moved.append(target)
    return moved


def _write_report(project: Project, report: ImportReport) -> Path:
    folder = project.folder / "imports"
    number = 1 + max((int(path.stem) for path in folder.glob("[0-9]*.json")), default=0)
    path = folder / f"{number:04d}.json"
    write_json(path, report.to_json())
    return path


@contextlib.contextmanager
def _undone_on_failure() -> Iterator[list[Path]]:
    """Remove the files that were put into the list if the block fails."""
    made: list[Path] = []
    try:
        yield made
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise
