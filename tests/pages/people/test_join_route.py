"""The way in, as a browser asks for it and as it must not be asked for."""

import re
from pathlib import Path

import pytest

from pages._ui.people import join_route
from pages._ui.shell import people
from tests.pages.conftest import Client
from tests.pages.people.conftest import Member
from tl_core.spaces import guesses
from tl_core.spaces import room as rooms
from tl_core.spaces.spaces import Spaces

NOWHERE = {"allow_redirects": False}


def join(client: Client, code: str, name: str = "Anna", **headers: str):
    return client.post("/join", data={"code": code, "name": name}, headers=headers, **NOWHERE)


def test_a_code_and_a_nickname_give_a_session_that_no_script_reads(stranger: Client, root: Path):
    answer = join(stranger, rooms.load(root).code)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert re.match(rf"{people.COOKIE}=[\w-]{{43}};", cookie)
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
    assert "Secure" not in cookie  # this server speaks http
    again = join(stranger, rooms.load(root).code, "Other")
    assert again.status_code == 303
    assert len(rooms.members(root)) == 1
    assert "You are in as Anna." in stranger.get("/join").text


def test_with_https_the_cookie_is_secure(stranger: Client, root: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(people, "is_secure", lambda: True)
    cookie = join(stranger, rooms.load(root).code).headers["set-cookie"]

    assert cookie.startswith("__Host-thaw-space=")
    assert "Secure" in cookie.split("; ")
    assert "Domain" not in cookie


def test_what_people_type_is_shown_as_text(stranger: Client, root: Path):
    nasty = '"><script>alert(1)</script>'
    refused = join(stranger, nasty, nasty)

    assert refused.status_code == 403
    assert "<script>" not in refused.text
    assert "default-src 'none'" in refused.headers["content-security-policy"]
    assert "<script>" not in stranger.get("/join", params={"code": nasty}).text
    join(stranger, rooms.load(root).code, nasty)
    assert "<script>" not in stranger.get("/join").text


def test_who_guesses_codes_has_to_wait(stranger: Client, root: Path):
    for _try in range(guesses.MOST):
        assert join(stranger, "AAAAAA").status_code == 403
    waits = join(stranger, rooms.load(root).code)

    assert waits.status_code == 429
    assert "Try again in about 10 min." in waits.text
    assert not rooms.members(root)


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]
)
def test_another_site_cannot_let_a_browser_join(stranger: Client, root: Path, headers: dict[str, str]):
    assert join(stranger, rooms.load(root).code, **headers).status_code == 403
    assert not rooms.members(root)


def test_what_does_not_fit_is_said(stranger: Client, root: Path):
    code = rooms.load(root).code

    assert "at least one letter" in join(stranger, code, "...").text
    assert stranger.post("/join", data=b"x" * 10_000, **NOWHERE).status_code in (403, 413)
    rooms.begin(root, most=0)
    assert "The room is full" in join(stranger, code).text
    rooms.close(root, keep=True)
    assert "The room is closed" in join(stranger, code).text


def test_who_leaves_is_out_on_this_device(anna: Member, root: Path):
    left = anna.client.post("/join/leave", **NOWHERE)

    assert left.status_code == 303
    assert Spaces(root).of_token(anna.token) is None
    assert anna.space.folder.is_dir()


def test_the_teachers_link_makes_a_teacher_and_no_other_link_does(stranger: Client, anna: Member, root: Path):
    secret = rooms.teachers_link(root)
    for wrong in (secret[:-1], secret.swapcase(), "..", "x"):
        answer = stranger.get(f"/teacher/{wrong}")
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    opened = stranger.get(f"/teacher/{secret}")

    assert 'url=/room"' in opened.text
    space = Spaces(root).of_token(opened.cookies[people.COOKIE])
    assert space.is_teachers
    assert not anna.space.is_teachers
    assert anna.client.get(f"/teacher/{secret}").cookies[people.COOKIE] != anna.token
    assert [each.is_teachers for each in Spaces(root).every()].count(True) == 1


def test_the_warning_is_explained_in_the_language_of_who_reads(stranger: Client):
    assert "nobody checks a computer in a classroom" in stranger.get("/join/warning").text
    assert join_route.NO_LINK
