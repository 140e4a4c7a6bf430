"""What all tests share: a workspace of their own, and small real pictures."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tl_core.workspace import Workspace

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


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
