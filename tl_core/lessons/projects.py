"""The projects of lessons: a picture set becomes one when a lesson first needs it, and stays."""

import shutil
from pathlib import Path

from tl_core.dataset import manifest
from tl_core.dataset.splits import TRAIN
from tl_core.files import locked, read_stored
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.language import SOURCE, _, written_in
from tl_core.lessons import lesson, sets
from tl_core.lessons.sets import PictureSet
from tl_core.progress import OnlyWarnings, Progress
from tl_core.wording import pictures
from tl_core.workspace import Project, Workspace


def find(workspace: Workspace, id: str) -> Project | None:  # noqa: A002
    """Return the project of a set, with its pictures as they were made; None if there is none."""
    made = [each for each in workspace.projects() if each.about().source == f"{lesson.SOURCE}{id}"]
    return next((each for each in made if 1 in manifest.versions(each)), None)


def prepare(workspace: Workspace, id: str, folder: Path, progress: Progress) -> Project:  # noqa: A002
    """Return the project of a set, made now if there is none.

    Args:
        workspace: where to.
        id: of the set.
        folder: where its pictures lie while the project is made.
        progress: hears that it is made.

    Raises:
        Stopped: a person pressed Stop; no project is left.
    """
    if found := find(workspace, id):
        return found
    chosen = sets.get(id)
    progress.emit("message", text=_("Making the pictures “{title}”").format(title=_(chosen.title)))
    shutil.rmtree(folder, ignore_errors=True)
    try:
        _write(chosen, folder)
        source = Source("folder", str(folder))

        def fill(made: Project) -> None:
            importer.import_source(made, source, progress=OnlyWarnings(progress))

        source_name = f"{lesson.SOURCE}{id}"
        return workspace.create_project(
            _("Lesson: {title}").format(title=_(chosen.title)), fill, source=source_name, licence=chosen.licence
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(chosen: PictureSet, folder: Path) -> None:
    from PIL import Image

    for number, made in enumerate(chosen.make()):
        path = folder / made.split / made.label / f"{number:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(made.pixels).save(path, compress_level=1)


def limited(of: Project, each: int) -> int:
    """Return the number of a version of a set's pictures with only the first few training pictures of each class.

    Checked are the same pictures. The current version of the project stays what it is.
    """
    with written_in(SOURCE):  # by it the version is found again, whatever language is read in
        note = f"Lesson: {pictures(each)} of each class to learn from"
    for number in manifest.versions(of):
        stored = read_stored(of.manifests / f"{number:04d}.json", manifest.Version)
        if stored and stored.note == note:
            return number
    table = manifest.load(of, 1).table
    learned = table["split"] == TRAIN
    rank = table[learned].sort_values("source").groupby("label").cumcount().reindex(table.index)
    with locked(of.folder):
        current = of.about().manifest
        made = manifest.save(of, table[~learned | (rank < each)], note)
        of.update(manifest=current)
    return made.version
