"""Spaces on disk: ids and tokens that cannot be guessed, and what lies where."""

import hashlib
import re
import stat
from pathlib import Path

import pytest

from tl_core import mode, paths, runs
from tl_core.accuracy import Accuracy
from tl_core.errors import InputError
from tl_core.files import read_json, write_json, write_record
from tl_core.networks import activations, text_catalogue
from tl_core.recipe import Recipe
from tl_core.runs import Best, Counts, Parameters, RunReport
from tl_core.spaces import spaces
from tl_core.spaces.spaces import Spaces
from tl_core.workspace import Workspace


@pytest.fixture
def every(tmp_path: Path) -> Spaces:
    return Spaces(tmp_path)


def test_only_the_hash_of_a_token_is_on_the_disk(every: Spaces):
    space, token = every.add("Anna")

    assert re.fullmatch(r"[0-9a-f]{32}", space.id)
    assert len(token) == 43
    written = [path for path in every.root.rglob("*") if path.is_file()]
    assert not any(token in path.name or token.encode() in path.read_bytes() for path in written)
    assert hashlib.sha256(token.encode()).hexdigest() in {path.stem for path in written}
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in written if path.suffix == ".json")


@pytest.mark.parametrize("change", [str.lower, lambda token: token[:-1], lambda token: f"{token}=", lambda token: ""])
def test_an_altered_token_opens_nothing(every: Spaces, change):
    _space, token = every.add("Anna")

    assert every.of_token(change(token)) is None


@pytest.mark.parametrize("forged", ["../../projects", "..", "", "0" * 32, "\0"])
def test_a_session_leads_to_no_folder_but_a_space(every: Spaces, forged: str):
    _space, token = every.add("Anna")
    file = next(every.sessions.glob("*.json"))
    write_json(file, {**read_json(file), "space": forged})

    assert every.of_token(token) is None


def test_a_session_ends(every: Spaces, monkeypatch: pytest.MonkeyPatch):
    space, token = every.add("Anna")
    other = every.let_in(space)

    every.end(token)
    assert (every.of_token(token), every.of_token(other)) == (None, space)
    monkeypatch.setattr(spaces, "SESSION_SECONDS", 0.0)
    assert every.of_token(other) is None


def test_people_of_one_nickname_are_told_apart(every: Spaces):
    names = [every.add(typed)[0].person().name for typed in ("Anna", "anna", " Anna ", "Björn", "x" * 99, "x" * 99)]

    assert names == ["Anna", "anna 2", "Anna 3", "Björn", "x" * 30, f"{'x' * 25} 2"]
    assert [each.person().name for each in every.every()] == names


def test_weights_are_shared_and_activations_are_not(every: Spaces):
    (anna, _), (ben, _) = every.add("Anna"), every.add("Ben")

    assert anna.workspace.weights == ben.workspace.weights == every.root / "weights"
    assert anna.workspace.converted == ben.workspace.converted
    for name in ("cache", "own_converted", "projects_folder", "jobs_folder", "uploads", "trash"):
        assert getattr(anna.workspace, name).is_relative_to(anna.folder), name
    alone = Workspace.open(every.root / "alone")
    assert (alone.shared, alone.own_converted) == (alone.root, alone.converted)


def test_nobody_else_is_let_into_a_space_that_is_removed(every: Spaces):
    anna, token = every.add("Anna")
    ben, _token = every.add("Ben")

    every.remove([anna])
    assert every.of_token(token) is None
    assert every.every() == [ben]


@pytest.mark.parametrize("given", ["clasroom", "Mine", "servers"])
def test_an_unknown_way_to_run_is_refused(monkeypatch: pytest.MonkeyPatch, given: str):
    monkeypatch.setenv(mode.VARIABLE, given)

    with pytest.raises(InputError, match="Set it to one of: mine, classroom, server"):
        mode.current()


def test_folders_of_the_machine_are_read_only_for_one_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert paths.existing(str(tmp_path), relative=False) == tmp_path
    monkeypatch.setenv(mode.VARIABLE, "classroom")

    for read in (
        lambda: paths.existing(str(tmp_path), relative=False),
        lambda: text_catalogue.get(f"local:{tmp_path}"),
    ):
        with pytest.raises(InputError, match="Folders of this machine are not read here"):
            read()


def test_what_is_converted_from_a_model_from_outside_is_nobody_elses(every: Spaces):
    space, _token = every.add("Anna")
    project = space.workspace.create_project("Fruit")
    run = runs.create(project, Recipe(manifest=1, backbone="efficientnet-lite0", image_size=64, seed=0))

    def converted(**how: bool) -> Path:
        return activations.cache(run, "all", lambda: None, **how).converted

    assert converted() == every.root / "weights" / "converted"
    assert converted(of_model=True) == space.folder / "weights" / "converted"
    report = RunReport(
        counts=Counts(4, 2, 0),
        history=(),
        validation=Accuracy(accuracy=None, n=2, interval=(0.0, 1.0)),
        temperature=1.0,
        seconds={},
        best=Best("head", 1),
        stopped=False,
        parameters=Parameters(1, 1),
        weights="imagenet 0123456789abcdef",
    )
    write_record(run.folder / "report.json", report)
    assert converted() == space.folder / "weights" / "converted"
