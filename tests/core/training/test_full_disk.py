"""A disk without room, a limit on the size of files: a sentence, nothing half-written, and the run goes on later."""

import contextlib
import subprocess
from pathlib import Path

import pytest

from tests.core.conftest import HuesWith
from tests.core.hues import new_run
from tl_core import jobs
from tl_core.errors import StorageError

resource = pytest.importorskip("resource")


def filled(disk: Path) -> Path:
    """Take the last byte of a disk."""
    path = disk / "full"
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return path


def half_written(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if "part" in path.name or path.name.startswith(".new-")]


@pytest.mark.slow
def test_a_run_on_a_full_disk_says_so_and_goes_on_once_there_is_room(small_disk: Path, hues_with: HuesWith):
    subprocess.run(["mount", "-o", "remount,size=6m", small_disk], check=True)
    project = hues_with(small_disk / "workspace")
    run = new_run(project, epochs=1)

    with pytest.raises(StorageError, match="The disk is full"):
        jobs.execute(run.folder)  # the weights take 13 MB
    assert (run.job.state, half_written(small_disk)) == ("failed", [])
    assert "Free some space" in run.job.status().error

    assert run.job.claim()
    filler = filled(small_disk)
    with pytest.raises(StorageError, match="The disk is full"):
        jobs.execute(run.folder)  # not even the state has room, but for what was reserved
    assert (run.job.state, half_written(small_disk)) == ("failed", [])

    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=200m", small_disk], check=True)
    assert run.job.claim()
    jobs.execute(run.folder)
    assert (run.job.state, run.damage()) == ("done", None)
    assert not (run.folder / jobs.CHECKPOINT).exists()


def test_a_file_that_may_not_be_as_large_leaves_no_half_of_it(tmp_path: Path, hues_with: HuesWith):
    run = new_run(hues_with(tmp_path), epochs=1)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**21, before[1]))
    try:
        with pytest.raises(StorageError, match="File too large"):
            jobs.execute(run.folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert (run.job.state, run.ready, half_written(tmp_path)) == ("failed", False, [])
