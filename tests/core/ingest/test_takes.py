"""Takes of a camera: frames that are known to belong together."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tl_core import jobs
from tl_core.dataset import duplicates, manifest, splits
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.workspace import Workspace

FRAMES = 9


def take(workspace: Workspace, folder: Path, label: str, number: int) -> None:
    """Record a take: noise of its own in each frame, so that nothing but the group says that they belong together."""
    random = np.random.default_rng([number, len(label)])
    folder.mkdir()
    for frame in range(FRAMES):
        Image.fromarray(random.integers(0, 255, (64, 64, 3), np.uint8)).save(folder / f"{frame}.png")
    project = workspace.projects()[0]
    importer.import_source(project, Source("folder", str(folder)), label=label, group=f"take {number} of {label}")


@pytest.mark.slow
def test_takes_stay_in_one_split_each_once_a_class_has_several(tmp_path: Path):
    workspace = Workspace.open(tmp_path / "workspace")
    project = workspace.create_project("Camera")
    for label in ("left", "right"):
        take(workspace, tmp_path / f"{label}-0", label, 0)

    table = manifest.load(project).table
    assert set(table.groupby("label")["split"].nunique()) == {3}, "one take is divided: there is nothing else"
    assert splits.divided(table) == ["left", "right"]

    for label in ("left", "right"):
        for number in (1, 2):
            take(workspace, tmp_path / f"{label}-{number}", label, number)
    table = manifest.load(project).table
    later = table[~table["group"].str.startswith("take 0")]
    assert set(later.groupby("group")["split"].nunique()) == {1}
    assert len(set(duplicates.units(table).tolist())) == 6
    again = splits.fill(table.assign(split=""))
    assert set(again.groupby("group")["split"].nunique()) == {1}
    assert set(again.groupby("label")["split"].nunique()) == {3}


def test_a_take_that_a_job_imports_is_one_group(tmp_path: Path):
    workspace = Workspace.open(tmp_path / "workspace")
    project = workspace.create_project("Camera")
    take(workspace, tmp_path / "first", "left", 0)
    source = {"kind": "folder", "path": str(tmp_path / "first")}
    job = jobs.create_in(
        workspace, "import", project=str(project.folder), source=source, label="left", group="take 1", replace=True
    )
    jobs.execute(job.folder)
    assert job.state == "done", job.status()
    assert set(manifest.load(project).table["group"]) == {"take 1"}
