import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tl_core import jobs
from tl_core.export import stored
from tl_core.export.stored import Export
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.workspace import Project

Exported = Callable[..., Export]


@pytest.fixture(scope="module")
def others(hues_with, tmp_path_factory) -> Project:
    """Runs with a sigmoid, and with a flattened feature map."""
    return hues_with(tmp_path_factory.mktemp("workspace"), "tail", "flatten")


@pytest.fixture(scope="module")
def head(hues_with, tmp_path_factory) -> RunFolder:
    return RunFolder(hues_with(tmp_path_factory.mktemp("workspace"), "head").runs / "head")


def export(run: RunFolder, name: str, progress: Progress | None = None) -> Export:
    """Export a run as its job does."""
    job = jobs.create_in(run.project.workspace, "export", run=str(run.folder), format=name)
    return jobs.execute(job.folder, echo=progress)


def unpacked(run: RunFolder, made: Export, folder: Path) -> Path:
    """Unpack a bundle into a folder."""
    with zipfile.ZipFile(stored.path(run, made)) as bundle:
        bundle.extractall(folder)
    return folder


def example(folder: Path, picture: Path) -> dict[str, float]:
    """Run the example of an unpacked bundle on a picture, where nothing of this program is."""
    command = [sys.executable, "-I", str(folder / "example.py"), str(picture)]
    done = subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = [line.split(" ", 1) for line in done.stdout.splitlines() if line[:2] in ("0.", "1.")]
    return {label: float(probability) for probability, label in said}
