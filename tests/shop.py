"""A head on the frozen network for texts, trained on the sample of messages to a shop once for all test processes."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import Once, share_weights
from tl_core import runs
from tl_core.runs import RunFolder
from tl_core.text.sample import SHOP
from tl_core.workspace import Workspace


def trained(once: Once, place: Path) -> RunFolder:
    """Return the run, in a workspace of the test's own."""
    shutil.copytree(once("shop", _fill), place, symlinks=True, dirs_exist_ok=True)
    return runs.of_project(Workspace.open(place).projects()[0])[0]


def _fill(folder: Path) -> None:
    """Train in a process of its own: where tests of pages ask, TensorFlow stays with the workers."""
    root = share_weights(Workspace.open(folder)).root
    command = [sys.executable, "-m", "tl_core", "train", str(SHOP), "--workspace", str(root)]
    subprocess.run(command, check=True, capture_output=True)
