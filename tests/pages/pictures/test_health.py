"""The health check on the Pictures page: its offer, its progress, what it found, remove and keep."""

import json
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.core.crops import cuts, lay
from tests.pages.conftest import Open, markdown, open_drawers, query
from tl_core import jobs
from tl_core.dataset import edits, manifest
from tl_core.health import report
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.progress import Progress
from tl_core.workspace import Project, Workspace


@pytest.fixture
def pets(workspace: Workspace, tmp_path: Path) -> Project:
    """Pictures of which three are dark and two nearly the same; the names are as nasty as a person can type them."""
    photographs = cuts(20)
    dark = [picture.point(lambda value: value // 8) for picture in photographs[:3]]
    cats = [*dark, *photographs[3:10], photographs[3].resize((80, 80))]
    made = workspace.create_project("Pets")
    source = lay(tmp_path / "in", {"**cat** :red[x]": cats, "dog": photographs[10:]})
    importer.import_source(made, Source("folder", str(source)))
    return made


@pytest.fixture
def checked(pets: Project) -> Project:
    report.run(pets.folder, Progress(), project=str(pets.folder))
    return pets


def titles(app: AppTest) -> list[str]:
    others = ("Add more pictures", "Compare the sizes of the classes")
    return [each.label for each in app.expander if each.label not in others]


def press(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def test_it_is_offered_and_started(open_page: Open, pets: Project, workspace: Workspace):
    app = open_page("images.py", project=pets.slug)

    assert app.button(key="start-health").label == "Check now"
    assert titles(app) == []


def test_a_running_check_shows_its_progress_after_a_refresh(open_page: Open, workspace: Workspace, pets: Project):
    job = jobs.create_in(workspace, "health", project=str(pets.folder))
    jobs.set_status(job.folder, state="running", owner=jobs.this_process())
    event = {"time": 1.0, "event": "progress", "what": "pictures", "done": 5, "total": 20}
    (job.folder / "events.jsonl").write_text(json.dumps(event) + "\n")

    app = open_page("images.py", project=pets.slug, job=job.id)

    assert "5 of 20 pictures" in str(app.get("progress")[0].proto)
    next(button for button in app.button if button.label == "Stop").click().run()
    assert (job.folder / "stop").exists()


def test_the_check_of_another_project_is_not_shown(open_page: Open, workspace: Workspace, pets: Project):
    other = workspace.create_project("Other")
    job = jobs.create_in(workspace, "health", project=str(other.folder))

    app = open_page("images.py", project=pets.slug, job=job.id)

    assert not app.get("progress")
    assert app.button(key="start-health").label == "Check now"


def test_findings_are_listed_the_worst_first(open_page: Open, checked: Project):
    app = open_page("images.py", project=checked.slug)

    assert titles(app) == ["Near duplicates · 1 group", "Dark · 3 pictures", "Shortcut test: nothing clear"]
    assert "2 findings, the worst first" in markdown(app)
    assert "**cat**" not in markdown(app)
    assert not app.exception


def test_all_of_a_finding_is_kept_and_shown_again(open_page: Open, checked: Project):
    app = open_drawers(open_page("images.py", project=checked.slug), "finding-dark-pictures-")
    assert any("Even their brightest areas are dark" in each.value for each in app.markdown)
    assert app.button(key="finding-dark-pictures--remove").disabled

    press(app, "finding-dark-pictures--keep-all")
    assert titles(app)[0] == "Near duplicates · 1 group"
    assert "Dark" not in "".join(titles(app))
    assert "3 pictures that you chose to keep" in markdown(app)

    press(app, "show-hidden")
    assert "Dark · 3 pictures" in titles(app)


def test_of_each_group_all_but_the_first_are_removed(open_page: Open, checked: Project):
    before = len(manifest.load(checked).table)
    app = open_drawers(open_page("images.py", project=checked.slug), "finding-near-duplicates-groups-")

    press(app, "finding-near-duplicates-groups--spare")

    assert len(manifest.load(checked).table) == before - 1
    assert titles(app)[0] == "Dark · 3 pictures"
    assert "have changed since this check" in markdown(app)
    next(button for button in app.button if button.label == "Undo").click().run()
    assert titles(app)[0] == "Near duplicates · 1 group"
    assert "have changed since this check" not in markdown(app)


def test_the_shortcut_test_shows_how_the_classes_differ(open_page: Open, checked: Project):
    app = open_drawers(open_page("images.py", project=checked.slug), "no-shortcut")

    assert any("None of these gives the classes away" in each.value for each in app.markdown)
    choice = next(each for each in app.selectbox if each.label == "How the classes differ in")
    choice.set_value("brightness").run()
    assert not app.exception


def test_a_lost_file_is_shown_without_a_picture(open_page: Open, pets: Project):
    lost = manifest.load(pets).table["id"][0]
    manifest.image_path(pets, lost).write_bytes(b"\xff\xd8 no more")
    report.run(pets.folder, Progress(), project=str(pets.folder))
    edits.remove(pets, [id_ for id_ in manifest.load(pets).table["id"] if id_ != lost][:5])

    app = open_page("images.py", project=pets.slug)

    assert titles(app)[0] == "Cannot be read · 1 picture"


@pytest.mark.parametrize(
    "pictures",
    [
        {"a": cuts(1), "b": cuts(2)[1:]},
        {"a": [Image.new("RGB", (50, 50), (9 * n, n, n)) for n in range(8)], "b": [Image.new("RGB", (50, 50), "blue")]},
        pytest.param({f"c{n:03d}": [cut] for n, cut in enumerate(cuts(200, side=32))}, marks=pytest.mark.slow),
    ],
    ids=["two pictures", "blank", "200 classes"],
)
def test_odd_sets_do_not_fall_over(open_page: Open, workspace: Workspace, tmp_path: Path, pictures: dict):
    project = workspace.create_project("Odd")
    importer.import_source(project, Source("folder", str(lay(tmp_path / "in", pictures))))
    report.run(project.folder, Progress(), project=str(project.folder))

    app = open_page("images.py", project=project.slug)
    for key in [f"finding-{each.kind}-{each.of}-" for each in report.load(project, 1).findings]:
        open_drawers(app, key)

    assert not app.exception
    assert query(app)["project"] == project.slug
    assert "checked" in markdown(app)
