"""A trained project that is exported, and its zip taken apart and put together again by somebody hostile."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.core.conftest import HuesWith
from tl_core.dataset import edits, manifest
from tl_core.evaluation import predictions, scores
from tl_core.evaluation.scores import Evaluation
from tl_core.files import write_record
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.travel import pack
from tl_core.workspace import Project, Workspace

#: The files of a zip by name.
Files = dict[str, bytes]
RUN = "project/runs/head/"
#: Bytes.
LARGE = 2**20


def open_test(run: RunFolder, times: int = 2) -> None:
    """Store predictions for the test pictures of a run, as if they had been opened: all of them of one class."""
    validation = predictions.load(run, "validation")
    rows = predictions.pictures_of(run, "test")
    truth = np.array([run.classes.index(label) for label in rows["label"]])
    tested = replace(
        validation.at(np.zeros(len(rows), int)), split="test", ids=list(rows["id"]), truth=truth, groups=None
    )
    predictions.save(run, tested)
    figures = vars(scores.of(run, tested))
    opened = {"opened": times, "opened_in_project": times, "time": 1.0}
    write_record(run.folder / "test.json", Evaluation(**figures, run=run.reference, **opened))


@pytest.fixture(scope="package")
def home(hues_with: HuesWith, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with a run, an edited list, names in another script, and test pictures that were opened twice."""
    project = hues_with(tmp_path_factory.mktemp("home") / "workspace", "head")
    project.rename("Töne 暖")
    run = RunFolder(project.runs / "head")
    run.annotate(name="the *first*", note="blurred 暖", star=True)
    open_test(run)
    edits.rename_class(project, "cold", "blå")
    edits.remove(project, manifest.load(project).table["id"].head(1))
    manifest.undo(project)
    return project


@pytest.fixture(scope="package")
def packed(home: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That project as a zip."""
    target = tmp_path_factory.mktemp("stick") / "hues.zip"
    pack.pack(home, target, Progress())
    return target


@pytest.fixture
def elsewhere(tmp_path: Path) -> Workspace:
    """The workspace of another machine."""
    return Workspace.open(tmp_path / "elsewhere")


def files_of(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {each: archive.read(each) for each in archive.namelist()}


def write(path: Path, files: Files) -> Path:
    """Write a zip; what is large is a model, which would take long to compress and hardly shrink."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            kind = zipfile.ZIP_STORED if len(data) > LARGE else zipfile.ZIP_DEFLATED
            archive.writestr(name, data, compress_type=kind)
    return path


def relisted(files: Files) -> Files:
    """Return files whose list says what they hold now, as somebody writes it who knows the format."""
    record = json.loads(files["thaw.json"])
    record["files"] = [
        {"name": name[8:], "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in files.items()
        if name.startswith("project/") and not name.startswith("project/images/")
    ]
    record["pictures"] = sum(name.startswith("project/images/") for name in files)
    return files | {"thaw.json": json.dumps(record).encode()}


Change = Callable[[Files], Files]
