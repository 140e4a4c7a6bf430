"""Results of boxes: the figures, what a confidence shows, and mistakes by their sort, each with its pictures."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pages._ui.shell import layout
from tests import boxed
from tests.core.boxes.test_importer import folder_of
from tests.pages.conftest import Open, metric, text
from tl_core.boxes import importer
from tl_core.dataset import manifest
from tl_core.evaluation import box_comparison, box_record
from tl_core.files import read_json, write_json, write_record
from tl_core.ingest.sources import Source
from tl_core.metrics.average_precision import Seen
from tl_core.runs import RunFolder
from tl_core.travel import box_tables
from tl_core.wording import chance, decimal
from tl_core.workspace import Workspace


@pytest.fixture
def run(workspace: Workspace, tmp_path: Path) -> RunFolder:
    project = workspace.create_project("Squares")
    importer.import_boxes(project, Source("folder", str(folder_of(tmp_path / "squares", 40))))
    return boxed.finished(project)


def test_how_good_boxes_are(open_page: Open, run: RunFolder):
    app = open_page("results.py", project=run.project.slug, run=run.id)
    results = box_record.results_of(run)
    there = sum(each.there for each in results.precision.classes)

    assert not app.exception, app.exception
    assert results.precision.map50 is not None
    assert metric(app, "mAP@50") == decimal(results.precision.map50, 3)
    assert f"Measured on {there} boxes in {results.precision.pictures} validation pictures" in text(app)
    assert "accuracy" not in text(app).replace("no accuracy", "").lower()
    assert metric(app, "Precision") == "100%"
    assert "While it learned" in [each.value for each in app.header]
    notebook = open_page("runs.py", project=run.project.slug)
    assert not notebook.exception, notebook.exception
    assert "Validation mAP@50" in [each.content for each in notebook.segmented_control(key="runs-metric").proto.options]
    app.slider(key="confidence").set_value(0.2).run()
    assert not app.exception, app.exception
    assert metric(app, "Precision") != "100%"


def test_mistakes_open_by_their_sort(open_page: Open, run: RunFolder):
    app = open_page("results.py", project=run.project.slug, run=run.id, view="errors")
    results = box_record.results_of(run)

    assert not app.exception, app.exception
    choice = app.segmented_control(key="box-sort")
    assert choice.value == "missed"
    assert f"Missed ({results.mistakes.missed})" in [each.content for each in choice.proto.options]
    assert results.mistakes.ghost == 0
    app.slider(key="confidence").set_value(0.2).run()
    choice = app.segmented_control(key="box-sort")
    assert f"Around nothing ({results.precision.pictures})" in [each.content for each in choice.proto.options]
    findings = box_record.load(run, "validation")
    assert findings is not None
    app.session_state["opened-box-mistakes"] = findings.ids[0]
    choice.set_value("ghost").run()
    assert not app.exception, app.exception
    assert "Around nothing" in app.dataframe[-1].value["what"].tolist()
    (link,) = (each.proto for each in app.get("page_link") if each.proto.label == "Draw on this picture")
    assert f"draw={findings.ids[0]}" in link.query_string


def test_two_runs_are_compared(open_page: Open, run: RunFolder):
    view = {"project": run.project.slug, "run": run.id, "view": "compare"}
    assert any("the only trained run" in str(info.value) for info in open_page("results.py", **view).info)
    other = worse(run)
    app = open_page("results.py", **view)
    compared = box_comparison.of_runs(run, other, "validation")
    assert compared is not None
    assert compared.difference is not None
    found = compared.difference.every

    assert not app.exception, app.exception
    assert (metric(app, "mAP@50 before"), metric(app, "mAP@50 after")) == (decimal(found.old, 3), decimal(found.new, 3))
    assert metric(app, "Chance alone") == chance(found.p)
    assert app.dataframe[0].value["label"].tolist() == compared.classes
    lost = [id_ for id_, (old, new) in compared.mistakes(0.9, 0.5).items() if new > old]
    choice = app.segmented_control(key="box-compared")
    assert [each.content for each in choice.proto.options] == ["Fewer mistakes (0)", f"More mistakes ({len(lost)})"]
    assert choice.value == "more"
    app.session_state["opened-box-compare"] = lost[0]
    app.run()
    assert not app.exception, app.exception
    assert "**Before" in text(app)
    assert "**After" in text(app)
    assert layout.escape("The pictures and labels are the same.") in text(app)


def worse(run: RunFolder) -> RunFolder:
    """Return a second run, that has found nothing that is there."""
    other = RunFolder(shutil.copytree(run.folder, run.folder.with_name("other")))
    job = read_json(other.folder / "job.json")
    write_json(other.folder / "job.json", {**job, "created": job["created"] + 60})
    findings = box_record.load(run, "validation")
    assert findings is not None
    seen = [Seen(each.truth, each.found[each.found[:, 5] < 0.5]) for each in findings.seen]
    nothing = replace(findings, seen=seen)
    box_record.save(other, nothing)
    write_record(other.folder / box_record.RESULTS, box_record.results(nothing))
    return other


def test_of_a_run_on_everything_it_is_said_how_good_it_was_before(open_page: Open, run: RunFolder):
    made = boxed.on_everything(run)
    before = box_record.results_of(run)
    assert before.precision.map50 is not None
    assert box_record.results_of(made).chosen == before.chosen
    assert made.damage() is None
    for page in ("results.py", "train.py", "take_away.py"):
        app = open_page(page, project=run.project.slug, run=made.id)
        assert not app.exception, app.exception
        assert "cannot be measured any more" in text(app) or "only its test pictures can still measure" in text(app)
        said = f"mAP@50 {decimal(before.precision.map50, 3)} on {before.precision.pictures} pictures"
        assert layout.escape(said) in text(app)
    for page in ("runs.py", "results.py", "try_it.py"):
        app = open_page(page, project=run.project.slug, run=run.id, view="compare")
        assert not app.exception, app.exception


def test_test_pictures_stay_sealed(open_page: Open, run: RunFolder):
    app = open_page("results.py", project=run.project.slug, run=run.id)
    app.segmented_control(key=f"part-{run.id}").set_value("test").run()

    assert not app.exception, app.exception
    assert "sealed" in text(app)


def test_boxes_of_a_run_as_a_table(run: RunFolder):
    findings = box_record.load(run, "validation")
    assert findings is not None
    lines = box_tables.judged(run, findings, 0.5).decode("utf-8-sig").splitlines()

    assert lines[0].split(",") == list(box_tables.JUDGED)
    what = [line.split(",")[3] for line in lines[1:]]
    results = box_record.results_of(run)
    assert what.count("right") == results.mistakes.right
    assert what.count("truth") == sum(each.there for each in results.precision.classes)
    assert len(manifest.load(run.project).split("validation")) == len(findings)
