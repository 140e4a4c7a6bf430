"""Any file of a workspace may be damaged: that harms one thing, which is named, and everything else opens."""

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.core.conftest import HuesWith
from tl_core import jobs, runs, storage, wording
from tl_core.cli import parser
from tl_core.dataset import edits, image, manifest, notes
from tl_core.diagnosis import diagnose
from tl_core.draft import Draft
from tl_core.errors import DamagedError, TLError
from tl_core.evaluation import crossval, predictions, unknowns
from tl_core.features import store
from tl_core.files import write_json
from tl_core.freezing import names, outline, probe, speed
from tl_core.health import measures, report
from tl_core.notebook import rows
from tl_core.progress import Progress
from tl_core.workspace import Workspace


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "half of it": _half,
    "nothing in it": lambda path: path.write_bytes(b""),
    "junk in it": lambda path: path.write_bytes(bytes(range(256)) * 4),
    "zeros in it": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "a folder in its place": _folder,
    "gone": Path.unlink,
}


def _values(new: object) -> Callable[[Path], object]:
    """Return what gives each value of a JSON file another one, so that it is right JSON that nobody would write."""

    def other(value: object) -> object:
        if isinstance(value, dict):
            return {name: other(each) for name, each in value.items()}
        if isinstance(value, list):
            return [other(each) for each in value]
        return new if isinstance(value, type(new)) and not isinstance(value, bool) else value

    return lambda path: path.write_text(json.dumps(other(json.loads(path.read_bytes()))))


#: The same of JSON files: their values are of the right kind, or none.
ODD: dict[str, Callable[[Path], object]] = {
    "numbers that are 0": _values(0),
    "numbers that are too large": _values(10**18),
    "fractions that are none": _values(0.0),
    "fractions that are too large": _values(1e300),
    "half characters": _values("\ud800"),
    "no text": _values(""),
    "nothing": lambda path: path.write_text("null"),
    "a list": lambda path: path.write_text("[1, 2]"),
    "empty lists": lambda path: path.write_text(
        json.dumps(
            {name: [] if isinstance(each, list) else each for name, each in json.loads(path.read_bytes()).items()}
        )
    ),
}
#: Files that hold what nothing else does. Each is named when it is damaged.
NAMED = ("project.json", "job.json", "status.json", "recipe.json", "history.csv", "report.json", "classes.json")
#: Files whose content is not looked at here, only that they are there: a worker reads them.
UNREAD = ("model.keras", "events.jsonl", ".changing", ".running")


@pytest.fixture(scope="module")
def whole(hues_with: HuesWith, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a finished run and one file of each kind."""
    root = tmp_path_factory.mktemp("whole")
    project = hues_with(root, "head")
    run = runs.of_project(project)[0]
    first = manifest.load(project).table["id"][0]
    edits.remove(project, [first])
    report.save(project, report.check(project))
    report.hide(project, "blurred", [first])
    unknowns.choose(run, 0.1)
    run.rename("The good one")
    write_json(project.folder / "draft.json", {"epochs": 3})
    write_json(root / speed.FILE, {})
    project.workspace.create_project("Sound")
    return root


def said(step: Callable[[], object]) -> list[str]:
    """Do something; return what it says if it cannot be done."""
    try:
        step()
    except TLError as exc:
        return [str(exc)]
    return []


def opened(root: Path) -> Iterator[str]:
    """Open whatever can be opened without Keras, and yield all that is said of damage."""
    workspace = Workspace.open(root)
    jobs.mark_interrupted(workspace)
    storage.usage(workspace)
    assert {"hues", "sound"} >= {project.slug for project in workspace.projects()} != set()
    yield from (project.damage() or "" for project in workspace.damaged_projects())
    for project in (each for each in workspace.projects() if manifest.is_stored(each)):
        yield from said(lambda project=project: notes.notes(manifest.load(project)))
        yield from said(lambda project=project: manifest.can_undo(project))
        report.load(project, 2)
        report.load_hidden(project)
        measures.measured(project, [], Progress())
        probe.load(project, "efficientnet-lite0", 64, 1)
        for run in runs.of_project(project):
            yield run.damage() or ""
            run.name, run.job.events(), run.times_opened(), unknowns.refused(run)
            wording.moment(run.job.created), names.of(run)
            for split in ("train", "validation"):
                yield from said(lambda run=run, split=split: predictions.load(run, split))
            yield from said(lambda run=run: crossval.load(run))
            yield from said(lambda run=run: run.require_model())
            yield from said(lambda run=run: diagnose.of_run(run))
        rows.of_project(project)
    outline.load(workspace, "efficientnet-lite0")
    speed.load(workspace)
    for about in workspace.cache.glob("*/"):
        store.opened(about)


@pytest.mark.parametrize("some", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["some ways", "all ways"])
def test_each_file_may_be_damaged_in_each_way(whole: Path, tmp_path: Path, some: bool):
    assert [each for each in opened(whole) if each] == []
    root = tmp_path / "workspace"
    shutil.copytree(whole, root)
    files = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file())
    ways = itertools.cycle(DAMAGES.items())
    for file in [path for path in files if "images" not in path.parts and path.name not in UNREAD]:
        for how, damage in [next(ways)] if some else DAMAGES.items():
            damage(root / file)
            sentences = [each for each in opened(root) if each]
            shutil.rmtree(root / file, ignore_errors=True)
            shutil.copytree((whole / file).parent, (root / file).parent, dirs_exist_ok=True)
            if file.name in NAMED or (file.match("manifests/*.parquet") and "0002" in file.name):
                assert any(file.name in each for each in sentences), f"{file} with {how} is not named: {sentences}"
            assert all("Restore" in each or "Run" in each or "Import" in each for each in sentences), (file, sentences)


@pytest.mark.parametrize(
    "changes",
    [
        {"label": None},
        {"label": 1},
        {"split": "sometimes"},
        {"width": "wide"},
        {"boxes": 0.5},
        {"boxes": "9 9"},
        {"id": "one"},
    ],
)
def test_a_list_whose_columns_hold_something_else_is_named(whole: Path, tmp_path: Path, changes: dict[str, object]):
    shutil.copytree(whole, tmp_path / "w")
    project = Workspace.open(tmp_path / "w").project("hues")
    path = project.manifests / "0002.parquet"
    pd.read_parquet(path).assign(**changes).to_parquet(path)

    with pytest.raises(DamagedError, match=r"0002.parquet cannot be read.* go back to version 1 "):
        manifest.load(project)


@pytest.mark.parametrize("some", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["some ways", "all ways"])
def test_a_file_of_another_content_harms_nothing_else(whole: Path, tmp_path: Path, some: bool):
    root = tmp_path / "workspace"
    shutil.copytree(whole, root)
    ways = itertools.cycle(ODD.items())
    for file in [path.relative_to(whole) for path in sorted(whole.rglob("*.json"))]:
        for damage in [next(ways)[1]] if some else ODD.values():
            damage(root / file)
            list(opened(root))
            shutil.copytree((whole / file).parent, (root / file).parent, dirs_exist_ok=True)


def test_a_damaged_project_is_repaired_with_its_pictures_and_runs(whole: Path, tmp_path: Path):
    shutil.copytree(whole, tmp_path / "w")
    workspace = Workspace.open(tmp_path / "w")
    project = workspace.project("hues")
    _folder(project.folder / "project.json")
    assert [each.slug for each in workspace.projects()] == ["sound"]

    workspace.damaged_projects()[0].repair()

    project = workspace.project("hues")
    assert (project.name, manifest.load(project).version) == ("hues", 2)
    assert [run.damage() for run in runs.of_project(project)] == [None]


def test_the_version_before_is_there_where_the_newest_is_damaged(whole: Path, tmp_path: Path):
    shutil.copytree(whole, tmp_path / "w")
    project = Workspace.open(tmp_path / "w").project("hues")
    _half(project.manifests / "0002.parquet")
    with pytest.raises(DamagedError, match=r"0002.parquet cannot be read.* go back to version 1 "):
        manifest.load(project)

    assert manifest.go_back(project).version == 1

    assert edits.remove(project, manifest.load(project).table["id"][:1]).version == 3


def test_damaged_runs_are_listed_on_the_command_line(whole: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    shutil.copytree(whole, tmp_path / "w")
    (tmp_path / "w" / "projects" / "hues" / "runs" / "head" / "status.json").write_bytes(b"")
    _half(tmp_path / "w" / "projects" / "sound" / "project.json")

    assert parser.main(["runs", "--workspace", str(tmp_path / "w")]) == 0

    printed = capfd.readouterr().out
    assert "hues/head" in printed
    assert "The run hues/head is damaged: status.json is empty." in printed
    assert "The project sound is damaged: project.json" in printed


def test_a_torn_event_costs_no_other_one(whole: Path, tmp_path: Path):
    folder = tmp_path / "job"
    shutil.copytree(whole / "projects" / "hues" / "runs" / "head", folder)
    before = jobs.Job(folder).events()
    with (folder / "events.jsonl").open("ab") as file:
        file.write(b'{"time": 1.0, "event": "mess')

    jobs.EventLog(folder).emit("message", text="after")

    assert jobs.Job(folder).events()[:-1] == before
    assert jobs.Job(folder).events()[-1].text == "after"


def test_a_damaged_picture_is_a_sentence(whole: Path, tmp_path: Path):
    picture = tmp_path / "a.png"
    shutil.copy(next(whole.glob("projects/hues/images/*/*")), picture)
    for damage in DAMAGES.values():
        shutil.copy(next(whole.glob("projects/hues/images/*/*")), picture)
        damage(picture)
        with pytest.raises(TLError):
            image.thumbnail(picture, 32)
        shutil.rmtree(picture, ignore_errors=True)


def test_a_draft_that_cannot_be_read_counts_as_none():
    assert Draft.from_json({"epochs": "many", "head": 3, "junk": None}) == Draft()
