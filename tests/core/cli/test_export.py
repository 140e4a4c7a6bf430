"""The command that takes a model away."""

import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tl_core.cli.parser import main
from tl_core.errors import NotFoundError
from tl_core.export import formats, page_words, stored
from tl_core.runs import RunFolder


@pytest.fixture(scope="module")
def workspace(hues_with, tmp_path_factory):
    return hues_with(tmp_path_factory.mktemp("export"), "head").workspace.root


@pytest.mark.slow
def test_export_writes_a_bundle_and_prints_its_proof(workspace, tmp_path, capfd):
    command = ["export", "head", "--format", "onnx", "--to", str(tmp_path / "new" / "folder")]
    assert main([*command, "--workspace", str(workspace), "--json"]) == 0
    (file,) = json.loads(capfd.readouterr().out)["files"]
    assert set(file) == {"format", "path", "bytes", "proof"}
    assert set(file["proof"]) >= {"agree", "n", "interval", "max_difference", "milliseconds"}
    assert (file["format"], file["proof"]["agree"], file["proof"]["n"]) == ("onnx", 6, 6)
    assert file["proof"]["refusals"] == 6, "the rule by which pictures are refused travels with the file"
    path = Path(file["path"])
    assert (path.parent, path.stat().st_size) == (tmp_path / "new" / "folder", file["bytes"])
    assert "model.onnx" in zipfile.ZipFile(path).namelist()


@pytest.mark.slow
def test_without_json_the_proof_is_a_sentence(workspace, tmp_path, capfd):
    assert main(["export", "head", "--format", "onnx", "--to", str(tmp_path), "--workspace", str(workspace)]) == 0
    assert "The same class for 6 of 6 validation pictures (95% interval" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing", "--format", "keras", "--to", "{new}"], "There is no run “nothing”"),
        (["head", "--format", "keras", "--to", "{file}"], "cannot be a folder"),
        (["head", "--format", "keras", "--to", ""], "This is no path"),
    ],
)
def test_what_a_person_can_fix_has_code_2(workspace, tmp_path, capfd, arguments, message):
    (tmp_path / "file").touch()
    names = {"new": tmp_path / "new", "file": tmp_path / "file"}
    typed = [argument.format(**names) for argument in arguments]
    assert main(["export", *typed, "--workspace", str(workspace), "--json"]) == 2
    printed = capfd.readouterr()
    assert message in printed.err
    assert printed.out == ""


def test_a_format_that_is_not_in_the_table_lists_those_that_are(workspace, capfd):
    with pytest.raises(SystemExit) as caught:
        main(["export", "head", "--format", "pickle", "--to", ".", "--workspace", str(workspace)])
    assert caught.value.code == 2
    assert "litert-int8" in capfd.readouterr().err


def test_all_makes_what_it_can_and_says_why_the_rest_is_left_out(hues_with, tmp_path, capfd, monkeypatch):
    workspace = hues_with(tmp_path / "workspace", "head").workspace.root
    rows = (formats.get("card"), replace(formats.get("report"), id="gone", maker=f"{__name__}:fails"))
    monkeypatch.setattr(formats, "FORMATS", rows)
    command = ["export", "head", "--format", "all", "--to", str(tmp_path / "to")]
    assert main([*command, "--workspace", str(workspace), "--json"]) == 0
    printed = json.loads(capfd.readouterr().out)
    assert [each["format"] for each in printed["files"]] == ["card"]
    assert printed["left_out"] == [{"format": "gone", "why": "A picture is missing. Import it again."}]


def fails(run, target, progress):
    """Stand for a maker that needs a picture that is no longer there."""
    raise NotFoundError("A picture is missing. Import it again.")


def test_a_sentence_is_saved_only_with_what_holds_it(hues_with, tmp_path, capfd, monkeypatch):
    run = RunFolder(hues_with(tmp_path / "workspace", "head").runs / "head")
    rows = (formats.get("card"), replace(formats.get("report"), maker=f"{__name__}:fails"))
    monkeypatch.setattr(formats, "FORMATS", rows)

    def export(name, sentence):
        command = ["export", "head", "--format", name, "--to", str(tmp_path / "to"), "--sentence", sentence]
        return main([*command, "--workspace", str(run.project.workspace.root)])

    assert export("report", "Never made.") == 2
    assert not (run.folder / "author.json").exists()
    assert export("card", "Is it warm?") == 0
    assert export("report", "Never made.") == 2
    assert export("card", "x" * 301) == 2
    assert "Your sentence has 301 characters and may have 300" in capfd.readouterr().err
    assert page_words.sentence(run) == "Is it warm?"


def test_a_folder_that_cannot_be_written_is_said_before_the_work(workspace, small_disk, capfd):
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    for folder in (small_disk, small_disk / "new"):
        command = ["export", "head", "--format", "onnx", "--to", str(folder)]
        assert main([*command, "--workspace", str(workspace)]) == 2
        said = capfd.readouterr().err
        assert "hoose another folder" in said
        assert "Making the file" not in said


def test_what_is_removed_before_it_is_copied_is_a_sentence(hues_with, tmp_path, capfd, monkeypatch):
    root = hues_with(tmp_path / "workspace", "head").workspace.root
    copy = stored.copy

    def late(run, export, folder):
        shutil.rmtree(run.folder)
        return copy(run, export, folder)

    monkeypatch.setattr(stored, "copy", late)
    assert main(["export", "head", "--format", "card", "--to", str(tmp_path), "--workspace", str(root)]) == 2
    assert "was removed meanwhile" in capfd.readouterr().err
