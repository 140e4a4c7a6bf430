import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import Once
from tests.core import hues
from tl_core.dataset import manifest
from tl_core.workspace import Project, Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "workspace")


HuesWith = Callable[..., Project]


@pytest.fixture(scope="session")
def hues_with(once: Once) -> HuesWith:
    """Return a function that lays a workspace into a folder: a project of hues with trained runs, ``hues.KINDS``.

    A run's folder is called as its kind. Each kind is trained once for all tests.
    """

    def laid(folder: Path, *kinds: str) -> Project:
        shutil.copytree(once("hues", hues.fill), folder, symlinks=True, dirs_exist_ok=True)
        project = Workspace.open(folder).project("hues")
        for kind in kinds:
            trained = once(f"hues-{kind}", partial(hues.fill, kind=kind))
            shutil.copytree(trained / "cache", folder / "cache", dirs_exist_ok=True)
            shutil.copytree(trained / "projects" / "hues" / "runs" / kind, project.runs / kind)
        return project

    return laid


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return workspace.create_project("Pets")


@pytest.fixture
def listed(project: Project) -> manifest.Manifest:
    """Six pictures of two classes."""
    splits = ("train", "validation", "test")
    rows = [
        manifest.Row(
            id=f"id{number}",
            label=("cat", "dog")[number % 2],
            split=splits[number // 2],
            width=8,
            height=8,
            source=f"{number}.png",
            flags="given: test" if number > 3 else "",
            look="",
            taken="",
        )
        for number in range(6)
    ]
    return manifest.save(project, manifest.table_of(rows), "made")
