"""The commands on pictures with several labels each, from the table to the mistakes."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from tests import tagged
from tests.conftest import share_weights
from tl_core import runs
from tl_core.cli.parser import main
from tl_core.dataset import manifest
from tl_core.evaluation import tags
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
        command("train", str(place / "lamps"), "--image-size", "64", "--json")
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
    assert "Exactly the right tags" in said
    assert "Pictures that have both tags" in said
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
    assert "no tag" in command("predict", trained, str(neither))
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


def test_the_pictures_travel_with_their_tags_and_the_run_stays(command, trained, place):
    assert "stays: " in command("pack", "lamps", "--to", str(place / "lamps.zip"))
    elsewhere = Workspace.open(place / "elsewhere")
    assert main(["import", str(place / "lamps.zip"), "--workspace", str(elsewhere.root)]) == 0
    (project,) = elsewhere.projects()
    listed = manifest.load(project)
    assert (listed.kind, listed.classes, len(listed.table)) == ("tags", ["dark", "red"], 60)


@pytest.mark.parametrize(
    "arguments",
    [
        ("crossval", "RUN"),
        ("retrain", "RUN"),
        ("predictions", "RUN", "--to", "PLACE"),
        ("mistakes", "RUN", "--to", "PLACE"),
        ("remeasure", "RUN"),
        ("race", "lamps"),
        ("shootout", "lamps"),
        ("learning-curve", "lamps"),
        ("search", "lamps"),
        ("check", "lamps"),
        ("dataset", "lamps", "--to", "PLACE"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_does_not_take_tags_yet_says_so(command, trained, place, arguments):
    given = [{"RUN": trained, "PLACE": str(place / "out.zip")}.get(each, each) for each in arguments]
    assert "for one label so far" in command(*given, code=2)
    assert not (place / "out.zip").exists(), "what is refused leaves nothing behind"
