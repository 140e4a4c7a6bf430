"""The room: who is let in, what everyone gets, and what is left after it."""

from pathlib import Path

import pytest

from tests.conftest import write_pictures
from tl_core.cli import parser
from tl_core.dataset import edits, manifest
from tl_core.errors import DamagedError, InputError, NotFoundError
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.spaces import certificate, guesses, numbers, removal, room
from tl_core.spaces.guesses import Guesses
from tl_core.spaces.spaces import Spaces
from tl_core.workspace import Project


@pytest.fixture
def root(tmp_path: Path) -> Path:
    room.begin(tmp_path, most=2)
    return tmp_path


def code(root: Path) -> str:
    return room.load(root).code


def teachers_project(root: Path) -> Project:
    token = room.let_teacher_in(root, "Teacher")
    project = Spaces(root).of_token(token).workspace.create_project("Fruit")
    importer.import_source(project, Source("folder", str(write_pictures(root / "in", {"apple": 4, "plum": 4}))))
    (project.runs / "20260101-120000").mkdir(parents=True)
    return project


def test_the_code_lets_in_until_the_room_is_full(root: Path):
    for typed in (code(root), f" {code(root)[:3]}-{code(root)[3:].lower()} "):
        room.join(root, typed, "Anna")

    with pytest.raises(InputError, match="The room is full: it has 2 places"):
        room.join(root, code(root), "Ben")
    assert [each.person().name for each in room.members(root)] == ["Anna", "Anna 2"]


@pytest.mark.parametrize("wrong", ["", "AAAAAA", "ABC", "x" * 1000, "\0"])
def test_another_code_lets_nobody_in(root: Path, wrong: str):
    with pytest.raises(NotFoundError, match="not the code"):
        room.join(root, wrong, "Anna")
    with pytest.raises(InputError, match="nickname"):
        room.join(root, code(root), " . ")
    assert not room.members(root)


def test_a_room_is_the_same_after_a_restart_and_another_after_its_end(root: Path):
    first = code(root)
    assert room.begin(root).code == first
    room.close(root, keep=True)

    assert room.begin(root).code != first


def test_only_the_newest_link_is_the_teachers(root: Path):
    first, second = room.teachers_link(root), room.teachers_link(root)

    assert (room.is_teachers(root, first), room.is_teachers(root, second)) == (False, True)
    assert room.is_teachers(root, "") is False
    assert second not in (root / room.FILE).read_text()


def test_everyone_gets_the_pictures_also_who_joins_later_and_may_change_them(root: Path):
    project = teachers_project(root)
    anna, _token = room.join(root, code(root), "Anna")
    assert room.give_everyone(root, project) == 1
    assert room.give_everyone(root, project) == 0
    ben, _token = room.join(root, code(root), "Ben")

    for each in (anna, ben):
        (given,) = each.workspace.projects()
        assert given.workspace == each.workspace
        assert manifest.load(given).table.equals(manifest.load(project).table)
        assert not given.runs.exists()
    edits.rename_class(anna.workspace.projects()[0], "apple", "pear")
    edits.remove(anna.workspace.projects()[0], list(manifest.load(project).table["id"])[:2])
    assert (project.held(), ben.workspace.projects()[0].held()) == (8, 8)
    assert manifest.load(ben.workspace.projects()[0]).classes == ["apple", "plum"]
    assert (numbers.of(ben.workspace).pictures, numbers.of(ben.workspace).runs) == (8, 0)


@pytest.mark.parametrize("keep", [True, False])
def test_a_closed_room_lets_nobody_in_and_keeps_or_deletes_everything(root: Path, keep: bool):
    teachers_project(root)
    anna, token = room.join(root, code(root), "Anna")
    weights = anna.workspace.weights
    weights.mkdir()
    old = code(root)

    room.close(root, keep=keep)
    assert Spaces(root).of_token(token) is None
    assert anna.folder.exists() is keep
    assert weights.exists()
    with pytest.raises(NotFoundError, match="closed"):
        room.join(root, old, "Ben")
    with pytest.raises(NotFoundError, match="closed"):
        room.teachers_link(root)


def test_a_person_is_removed_and_the_place_is_free(root: Path):
    (anna, token), (_ben, _bens) = (room.join(root, code(root), name) for name in ("Anna", "Ben"))
    second = Spaces(root).let_in(anna)
    removal.remove(Spaces(root), anna)

    assert (Spaces(root).of_token(token), Spaces(root).of_token(second)) == (None, None)
    assert not anna.folder.exists()
    room.join(root, code(root), "Cem")
    assert [each.person().name for each in room.members(root)] == ["Ben", "Cem"]


def test_a_new_room_has_none_of_the_people_of_the_one_before(root: Path):
    room.join(root, code(root), "Anna")
    room.close(root, keep=True)
    room.begin(root, most=1)

    room.join(root, code(root), "Ben")
    assert [each.person().name for each in room.members(root)] == ["Ben"]
    assert len(Spaces(root).every()) == 2
    room.close(root, keep=False)
    left = Spaces(root).folder / ("0" * 32) / "jobs" / "x"
    left.mkdir(parents=True)  # a job has still written
    room.begin(root)
    assert not Spaces(root).folder.exists()


def test_who_guesses_waits_and_nobody_else_does(monkeypatch: pytest.MonkeyPatch):
    now = [1000.0]
    monkeypatch.setattr(guesses.time, "monotonic", lambda: now[0])
    one = Guesses()
    for _try in range(guesses.MOST):
        assert one.wait("2001:db8::1") == 0
        one.wrong("2001:db8::1")

    assert one.wait("2001:db8::ffff") == guesses.SECONDS
    assert one.wait("2001:db8:0:1::1") == one.wait("192.168.1.7") == 0
    now[0] += guesses.SECONDS
    assert one.wait("2001:db8::1") == 0


def test_a_certificate_is_made_once_for_all_names_of_the_machine(tmp_path: Path):
    made = certificate.ensure(tmp_path, ["localhost", "192.168.1.5", "fd00::5"])
    first = made.fingerprint

    assert len(first) == 95
    assert certificate.ensure(tmp_path, ["192.168.1.5"]).fingerprint == first
    assert certificate.ensure(tmp_path, ["192.168.1.6"]).fingerprint != first
    assert made.key.stat().st_mode & 0o077 == 0
    assert "PRIVATE KEY" not in made.file.read_text()
    assert certificate.of(tmp_path / "none").fingerprint == ""


def test_a_damaged_person_is_named_and_a_damaged_room_is_not_replaced(root: Path, capfd: pytest.CaptureFixture[str]):
    anna, ben = (room.join(root, code(root), name)[0] for name in ("Anna", "Ben"))
    (ben.folder / "person.json").write_text("{")
    parser.main(["people", "--workspace", str(root)])
    said = capfd.readouterr().out
    assert "Anna: 0 pictures or texts" in said
    assert f"{ben.id}/person.json is cut off" in said
    assert [each.id for each in Spaces(root).every()] == [anna.id]

    (root / room.FILE).write_text("{")
    with pytest.raises(DamagedError, match=r"room.json is cut off .* Restore the file, or delete it"):
        room.begin(root)
    assert (root / room.FILE).read_text() == "{"
