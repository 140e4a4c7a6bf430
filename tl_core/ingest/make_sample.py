"""The "sample" job: a project made of a sample, by its maker or from the network."""

import os
import shutil
from pathlib import Path

from tl_core.about import USUAL, SplitSettings
from tl_core.errors import InputError, OfflineError
from tl_core.files import storage_errors
from tl_core.ingest import downloads, importer
from tl_core.ingest.commit import Imported
from tl_core.ingest.report import ImportResult
from tl_core.ingest.samples import SAMPLES, TFDS, TFDS_LIMIT, Sample, get
from tl_core.ingest.sources import Source
from tl_core.language import _
from tl_core.progress import Progress
from tl_core.workspace import Project, Workspace


def run(
    folder: Path,
    progress: Progress,
    *,
    sample: str,
    workspace: str,
    name: str | None = None,
    limit: int | None = None,
    validation: float = USUAL.validation,
    test: float = USUAL.test,
    seed: int = USUAL.seed,
) -> ImportResult:
    """Make a project of a sample.

    Args:
        folder: the job's folder; what is downloaded or made lies there for as long as the job runs.
        progress: hears what is prepared or downloaded, then how many images are done.
        sample: the id of a sample.
        workspace: the workspace's folder.
        name: of the project; the sample's title unless given.
        limit: take about this number of images at most, the same share of each class.
        validation: as in ``SplitSettings``; a sample that is split already stays so.
        test: the same.
        seed: the same.

    Raises:
        OfflineError: it has to be downloaded and the network did not answer.
        InputError: there is no such sample, or it cannot be used.
        Stopped: a person pressed Stop. In every case no project is left.
    """
    chosen, settings = get(sample), SplitSettings(validation=validation, test=test, seed=seed)
    if limit is not None and limit < 1:
        raise InputError(_("The limit is a number of pictures, 1 or more. Received: {limit}.").format(limit=limit))
    made = folder / "pictures"
    try:
        with storage_errors():
            shutil.rmtree(made, ignore_errors=True)
            pictures = _prepare(chosen, made, limit, progress)
        return _import(Workspace.open(workspace), chosen, name, pictures, settings, progress)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _prepare(sample: Sample, made: Path, limit: int | None, progress: Progress) -> Path:
    """Write the sample's images below ``made`` and return their folder."""
    if sample.maker is not None:

        def emit(done: int, total: int) -> None:
            progress.emit("progress", what="preparation", done=done, total=total)

        sample.maker(made / "all", emit)
        return _limited(made / "all", made / "some", limit)
    try:
        if sample.id.startswith(TFDS):
            name = sample.id.removeprefix(TFDS)
            return downloads.fetch_dataset(name, made, limit or TFDS_LIMIT, progress)
        return _fetch(sample, made, limit, progress)
    except OfflineError as exc:
        raise OfflineError(_offline(sample, str(exc))) from exc


def _fetch(sample: Sample, made: Path, limit: int | None, progress: Progress) -> Path:
    for split, url in sample.archives:
        (made / "all").mkdir(parents=True, exist_ok=True)
        _unwrapped(downloads.fetch(url, made / "loaded", progress)).rename(made / "all" / (split or "all"))
    return _limited(made / "all", made / "some", limit)


def _unwrapped(folder: Path) -> Path:
    """Return the first folder inside that holds more than one folder: an archive's own outer folders say nothing."""
    while True:
        inside = [path for path in folder.iterdir() if path.is_dir() and path.name != "__MACOSX"]
        if len(inside) != 1:
            return folder
        folder = inside[0]


def _offline(sample: Sample, reason: str) -> str:
    here = ", ".join(f"“{_(other.title)}”" for other in SAMPLES if other.bundled)
    title = f"“{_(sample.title)}”" + (f" ({sample.download_mb} MB)" if sample.download_mb else "")
    return _(
        "{title} could not be downloaded: {reason}. Connect to the network and try again, or use a sample that needs "
        "no network: {samples}."
    ).format(title=title, reason=reason.rstrip("."), samples=here)


def _limited(whole: Path, target: Path, limit: int | None) -> Path:
    """Link about ``limit`` files into ``target`` and return it: the same share of every folder, at least two of each.

    Without a limit, return ``whole``.
    """
    if limit is None:
        return whole
    folders = sorted(path for path in whole.rglob("*") if path.is_dir())
    groups = {folder: sorted(path for path in folder.iterdir() if path.is_file()) for folder in folders}
    share = min(1.0, limit / max(1, sum(map(len, groups.values()))))
    for folder, files in groups.items():
        place = target / folder.relative_to(whole)
        place.mkdir(parents=True, exist_ok=True)
        count = min(len(files), max(2, round(len(files) * share)))
        for number in range(count):
            path = files[number * len(files) // count]
            os.link(path, place / path.name)
    for table in whole.glob("*.csv"):  # which labels the images have
        head, *rows = table.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [row for row in rows if (target / row.split(",")[0]).exists()]
        (target / table.name).write_text("".join([head, *kept]), encoding="utf-8")
    return target


def _import(
    workspace: Workspace, sample: Sample, name: str | None, pictures: Path, settings: SplitSettings, progress: Progress
) -> ImportResult:
    """Make the project with its pictures: it appears once it has them, so a killed process leaves none without."""
    imported: list[Imported] = []

    def fill(project: Project) -> None:
        source = Source("folder", str(pictures))
        imported.append(importer.import_source(project, source, progress=progress, kind=sample.kind, settings=settings))

    project = workspace.create_project(
        name or _(sample.title), fill, source=f"sample:{sample.id}", licence=sample.licence
    )
    return imported[0].result(project)
