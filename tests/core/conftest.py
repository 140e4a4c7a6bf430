from pathlib import Path

import pytest

from tl_core.workspace import Project, Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "workspace")


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return workspace.create_project("Pets")
