"""Runs on labels and on boxes travel: whole, counted again on their way in, and refused where they are not theirs."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from tests import tagged
from tests.conftest import share_weights
from tests.core.boxes.test_importer import folder_of
from tests.core.travel.conftest import Files, files_of, relisted, write
from tl_core import api, runs
from tl_core.boxes import importer
from tl_core.dataset import manifest
from tl_core.evaluation import sealed_test
from tl_core.ingest.sources import Source
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.tasks import table as tasks
from tl_core.travel import pack, unpack
from tl_core.travel.record import TravelError
from tl_core.workspace import Project, Workspace

SIZE = 64
#: What a run of the kind has beside its model.
FILES = {
    "tags": {"tags-validation.npz", "tags-test.npz", "tags.json", "thresholds.json", "test.json"},
    "boxes": {"boxes-validation.npz", "boxes-test.npz", "boxes.json", "test.json"},
}


def of_tags(workspace: Workspace, folder: Path) -> Project:
    return api.import_folder(workspace, tagged.lay(folder / "lamps", 48))[0]


def of_boxes(workspace: Workspace, folder: Path) -> Project:
    project = workspace.create_project("Squares")
    importer.import_boxes(project, Source("folder", str(folder_of(folder / "squares", 16))))
    return project


@pytest.fixture(scope="module", params=["tags", "boxes"])
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run whose test was opened."""
    folder = tmp_path_factory.mktemp(request.param)
    workspace = share_weights(Workspace.open(folder / "work"))
    project = {"tags": of_tags, "boxes": of_boxes}[request.param](workspace, folder)
    draft = tasks.of(project).draft("efficientnet-lite0", manifest.load(project))
    run = api.train(project, draft.changed(image_size=SIZE, epochs=2))
    sealed_test.evaluate(run.folder)
    return run


@pytest.fixture(scope="module")
def files(home: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> Files:
    target = tmp_path_factory.mktemp("stick") / "all.zip"
    packed = pack.pack(home.project, target, Progress())
    assert packed.left_out == ()
    return files_of(target)


def test_a_run_comes_with_all_that_is_known_of_it(home: RunFolder, files: Files, elsewhere: Workspace, tmp_path: Path):
    unpack.unpack(elsewhere, write(tmp_path / "all.zip", files), Progress())
    (project,) = elsewhere.projects()
    (run,) = runs.of_project(project)
    assert run.ready
    assert project.about().kind == home.project.about().kind
    assert run.times_opened() == 1
    for name in FILES[project.about().kind]:
        if name.endswith(".json"):
            assert json.loads((run.folder / name).read_text()) == json.loads((home.folder / name).read_text()), name
        else:
            one, other = (np.load(each.folder / name) for each in (run, home))
            assert all(np.array_equal(one[each], other[each]) for each in other.files), name


def name_of(files: Files, ending: str) -> str:
    return next(name for name in files if name.endswith(ending))


def test_what_is_counted_is_counted_again(home: RunFolder, files: Files, elsewhere: Workspace, tmp_path: Path):
    """Numbers that somebody made up do not come in, where what they are counted from is there."""
    kind = home.project.about().kind
    name = name_of(files, f"/{kind}.json")
    invented = json.loads(files[name])
    path = ("mean_average_precision",) if kind == "tags" else ("precision", "map50")
    within = invented if kind == "tags" else invented["precision"]
    within[path[-1]] = 0.123
    changed = relisted(files | {name: json.dumps(invented).encode()})
    unpack.unpack(elsewhere, write(tmp_path / "invented.zip", changed), Progress())
    (run,) = runs.of_project(elsewhere.projects()[0])
    assert (run.folder / f"{kind}.json").read_bytes() == (home.folder / f"{kind}.json").read_bytes()


@pytest.mark.parametrize("split", ["validation", "test"])
def test_what_is_not_of_the_run_is_refused(
    home: RunFolder, files: Files, split: str, elsewhere: Workspace, tmp_path: Path
):
    name = name_of(files, f"/{home.project.about().kind}-{split}.npz")
    stored = dict(np.load(io.BytesIO(files[name])))
    column = "found" if home.project.about().kind == "boxes" else "logits"
    for change in (
        {column: stored[column] + np.nan},
        {column: stored[column][:, :-1]},
        {"ids": stored["ids"][::-1].copy() if column == "found" else np.roll(["0" * 64, *stored["ids"][1:]], 1)},
    ):
        buffer = io.BytesIO()
        np.savez(buffer, **{**stored, **change})
        with pytest.raises(TravelError):
            unpack.unpack(
                elsewhere,
                write(tmp_path / "wrong.zip", relisted(files | {name: buffer.getvalue()})),
                Progress(),
            )
        assert not elsewhere.projects()


def test_predictions_of_a_sealed_test_are_refused(files: Files, elsewhere: Workspace, tmp_path: Path):
    sealed = relisted({name: data for name, data in files.items() if not name.endswith("/test.json")})
    with pytest.raises(TravelError, match="sealed test pictures"):
        unpack.unpack(elsewhere, write(tmp_path / "sealed.zip", sealed), Progress())
