import shutil
from pathlib import Path

import pytest

from tests.pages.conftest import Open, markdown, query, text, wait_for
from tl_core import arrays, runs
from tl_core.evaluation import predictions
from tl_core.export import formats, page_words, stored
from tl_core.export.proof import Proof
from tl_core.export.stored import Export
from tl_core.jobs import Job
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace


@pytest.fixture
def run(finished: Path, workspace: Workspace) -> RunFolder:
    shutil.copytree(finished, workspace.root, symlinks=True, dirs_exist_ok=True)
    return next(iter(runs.of_project(workspace.projects()[0])))


def put(run: RunFolder, name: str, folder: Path, **fields) -> None:
    """Let a file of four bytes be what was made of a run."""
    made = Export(format=name, file="file.zip", bytes=4, made=1.0, model=arrays.model_of(run), **fields)
    (filled := folder / name).mkdir()
    (filled / "file.zip").write_bytes(b"demo")
    stored.put(run, made, filled)


def test_every_format_has_a_button_that_makes_it(open_page: Open, run: RunFolder):
    app = open_page("take_away.py", project=run.project.slug)

    assert {each.key for each in app.button if each.label == "Make"} == {f"make-{each.id}" for each in formats.FORMATS}
    assert {each.group for each in formats.FORMATS} <= set(formats.GROUPS)
    assert all(each.purpose in markdown(app) for each in formats.FORMATS)


@pytest.mark.slow  # the whole way in a browser makes one, too
def test_a_file_is_made_as_a_job_and_stopped(open_page: Open, run: RunFolder):
    app = open_page("take_away.py", project=run.project.slug)

    app.button(key="make-onnx").click().run()
    assert "Making ONNX" in text(app)
    assert all(each.disabled for each in app.button if each.label == "Make")
    job = Job(run.project.workspace.jobs_folder / query(app)["job"])
    job.stop()
    wait_for(lambda: not job.active)
    app.run()

    assert "Nothing was saved" in text(app)
    assert not stored.of_run(run)


def test_what_is_made_is_downloaded_with_its_proof(open_page: Open, run: RunFolder, tmp_path: Path):
    id_ = predictions.load(run, "validation").ids[0]
    fields = {"interval": (0.5, 0.9), "max_difference": 0.25, "milliseconds": 12.0, "bytes": 4}
    put(run, "onnx-int8", tmp_path, proof=Proof(agree=7, n=8, changed=(id_,), changed_to=("plum",), **fields))
    put(run, "coreml", tmp_path, not_proved="It runs <b>elsewhere</b>.")

    app = open_page("take_away.py", project=run.project.slug)

    assert {each.key for each in app.get("download_button")} == {"download-onnx-int8", "download-coreml"}
    table = app.dataframe[0].value.set_index("Format")
    assert table.loc["ONNX, 8 bits", "Same class"] == "7 of 8"
    assert table.loc["ONNX, 8 bits", "95% interval"] == "50% to 90%"
    assert table.loc["Core ML", "Same class"] == "not proved"
    assert "ONNX, 8 bits names another class for 1 picture of 8" in app.warning[0].value
    assert "Core ML is not proved" in markdown(app)
    assert "<b>" not in markdown(app)


def test_the_author_writes_a_sentence_for_the_page(open_page: Open, run: RunFolder, tmp_path: Path):
    put(run, "web", tmp_path, not_proved="No browser.")
    app = open_page("take_away.py", project=run.project.slug)

    app.text_input(key=f"author-{run.id}").set_value("Which fruit is it?").run()

    assert page_words.sentence(run) == "Which fruit is it?"
    assert "What is said of the model changed since" in markdown(app)
    assert open_page("take_away.py", project=run.project.slug).text_input(key=f"author-{run.id}").value == (
        "Which fruit is it?"
    )


def test_a_sentence_that_is_too_long_stays_in_the_field_and_is_said(open_page: Open, run: RunFolder):
    page_words.write_sentence(run, "Before.")
    app = open_page("take_away.py", project=run.project.slug)

    app.text_input(key=f"author-{run.id}").set_value("long " * 61).run()

    assert "has 304 characters and may have 300. It is not saved." in app.warning[0].value
    assert app.text_input(key=f"author-{run.id}").value == "long " * 61
    assert page_words.sentence(run) == "Before."
    app.text_input(key=f"author-{run.id}").set_value("Short.").run()
    assert (page_words.sentence(run), len(app.warning)) == ("Short.", 0)
