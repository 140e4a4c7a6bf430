"""A project of one person, copied into the workspace of another: its pictures or texts, and nothing trained."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tl_core.files import new_folder, storage_errors, subfolders, write_record
from tl_core.workspace import Project, Workspace

#: What a copy of a project does not have: what its owner has trained, tried and chosen, and what is not whole yet.
_OWN = ("runs", "experiments", "imports", "probes", "draft.json", "planned.json", ".*", "*.lock", "*.part")


def give(project: Project, to: Workspace) -> Project | None:
    """Copy a project into a workspace, and return the copy; None if it was given to it before.

    Pictures never change, so on one disk both share them.
    """
    if any((folder / _mark(project)).exists() for folder in subfolders(to.projects_folder)):
        return None

    def copied(folder: Path) -> None:
        shutil.copytree(project.folder, folder, ignore=_ignored(project), dirs_exist_ok=True)
        if project.images.is_dir():
            shutil.copytree(project.images, folder / "images", copy_function=_linked, dirs_exist_ok=True)
        write_record(folder / "project.json", replace(project.about(), created=time.time()))
        (folder / _mark(project)).touch()

    with storage_errors():
        return Project(new_folder(to.projects_folder, project.slug, copied))


def _ignored(project: Project) -> Callable[[str, list[str]], set[str]]:
    usual = shutil.ignore_patterns(*_OWN)

    def ignored(folder: str, names: list[str]) -> set[str]:
        return usual(folder, names) | ({"images"} if Path(folder) == project.folder else set())

    return ignored


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or a file system without links
        shutil.copy2(source, target)


def _mark(project: Project) -> str:
    return f".given-{project.slug}"
