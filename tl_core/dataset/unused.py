"""Pictures that no list needs any more: what removing images and classes frees, once undo is given up."""

from dataclasses import dataclass
from pathlib import Path

from tl_core import runs
from tl_core.dataset import manifest
from tl_core.files import locked
from tl_core.workspace import Project


@dataclass(frozen=True, kw_only=True)
class Unused:
    """What can be removed from a project.

    Attributes:
        pictures: files of images that neither the present list names, nor that of a run.
        versions: numbers of such versions of the list.
        bytes: that removing them frees.
    """

    pictures: tuple[Path, ...]
    versions: tuple[int, ...]
    bytes: int


def unused(project: Project) -> Unused:
    """Return the images and versions of the list that neither the present list nor a run needs.

    Raises:
        DamagedError: a run or a list cannot be read, so that nobody knows what it needs.
    """
    needed = {manifest.load(project).version, *(run.recipe.manifest for run in runs.of_project(project))}
    versions = set(manifest.versions(project))
    named = {id_ for number in needed & versions for id_ in manifest.load(project, number).table["id"]}
    pictures = tuple(path for path in project.images.glob("*/*") if path.stem not in named)
    return Unused(
        pictures=pictures,
        versions=tuple(sorted(versions - needed)),
        bytes=sum(path.stat().st_size for path in pictures),
    )


def remove_unused(project: Project) -> int:
    """Remove them for good and return how many bytes that freed. Undo and redo then have nothing to go to.

    Raises:
        DamagedError: as ``unused``; then nothing was removed.
    """
    with locked(project.folder):
        going = unused(project)
        project.update(redo=())
        for number in going.versions:
            manifest.forget(project, number)
        for path in going.pictures:
            path.unlink(missing_ok=True)
    return going.bytes
