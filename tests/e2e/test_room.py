"""A room on the real server: every route, the websocket of the pages, and two people at their browsers."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.conftest import share_weights, write_pictures
from tests.e2e.conftest import LONG, ROOT, Server, drawn, serving
from tl_core import mode
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.spaces import room as rooms
from tl_core.spaces.spaces import Space, Spaces
from tl_core.workspace import Workspace

OPEN, OWN, TOKEN, PATH, CLOSED = "open", "own", "token", "path", "closed"
#: Each route of the app, and what keeps others away. One that is new has no place here until that is thought through.
#: ``open``: it says nothing of anybody. ``own``: it is of whose session it is. ``token``: a random token in its address
#: is of one space. ``path``: the door looks up whose its address is. ``closed``: it answers nobody.
ROUTES = {
    "/join": OPEN,
    "/join/leave": OPEN,
    "/join/warning": OPEN,
    "/teacher/{secret}": OPEN,
    "/_stcore/health": OPEN,
    "/api/page/{token}": OPEN,
    "/api/upload/{token}/begin": TOKEN,
    "/api/upload/{token}/files": TOKEN,
    "/api/upload/{token}/stream": TOKEN,
    "/api/upload/{token}/end": TOKEN,
    "/api/upload/{token}/cancel": TOKEN,
    "/api/live/{token}": TOKEN,
    "/api/boxes/{token}/{id}": TOKEN,
    "/api/boxes/{token}/{id}/picture": TOKEN,
    "/api/boxes/{token}/{id}/suggest": TOKEN,
    "/api/download/{job}": OWN,
    "/media/{file_id:path}": PATH,
    "/_stcore/upload_file/{session_id}/{file_id}": PATH,
    "/_stcore/stream": OWN,
    "/_stcore/host-config": OWN,
    "/component/{path:path}": OWN,
    "/_stcore/bidi-components/{path:path}": OWN,
    "": OWN,
    "/_stcore/metrics": CLOSED,
    "/_stcore/agent/interact": CLOSED,
    "/_stcore/agent/openapi.json": CLOSED,
    "/_stcore/agent/mcp": CLOSED,
    "/auth/login": CLOSED,
    "/auth/logout": CLOSED,
    "/oauth2callback": CLOSED,
}
COOKIE = "thaw-space"
LIST = """
import json, app
print(json.dumps(sorted({route.path for route in app.app._build_starlette_app().routes})))
"""


@dataclass
class Member:
    space: Space
    token: str

    @property
    def cookie(self) -> dict[str, str]:
        return {"cookie": f"{COOKIE}={self.token}"}


@dataclass
class Class:
    """A running room with two people, of whom one has a project."""

    server: Server
    anna: Member
    ben: Member


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    folder = tmp_path_factory.mktemp("school")
    root = share_weights(Workspace.open(folder / "workspace")).root
    code = rooms.begin(root).code
    anna, ben = (Member(*rooms.join(root, code, name)) for name in ("Anna", "Ben"))
    for each in (anna, ben):
        each.space.workspace.prefer(ahead=False)
    project = anna.space.workspace.create_project("Secret fruit")
    importer.import_source(project, Source("folder", str(write_pictures(folder / "in", {"apple": 4, "plum": 4}))))
    with serving(root, folder / "server.log", **{mode.VARIABLE: "classroom"}) as server:
        yield Class(server, anna, ben)


def test_every_route_of_the_app_is_listed_and_none_is_without_a_guard(tmp_path: Path):
    env = {**os.environ, mode.VARIABLE: "classroom", "TL_WORKSPACE": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", LIST], cwd=ROOT, env=env, capture_output=True, text=True, check=True)

    assert set(json.loads(done.stdout.splitlines()[-1])) == set(ROUTES)


def address(path: str) -> str:
    for name in ("token", "job", "secret", "file_id:path", "path:path", "session_id", "file_id", "id"):
        path = path.replace(f"{{{name}}}", "guessed")
    return path or "/"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_no_route_answers_who_has_no_session(school: Class, method: str):
    forged = ({}, {"cookie": f"{COOKIE}=x"}, {"cookie": f"{COOKIE}={school.anna.token.swapcase()}"})
    for path, guard in ROUTES.items():
        for headers in forged:
            status = requests.request(
                method, school.server.url + address(path), headers=headers, timeout=20
            ).status_code
            if guard != OPEN:
                assert status == (404 if guard == CLOSED else 403), (method, path, headers)


def test_routes_that_are_closed_answer_nobody(school: Class):
    for path in [path for path, guard in ROUTES.items() if guard in (CLOSED, PATH)]:
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = requests.request(method, school.server.url + address(path), headers=school.ben.cookie, timeout=20)
            assert answer.status_code in (403, 404), (method, path)


def opened(school: Class, member: Member | None, session: str = "") -> ClientConnection:
    headers = member.cookie if member else {}
    protocols = ["streamlit", "xsrf", *([session] if session else [])]
    url = school.server.url.replace("http", "ws") + "/_stcore/stream"
    return connect(
        url,
        additional_headers=headers,
        origin=school.server.url,
        subprotocols=protocols,
        max_size=None,
        open_timeout=60,
    )


def run(socket: ClientConnection, query: str = "", **page: str) -> tuple[str, str]:
    """Run the first page, or another one, and return the id of its session and all that was said."""
    asked = BackMsg()
    asked.rerun_script.query_string = query
    for name, value in page.items():
        setattr(asked.rerun_script, name, value)
    socket.send(asked.SerializeToString())
    session, said = "", []
    while True:
        message = ForwardMsg()
        message.ParseFromString(socket.recv(timeout=60))
        session = message.new_session.initialize.session_id or session
        said.append(str(message))
        if message.WhichOneof("type") == "script_finished":
            return session, "\n".join(said)


def test_the_websocket_opens_for_a_session_and_shows_its_space_alone(school: Class):
    for member in (None, Member(school.anna.space, "forged"), Member(school.anna.space, school.anna.token[::-1])):
        with pytest.raises(InvalidStatus) as refused, opened(school, member):
            pass
        assert refused.value.response.status_code == 403

    with opened(school, school.anna) as socket:
        annas, said = run(socket)
    assert "Secret fruit" in said
    with opened(school, school.ben) as socket:
        _bens, said = run(socket, "project=secret-fruit")
    assert "Secret fruit" not in said
    assert "Ben" in said
    with opened(school, school.ben, annas) as socket:
        taken, said = run(socket)
    assert taken != annas
    assert "Secret fruit" not in said
    with opened(school, school.anna, annas) as socket:
        back, said = run(socket)
    assert (back, "Secret fruit" in said) == (annas, True)

    upload = f"{school.server.url}/_stcore/upload_file/{annas}/1"
    answer = requests.put(upload, headers=school.ben.cookie, files={"file": b"x"}, timeout=20)
    assert answer.status_code == 403


def enter(school: Class, browser: Browser, member: Member, width: int, height: int) -> Page:
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(30_000)
    host = urlsplit(school.server.url).hostname
    context.add_cookies([{"name": COOKIE, "value": member.token, "domain": host, "path": "/", "httpOnly": True}])
    page = context.new_page()
    page.goto(school.server.url)
    drawn(page)
    return page


def test_pictures_on_a_page_are_given_to_its_person_alone(school: Class, browser: Browser):
    page = enter(school, browser, school.anna, 1280, 900)
    card = page.locator(".st-key-project-secret-fruit img")
    expect(card).to_be_visible()
    picture = card.get_attribute("src") or ""
    picture = picture if "://" in picture else school.server.url + picture

    assert "/media/" in picture
    for headers, status in ((school.anna.cookie, 200), (school.ben.cookie, 403), ({}, 403)):
        assert requests.get(picture, headers=headers, timeout=20).status_code == status
    page.context.close()


def test_a_file_that_is_made_when_its_button_is_pressed_is_given_to_who_pressed_it(school: Class, browser: Browser):
    page = enter(school, browser, school.anna, 1280, 900)
    page.goto(f"{school.server.url}/learn?learn=For+teachers&teach-few=true")
    drawn(page)
    with page.expect_download(timeout=LONG) as given:
        page.get_by_role("button", name="Sheet to print").first.click()
    assert b"<h1>" in given.value.path().read_bytes()
    for headers, status in ((school.anna.cookie, 200), (school.ben.cookie, 403), ({}, 403)):
        assert requests.get(given.value.url, headers=headers, timeout=20).status_code == status
    page.context.close()


@pytest.mark.slow
def test_a_teacher_and_two_people_at_their_browsers(school: Class, browser: Browser):
    root, url = school.server.workspace, school.server.url
    teacher = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    teacher.goto(f"{url}/teacher/{rooms.teachers_link(root)}")
    drawn(teacher)
    assert teacher.url == f"{url}/room"
    phone = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    phone.goto(f"{url}/join?code={rooms.load(root).code}")
    phone.get_by_label("Nickname").fill("Anna")
    phone.get_by_role("button", name="Join").click()
    drawn(phone)
    expect(phone.get_by_text("Anna 2")).to_be_visible()
    expect(phone.get_by_text("Secret fruit")).to_have_count(0)
    phone.get_by_role("button", name="Messages to a shop").click()
    phone.wait_for_url("**/images?**", timeout=LONG)

    teacher.goto(url)
    drawn(teacher)
    teacher.get_by_role("button", name="Messages to a shop").click()
    teacher.wait_for_url("**/images?**", timeout=LONG)
    drawn(teacher)
    expect(teacher.get_by_text("60", exact=True).first).to_be_visible(timeout=LONG)
    teacher.get_by_role("link", name="Room").click()
    drawn(teacher)
    teacher.get_by_role("button", name="Give everyone this project").click()
    expect(teacher.get_by_text("Everyone has:")).to_be_visible()
    ben = enter(school, browser, school.ben, 1440, 900)
    assert len(school.ben.space.workspace.projects()) == 1
    expect(ben.get_by_text("60 texts").first).to_be_visible()

    teacher.get_by_text("Delete everything, for good").click()
    teacher.get_by_text("Yes, close the room").click()
    teacher.get_by_role("button", name="Close the room").click()
    expect(teacher.get_by_text("This page is for people in the room")).to_be_visible()
    ben.get_by_role("link", name="Learn").click()
    expect(ben.get_by_text("This page is for people in the room")).to_be_visible()
    assert not Spaces(root).every()
    for page in (teacher, phone, ben):
        page.context.close()
