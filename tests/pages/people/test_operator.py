"""The page of those who look after a team's server, for them and for everybody else."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.people import everyone
from pages._ui.shell import people, sign_in
from tests.pages.conftest import Open, text
from tests.pages.people.test_door import SESSION
from tl_core import jobs, mode
from tl_core.spaces.sign_in import SignIn, enter
from tl_core.spaces.spaces import Space, Spaces
from tl_core.workspace import Workspace

SETTINGS = SignIn(address="http://127.0.0.1:8501", providers=("default",), operators=frozenset({"anna@example.org"}))
ISSUER = "https://id.example.org"
ANNA = {"iss": ISSUER, "sub": "anna", "name": "Anna", "email": "Anna@example.org", "email_verified": True}
BEN = {"iss": ISSUER, "sub": "ben", "name": "Ben", "email": "ben@example.org", "email_verified": True}


@dataclass
class Team:
    root: Path
    settings: SignIn

    def enter(self, claims: dict[str, Any]) -> Space:
        """Sign a person in, who then asks for pages."""
        space, token = enter(self.root, claims, self.settings)
        space.workspace.prefer(ahead=False)
        people._tokens[SESSION] = token
        return space


@pytest.fixture
def team(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Team:
    made = Team(workspace.root, SETTINGS)
    monkeypatch.setenv(mode.VARIABLE, "server")
    monkeypatch.setattr(people, "_tokens", type(people._tokens)())
    monkeypatch.setattr(sign_in, "settings", lambda: made.settings)
    monkeypatch.setattr(everyone, "_counted", everyone._counted.__wrapped__)
    return made


def links(app: AppTest) -> set[str]:
    return {each.proto.label for each in app.get("page_link")}


def test_who_is_named_sees_who_is_there_and_removes_one_after_a_yes(open_page: Open, team: Team):
    ben = team.enter(BEN)
    waits = jobs.create_in(ben.workspace, "import", project="x")
    (ben.folder / "large.bin").write_bytes(bytes(3_000_000))
    anna = team.enter(ANNA)
    app = open_page("people.py", **{"people-remove": "true"})

    assert "**People**" in links(app)
    rows = {each["Name"]: each for each in app.dataframe[0].value.to_dict("records")}
    assert rows["Ben"]["Id"] == ben.id
    assert (rows["Ben"]["Waiting"], rows["Ben"]["Disk"], rows["Ben"]["Last seen"]) == ("1", "3.0 MB", "just now")
    assert rows["Anna"]["Last seen"] == "here"
    assert "removed" in {each.key for each in app.selectbox}
    assert anna.id not in app.selectbox(key="removed").options
    app.selectbox(key="removed").select(ben.id).run()
    assert "3.0 MB; work is stopped first (1 job). This cannot be undone." in text(app)
    assert app.button(key="remove-now").disabled
    app.checkbox(key=f"sure-{ben.id}").check().run()
    app.button(key="remove-now").click().run()

    assert not app.exception
    assert not ben.folder.exists()
    assert Spaces(team.root).every() == [anna]
    assert not waits.folder.exists()


@pytest.mark.parametrize(
    "claims",
    [
        BEN,
        {**BEN, "email": "anna@example.org", "email_verified": False},
        {**BEN, "email": "anna@example.org", "email_verified": "true"},
        {**BEN, "name": "anna@example.org", "preferred_username": "anna@example.org"},
        {**BEN, "email": "anna@example.org.example.net"},
        {**BEN, "email": ["anna@example.org"]},
    ],
    ids=["another address", "not verified", "verified in words", "by name", "longer", "a list"],
)
def test_nobody_else_learns_that_there_is_such_a_page(open_page: Open, team: Team, claims: dict[str, Any]):
    anna = team.enter(ANNA)
    ben = team.enter(claims)
    app = open_page("people.py", **{"people-remove": "true", "space": anna.id, "removed": anna.id})

    assert not app.exception
    assert not {"People", "**People**"} & links(app)
    assert "Anna" not in text(app)
    assert not app.dataframe
    assert {each.key for each in app.get("selectbox")}.isdisjoint({"removed"})
    assert people.presence(ben)


def test_who_is_named_no_more_or_signed_out_is_refused_at_once(open_page: Open, team: Team):
    team.enter(ANNA)
    app = open_page("people.py")
    assert "**People**" in links(app)
    team.settings = replace(SETTINGS, operators=frozenset())
    assert not {"People", "**People**"} & links(app.run())
    team.settings = SETTINGS
    Spaces(team.root).end_all()
    app.run()
    assert not app.dataframe
    assert people.ENDED in text(app)


def test_a_session_of_before_the_settings_named_its_person_does_not_count(open_page: Open, team: Team):
    team.settings = replace(SETTINGS, operators=frozenset())
    space = team.enter(ANNA)
    team.settings = SETTINGS
    assert "People" not in links(open_page("home.py")), "the address was not kept"
    team.settings = replace(SETTINGS, operators=frozenset({space.id}))
    assert "People" in links(open_page("home.py"))
    assert "anna@" not in "".join(each.read_text() for each in team.root.rglob("*.json")).lower()


def test_nobody_is_named_by_default_nor_in_a_room(
    open_page: Open, team: Team, monkeypatch: pytest.MonkeyPatch, workspace: Workspace
):
    assert SignIn(address="", providers=()).operators == frozenset()
    team.enter(ANNA)
    monkeypatch.delenv(mode.VARIABLE)

    assert not people.is_operator()


def test_a_person_is_signed_out_and_keeps_everything(open_page: Open, team: Team):
    ben, token = enter(team.root, BEN, SETTINGS)
    anna = team.enter(ANNA)
    app = open_page("people.py", **{"people-out": "true"})
    assert app.button(key="end-now").disabled
    app.selectbox(key="ended").select(ben.id).run()
    app.button(key="end-now").click().run()

    assert "Signed out." in text(app)
    assert Spaces(team.root).of_token(token) is None
    assert set(Spaces(team.root).every()) == {anna, ben}
    assert "**People**" in links(app.run()), "who asks stays in"
