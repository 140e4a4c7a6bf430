"""What all tests share: a workspace of their own, and small real pictures."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from PIL import Image

from tl_core.workspace import Workspace

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


Once = Callable[[str, Callable[[Path], object]], Path]
TESTS = Path(__file__).parent
#: What starts servers and workers of its own comes first and stays in one process: they start once, and others fill in.
TOGETHER = ("e2e", "pages")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each file to one process, and all that share a server or workers to the same."""

    def group(item: pytest.Item) -> str:
        names = [name for name in TOGETHER if TESTS / name in item.path.parents]
        return names[0] if names else str(item.path)

    for item in items:
        item.add_marker(pytest.mark.xdist_group(group(item)))
    items.sort(key=lambda item: group(item) not in TOGETHER)


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
