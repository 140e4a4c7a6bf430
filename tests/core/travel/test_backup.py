"""A workspace is copied while it is written to, and comes back as it was."""

import json
import os
import stat
import threading
import zipfile
from pathlib import Path

import pytest

from tests.core.pictures import lay, pets
from tests.core.travel.conftest import files_of, write
from tl_core import jobs, runs, storage
from tl_core.cli.parser import main
from tl_core.dataset import edits, manifest
from tl_core.errors import InputError, Stopped
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.travel import backup, restoring
from tl_core.workspace import SPACES, Workspace


@pytest.fixture
def saved(home, tmp_path):
    """The workspace of a project with a run, as a zip."""
    target = tmp_path / "stick" / "all.zip"
    target.parent.mkdir()
    backup.write(home.workspace, target, Progress())
    return target


def contents(root: Path) -> dict[str, bytes]:
    """Return the files of a workspace that belong into a backup."""
    paths = [Path(folder, file) for folder, __, files in os.walk(root, followlinks=True) for file in files]
    named = {path.relative_to(root).as_posix(): path for path in paths}
    stays = ("cache/", "uploads/", "weights/converted/")
    return {
        name: path.read_bytes()
        for name, path in named.items()
        if not name.startswith(stays) and not path.name.startswith(".")
    }


def test_a_workspace_comes_back_as_it_was(home, saved, tmp_path):
    root = tmp_path / "restored"
    record = restoring.restore(saved, root, Progress())
    assert contents(root) == contents(home.workspace.root)
    assert (record.projects, record.interrupted, record.activations) == (1, 0, False)
    assert not any((root / "cache").glob("*/*"))
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    there = Workspace.open(root).project(home.slug)
    assert manifest.load(there).table.equals(manifest.load(home).table)
    assert runs.of_project(there)[0].ready
    assert list(tmp_path.glob(".new-*")) == []


def test_activations_go_along_if_asked_for(home, tmp_path):
    target = tmp_path / "all.zip"
    backup.write(home.workspace, target, Progress(), activations=True)
    restoring.restore(target, tmp_path / "restored", Progress())
    stored = sorted(path.name for path in (tmp_path / "restored" / "cache").glob("*/*.*"))
    assert stored == sorted(path.name for path in home.workspace.cache.glob("*/[a-z]*"))


@pytest.mark.parametrize("below", ["", f"{SPACES}/{'ab' * 16}"], ids=["own", "of a person who shares it"])
def test_what_is_in_progress_comes_back_as_interrupted_and_by_its_new_path(workspace, below, tmp_path):
    place = Workspace.open(workspace.root / below)
    project = place.create_project("Pets")
    importer.import_source(project, Source("folder", str(lay(tmp_path / "pets", pets()))))
    run = project.runs / "20260101-120000"
    run.mkdir(parents=True)
    jobs.create(run, "train", of=str(project.folder))
    jobs.set_status(run, state="running", owner=jobs.this_process(), worker=1, claimed=True)
    with (run / "events.jsonl").open("w") as file:
        file.write('{"event": "message", "time": 1}\n{"event": "mess')
    (run / "stop").touch()
    waiting = jobs.create_in(place, "import", project=str(project.folder))
    (place.uploads / "x").mkdir(parents=True)
    (place.uploads / "x" / "0.bin").write_bytes(b"0")

    (place.cache / "x").mkdir(parents=True)
    (place.cache / "x" / "values.bin").write_bytes(b"0")

    record = backup.write(workspace, tmp_path / "all.zip", Progress())
    there = Workspace(tmp_path / "elsewhere" / below)
    restoring.restore(tmp_path / "all.zip", tmp_path / "elsewhere", Progress())

    back = RunFolder(there.projects_folder / project.slug / "runs" / run.name).job
    status = back.status()
    assert (record.projects, record.interrupted, status.state, status.owner, status.claimed) == (
        1,
        1,
        "interrupted",
        None,
        False,
    )
    assert back.task.args == {"of": str(there.projects_folder / project.slug)}
    assert len((back.folder / "events.jsonl").read_text().splitlines()) == 1
    assert not (back.folder / "stop").exists()
    assert not (there.jobs_folder / waiting.id).exists()
    assert not any(there.uploads.glob("*"))
    assert not any(there.cache.glob("*"))
    assert jobs.Job(run).state == "running"


def test_under_writes_every_picture_of_every_list_is_there(workspace, tmp_path):
    """Imports, edits, and projects that are deleted and restored go on while backups are taken."""
    photos = Source("folder", str(lay(tmp_path / "pets", pets())))
    project = workspace.create_project("Pets")
    importer.import_source(project, photos)
    over = threading.Event()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            while not over.is_set():
                made = workspace.create_project("More")
                importer.import_source(made, photos)
                edits.remove(project, manifest.load(project).table["id"].head(1))
                importer.import_source(project, photos)
                storage.restore(workspace, storage.trash_project(made).id)
                storage.trash_project(made)
                storage.empty_trash(workspace)
        except BaseException as exc:
            failed.append(exc)

    writer = threading.Thread(target=work)
    writer.start()
    try:
        for number in range(4):
            target, root = tmp_path / f"{number}.zip", tmp_path / f"restored-{number}"
            backup.write(workspace, target, Progress())
            restoring.restore(target, root, Progress())
            there = Workspace.open(root)
            assert not there.damaged_projects()
            assert project.slug in {each.slug for each in there.projects()}
            for each in there.projects():
                pictures = {path.stem for path in each.images.glob("*/*")}
                for version in manifest.versions(each):
                    assert set(manifest.load(each, version).files) <= pictures
            assert all(trashed.bytes for trashed in storage.trash(there))
    finally:
        over.set()
        writer.join()
    assert not failed


def test_what_cannot_be_saved_leaves_nothing(home, tmp_path):
    class StopAtOnce(Progress):
        def stopped(self):
            return True

    with pytest.raises(Stopped):
        backup.write(home.workspace, tmp_path / "all.zip", StopAtOnce())
    with pytest.raises(InputError, match="in the workspace itself"):
        backup.write(home.workspace, home.workspace.root / "all.zip", Progress())
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_restored_over_something(saved, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    for place in (tmp_path / "mine", tmp_path / "mine" / "letter.txt"):
        with pytest.raises(InputError, match="There is something in"):
            restoring.restore(saved, place, Progress())
    with pytest.raises(InputError, match="there is a file"):
        restoring.restore(saved, tmp_path / "mine" / "letter.txt" / "w", Progress())
    (tmp_path / "empty").mkdir()
    restoring.restore(saved, tmp_path / "empty", Progress())


def renamed(files, name):
    """Return a backup one of whose files has another name, in the record, too."""
    record = json.loads(files[backup.NAME])
    old = next(each["name"] for each in record["files"] if each["name"].endswith("draft.json") or each["bytes"] < 2000)
    for each in record["files"]:
        each["name"] = name if each["name"] == old else each["name"]
    content = {f"workspace/{name}" if each == f"workspace/{old}" else each: data for each, data in files.items()}
    return content | {backup.NAME: json.dumps(record).encode()}


@pytest.mark.parametrize(
    "name",
    ["../out.txt", "/etc/out", "a/../../out", "C:/out", "a\\out", ".ssh/out", "a//out", "a/out.", "a:out", "a\nb"],
)
def test_no_name_leads_out_of_the_folder(saved, tmp_path, name):
    hostile = write(tmp_path / "hostile.zip", renamed(files_of(saved), name))
    with pytest.raises(InputError, match="is no name of a file in a workspace"):
        restoring.restore(hostile, tmp_path / "w", Progress())
    assert not (tmp_path / "w").exists()
    assert not (tmp_path / "out.txt").exists()


def test_what_was_changed_is_refused(saved, tmp_path):
    files = files_of(saved)
    record = json.loads(files[backup.NAME])
    first = f"workspace/{record['files'][0]['name']}"
    bomb = json.loads(files[backup.NAME])
    bomb["files"][0]["bytes"] = 2**50
    lost = {name: data for name, data in files.items() if name != first}
    cases = {
        "was changed or damaged": files | {first: bytes(reversed(files[first]))},
        "is missing or cut off. Copy": lost,
        "far more than it can hold": files | {backup.NAME: json.dumps(bomb).encode()},
        "a newer Thaw": files | {backup.NAME: json.dumps(record | {"format": 2}).encode()},
        "its list of files is damaged": files | {backup.NAME: b"{"},
        "cut off, or no backup": {name: data for name, data in files.items() if name != backup.NAME},
    }
    for sentence, changed in cases.items():
        with pytest.raises(InputError, match=sentence):
            restoring.restore(write(tmp_path / "changed.zip", changed), tmp_path / "w", Progress())
        assert not (tmp_path / "w").exists()
    link = zipfile.ZipInfo(first)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(write(tmp_path / "link.zip", lost), "a") as archive:
        archive.writestr(link, files[first])
    with pytest.raises(InputError, match="is no name of a file"):
        restoring.restore(tmp_path / "link.zip", tmp_path / "w", Progress())
    (tmp_path / "cut.zip").write_bytes(saved.read_bytes()[:-500])
    with pytest.raises(InputError, match="is cut off"):
        restoring.restore(tmp_path / "cut.zip", tmp_path / "w", Progress())


def test_the_commands(home, tmp_path, capfd):
    target, root = tmp_path / "b" / "all.zip", tmp_path / "w"
    assert main(["backup", str(target), "--workspace", str(home.workspace.root), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["projects"] == 1
    assert main(["restore", str(target), "--workspace", str(root)]) == 0
    assert str(root) in capfd.readouterr().out
    assert main(["restore", str(target), "--workspace", str(root)]) == 2
    assert "new or an empty folder" in capfd.readouterr().err
    assert main(["restore", str(tmp_path / "nowhere.zip"), "--workspace", str(tmp_path / "x")]) == 2
    assert "nowhere.zip" in capfd.readouterr().err
