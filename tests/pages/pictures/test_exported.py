"""A project leaves by the Pictures page, and comes back by the same page as another one."""

import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.core.pictures import lay, pets
from tests.pages.conftest import Open, query, text, wait_for, words
from tests.pages.pictures.test_reading import button, looked_into, press
from tl_core import jobs
from tl_core.dataset import manifest
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.progress import Progress
from tl_core.travel import made, pack
from tl_core.workspace import Project, Workspace


@pytest.fixture
def pictured(workspace: Workspace, tmp_path: Path) -> Project:
    project = workspace.create_project("**Pets** <b>")
    importer.import_source(project, Source("folder", str(lay(tmp_path / "pets", pets()))))
    return project


def ended(workspace: Workspace, kind: str) -> jobs.Job:
    job = next(each for each in jobs.all_jobs(workspace) if each.kind == kind)
    wait_for(lambda: not job.active)
    return job


def exported(open_page: Open, project: Project, what: str, label: str) -> AppTest:
    app = open_page("images.py", project=project.slug)
    app.radio(key="export-what").set_value(what).run()
    return press(app, label)


def test_a_project_is_exported_and_its_zip_offered(open_page: Open, workspace: Workspace, pictured: Project):
    app = exported(open_page, pictured, "The project, to open it elsewhere", "Export project")
    job = ended(workspace, "pack")
    app = app.run()

    assert "A project of 8 pictures, without its runs." in words(app)
    (link,) = (each for each in app.get("link_button") if each.proto.label == "Download")
    assert link.proto.url == f"/api/download/{job.id}"
    assert zipfile.ZipFile(made.file_of(job)).testzip() is None
    press(app, "Close")
    assert "job" not in query(app)
    exported(open_page, pictured, "The project, to open it elsewhere", "Export project")
    wait_for(lambda: len([each for each in jobs.all_jobs(workspace) if each.state == "done"]) == 2)
    assert made.file_of(job) is None, "the earlier zip takes no room any more"


def test_the_pictures_are_exported_as_folders(open_page: Open, workspace: Workspace, pictured: Project):
    app = exported(open_page, pictured, "The pictures as folders", "Export pictures")
    names = zipfile.ZipFile(made.file_of(ended(workspace, "dataset"))).namelist()

    assert "8 pictures as split/class/picture, with a CSV." in words(app.run())
    assert {name.split("/")[0] for name in names} == {"train", "validation", "test", "pictures.csv"}


def test_an_exported_project_among_pictures_is_opened_as_one(
    open_page: Open, workspace: Workspace, pictured: Project, tmp_path: Path
):
    pack.pack(pictured, tmp_path / "pets.zip", Progress(), pictures=False)

    app = looked_into(open_page, tmp_path / "pets.zip", project=pictured.slug)

    assert "New project: **Pets** <b> 2" in words(app)
    assert "of which only the list is here" in words(app)
    assert len(workspace.projects()) == 1
    press(app, "Import project")
    job = ended(workspace, "unpack")
    assert job.state == "done", job.status().error
    app = app.run()
    assert query(app)["project"] == job.status().result["project"] != pictured.slug
    assert "Imported." in words(app)
    assert "8 of 8 pictures are not on this machine" in words(app)
    there = workspace.project(job.status().result["project"])
    importer.import_source(there, Source("folder", str(tmp_path / "pets")))
    assert "not on this machine" not in words(open_page("images.py", project=there.slug))
    assert manifest.load(there).table.equals(manifest.load(pictured).table)


def test_a_zip_that_was_changed_is_a_sentence_on_the_page(
    open_page: Open, workspace: Workspace, pictured: Project, tmp_path: Path
):
    pack.pack(pictured, tmp_path / "pets.zip", Progress())
    with zipfile.ZipFile(tmp_path / "pets.zip", "a") as archive:
        archive.writestr("project/run.sh", "#!/bin/sh")

    app = press(looked_into(open_page, tmp_path / "pets.zip"), "Import project")
    ended(workspace, "unpack")
    app.run()

    assert "“project/run.sh” is no file of a project. Nothing was imported." in words(app)
    assert workspace.projects() == [pictured]
    assert button(app, "Close")
    assert "Traceback" not in text(app)
