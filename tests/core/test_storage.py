import contextlib
import dataclasses
import os
import shutil
import time
from pathlib import Path

import pytest

from tests.core.pictures import lay, pets
from tests.core.test_runs import RECIPE
from tl_core import jobs, runs, storage
from tl_core.dataset import edits, manifest, unused
from tl_core.errors import FullDiskError, InputError, NotFoundError
from tl_core.files import staging, write_record
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.workspace import Project, Workspace


@pytest.fixture
def pictured(project: Project, tmp_path) -> Project:
    importer.import_source(project, Source("folder", str(lay(tmp_path / "pets", pets()))))
    return project


def ended(project: Project, state: str = "done") -> runs.RunFolder:
    run = runs.create(project, RECIPE)
    jobs.set_status(run.folder, state=state)
    return run


def test_every_byte_is_counted_once(workspace: Workspace, pictured: Project):
    run = ended(pictured)
    (run.folder / "model.keras").write_bytes(bytes(5000))
    (workspace.cache / "store").mkdir(parents=True)
    (workspace.cache / "store" / "values.bin").write_bytes(bytes(7000))

    usage = storage.usage(workspace)

    every = sum(path.stat().st_size for path in workspace.root.rglob("*") if path.is_file())
    assert usage.total == every
    assert usage.activations == 7000
    assert usage.runs > 5000
    assert usage.pictures == sum(path.stat().st_size for path in pictured.images.glob("*/*"))
    assert [(each.slug, each.runs[0].id) for each in usage.projects] == [(pictured.slug, run.id)]


def test_a_deleted_run_comes_back_as_it_was(pictured: Project):
    run = ended(pictured)
    run.rename("  The *good*\tone ")
    before = sorted((path.name, path.read_bytes()) for path in run.folder.iterdir() if path.is_file())

    deleted = storage.trash_run(run)
    with pytest.raises(NotFoundError, match="is no longer there"):
        _ = run.recipe

    assert runs.of_project(pictured) == []
    assert (deleted.kind, deleted.name) == ("run", "The *good* one")
    assert deleted.bytes > 0
    assert storage.trash(pictured.workspace) == [deleted]
    assert storage.restore(pictured.workspace, deleted.id) == run.folder
    assert sorted((path.name, path.read_bytes()) for path in run.folder.iterdir() if path.is_file()) == before
    assert storage.trash(pictured.workspace) == []


def test_a_deleted_project_comes_back_beside_one_of_the_same_name(workspace: Workspace, pictured: Project):
    deleted = storage.trash_project(pictured)
    other = workspace.create_project("Pets")
    assert other.folder == pictured.folder

    back = Project(storage.restore(workspace, deleted.id))

    assert (back.slug, back.name) == ("pets-2", "Pets")
    assert len(manifest.load(back).table) == 8


def test_what_is_in_progress_is_not_deleted(pictured: Project):
    run = runs.create(pictured, RECIPE)

    with pytest.raises(InputError, match="in progress"):
        storage.trash_run(run)
    with pytest.raises(InputError, match="in progress"):
        storage.trash_project(pictured)
    run.job.stop()
    importing = jobs.create_in(pictured.workspace, "import", project=str(pictured.folder), source={})
    with pytest.raises(InputError, match="in progress"):
        storage.trash_project(pictured)
    importing.stop()
    storage.trash_project(pictured)


def test_what_was_deleted_outlives_a_restart_for_a_month(workspace: Workspace, pictured: Project):
    deleted = storage.trash_project(pictured)
    storage.sweep(workspace)
    assert storage.trash(workspace) == [deleted]
    about = workspace.trash / deleted.id / "about.json"
    long_ago = dataclasses.replace(deleted, id="", deleted=deleted.deleted - (storage.TRASH_DAYS + 1) * storage.DAY)
    write_record(about, long_ago)
    storage.sweep(workspace)
    assert storage.trash(workspace) == []


def test_what_lies_in_the_trash_with_a_damaged_note_stays_as_long(workspace: Workspace, pictured: Project):
    folder = workspace.trash / storage.trash_project(pictured).id
    (folder / "about.json").write_text("{")
    storage.sweep(workspace)
    assert (folder / storage.CONTENT / "project.json").exists()
    storage.empty_trash(workspace)
    assert not folder.exists()


def test_the_trash_is_emptied_for_good(workspace: Workspace, pictured: Project):
    deleted = storage.trash_project(pictured)

    assert storage.empty_trash(workspace) >= deleted.bytes

    with pytest.raises(NotFoundError, match="no longer in the trash"):
        storage.restore(workspace, deleted.id)


def test_on_a_full_disk_the_trash_says_so_and_what_is_deleted_for_good_frees_room(small_disk: Path):
    workspace = Workspace.open(small_disk / "workspace")
    project = workspace.create_project("Pets")
    run, other = (runs.create(project, RECIPE) for _ in range(2))
    for each in (run, other):
        each.job.stop()
        (each.folder / "model.keras").write_bytes(bytes(200_000))
    filler = small_disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    assert shutil.disk_usage(small_disk).free == 0

    with pytest.raises(FullDiskError, match="The disk is full"):
        storage.trash_run(run)
    with pytest.raises(FullDiskError, match="The disk is full"):
        storage.trash_project(project)
    assert (run.ready, storage.trash(workspace), len(runs.of_project(project))) == (True, [], 2), "nothing was deleted"

    deleted = storage.trash_run(run, for_good=True)
    assert shutil.disk_usage(small_disk).free >= 200_000 <= deleted.bytes
    assert (runs.of_project(project), storage.trash(workspace)) == ([other], [])
    assert sorted(each.name for each in project.runs.iterdir()) == [other.id], "nothing of it is left"
    storage.restore(workspace, storage.trash_run(other).id)
    assert other.ready, "now that there is room the trash takes it"
    storage.trash_project(project, for_good=True)
    assert (workspace.projects(), list(workspace.projects_folder.iterdir())) == ([], [])


def test_a_project_is_renamed_and_keeps_its_place(project: Project):
    project.rename(" Dogs & *wolves* ")
    assert (project.name, project.slug) == ("Dogs & *wolves*", "pets")
    with pytest.raises(InputError, match="needs a letter"):
        project.rename(" \t")


def test_a_removed_class_frees_its_pictures_once_undo_is_given_up(pictured: Project):
    run = runs.create(pictured, RECIPE)
    edits.remove_class(pictured, "cat")
    assert unused.unused(pictured).pictures == (), "the run was trained on them"
    assert manifest.undo(pictured).classes == ["cat", "dog"]
    manifest.redo(pictured)
    run.job.stop()
    storage.trash_run(run)
    freed = unused.unused(pictured)
    assert len(freed.pictures) == 4

    assert unused.remove_unused(pictured) == freed.bytes > 0

    assert not manifest.can_undo(pictured)
    assert manifest.load(pictured).classes == ["dog"]
    assert all(manifest.image_path(pictured, id_) for id_ in manifest.load(pictured).table["id"])
    with pytest.raises(NotFoundError, match="no class"):
        edits.remove_class(pictured, "cat")


def test_what_killed_processes_left_is_swept_and_what_is_in_work_stays(workspace: Workspace, pictured: Project):
    left = pictured.folder / "imports" / ".incoming-1234"
    lay(left, {"ab/cd.jpg": 1})
    half = pictured.manifests / ".0002.parquet.1234.part"
    fresh = pictured.manifests / ".0003.parquet.1234.part"
    half.touch()
    fresh.touch()
    os.utime(half, (0, time.time() - 2 * storage.LEFT_BEHIND_SECONDS))
    (workspace.projects_folder / "empty").mkdir()
    run, stopped = ended(pictured), ended(pictured, "cancelled")
    for each in (run, stopped):
        (each.folder / "checkpoint").mkdir()
    with staging(pictured.folder / "imports", storage.INCOMING) as staged:
        storage.sweep(workspace)
        assert staged.is_dir()
    storage.sweep(workspace)

    assert not left.exists()
    assert (half.exists(), fresh.exists()) == (False, True)
    assert [project.slug for project in workspace.projects()] == [pictured.slug]
    assert workspace.damaged_projects() == []
    assert not (run.folder / "checkpoint").exists()
    assert (stopped.folder / "checkpoint").exists()
    assert [path.name for path in (pictured.folder / "imports").iterdir()] == ["0001.json"]


def test_jobs_that_have_ended_are_pruned_the_newest_stay(workspace: Workspace, monkeypatch):
    monkeypatch.setattr(jobs, "MOST_ENDED", 2)
    made = [jobs.create_in(workspace, "health", project="x") for _ in range(4)]
    for job in made[1:]:
        jobs.set_status(job.folder, state="done")

    jobs.prune(workspace)

    assert {job.id for job in jobs.all_jobs(workspace)} == {made[0].id, made[2].id, made[3].id}
