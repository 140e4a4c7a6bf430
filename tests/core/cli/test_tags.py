"""The commands on pictures with several labels each, from the table to the mistakes."""

import csv
import json
import shutil
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from tests import tagged
from tests.conftest import share_weights
from tl_core import api, runs
from tl_core.cli.parser import main
from tl_core.dataset import manifest
from tl_core.evaluation import tags
from tl_core.explain import neighbours
from tl_core.notebook import changes, rows
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    root = tmp_path_factory.mktemp("tags")
    tagged.lay(root / "lamps", 60)
    share_weights(Workspace.open(root / "workspace"))
    return root


@pytest.fixture
def command(capfd, place):
    """Return a function that runs a command on the workspace, and returns what it printed."""

    def run(*arguments, code=0) -> str:
        capfd.readouterr()
        ended = main([*arguments, "--workspace", str(place / "workspace")])
        printed = capfd.readouterr()
        assert ended == code, printed.err
        return printed.err if code else printed.out

    return run


@pytest.fixture
def trained(command, place):
    """Return a run, trained once: a second import of the same pictures changes nothing."""
    listed = json.loads(command("runs", "--json"))["runs"]
    if not listed:
        (place / "said.txt").write_text(command("train", str(place / "lamps"), "--image-size", "64"))
        listed = json.loads(command("runs", "--json"))["runs"]
    return listed[0]["run"]


def test_how_a_table_is_read_is_said_before_the_import(command, place):
    answer = json.loads(command("import", str(place / "lamps"), "--dry-run", "--json"))
    assert (answer["kind"], answer["reading"], answer["readings"]) == ("tags", "tags", ["tags", "table"])
    assert answer["classes"] == {"dark": 30, "red": 30}
    one = json.loads(command("import", str(place / "lamps"), "--dry-run", "--json", "--kind", "pictures"))
    assert (one["kind"], one["reading"]) == ("pictures", "table")
    assert json.loads(command("import", str(place / "lamps"), "--dry-run", "--json", "--as", "table")) == one | {
        "readings": ["tags", "table"]
    }


def test_a_run_is_listed_with_what_it_is_worth(command, trained):
    (run,) = json.loads(command("runs", "--json"))["runs"]
    assert run["mean_average_precision"] > 0.9
    assert run["validation"]["n"] == 9
    assert "mean average precision" in command("runs")


def test_what_is_said_of_the_curves_counts_answers_and_not_pictures(trained, place):
    said = (place / "said.txt").read_text()
    assert (
        "of 18 answers right, one for each label of a picture" in said or "answers on the validation pictures" in said
    )
    assert "labels 100% of 9 pictures" in said


def test_the_test_pictures_are_opened(command, trained):
    answer = json.loads(command("evaluate", trained, "--json"))
    assert [each["label"] for each in answer["tags"]] == ["dark", "red"]
    for each in answer["tags"]:
        assert each["accuracy"] > 0.7
        for name in ("accuracy", "precision", "recall", "f1"):
            low, high = each[f"{name}_interval"]
            assert low <= each[name] <= high
    assert answer["together"][0][1] == answer["together"][1][0]
    assert answer["opened"] == 1
    said = command("evaluate", trained)
    assert "Exactly the right labels" in said
    assert "Pictures that have both labels" in said
    assert "opened twice" in said


def test_new_pictures_get_tags_or_none(command, trained, place):
    dark = place / "new.png"
    dark.write_bytes(tagged.picture(1000, red=True, dark=True))
    neither = place / "none.png"
    neither.write_bytes(tagged.picture(1001, red=False, dark=False))
    answer = json.loads(command("predict", trained, str(dark), str(neither), "--json", "--csv", str(place / "p.csv")))
    one, other = answer["predictions"]
    assert set(one["tags"]) == {"dark", "red"}
    assert other["tags"] == []
    assert {each["label"] for each in other["classes"]} == {"dark", "red"}
    assert set(one["thresholds"]) == {"dark", "red"}
    assert "no label" in command("predict", trained, str(neither))
    assert "dark; red" in (place / "p.csv").read_text(encoding="utf-8-sig")


def test_two_runs_are_compared_on_the_same_pictures(command, trained, place):
    workspace = Workspace.open(place / "workspace")
    run = runs.find(workspace, trained)
    worse = RunFolder(shutil.copytree(run.folder, run.folder.with_name("worse")))
    for split in ("validation", "test"):
        if found := tags.load(run, split):
            logits = np.random.default_rng(1).normal(size=found.logits.shape).astype(np.float32)
            tags.save(worse, replace(found, logits=logits))
    answer = json.loads(command("compare", worse.reference, trained, "--json"))
    precision = answer["mean_average_precision"]
    assert answer["new"]["n"] == precision["n"] == answer["old"]["n"]
    assert precision["new"] > precision["old"]
    assert 0 < precision["p"] <= 1
    assert len(answer["mended"]) > len(answer["broken"])
    assert "Mean average precision" in command("compare", worse.reference, trained)
    book = {row.id: row for row in rows.of_project(run.project).rows}
    assert book["worse"].accuracy.accuracy < book[run.id].accuracy.accuracy
    assert book[run.id].mean_average_precision > 0.9
    assert "mean average precision" in changes.between(worse, run).sentence()
    shutil.rmtree(worse.folder)


def test_mistakes_are_told_by_tag(command, trained):
    answer = json.loads(command("mistakes", trained, "--json"))
    assert set(answer["by_tag"]) == {"dark", "red"}
    for tag, counts in answer["by_tag"].items():
        own = [each for each in answer["mistakes"] if each["tag"] == tag]
        assert sum(each["has"] for each in own) == counts["missed"]
        assert len(own) == counts["missed"] + counts["wrongly_given"]
        assert all((each["probability"] < each["threshold"]) == each["has"] for each in own)
    assert "dark: missed" in command("mistakes", trained)


def test_the_head_is_cross_validated_and_labels_are_doubted(command, trained, place):
    answer = json.loads(command("crossval", trained, "--json"))
    assert (answer["n"], answer["folds"], answer["repeats"]) == (51, 5, 5)
    assert answer["mean_average_precision"] > 0.9
    assert answer["interval"][0] <= answer["accuracy"] <= answer["interval"][1]
    assert set(answer["average_precision"]) == {"dark", "red"}
    doubted = json.loads(command("mistakes", trained, "--json"))["doubted"]
    assert all(each["has"] == (each["probability"] < 0.5) for each in doubted)
    assert "Cross-validated, exactly the right labels" in command("crossval", trained)


def test_predictions_and_mistakes_are_written(command, trained, place):
    target = place / "validation.csv"
    command("predictions", trained, "--to", str(target))
    rows = list(csv.DictReader(target.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 9
    for row in rows:
        given = {
            tag for tag in ("dark", "red") if float(row[f"probability of {tag}"]) >= float(row[f"threshold of {tag}"])
        }
        assert row["predicted"] == "; ".join(sorted(given))
        assert row["right"] == ("yes" if row["labels"] == row["predicted"] else "no")
    run = runs.find(Workspace.open(place / "workspace"), trained)
    found = tags.load(run, "validation")
    blind = RunFolder(shutil.copytree(run.folder, run.folder.with_name("blind")))
    tags.save(blind, replace(found, logits=np.full(found.logits.shape, -9, np.float32)))
    target = place / "wrong.zip"
    answer = json.loads(command("mistakes", blind.reference, "--to", str(target), "--json"))
    with zipfile.ZipFile(target) as bundle:
        names = bundle.namelist()
    assert {name.rpartition("/")[0] for name in names} == {"", "missed/dark", "missed/red"}
    assert len(names) - 1 == len([each for each in answer["mistakes"] if each["part"] == "validation"])
    shutil.rmtree(blind.folder)


def test_the_data_set_reads_as_it_was(command, trained, place):
    command("dataset", "lamps", "--to", str(place / "set.zip"))
    command("dataset", "lamps", "--as", "csv", "--to", str(place / "set.csv"))
    assert (place / "set.csv").read_text(encoding="utf-8-sig").splitlines()[0] == "file,split,dark,red"
    assert json.loads(command("import", str(place / "set.zip"), "--json"))["kind"] == "tags"
    before, after = (
        manifest.load(Workspace.open(place / "workspace").project(name)).table.set_index("id")[["label", "split"]]
        for name in ("lamps", "set")
    )
    assert after.sort_index().equals(before.sort_index())


def test_the_pictures_are_checked_tag_by_tag(command, trained):
    answer = json.loads(command("check", "lamps", "--json"))
    assert answer["shortcut"] is None
    assert {"dark", "red"} <= {each["label"] for each in answer["findings"] if each["kind"] == "shortcut"}


def test_a_run_learns_from_everything_by_the_thresholds_of_before(command, trained, place):
    answer = json.loads(command("retrain", trained, "--json"))
    assert answer["counts"]["train"] == 51
    workspace = Workspace.open(place / "workspace")
    before, after = (runs.find(workspace, name) for name in (trained, answer["run"]))
    assert tags.thresholds_of(after) == tags.thresholds_of(before)
    shutil.rmtree(after.folder)


def test_the_pictures_travel_with_their_tags_and_their_run(command, trained, place):
    assert "stays: " not in command("pack", "lamps", "--to", str(place / "lamps.zip"))
    elsewhere = Workspace.open(place / "elsewhere")
    assert main(["import", str(place / "lamps.zip"), "--workspace", str(elsewhere.root)]) == 0
    (project,) = elsewhere.projects()
    listed = manifest.load(project)
    assert (listed.kind, listed.classes, len(listed.table)) == ("tags", ["dark", "red"], 60)
    (run,) = runs.of_project(project)
    assert tags.load(run, "validation") is not None


def test_the_evidence_for_a_label_goes_with_its_own_probability(trained, place):
    run = runs.find(Workspace.open(place / "workspace"), trained)
    picture = tagged.picture(999, red=True, dark=False)
    (said,) = api.predict(run, [picture])
    shown = api.explain_picture(run, picture, "red")
    assert shown.label == "red"
    assert shown.heat.max() == 1
    assert shown.probabilities == pytest.approx({each.label: each.probability for each in said.classes}, abs=1e-4)
    near = neighbours.nearest(tags.load(run, "train"), tags.load(run, "train").features[0], 3)
    assert near[0].similarity == pytest.approx(1)
    assert near[0].label == tags.load(run, "train").labelled[0]
