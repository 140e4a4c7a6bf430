"""What the Pictures page shows before an import: the reading of a folder, the others, the class of loose pictures."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages._ui.pictures import reading, upload_route
from tests.core.pictures import lay, pets, picture
from tests.pages.conftest import Open, query, text, wait_for, words
from tl_core import jobs
from tl_core.dataset import manifest
from tl_core.files import write_record
from tl_core.ingest.sources import Source
from tl_core.workspace import Project, Workspace

PATH_TAB = ":material/computer: Folder on this machine"


def looked_into(open_page: Open, folder: Path, **query: str) -> AppTest:
    """Open the page and name a folder on this machine."""
    app = open_page("images.py", **query, **{"ways-in": PATH_TAB, "add-more": "true"})
    field = next(each for each in app.text_input if each.label == "Folder or zip on this machine")
    field.set_value(str(folder))
    return press(app, "Look inside")


def button(app: AppTest, label: str):
    return next(button for button in app.button if button.label == label)


def press(app: AppTest, label: str) -> AppTest:
    button(app, label).click()
    return app.run()


def imported(workspace: Workspace) -> Project:
    """Wait for the import and return the project that it went to."""
    (job,) = jobs.all_jobs(workspace)
    wait_for(lambda: not job.active)
    assert job.state == "done", job.status().error
    return workspace.projects()[0]


def days(root: Path) -> Path:
    tree = {f"2024-05-0{day}/{label}/{n}.png": 100 * day + 10 * m + n
            for day in (1, 2, 3) for m, label in enumerate(("ok", "scratch")) for n in range(2)}  # fmt: skip
    return lay(root, tree)


def read_as(app: AppTest) -> list:
    return [radio for radio in app.radio if radio.key == "reading-choice"]


def test_the_reading_is_shown_and_nothing_is_imported_before_one_press(
    open_page: Open, workspace: Workspace, tmp_path: Path
):
    tree = {f"seg_{split}/{name}": int(seed) + 1000 * n
            for n, split in enumerate(("train", "test")) for name, seed in pets(3).items()}  # fmt: skip
    app = looked_into(open_page, lay(tmp_path / "seg", {**tree, "seg_pred/9.png": 9000}))

    assert "2 classes: cat (6), dog (6)" in words(app)
    assert "6 training pictures in seg_train; 6 test pictures in seg_test" in words(app)
    assert app.dataframe[0].value["File"].tolist() == ["seg_pred/9.png"]
    assert not read_as(app)
    assert not workspace.projects()
    assert not jobs.all_jobs(workspace)
    press(app, "Import")
    assert manifest.load(imported(workspace)).counts()["test"].to_dict() == {"cat": 3, "dog": 3}


def test_another_reading_is_chosen(open_page: Open, workspace: Workspace, tmp_path: Path):
    app = looked_into(open_page, days(tmp_path / "days"))
    assert read_as(app)[0].value == "folders"
    assert "stay in one split" in text(app)

    read_as(app)[0].set_value("folders-1").run()

    assert "3 classes: 2024-05-01 (4)" in words(app)
    press(app, "Import")
    assert manifest.load(imported(workspace)).classes == ["2024-05-01", "2024-05-02", "2024-05-03"]


def test_what_is_not_clear_waits_for_a_choice(open_page: Open, workspace: Workspace, tmp_path: Path):
    tree = {f"{side}/{state}/{n}.png": n for side in ("left", "right") for state in ("open", "shut") for n in range(2)}
    app = looked_into(open_page, lay(tmp_path / "sides", tree))

    assert "The classes may be" in text(app)
    assert read_as(app)[0].value is None
    assert button(app, "Import").disabled
    read_as(app)[0].set_value("folders-1").run()
    assert not button(app, "Import").disabled
    press(app, "Discard")
    assert app.tabs[0].label.endswith("Folder or zip")
    assert not workspace.projects()


def test_loose_pictures_ask_for_their_class(open_page: Open, workspace: Workspace, project: Project, tmp_path: Path):
    folder = lay(tmp_path / "loose", {"IMG_1.png": 1, "IMG_2.png": 2})
    app = looked_into(open_page, folder, project=project.slug)
    assert "2 pictures without a class" in text(app)
    assert button(app, "Import").disabled
    question = next(box for box in app.selectbox if box.label == "Which class?")
    assert list(question.options) == ["apple", "plum"]

    question.set_value("plum").run()
    press(app, "Import")

    assert imported(workspace) == project
    assert manifest.load(project).counts()["total"].to_dict() == {"apple": 12, "plum": 14}


def test_what_waits_outlives_a_reload(open_page: Open, workspace: Workspace, project: Project, tmp_path: Path):
    app = looked_into(open_page, days(tmp_path / "days"), project=project.slug)
    reloaded = open_page("images.py", **query(app))
    assert "2 classes: ok (6), scratch (6)" in words(reloaded)

    press(reloaded, "Import")

    assert imported(workspace) == project
    assert "scratch" in manifest.load(project).classes
    assert "Check before the import" not in text(open_page("images.py", **query(app)))
    assert list(workspace.uploads.iterdir()) == []


def test_an_upload_that_waits_outlives_a_reload_until_it_is_discarded(open_page: Open, workspace: Workspace):
    folder = upload_route.stage(workspace, {f"{name}.png": picture(n) for n, name in enumerate(("a/1", "b/1", "a/2"))})
    write_record(folder / reading.WAITING, reading.Pending(Source("upload", str(folder)), "Set"))
    app = open_page("images.py", waiting=folder.name)
    assert "2 classes: a (2), b (1)" in words(app)
    assert query(app)["waiting"] == folder.name

    press(app, "Discard")

    assert not folder.exists()
    assert "waiting" not in app.query_params


def test_what_waits_and_is_gone_is_a_sentence_and_waits_no_more(open_page: Open, workspace: Workspace):
    folder = upload_route.new_folder(workspace)
    write_record(folder / reading.WAITING, reading.Pending(Source("folder", "/nowhere"), "Gone"))
    app = open_page("images.py", waiting=folder.name)
    assert "There is no folder" in app.error[0].value
    assert app.tabs
    assert not app.run().error


def test_a_folder_that_is_not_there_is_a_sentence(open_page: Open, tmp_path: Path):
    app = looked_into(open_page, tmp_path / "nowhere")
    assert "There is no folder" in app.error[0].value
    assert button(app, "Look inside")
