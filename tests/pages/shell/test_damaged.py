"""Pages over damaged files and junk in the address: what is damaged is named, everything else opens."""

from pathlib import Path

import pytest

from pages._ui.shell import layout
from tests.pages.conftest import Open, markdown
from tl_core import runs
from tl_core.dataset import edits, manifest
from tl_core.recipe import Recipe
from tl_core.workspace import Project, Workspace

PAGES = ("home.py", "images.py", "model.py", "freeze.py", "train.py", "results.py", "try_it.py")


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.fixture
def two_runs(project: Project) -> list[runs.RunFolder]:
    recipe = Recipe(manifest=1, backbone="efficientnet-lite0", image_size=64, seed=0)
    made = [runs.create(project, recipe) for _ in range(2)]
    for run in made:
        run.job.stop()
    return made


@pytest.mark.parametrize("name", ["status.json", "job.json", "recipe.json"])
def test_a_damaged_run_is_named_and_others_open(open_page: Open, two_runs: list[runs.RunFolder], name: str):
    sound, damaged = two_runs
    (damaged.folder / name).write_bytes(b"")
    app = open_page("train.py", project=sound.project.slug, run=damaged.id)
    assert not app.exception
    named = layout.escape(f"{name} is empty")
    assert any(named in error.value for error in app.error)
    app = open_page("train.py", project=sound.project.slug, run=sound.id, **{"other-runs": "true"})
    assert not app.exception
    assert not open_page("home.py").exception


def test_a_damaged_project_is_named_on_home_and_repaired_there(open_page: Open, project: Project, workspace: Workspace):
    workspace.create_project("Sound")
    half(project.folder / "project.json")
    for page in PAGES:
        assert not open_page(page, project=project.slug).exception
    app = open_page("home.py")
    assert any("is damaged" in error.value for error in app.error)

    app.button(key=f"repair-{project.slug}").click().run()

    assert not app.exception
    assert not app.error
    assert manifest.load(workspace.project(project.slug)).version == 1


def test_the_list_of_pictures_before_is_offered(open_page: Open, project: Project):
    edits.rename_class(project, "apple", "pear")
    half(project.manifests / "0002.parquet")
    assert "cannot be read" in markdown(open_page("train.py"))
    app = open_page("images.py")
    assert not app.exception

    app.button(key="go-back").click().run()

    assert manifest.load(project).classes == ["apple", "plum"]
    assert not app.error


@pytest.mark.parametrize("junk", ["x" * 300, "../..", "a\0b", ".new-1"])
def test_junk_in_the_address_is_a_calm_page(open_page: Open, project: Project, junk: str):
    assert not open_page("train.py", project=junk, run=junk, job=junk, view=junk).exception


def test_a_draft_that_is_damaged_counts_as_none(open_page: Open, project: Project):
    (project.folder / "draft.json").write_bytes(b'{"epochs": ')
    assert not open_page("train.py").exception
