import json
import os
import threading

import pytest

from tl_core.errors import NotFoundError, StorageError
from tl_core.workspace import Workspace, read_json, slugify, storage_errors, write_json


def test_projects_get_a_folder_of_their_own_and_keep_their_name(tmp_path):
    workspace = Workspace.open(tmp_path / "w")
    first, second = (workspace.create_project("Cats & *dogs*") for _ in range(2))
    assert (first.slug, second.slug) == ("cats-dogs", "cats-dogs-2")
    assert workspace.project("cats-dogs").name == "Cats & *dogs*"
    first.update(touched=True)
    assert [project.slug for project in workspace.projects()] == ["cats-dogs", "cats-dogs-2"]


@pytest.mark.parametrize("slug", ["", "..", "../w", "nowhere", "a/b"])
def test_a_project_that_is_not_there_is_told(tmp_path, slug):
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
def test_a_full_disk_is_told():
    with pytest.raises(StorageError, match="The disk is full"), storage_errors(), open("/dev/full", "wb", 0) as file:  # noqa: PTH123
        file.write(b"x")
