"""Importing texts into a project: all of a reading in one step, whole or not at all."""

import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from tl_core import limits, wording
from tl_core.about import USUAL, SplitSettings
from tl_core.dataset import kinds, manifest, splits
from tl_core.dataset.manifest import Manifest
from tl_core.errors import InputError
from tl_core.files import locked
from tl_core.ingest.commit import Imported, same, undone_on_failure, write_report
from tl_core.ingest.merge import TEXTS, Merged, join
from tl_core.ingest.report import ImportReport, ImportResult
from tl_core.ingest.sources import Source
from tl_core.language import _
from tl_core.progress import Progress
from tl_core.text import notes, sources
from tl_core.text.cleaning import Cleaned, clean
from tl_core.text.guess import Chosen
from tl_core.text.reading import TextReading
from tl_core.workspace import Project


def run(
    folder: Path,
    progress: Progress,
    *,
    project: str,
    source: Mapping[str, str],
    chosen: Mapping[str, str | bool | None] | None = None,
    replace: bool = False,
    validation: float = USUAL.validation,
    test: float = USUAL.test,
    seed: int = USUAL.seed,
) -> ImportResult:
    """Do the "import-texts" job: ``import_texts`` with the project's folder, the source and the choices as JSON."""
    target, origin = Project(Path(project)), Source(**source)
    reading = sources.read(origin, Chosen(**(chosen or {})))  # type: ignore[arg-type]  # the fields of ``Chosen``
    settings = SplitSettings(validation=validation, test=test, seed=seed)
    imported = import_texts(target, reading, settings, replace=replace, progress=progress)
    staged = Path(origin.path)
    if staged.parent == target.workspace.uploads:
        shutil.rmtree(staged, ignore_errors=True)
    return imported.result(target)


def import_texts(
    project: Project,
    reading: TextReading,
    settings: SplitSettings = USUAL,
    *,
    replace: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Import the texts of a reading into a project as its next manifest version.

    Args:
        project: of texts, or an empty one.
        reading: what was read, and corrected by a person.
        settings: how texts without a split are split.
        replace: the new version holds these texts alone, instead of adding them to the list.
        progress: hears how many texts are done.

    Raises:
        InputError: no text can be used, or the project holds pictures.
        Stopped: a person pressed Stop.
        StorageError: the disk is full. In every case of failure the project is as it was.
    """
    began = time.monotonic()
    cleaned = clean(reading, progress)
    if not cleaned.rows:
        raise InputError(_nothing_usable(reading, cleaned))
    limits.check_pictures(project.folder, len(cleaned.rows))
    with locked(project.folder):
        kinds.claim(project, "texts")
        current = manifest.load(project) if manifest.is_stored(project) else None
        before = manifest.empty_table() if replace or current is None else current.table
        merged = join(before, cleaned.rows, TEXTS)
        table = splits.fill(merged.table, settings)
        changed = current is None or not same(current.table, table)
        after = Manifest(0, table) if changed or current is None else current
        report = _report(reading, cleaned, merged, after, time.monotonic() - began, changed=changed)
        with undone_on_failure() as made:
            made.append(write_report(project, report))
            if changed:
                what = _("Replaced by {texts}") if replace else _("Added {texts}")
                after = manifest.save(project, table, what.format(texts=wording.texts(report.imported)))
                project.update(split=settings)
    return Imported(after, report, made[-1])


def texts_of(listed: Manifest) -> "pd.Series[str]":
    """Return the texts of a version by their ids, in the order of its rows."""
    texts: pd.Series[str] = listed.table.set_index("id")["text"]
    return texts


def _report(
    reading: TextReading, cleaned: Cleaned, merged: Merged, after: Manifest, seconds: float, *, changed: bool
) -> ImportReport:
    imported, already, first = merged.added, merged.already, []
    if not changed:
        imported, already = 0, already + imported
        first = [_("All of these texts are already in the project. Nothing was added.")]
    outside = cleaned.left_out[: len(cleaned.left_out) - _copies(cleaned)]
    left_out = [*outside, *merged.left_out]
    return ImportReport(
        source=reading.name,
        found=imported + already + len(left_out),
        imported=imported,
        already=already,
        left_out=left_out,
        notes=[*first, *reading.remarks, *cleaned.notes, *notes.problems(after), *notes.notes(after)],
        classes={str(label): int(number) for label, number in after.counts()["total"].items()},
        layout="texts",
        seconds=round(seconds, 2),
        unit="rows",
    )


def _copies(cleaned: Cleaned) -> int:
    """Return how many of what was left out are copies within the source; they end the list."""
    return len(cleaned.rows) - len(cleaned.table)


def _nothing_usable(reading: TextReading, cleaned: Cleaned) -> str:
    if not cleaned.left_out:
        return _("“{source}” is empty: it has no texts. Choose another file.").format(source=reading.name)
    first = cleaned.left_out[0]
    return _("No text of “{source}” can be used. The first, {name}: {reason}").format(
        source=reading.name, name=first.name, reason=_(first.reason)
    )
