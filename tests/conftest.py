"""What all tests share: a workspace of their own, and small real pictures."""

import gc
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from PIL import Image
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tl_core.workspace import Workspace

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


#: One folder for all processes of a session: the first one makes it, the others inherit its name.
SHARED_WEIGHTS = os.environ.get("TL_TEST_WEIGHTS") or tempfile.mkdtemp(prefix="thaw-weights-")
os.environ["TL_TEST_WEIGHTS"] = SHARED_WEIGHTS

Once = Callable[[str, Callable[[Path], object]], Path]
#: What starts a server or workers of its own runs in one process, so that they start once; it begins first.
TOGETHER = ("tests/e2e/", "tests/pages/")
#: Files that take long come next, so that no process is left with one when the others are through.
LONG = ("tests/core/training/", "tests/core/networks/", "tests/core/evaluation/", "tests/core/test_", "tests/core/cli/")


class Scheduling(LoadFileScheduling):
    """Give each file to one process, and all files that share a server or workers to the same."""

    def _split_scope(self, nodeid: str) -> str:
        return next(filter(nodeid.startswith, TOGETHER), super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Let the scheduling above stand in for that of ``--dist``."""
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long."""
    items.sort(key=lambda item: (not item.nodeid.startswith(TOGETHER), not item.nodeid.startswith(LONG)))


def pytest_collection_finish() -> None:
    """Let the collector leave alone what was imported: Keras and Streamlit call it after each test and script."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Return a function that fills a folder once for all test processes. Who changes what is in it takes a copy."""
    root = tmp_path_factory.getbasetemp()
    root = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "once"

    def filled(name: str, fill: Callable[[Path], object]) -> Path:
        folder, done = root / name, root / f"{name}.done"
        root.mkdir(exist_ok=True)
        with FileLock(root / f"{name}.lock"):
            if not done.exists():
                folder.mkdir()
                fill(folder)
                done.touch()
        return folder

    return filled


def share_weights(workspace: Workspace) -> Workspace:
    """Let a new workspace use what all others have converted: each network and line would take seconds again."""
    weights = workspace.weights
    if weights.is_dir() and not weights.is_symlink() and not any(weights.iterdir()):
        weights.rmdir()
    if not weights.exists():
        weights.symlink_to(SHARED_WEIGHTS)
    return workspace


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Remove what the workspaces have shared, once all processes are done."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(SHARED_WEIGHTS)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An empty workspace that ``Workspace.open()`` finds, too."""
    monkeypatch.setenv("TL_WORKSPACE", str(tmp_path / "workspace"))
    return Workspace.open()


def write_pictures(folder: Path, classes: dict[str, int], size: int = 48) -> Path:
    """Write noisy JPEGs, all different, each class with a colour of its own: ``folder/<class>/<n>.jpg``."""
    rng = np.random.default_rng(0)
    for number, (name, count) in enumerate(classes.items()):
        base = np.array([(230, 40, 40), (40, 60, 230), (40, 200, 60), (200, 200, 40)][number % 4])
        (folder / name).mkdir(parents=True)
        for index in range(count):
            noise = rng.integers(-40, 40, (size, size, 3))
            Image.fromarray(np.clip(base + noise, 0, 255).astype("uint8")).save(folder / name / f"{index:04d}.jpg")
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of two classes, twelve pictures each."""
    return write_pictures(tmp_path / "fruit", {"apple": 12, "plum": 12})


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1 MB."""
    place = tmp_path / "small"
    place.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small file system takes root on Linux")
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    mounted = subprocess.run(command, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"mount: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", place], check=True)
