"""A project of pictures with several labels in the app: trained, judged label by label, tried; the rest says so."""

from pathlib import Path

import pytest

from pages._ui.shell import state
from tests.conftest import share_weights
from tests.pages.conftest import Open, open_drawers, query, text, wait_for, work
from tests.pages.pictures.test_reading import imported, looked_into, press
from tests.tagged import lay
from tl_core import api, jobs, runs
from tl_core.dataset import edits, manifest
from tl_core.networks import catalogue
from tl_core.runs import RunFolder
from tl_core.tasks import table
from tl_core.workspace import Project, Workspace


@pytest.fixture
def tagged(workspace: Workspace, tmp_path: Path) -> Project:
    return api.import_folder(workspace, lay(tmp_path / "lamps", 12))[0]


def test_its_tags_are_shown(open_page: Open, tagged: Project):
    app = open_page("images.py", project=tagged.slug)

    assert not app.exception
    assert "12 pictures" in text(app)
    assert "Without a label" in app.selectbox(key="shown-tag").options
    assert "Check now" in [button.label for button in app.button]
    assert "The table of labels" in next(each for each in app.radio if each.label == "What").options
    assert [button for button in app.button if button.label == "Train now"]


def test_labels_are_given_and_taken(tagged: Project):
    table = manifest.load(tagged).table
    first = table["id"].iloc[0]
    edits.tag(tagged, [first], add="Round")
    assert "Round" in manifest.load(tagged).classes
    label = manifest.load(tagged).table.set_index("id")["label"]
    assert label[first].startswith("Round") or "; Round" in label[first] or label[first] == "Round"
    edits.tag(tagged, table["id"].tolist(), add="Round")
    assert (manifest.load(tagged).table["label"].str.contains("Round")).all()
    edits.tag(tagged, table["id"].tolist(), remove="Round")
    assert manifest.load(tagged).table["label"].tolist() == table["label"].tolist()


def test_labels_are_renamed_for_all_pictures_at_once(open_page: Open, tagged: Project):
    names = manifest.load(tagged).classes
    app = open_drawers(open_page("images.py", project=tagged.slug), "class-names")
    assert "Rename, join or remove labels" in [each.label for each in app.expander]
    field = next(each for each in app.text_input if each.value == names[0])
    field.set_value("  ").run()
    assert any("at least one visible character" in each.value for each in app.error)
    assert manifest.load(tagged).classes == names
    field.set_value(names[1]).run()
    assert not app.exception
    assert manifest.load(tagged).classes == names[1:]


def test_a_project_made_for_tags_takes_loose_pictures(open_page: Open, workspace: Workspace, tmp_path: Path):
    app = open_page()
    next(each for each in app.button if each.key == "new-tags").click()
    app.run()
    assert [tab.label.split(": ")[-1] for tab in app.tabs] == ["Folder or zip", "Sample", "Folder on this machine"]

    folder = lay(tmp_path / "lamps", 4)
    (folder / "tags.csv").unlink()
    app = looked_into(open_page, folder, **query(app))
    app = press(app, "Import")
    project = imported(workspace)
    assert project.about().kind == "tags"
    assert manifest.load(project).table["label"].tolist() == [""] * 4


def test_experiments_shows_what_there_is_for_several_labels(open_page: Open, tagged: Project):
    app = open_page("experiments.py", project=tagged.slug)

    assert not app.exception, app.exception
    assert {each.key for each in app.button} >= {
        f"start-{kind}" for kind in ("race", "shootout", "search", "learning-curve")
    }


def test_home_names_it(open_page: Open, tagged: Project):
    app = open_page()

    assert tagged.name in text(app)
    assert "12 pictures" in text(app)


@pytest.fixture
def run(workspace: Workspace, tmp_path: Path) -> RunFolder:
    """A run on pictures that are dark, red, both or neither."""
    project = api.import_folder(share_weights(workspace), lay(tmp_path / "lamps", 40))[0]
    data, network = manifest.load(project), catalogue.get(None)
    draft = table.of(project).draft(None, data).changed(image_size=64)
    made = runs.create(project, draft.recipe(data.version, len(data.classes), network))
    work(made.job)
    return made


def shows_one_label(open_page: Open, names: dict[str, str]) -> None:
    """Look at the map and at the evidence for a label, which a person chooses."""
    app = open_page("results.py", **names, view="map", **{"why-label": "red"})
    assert not app.exception, app.exception
    alt = "in 2 groups, with the label and without it"
    assert any(alt in each.proto.SerializeToString().decode(errors="ignore") for each in app.get("plotly_chart"))
    assert "Press a point to open its picture" in text(app)
    app = open_page("results.py", **names, view="why", **{"why-label": "red"})
    assert not app.exception, app.exception
    assert "swaps frames with pictures without it" in text(app)
    app.button(key="class-map").click().run(timeout=120)
    assert not app.exception, app.exception
    wait_for(lambda: not any(job.active for job in jobs.all_jobs(state.workspace())), seconds=120)
    app = open_page("results.py", **names, view="why", **{"why-label": "red"})
    assert not app.exception, app.exception
    assert "2 × 2 places" in text(app)
    assert "with this label or given it, mistakes first" in text(app)


def test_a_run_is_judged_label_by_label_and_tried(open_page: Open, run: RunFolder, tmp_path: Path):
    names = {"project": run.project.slug, "run": run.id}
    app = open_page("train.py", **names)
    assert not app.exception, app.exception
    assert "Exactly right labels" in [each.label for each in app.metric]
    assert "Each label of the 6 validation pictures changes the accuracy by 8.3 points" in text(app)

    app = open_page("results.py", **names)
    assert not app.exception, app.exception
    assert "Mean average precision" in [each.label for each in app.metric]
    scores = next(each.value for each in app.dataframe if "threshold" in each.value)
    assert scores["label"].tolist() == ["dark", "red"]

    for view, header in (("errors", None), ("compare", None), ("sure", "Each label"), ("unknown", None)):
        app = open_page("results.py", **names, view=view)
        assert not app.exception, (view, app.exception)
        assert header is None or header in [each.value for each in app.header]
    assert "Get no label" in [each.label for each in app.metric]
    shows_one_label(open_page, names)

    folder = str(lay(tmp_path / "new", 4))
    app = open_page("try_it.py", **names, **{"try-way-tags": "Folder on this machine"})
    app = app.text_input(key="try-folder").set_value(folder).run(timeout=120)
    assert not app.exception, app.exception
    answers = app.dataframe[0].value.set_index("picture")["labels"].to_dict()
    assert set(answers) == {"0.png", "1.png", "2.png", "3.png"}
    assert {label for each in answers.values() for label in each.split(", ")} <= {"No label", "dark", "red"}

    for page in ("model.py", "freeze.py", "take_away.py", "runs.py"):
        app = open_page(page, **names)
        assert not app.exception, app.exception
