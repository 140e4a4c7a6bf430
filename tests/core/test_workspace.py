import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tl_core import jobs, storage
from tl_core.about import About, SplitSettings
from tl_core.dataset import manifest
from tl_core.errors import InputError, NotFoundError, StorageError
from tl_core.files import LOCK_SECONDS, locked, new_folder, read_json, storage_errors, write_json
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace, slugify


def test_projects_get_a_folder_of_their_own_and_keep_their_name(tmp_path):
    workspace = Workspace.open(tmp_path / "w")
    first, second = (workspace.create_project("Cats & *dogs*") for _ in range(2))
    assert (first.slug, second.slug) == ("cats-dogs", "cats-dogs-2")
    assert workspace.project("cats-dogs").name == "Cats & *dogs*"
    first.update()
    assert [project.slug for project in workspace.projects()] == ["cats-dogs", "cats-dogs-2"]


@pytest.mark.parametrize("slug", ["", "..", "../w", "nowhere", "a/b"])
def test_a_project_that_is_not_there_is_reported(tmp_path, slug):
    with pytest.raises(NotFoundError, match="There is no project"):
        Workspace.open(tmp_path / "w").project(slug)


def test_the_workspace_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("TL_WORKSPACE", str(tmp_path / "elsewhere"))
    assert Workspace.open().root == tmp_path / "elsewhere"


@pytest.mark.parametrize("name", ["普通", "...", ""])
def test_a_name_without_latin_letters_still_makes_a_project(tmp_path, name):
    assert slugify(name) == ""
    assert Workspace.open(tmp_path).create_project(name).slug == "project"


def test_a_reader_never_sees_half_a_file(tmp_path):
    path = tmp_path / "value.json"
    write_json(path, {"numbers": []})
    ended = threading.Event()
    broken = []

    def read():
        while not ended.is_set():
            try:
                read_json(path)
            except json.JSONDecodeError as exc:
                broken.append(exc)

    reader = threading.Thread(target=read)
    reader.start()
    for size in range(0, 20_000, 200):
        write_json(path, {"numbers": list(range(size))})
    ended.set()
    reader.join()
    assert not broken
    assert [path.name for path in tmp_path.iterdir()] == ["value.json"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")  # noqa: PTH110
def test_a_full_disk_is_reported():
    with pytest.raises(StorageError, match="The disk is full"), storage_errors(), open("/dev/full", "wb", 0) as file:  # noqa: PTH123
        file.write(b"x")


HOLDER = """
import sys, time
from pathlib import Path
from tl_core.files import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


@contextlib.contextmanager
def holder(folder: Path, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """Start a process that holds the lock of a folder, and wait until it does."""
    command = [sys.executable, "-c", HOLDER, folder, str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout.readline() == "held\n"
        yield started
        started.kill()


def test_a_lock_is_waited_for_however_old_its_file_is(tmp_path: Path):
    (tmp_path / ".changing").touch()
    began = time.monotonic()
    with holder(tmp_path, 1.5) as other:
        os.utime(tmp_path / ".changing", (0, 0))
        with locked(tmp_path), locked(tmp_path):
            assert other.wait() == 0
    assert time.monotonic() - began >= 1.4


def test_a_process_that_is_killed_lets_go_of_its_lock(tmp_path: Path):
    began = time.monotonic()
    with holder(tmp_path, 600) as other:
        other.kill()
        with locked(tmp_path):
            assert time.monotonic() - began < LOCK_SECONDS


def test_a_lock_that_is_not_let_go_of_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tl_core.files.LOCK_SECONDS", 0.2)
    with holder(tmp_path, 600), pytest.raises(StorageError, match="has not finished"), locked(tmp_path):
        pass


def test_nothing_makes_a_deleted_thing_again(workspace: Workspace, tmp_path: Path):
    project = workspace.create_project("Pets")
    run = new_folder(project.runs, "one", lambda folder: jobs.create(folder, "train"))
    shutil.rmtree(run)
    steps = [
        lambda: jobs.set_status(run, state="running"),
        lambda: write_json(run / "checkpoint" / "about.json", {}),
        lambda: RunFolder(run).annotate(note="late"),
        lambda: jobs.Job(run).stop(),
    ]
    for step in steps:
        with pytest.raises(NotFoundError, match="The run pets/one is no longer there"):
            step()
    assert list(project.runs.iterdir()) == []

    shutil.rmtree(project.folder)
    steps = [
        lambda: project.update(name="late"),
        lambda: project.rename("Late"),
        lambda: new_folder(project.runs, "two", lambda folder: jobs.create(folder, "train")),
        lambda: write_json(project.folder / "draft.json", {}),
        lambda: manifest.save(project, manifest.table_of([]), "late"),
    ]
    for step in steps:
        with pytest.raises(NotFoundError, match="is no longer there"):
            step()
    assert list(workspace.projects_folder.iterdir()) == []


def test_changes_of_a_project_from_several_processes_are_all_there(workspace: Workspace):
    project = workspace.create_project("Shared")
    code = "import sys\nfrom pathlib import Path\nfrom tl_core.workspace import Project\n"
    code += "project, field = Project(Path(sys.argv[1])), sys.argv[2]\n"
    code += "for n in range(50):\n"
    code += "    project.update(**{field: n})\n"
    code += "    assert getattr(project.about(), field) == n, 'another process wrote an older value back'"
    writers = [subprocess.Popen([sys.executable, "-c", code, project.folder, name]) for name in ("manifest", "created")]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert project.about() == About(name="Shared", manifest=49, created=49)


OLD = {"name": "Old", "created": 1.5, "manifest": 3, "redo": [4], "split": {"validation": 0.2, "test": 0.1, "seed": 7}}


@pytest.mark.parametrize(
    ("stored", "about"),
    [
        ({"name": "Old"}, About(name="Old")),
        ({"name": "Old", "of a later version": [1]}, About(name="Old")),
        ({**OLD, "source": "/photos", "licence": "CC0"},
         About(name="Old", created=1.5, source="/photos", licence="CC0", manifest=3, redo=(4,),
               split=SplitSettings(validation=0.2, test=0.1, seed=7))),
        ({"name": "Old", "split": {"validation": 0.2}}, About(name="Old", split=SplitSettings(validation=0.2))),
    ],
)  # fmt: skip
def test_what_earlier_versions_wrote_of_a_project_opens(workspace: Workspace, stored: dict, about: About):
    project = workspace.create_project("Old")
    write_json(project.folder / "project.json", stored)
    assert (project.about(), project.damage()) == (about, None)
    project.update()
    assert project.about() == about


@pytest.mark.parametrize(
    "stored",
    [
        {"created": 1.5},
        {**OLD, "name": None},
        {**OLD, "manifest": "newest"},
        {**OLD, "manifest": [3]},
        {**OLD, "redo": 4},
        {**OLD, "redo": ["x"]},
        {**OLD, "split": 0.15},
        {**OLD, "split": {"validation": 2.0}},
        {**OLD, "created": "yesterday"},
    ],
)
def test_a_project_that_holds_something_else_is_named_and_repaired(workspace: Workspace, stored: dict):
    project = workspace.create_project("Old")
    write_json(project.folder / "project.json", stored)
    assert project.damage().startswith("The project old is damaged: project.json ")
    assert (workspace.projects(), [each.slug for each in workspace.damaged_projects()]) == ([], ["old"])
    project.repair()
    assert (project.damage(), project.name, project.about().manifest) == (None, "old", None)


def test_a_name_that_is_too_long_is_refused_with_its_length_and_nothing_is_lost(workspace: Workspace):
    project = workspace.create_project("Leaves")

    with pytest.raises(InputError, match=r"at most 80 characters\. Received 81"):
        project.rename("x" * 81)

    assert project.name == "Leaves"
    project.rename("  " + "x" * 80 + "\n")
    assert project.name == "x" * 80


def test_a_project_with_the_name_of_a_deleted_one_is_another_one(workspace):
    first = workspace.create_project("Trial")
    before = first.edition(1)
    storage.trash_project(first)
    again = workspace.create_project("Trial")
    assert again.folder == first.folder
    assert again.edition(1) != before
    assert again.edition(1).project == again
