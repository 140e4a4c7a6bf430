"""A team's server behind a real provider of OpenID Connect: every route, two people at their browsers, and bad days."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect
from streamlit.util import calc_hash
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from tests.conftest import share_weights, write_pictures
from tests.e2e import test_room
from tests.e2e.conftest import ROOT, Server, drawn
from tests.e2e.provider import SECRET, Provider, providing, signing_in, write_settings
from tests.e2e.test_room import CLOSED, COOKIE, LIST, OPEN, PATH, Class, Member, address
from tl_core import mode
from tl_core.files import read_json, write_json
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.spaces.sign_in import space_id
from tl_core.spaces.spaces import Space, Spaces
from tl_core.workspace import Workspace

JOINING = ("/join", "/join/leave", "/join/warning", "/teacher/{secret}")
WAY_IN = ("/sign-in", "/sign-in/go", "/auth/login", "/auth/logout", "/oauth2callback", "/health")
#: Those of a room without its way in, and with the way in by a sign-in.
ROUTES = {each: guard for each, guard in test_room.ROUTES.items() if each not in JOINING} | dict.fromkeys(WAY_IN, OPEN)
#: People at the provider. Two of one name are two people, and none of them is another by the address of e-mail.
PEOPLE = [
    {"sub": "anna", "name": "Anna Secret", "email": "anna@example.org", "email_verified": True},
    {"sub": "ben", "name": "Ben", "email": "anna@example.org"},
]

#: Anna looks after the people. Ben says that he has her address, which the provider has not verified.
SETTINGS = {"TL_PROXIES": "127.0.0.2", "TL_OPERATORS": "anna@example.org"}


@dataclass
class Team:
    server: Server
    provider: Provider
    folder: Path

    def space(self, subject: str) -> Space:
        return Space(Spaces(self.server.workspace).folder / space_id(self.provider.issuer, subject))

    def member(self, subject: str) -> Member:
        """Return a person with a session of the same server, without a browser."""
        return Member(self.space(subject), session_of(self, subject))


def session_of(team: Team, subject: str) -> str:
    """Go the whole way through the provider as a browser does, and return the token of the session."""
    with requests.Session() as browser:
        asked = browser.get(f"{team.server.url}/sign-in/go", timeout=30)
        browser.post(asked.url, data={"sub": subject}, timeout=30)
        return next(each.value for each in browser.cookies if each.name == COOKIE)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("team")
    with (
        providing(PEOPLE, folder / "provider.log") as provider,
        signing_in(folder / "workspace", provider.issuer, folder, **SETTINGS) as server,
    ):
        made = Team(server, provider, folder)
        for subject in ("anna", "ben"):
            session_of(made, subject)
            made.space(subject).workspace.prefer(ahead=False)
        project = made.space("anna").workspace.create_project("Secret fruit")
        importer.import_source(project, Source("folder", str(write_pictures(folder / "in", {"apple": 4, "plum": 4}))))
        yield made


def as_class(team: Team) -> Class:
    return Class(team.server, team.member("anna"), team.member("ben"))


def test_every_route_of_the_app_is_listed_and_none_is_without_a_guard(tmp_path: Path):
    file = write_settings(tmp_path / "secrets.toml", 8501, "http://localhost:1")
    code = f"from streamlit import config\nconfig.set_option('secrets.files', [{str(file)!r}])\n{LIST}"
    env = {**os.environ, mode.VARIABLE: "server", "TL_WORKSPACE": str(tmp_path), "FORWARDED_ALLOW_IPS": ""}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True)

    assert set(json.loads(done.stdout.splitlines()[-1])) == set(ROUTES)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_no_route_answers_who_has_no_session(team: Team, method: str):
    token = session_of(team, "anna")
    claims = json.dumps({"iss": team.provider.issuer, "sub": "anna", "is_logged_in": True})
    signed = {secret: create_signed_value(secret, "_streamlit_user", claims).decode() for secret in (SECRET, "another")}
    forged = [
        "",
        f"{COOKIE}=x",
        f"{COOKIE}={token.swapcase()}",
        *(f"_streamlit_user={each}" for each in signed.values()),
    ]
    for path, guard in ROUTES.items():
        for cookie in forged if guard != OPEN else ():
            headers = {"cookie": cookie} if cookie else {}
            answer = requests.request(method, team.server.url + address(path), headers=headers, timeout=20)
            expected = 426 if path == "/_stcore/stream" else 403
            assert answer.status_code == (404 if guard == CLOSED else expected), (method, path, cookie)


def test_routes_that_are_closed_or_of_somebody_else_answer_nobody(team: Team):
    bens = team.member("ben").cookie
    for path in [path for path, guard in ROUTES.items() if guard in (CLOSED, PATH)]:
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = requests.request(method, team.server.url + address(path), headers=bens, timeout=20)
            assert answer.status_code in (403, 404), (method, path)
    assert (
        requests.get(f"{team.server.url}/join", headers=bens, timeout=20).text
        == requests.get(f"{team.server.url}/", headers=bens, timeout=20).text
    )  # no page of ours: the frame of the app


def test_the_websocket_opens_for_a_session_and_shows_its_space_alone(team: Team):
    test_room.test_the_websocket_opens_for_a_session_and_shows_its_space_alone(as_class(team))


def test_who_comes_under_another_name_or_by_another_door_gets_a_sentence(team: Team):
    url, netloc = team.server.url, team.server.url.removeprefix("http://")
    headers = team.member("anna").cookie
    other = requests.get(url, headers={**headers, "host": "thaw.example.net"}, timeout=20)
    assert (other.status_code, f"Open {url}" in other.text, "proxy_set_header Host" in other.text) == (400, True, True)
    # What a proxy would say counts from nobody else: neither a name nor an address.
    for said in ({"x-forwarded-host": "thaw.example.net"}, {"x-forwarded-for": "127.0.0.2"}, {"forwarded": "host=x"}):
        assert requests.get(url, headers={**headers, **said}, timeout=20).status_code == 200
    host = {"host": "thaw.example.net", "x-forwarded-host": netloc}
    for said in (host, {**host, "x-forwarded-for": "127.0.0.2"}):
        assert requests.get(url, headers={**headers, **said}, timeout=20).status_code == 400
    assert requests.get(f"{url}/health", headers={"host": "10.0.0.5"}, timeout=20).json()["disk"] == "ok"
    stream = requests.get(f"{url}/_stcore/stream", headers=headers, timeout=20)
    assert (stream.status_code, "Upgrade" in stream.text) == (426, True)


def test_an_account_is_a_person_by_issuer_and_subject_alone(team: Team):
    anna, ben = team.space("anna"), team.space("ben")

    assert anna.id != ben.id
    assert (anna.person().name, ben.person().name) == ("Anna Secret", "Ben")
    assert {each.id for each in Spaces(team.server.workspace).every()} == {anna.id, ben.id}


def test_a_session_ends_by_itself_and_by_signing_out(team: Team):
    cookie, other = team.member("anna").cookie, team.member("anna").cookie
    sessions = Spaces(team.server.workspace).sessions

    def reached(shown: dict[str, str]) -> int:
        return requests.get(f"{team.server.url}/_stcore/host-config", headers=shown, timeout=20).status_code

    assert (reached(cookie), reached(other)) == (200, 200)
    cross = {**cookie, "sec-fetch-site": "cross-site"}
    requests.get(f"{team.server.url}/auth/logout", headers=cross, allow_redirects=False, timeout=20)
    assert reached(cookie) == 200
    left = requests.get(f"{team.server.url}/auth/logout", headers=cookie, allow_redirects=False, timeout=20)
    assert left.headers["location"] == "/sign-in?why=out"
    assert (reached(cookie), reached(other)) == (403, 200)
    for file in sessions.glob("*.json"):
        write_json(file, {**read_json(file), "began": read_json(file)["began"] - 12 * 3600 - 61})
    assert reached(other) == 403
    html = {**other, "accept": "text/html"}
    led = requests.get(team.server.url, headers=html, allow_redirects=False, timeout=20)
    assert led.headers["location"] == "/sign-in?why=ended"


def test_a_way_back_that_was_not_asked_for_lets_nobody_in(team: Team):
    for query, why in (
        ("code=x&state=y", "again"),
        ("error=access_denied&state=y", "refused"),
        ("error=x", "settings"),
        ("", "out"),
    ):
        back = requests.get(f"{team.server.url}/oauth2callback?{query}", allow_redirects=False, timeout=20)
        assert (back.status_code, back.headers["location"]) == (303, f"/sign-in?why={why}")
        assert COOKIE not in back.cookies
    for path in ("/auth/login", "/auth/login?provider=x", "/sign-in/go?by=x"):
        led = requests.get(team.server.url + path, allow_redirects=False, timeout=20)
        assert led.headers["location"] == "/sign-in?why=again"


def test_behind_a_proxy_with_https_every_cookie_is_for_https_alone(team: Team, tmp_path: Path):
    address = "https://thaw.example.org"
    proxy = {"host": "thaw.example.org", "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"}
    issuer = team.provider.issuer
    with signing_in(tmp_path / "ws", issuer, tmp_path, address=address, TL_PROXIES="127.0.0.1") as server:

        def ask(path: str, **headers: str) -> requests.Response:
            headers = {**proxy, **headers}
            return requests.get(server.url + path, headers=headers, allow_redirects=False, timeout=20)

        led = ask(ask("/sign-in/go").headers["location"])
        back = requests.post(led.headers["location"], data={"sub": "anna"}, allow_redirects=False, timeout=20)
        assert back.headers["location"].startswith(f"{address}/oauth2callback?")
        state = {"cookie": led.headers["set-cookie"].partition(";")[0]}
        given = ask(back.headers["location"].removeprefix(address), **state)
        cookies = given.raw.headers.getlist("set-cookie")
        assert (given.status_code, len(cookies) >= 3) == (302, True)
        for each in (*cookies, led.headers["set-cookie"]):
            assert {"secure", "httponly"} <= set(each.lower().split("; ")), each
        token = next(each for each in cookies if each.startswith("__Host-thaw-space=")).partition(";")[0]
        assert ask("/_stcore/host-config", cookie=token).status_code == 200
        assert ask("/_stcore/host-config", cookie=token.removeprefix("__Host-")).status_code == 403
        assert "X-Forwarded-Proto" in ask("/", **{"x-forwarded-proto": ""}).text
        assert "by https alone" in ask("/", **{"x-forwarded-proto": "http"}).text


def test_the_log_names_nobody(team: Team):
    log = team.server.log.read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]

    events = {each["event"] for each in lines}
    assert {"start", "sign-in", "sign-out", "refused"} <= events
    assert {each.get("space") for each in lines if each["event"] == "sign-in" and each["state"] == "in"} == {
        team.space(each).id for each in ("anna", "ben")
    }
    for word in ("anna", "Anna", "example.org", "fruit", SECRET, "eyJ"):
        assert word not in log, word


def test_the_page_of_people_is_there_for_whom_the_settings_name_and_for_nobody_else(team: Team):
    school, url = as_class(team), team.server.url
    with test_room.opened(school, school.anna) as socket:
        said = test_room.run(socket, page_name="people")[1]
    assert team.space("ben").id in said
    by_hash = [calc_hash(each) for each in ("people", "nowhere")]
    pages = [{"page_name": "people"}, {"page_name": "nowhere"}, *({"page_script_hash": each} for each in by_hash)]
    told = []
    for page in pages:
        with test_room.opened(school, school.ben) as socket:
            told.append(test_room.run(socket, f"space={team.space('anna').id}&people-remove=true", **page)[1])
    for name, nowhere in ((told[0], told[1]), (told[2], told[3])):
        assert "manage_accounts" not in name
        assert "Anna" not in name
        assert re.findall("page_not_found", name) == re.findall("page_not_found", nowhere)
        assert len(name.splitlines()) == len(nowhere.splitlines())
    answers = [requests.get(f"{url}/{each}", headers=school.ben.cookie, timeout=20) for each in ("people", "nowhere")]
    assert (answers[0].status_code, answers[0].text) == (answers[1].status_code, answers[1].text)
    assert requests.get(f"{url}/people", timeout=20).status_code == 403


def person(browser: Browser, width: int = 1280, height: int = 900) -> BrowserContext:
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(30_000)
    return context


def sign_in(team: Team, context: BrowserContext, subject: str) -> Page:
    page = context.new_page()
    page.goto(team.server.url)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name=subject, exact=True).click()
    page.wait_for_url(f"{team.server.url}/")
    drawn(page)
    return page


@pytest.mark.slow
def test_health_says_that_a_worker_is_down_until_another_is_there(team: Team, browser: Browser):
    def workers() -> tuple[int, str]:
        answer = requests.get(f"{team.server.url}/health", timeout=20)
        return answer.status_code, answer.json()["workers"]

    def seen(wanted: tuple[int, str], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while (found := workers() == wanted) is False and time.monotonic() < end:
            time.sleep(0.05)
        return found

    context = person(browser)
    sign_in(team, context, "anna")  # the first page starts the workers
    assert seen((200, "up"), 90)
    below = psutil.Process(team.server.process.pid).children(recursive=True)
    next(each for each in below if "spawn_main" in " ".join(each.cmdline())).kill()
    assert seen((503, "down"), 20)
    assert seen((200, "up"), 60)
    context.close()


@pytest.mark.slow
def test_two_people_sign_in_and_each_has_a_space_of_their_own(team: Team, browser: Browser):
    one, two = person(browser, 1440), person(browser, 390, 844)
    anna, ben = sign_in(team, one, "anna"), sign_in(team, two, "ben")
    expect(anna.get_by_text("Secret fruit").first).to_be_visible()
    expect(anna.get_by_text("stay on this server")).to_be_visible()
    expect(ben.get_by_role("button", name="Ben")).to_be_visible()
    expect(ben.get_by_text("Secret fruit")).to_have_count(0)
    ben.goto(f"{team.server.url}/images?project=secret-fruit")
    drawn(ben)
    expect(ben.get_by_text("Secret fruit")).to_have_count(0)

    picture = anna.locator(".st-key-project-secret-fruit img").get_attribute("src") or ""
    assert "/media/" in picture
    for context, status in ((one, 200), (two, 403)):
        assert context.request.get(picture if "://" in picture else team.server.url + picture).status == status

    cookie = next(each for each in one.cookies() if each["name"] == COOKIE)
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    ben.get_by_role("button", name="Ben").click()
    ben.get_by_role("button", name="Sign out").click()
    ben.wait_for_url(f"{team.provider.issuer}/**")
    ben.goto(team.server.url)
    expect(ben.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not {each["name"] for each in two.cookies(team.server.url)} & {COOKIE, "_streamlit_user"}
    ben.go_back()
    ben.goto(f"{team.server.url}/images")
    expect(ben.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(anna.get_by_text("Secret fruit").first).to_be_visible()
    for context in (one, two):
        context.close()


@pytest.mark.slow
def test_who_looks_after_people_removes_one_who_then_begins_with_an_empty_space(team: Team, browser: Browser):
    one, two = person(browser, 1440), person(browser, 390, 844)
    anna, ben = sign_in(team, one, "anna"), sign_in(team, two, "ben")
    team.space("ben").workspace.create_project("Of Ben")
    expect(ben.get_by_role("link", name="People")).to_have_count(0)
    anna.get_by_role("link", name="People").click()
    expect(anna.get_by_role("heading", name="People")).to_be_visible()
    drawn(anna)
    anna.get_by_text("Remove a person").click()
    anna.get_by_role("combobox", name="Person").click()
    anna.get_by_role("option", name="Ben").click()
    expect(anna.get_by_text("This cannot be undone.")).to_be_visible()
    anna.get_by_text("Yes, delete it").click()
    anna.get_by_role("button", name="Remove", exact=True).click()
    expect(anna.get_by_text("Removed. That freed")).to_be_visible()
    assert not team.space("ben").folder.exists()
    ben.get_by_role("link", name="Learn").click()
    expect(ben.get_by_text("Your session has ended")).to_be_visible()
    sign_in(team, two, "ben")
    assert team.space("ben").workspace.projects() == []
    team.space("ben").workspace.prefer(ahead=False)
    for context in (one, two):
        context.close()


@pytest.mark.slow
def test_a_page_says_that_its_session_has_ended(team: Team, browser: Browser):
    context = person(browser)
    page = sign_in(team, context, "anna")
    Spaces(team.server.workspace).end_of(team.space("anna"))
    page.get_by_role("link", name="Learn").click()
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{team.server.url}/learn")
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended")
    for value in ("forged", "x" * 43):
        context.add_cookies([{"name": COOKIE, "value": value, "domain": "127.0.0.1", "path": "/"}])
        page.goto(team.server.url)
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


@pytest.mark.slow
def test_a_provider_that_is_down_keeps_out_who_is_out_and_not_who_is_in(browser: Browser, tmp_path: Path):
    root = share_weights(Workspace.open(tmp_path / "workspace")).root
    log = tmp_path / "provider.log"
    with providing(PEOPLE, log) as provider:
        port = provider.port
        with signing_in(root, provider.issuer, tmp_path, TL_DOMAINS="example.org") as server:
            team = Team(server, provider, tmp_path)
            inside, outside = person(browser), person(browser)
            anna = sign_in(team, inside, "anna")
            ben = outside.new_page()
            ben.goto(server.url)
            ben.get_by_role("link", name="Sign in").click()
            ben.get_by_role("button", name="ben", exact=True).click()  # his address was not verified
            expect(ben.get_by_role("alert")).to_contain_text("may not use this server")
            provider.process.terminate()
            provider.process.wait()

            ben.goto(server.url)
            ben.get_by_role("link", name="Sign in").click()
            expect(ben.get_by_role("alert")).to_contain_text("does not answer")
            anna.get_by_role("link", name="Learn").click()
            drawn(anna)
            anna.reload()
            drawn(anna)
            anna.get_by_role("button", name="Anna Secret").click()
            anna.get_by_role("button", name="Sign out").click()
            expect(anna.get_by_role("status")).to_contain_text("signed out")
            with providing(PEOPLE, log, port):
                sign_in(team, inside, "anna")
            inside.close()
            outside.close()
            assert "Traceback" not in re.sub(r"WARNING: All log.*", "", server.log.read_text())
