"""The end of an import: decoded images become part of the project, all of them or none."""

import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from tl_core import wording
from tl_core.about import SplitSettings, Things
from tl_core.dataset import deep_grey, kinds, labelling, manifest
from tl_core.dataset.deep_grey import Ranges
from tl_core.dataset.manifest import Manifest
from tl_core.errors import InputError
from tl_core.files import locked, storage_errors, sync, write_record
from tl_core.ingest.entries import LeftOut
from tl_core.ingest.merge import Merged, Picture, merge
from tl_core.ingest.report import ImportReport, ImportResult
from tl_core.language import _
from tl_core.wording import number
from tl_core.workspace import Project


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """A source that was read to its end.

    Attributes:
        source: its name, for a person.
        pictures: what could be decoded; the files lie in the staging folder.
        left_out: every other file with the reason.
        notes: sentences on class names.
        layout: what the folders meant; empty if a class was given.
        began: when the import began, in seconds of ``time.monotonic``.
        ranges: of deep grey.
        kind: whether the pictures have one label each or several.
    """

    source: str
    pictures: list[Picture]
    left_out: list[LeftOut]
    notes: list[str]
    layout: str
    began: float
    ranges: Ranges = field(default_factory=dict)
    kind: Things = "pictures"

    @property
    def files(self) -> int:
        """How many files there are."""
        return len(self.pictures) + len(self.left_out)


@dataclass(frozen=True)
class Imported:
    """What an import left: the ``manifest``, the ``report``, and ``report_path``, where that lies."""

    manifest: Manifest
    report: ImportReport
    report_path: Path

    def result(self, project: Project) -> ImportResult:
        """Return the result of a job that imported into this project."""
        return ImportResult(
            project=project.slug,
            manifest=self.manifest.version,
            report=str(project.folder / "imports" / self.report_path.name),
        )


def commit(
    project: Project, staging: Path, decoded: Decoded, settings: SplitSettings, *, replace: bool = False
) -> Imported:
    """Make decoded images part of the project: files first, then the report, at last the manifest.

    Args:
        project: the project.
        staging: folder of the decoded files.
        decoded: what was read.
        settings: how images without a split are split.
        replace: the new version holds these images alone, instead of adding them to the list.

    Raises:
        InputError: no image could be decoded, or the project holds another kind of thing.
        StorageError: the disk is full. In every case of failure the project is as it was.
    """
    with locked(project.folder):
        kinds.claim(project, decoded.kind)
        current = manifest.load(project) if manifest.is_stored(project) else None
        before = manifest.empty_table() if replace or current is None else current.table
        merged = merge(before, decoded.pictures, decoded.kind)
        if not decoded.pictures:
            raise InputError(_nothing_usable(decoded))
        table = labelling.of(decoded.kind).fill(merged.table, settings)
        changed = current is None or not same(current.table, table)
        after = Manifest(0, table, decoded.kind) if changed or current is None else current
        earlier = _without_range(project, decoded.ranges) if len(before) else []
        report = _report(decoded, merged, after, earlier, changed=changed)
        with undone_on_failure() as made:
            made.extend(_moved(staging, project.images))  # those before one that fails stay in the list
            sync()
            made += deep_grey.save(project.folder, decoded.ranges)
            made.append(write_report(project, report))
            if changed:
                what = _("Replaced by {pictures}") if replace else _("Added {pictures}")
                after = manifest.save(project, table, what.format(pictures=wording.pictures(report.imported)))
                project.update(split=settings)
    return Imported(after, report, made[-1])


def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Return whether two tables of manifests hold the same rows, in any order."""
    order = list(manifest.COLUMNS)
    return len(one) == len(other) and one[order].sort_values("id", ignore_index=True).equals(
        other[order].sort_values("id", ignore_index=True)
    )


def _without_range(project: Project, ranges: Ranges) -> list[str]:
    """Return what a new range of deep grey means for images that came before it."""
    if not ranges.keys() - deep_grey.load(project.folder).keys():
        return []
    return [
        _(
            "Pictures that were imported before keep their light. If some of them have grey of more "
            "than 8 bits, import all of them into a new project."
        )
    ]


def _report(decoded: Decoded, merged: Merged, after: Manifest, earlier: list[str], *, changed: bool) -> ImportReport:
    imported, already, first = merged.added, merged.already, []
    labelled = labelling.of(decoded.kind)
    if not changed:
        imported, already = 0, already + imported
        first = [_("All of these pictures are already in the project. Nothing was added.")]
    notes = [*first, *decoded.notes, *earlier, *merged.notes, *labelled.problems(after), *labelled.notes(after)]
    return ImportReport(
        source=decoded.source,
        found=decoded.files,
        imported=imported,
        already=already,
        left_out=[*decoded.left_out, *merged.left_out],
        notes=list(dict.fromkeys(notes)),  # what is read and what is there then may be the same
        classes={str(label): int(number) for label, number in after.counts()["total"].items()},
        layout=decoded.layout,
        seconds=round(time.monotonic() - decoded.began, 2),
    )


def _nothing_usable(decoded: Decoded) -> str:
    if not decoded.files:
        return _("“{source}” is empty: it contains no file.").format(source=decoded.source)
    reason, times = Counter(item.reason for item in decoded.left_out).most_common(1)[0]
    example = next(item.name for item in decoded.left_out if item.reason == reason)
    why = _("The most frequent reason ({times} of {files}): {reason}")
    if times == decoded.files:
        why = _("The reason: {reason}")
    none = _("None of the {files} of “{source}” could be imported.").format(
        files=wording.plural(decoded.files, "file", "files"), source=decoded.source
    )
    why = why.format(times=number(times), files=number(decoded.files), reason=_(reason))
    return f"{none} {why} " + _("For example: {name}.").format(name=example)


def _moved(staging: Path, images: Path) -> Iterator[Path]:
    """Move the decoded files to the project's images; yield each that was not there before once it is."""
    with storage_errors():
        for path in sorted(staging.iterdir()):
            target = images / path.name[:2] / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                path.replace(target)
                yield target


def write_report(project: Project, report: ImportReport) -> Path:
    """Write the report of an import beside those before it and return its path."""
    folder = project.folder / "imports"
    number = 1 + max((int(path.stem) for path in folder.glob("[0-9]*.json")), default=0)
    path = folder / f"{number:04d}.json"
    write_record(path, report)
    return path


@contextlib.contextmanager
def undone_on_failure() -> Iterator[list[Path]]:
    """Remove the files that were put into the list if the block fails."""
    made: list[Path] = []
    try:
        yield made
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise
