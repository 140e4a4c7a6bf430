"""The commands that write files which travel, and ``import`` of an exported project."""

import csv
import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from tests.core.travel.conftest import files_of, open_test, write
from tl_core.cli.parser import main
from tl_core.dataset import manifest
from tl_core.evaluation import predictions
from tl_core.evaluation.unknowns import Refusal
from tl_core.files import write_record
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


@pytest.fixture(scope="module")
def home(hues_with, tmp_path_factory):
    project = hues_with(tmp_path_factory.mktemp("travel"), "head")
    open_test(RunFolder(project.runs / "head"))
    return project


@pytest.fixture
def command(capfd, home):
    """Return a function that runs a command on the workspace of the project, and returns its JSON."""

    def run(*arguments, workspace=home.workspace.root, code=0):
        capfd.readouterr()
        ended = main([*map(str, arguments), "--workspace", str(workspace), "--json"])
        printed = capfd.readouterr()
        assert ended == code, printed.err
        return printed.err if code else json.loads(printed.out)

    return run


def test_a_project_is_packed_and_imported(command, home, tmp_path):
    target = tmp_path / "stick" / "hues.zip"
    done = command("pack", home.slug, "--to", target)
    assert done == {"path": str(target), "bytes": target.stat().st_size, "pictures": 24, "runs": 1, "left_out": []}

    elsewhere = tmp_path / "elsewhere"
    said = command("import", target, "--dry-run", workspace=elsewhere)
    assert (said["name"], said["listed"], said["runs"], said["opened"]) == (home.name, 24, 1, 2)
    assert Workspace.open(elsewhere).projects() == []
    there = command("import", target, workspace=elsewhere)
    assert (there["project"], there["missing"]) == (Workspace.open(elsewhere).projects()[0].slug, 0)
    assert "a project of its own" in command("import", target, "--project", "x", workspace=elsewhere, code=2)
    assert "is an exported project" in command("train", target, workspace=elsewhere, code=2)
    assert "is a folder" in command("pack", home.slug, "--to", tmp_path, code=2)


def test_a_list_alone_is_packed(command, home, tmp_path):
    done = command("pack", home.slug, "--to", tmp_path / "l.zip", "--without-pictures", "--without-runs")
    assert (done["pictures"], done["runs"]) == (24, 0)
    assert command("import", tmp_path / "l.zip", workspace=tmp_path / "w")["missing"] == 24


def test_the_data_set_as_folders_and_csv(command, home, tmp_path):
    table = manifest.load(home).table
    assert command("dataset", home.slug, "--as", "csv", "--to", tmp_path / "p.csv")["pictures"] == len(table)
    listed = {row["id"]: row for row in rows(tmp_path / "p.csv")}
    assert {id_: row["label"] for id_, row in listed.items()} == dict(zip(table["id"], table["label"], strict=True))
    command("dataset", home.slug, "--to", tmp_path / "p.zip")
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        assert set(archive.namelist()) == {*(row["file"] for row in listed.values()), "pictures.csv"}


@pytest.mark.slow
def test_predictions_and_mistakes_as_files(command, home, tmp_path):
    run = RunFolder(home.runs / "head")
    stored = predictions.load(run, "test")
    assert command("predictions", run.reference, "--split", "test", "--to", tmp_path / "t.csv")["pictures"] == len(
        stored
    )
    listed = rows(tmp_path / "t.csv")
    assert sorted(row["id"] for row in listed) == sorted(stored.ids)
    assert sum(row["right"] == "yes" for row in listed) == stored.correct.sum()
    for row in listed:
        at = stored.ids.index(row["id"])
        assert row["predicted"] == stored.classes[stored.predicted[at]]
        assert float(row["probability of warm"]) == pytest.approx(stored.probabilities[at][1], abs=1e-5)
    command("mistakes", run.reference, "--split", "test", "--to", tmp_path / "m.zip")
    wrong = {id_ for id_, right in zip(stored.ids, stored.correct, strict=True) if not right}
    with zipfile.ZipFile(tmp_path / "m.zip") as archive:
        inside = archive.namelist()
        assert wrong <= {id_ for id_ in stored.ids if any(id_[:12] in name for name in inside)}
        assert "predictions.csv" in inside
    picture = next(home.images.glob("*/*"))
    command("predict", run.reference, picture, "--csv", tmp_path / "new.csv")
    (new,) = rows(tmp_path / "new.csv")
    assert new["picture"] == str(picture)
    assert float(new["probability of cold"]) + float(new["probability of warm"]) == pytest.approx(1, abs=1e-5)


def test_where_nothing_is_wrong_no_zip_is_written_and_nothing_fails(command, home, tmp_path, hues_with):
    run = RunFolder(hues_with(tmp_path / "workspace", "head").runs / "head")
    write_record(run.folder / "refusal.json", Refusal(refused=0))
    where = {"workspace": run.project.workspace.root}
    assert command("mistakes", "head", "--to", tmp_path / "m.zip", **where)["file"] is None
    assert not (tmp_path / "m.zip").exists()
    assert command("mistakes", home.slug + "/head", "--split", "test", "--to", tmp_path / "m.zip")["file"]["pictures"]


@pytest.mark.parametrize("name", ["file/x.csv", "folder", "pipe", "x" * 300])
@pytest.mark.parametrize("typed", [["predictions", "head", "--to"], ["predict", "head", "x.png", "--csv"]])
def test_a_file_that_cannot_be_written_is_a_sentence(command, tmp_path, typed, name):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert "error: " in command(*typed, tmp_path / name, code=2)
    assert (tmp_path / "pipe").is_fifo()


def test_a_name_in_a_zip_does_not_speak_to_the_terminal(command, home, tmp_path, capfd):
    command("pack", home.slug, "--to", tmp_path / "p.zip", "--without-pictures", "--without-runs")
    files = files_of(tmp_path / "p.zip")
    about = json.loads(files["thaw.json"]) | {"name": "a\x1b[2Jb"}
    write(tmp_path / "evil.zip", files | {"thaw.json": json.dumps(about).encode()})
    assert main(["import", str(tmp_path / "evil.zip"), "--dry-run", "--workspace", str(tmp_path / "w")]) == 0
    assert "“a[2Jb”" in capfd.readouterr().out
