"""The command that takes a model away."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tl_core.cli.parser import main
from tl_core.errors import NotFoundError
from tl_core.export import formats


@pytest.fixture(scope="module")
def workspace(hues_with, tmp_path_factory):
    return hues_with(tmp_path_factory.mktemp("export"), "head").workspace.root


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
