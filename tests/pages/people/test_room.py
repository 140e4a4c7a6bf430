"""The teacher's page: who is there and what they have, gifts, and the end."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.people import room as shown
from pages._ui.shell import people
from tests.conftest import write_pictures
from tests.pages.conftest import Open, text
from tests.pages.people.conftest import Member
from tests.pages.people.test_door import SESSION
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.spaces import room as rooms
from tl_core.spaces.spaces import Space, Spaces


@pytest.fixture
def teacher(root: Path, monkeypatch: pytest.MonkeyPatch) -> Space:
    monkeypatch.setattr(shown, "COUNTED_EVERY", 1e-6)
    token = rooms.let_teacher_in(root, "Teacher")
    space = Spaces(root).of_token(token)
    space.workspace.prefer(ahead=False)
    people.admit(SESSION, token)
    return space


def table(app: AppTest) -> list[dict[str, str]]:
    return app.dataframe[0].value.to_dict("records")


def test_the_teacher_sees_numbers_and_gives_a_project(open_page: Open, anna: Member, teacher: Space, tmp_path: Path):
    project = teacher.workspace.create_project("**Fruit** <b>")
    importer.import_source(project, Source("folder", str(write_pictures(tmp_path / "in", {"apple": 4, "plum": 4}))))
    app = open_page("room.py")

    assert (table(app)[0]["Nickname"], table(app)[0]["Pictures"]) == ("Anna", "0")
    assert "http://127.0.0.1:8501/join" in [each.value for each in app.code], "where this server listens"
    assert app.header[0].value == rooms.load(anna.space.folder.parents[1]).spoken
    app = app.button(key="give-everyone").click().run()
    assert not app.exception
    assert anna.space.workspace.projects()[0].name == "**Fruit** <b>"
    assert "Everyone has: **Fruit** <b>" in text(app)
    assert table(app.run())[0]["Pictures"] == "8"


def test_a_person_is_removed_after_a_second_yes(open_page: Open, anna: Member, teacher: Space, root: Path):
    app = open_page("room.py", **{"room-remove": "true"})
    app.selectbox(key="removed").select(anna.space.id).run()
    assert app.button(key="remove-now").disabled
    app.checkbox(key=f"sure-{anna.space.id}").check().run()
    app.button(key="remove-now").click().run()

    assert not rooms.members(root)
    assert not anna.space.folder.exists()


def test_the_room_is_closed_after_a_yes_and_then_the_teacher_is_out(
    open_page: Open, anna: Member, teacher: Space, root: Path
):
    app = open_page("room.py")
    assert app.button(key="close-now").disabled
    app.checkbox(key="room-sure").check().run()
    app.button(key="close-now").click().run()

    assert people.NOBODY in text(app)
    assert not rooms.load(root).is_open
    assert anna.space.folder.exists()  # the first choice keeps everything


def test_a_projector_shows_the_way_in(open_page: Open, anna: Member, teacher: Space, root: Path):
    app = open_page("room.py", present="1")

    assert app.title[0].value == rooms.load(root).spoken
    assert "/join" in text(app)
    assert "Anna" in text(app)
