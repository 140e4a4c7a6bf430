"""The people who share a workspace are listed and removed by a command."""

import json
from pathlib import Path

import pytest

from tl_core import jobs
from tl_core.cli.parser import main
from tl_core.spaces.spaces import Spaces


@pytest.fixture
def people(tmp_path: Path, capfd):
    """Return a function that runs the command with options; it returns the exit code and what was printed."""

    def run(*options: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main(["people", *options, "--workspace", str(tmp_path)])
        printed = capfd.readouterr()
        return code, printed.out, printed.err

    return run


def test_the_people_are_listed_and_one_is_removed_with_what_is_at_work(people, tmp_path: Path):
    assert people()[:2] == (0, "Nobody shares this workspace.\n")
    every = Spaces(tmp_path)
    (anna, token), (ben, bens) = every.add("Anna"), every.add("Ben")
    (anna.workspace.uploads / "x").mkdir(parents=True)
    (anna.workspace.uploads / "x" / "0.bin").write_bytes(b"0" * 3000)
    waiting = jobs.create_in(anna.workspace, "import", project="x")

    listed = json.loads(people("--json")[1])["people"]
    assert {each["id"]: (each["name"], each["waiting"]) for each in listed} == {
        anna.id: ("Anna", 1),
        ben.id: ("Ben", 0),
    }
    code, out, _ = people("--remove", anna.id)
    assert (code, out.startswith("Anna is signed out, and "), waiting.folder.exists()) == (0, True, False)
    assert (every.every(), every.of_token(token), every.of_token(bens)) == ([ben], None, ben)


@pytest.mark.parametrize("id_", ["../..", "", "f" * 32])
def test_who_is_not_here_is_not_removed(people, tmp_path: Path, id_: str):
    ben, _token = Spaces(tmp_path).add("Ben")
    code, _, err = people("--remove", id_)
    assert (code, "Nobody here has the id" in err, ben.folder.exists()) == (2, True, True)


def test_the_teacher_stays(people, tmp_path: Path):
    teacher, _token = Spaces(tmp_path).add("Ms Hill", role="teacher")
    code, _, err = people("--remove", teacher.id)
    assert (code, "teacher" in err, teacher.folder.exists()) == (2, True, True)


def test_what_does_not_stop_keeps_everything(people, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    anna, token = Spaces(tmp_path).add("Anna")
    job = jobs.create_in(anna.workspace, "import", project="x")
    jobs.set_status(job.folder, state="running", owner=jobs.this_process())
    monkeypatch.setattr(jobs, "STOP_SECONDS", 0.3)
    code, _, err = people("--remove", anna.id)
    assert (code, "does not stop" in err, anna.folder.exists()) == (2, True, True)
    assert Spaces(tmp_path).of_token(token) is None
