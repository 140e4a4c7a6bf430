"""The command that trains a run once more, on everything."""

import json

import pytest

from tl_core.cli.parser import main


@pytest.fixture(scope="module")
def workspace(hues_with, tmp_path_factory):
    return str(hues_with(tmp_path_factory.mktemp("retrain"), "head").workspace.root)


def printed(workspace, capfd, *command, code=0):
    capfd.readouterr()
    assert main([*command, "--workspace", workspace]) == code
    return capfd.readouterr()


@pytest.mark.slow
def test_retrain_makes_a_run_that_is_exported_and_says_what_nothing_can_measure(workspace, tmp_path, capfd):
    answer = json.loads(printed(workspace, capfd, "retrain", "head", "--with-test", "--json").out)
    run = answer["run"]
    assert answer["counts"] == {"train": 24, "validation": 0, "test": 0}
    assert answer["validation"]["accuracy"] is None
    assert (answer["everything"]["run"], answer["everything"]["test"]) == ("head", True)
    assert answer["everything"]["before"]["n"] == 6

    made = printed(workspace, capfd, "export", run, "--format", "onnx", "--to", str(tmp_path))
    assert "The same class for 24 of 24 training pictures" in made.out
    assert "on everything; before, on validation pictures:" in printed(workspace, capfd, "runs").out
    for command in ("evaluate", "mistakes", "retrain"):
        said = printed(workspace, capfd, command, run, code=2).err
        assert "learned from" in said
    assert "share no validation pictures" in printed(workspace, capfd, "compare", "head", run).out


@pytest.mark.slow
def test_without_json_it_says_so_in_words(workspace, capfd):
    out, err = printed(workspace, capfd, "retrain", "head")
    assert "so only its test pictures can still measure its accuracy. Before, on validation pictures: 6 of 6" in out
    assert "Validation accuracy" not in out
    assert "not a number" not in err
