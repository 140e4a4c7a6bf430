"""The commands that list runs and say something of them."""

import json

import pytest

from tl_core.cli.parser import main
from tl_core.runs import RunFolder


@pytest.fixture(scope="module")
def project(hues_with, tmp_path_factory):
    return hues_with(tmp_path_factory.mktemp("notebook"), "tail", "head")


@pytest.fixture
def command(capfd, project):
    """Return a function that runs a command on the workspace of the project, and returns what it printed."""

    def run(*arguments, code=0) -> str:
        capfd.readouterr()
        ended = main([*arguments, "--workspace", str(project.workspace.root)])
        printed = capfd.readouterr()
        assert ended == code, printed.err
        return printed.err if code else printed.out

    return run


def test_runs_say_what_they_are_called_and_what_changed(command, project):
    said = json.loads(command("annotate", "head", "--name", "First", "--note", "two\nlines", "--star", "--json"))
    assert said == {"run": "hues/head", "name": "First", "note": "two lines", "star": True}

    answer = json.loads(command("runs", "--json"))
    by_name = {each["run"]: each for each in answer["runs"]}
    head, tail = by_name["hues/head"], by_name["hues/tail"]
    assert (head["name"], head["note"], head["star"]) == ("First", "two lines", True)
    assert tail["name"].startswith("Lite0 · ")
    assert head["shared"]["n"] == tail["shared"]["n"] == 6
    newer, older = (head, tail) if head["created"] > tail["created"] else (tail, head)
    assert older["changed"] is None
    assert newer["changed"]["old"] == older["run"].split("/")[1]
    assert "freeze line" in {each["name"] for each in newer["changed"]["settings"]}
    assert newer["in_words"].startswith("freeze line: ")
    assert (answer["luck"]["hues"]["runs"], answer["luck"]["hues"]["pictures"]) == (2, 6)
    assert (answer["luck"]["hues"]["equal"], answer["luck"]["hues"]["gain"] >= 0) == (2, True)


def test_runs_are_listed_by_name_and_a_name_is_taken_back(command, project):
    command("annotate", "hues/head", "--name", "**bold**", "--no-star")
    assert "**bold**" in command("runs")
    assert "hues: " in command("runs"), "how far the best can be believed"
    assert "Lite0 · head only" in command("annotate", "head", "--name", "", "--note", "")
    assert (RunFolder(project.runs / "head").label.name, RunFolder(project.runs / "head").label.note) == ("", "")
    assert "There is no run" in command("annotate", "gone", "--star", code=2)
