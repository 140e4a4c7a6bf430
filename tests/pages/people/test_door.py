"""The door, and what is behind it: each route is tried with a session of somebody else, with none, with forged ones."""

import shutil
from pathlib import Path

import pytest

from pages._ui.pictures import box_route, upload_route
from pages._ui.shell import door, download_route, people, state
from pages._ui.take_away import share_route
from pages._ui.try_it import live_route
from pages.steps import PAGES, ROOM
from tests.conftest import write_pictures
from tests.pages.conftest import Client, Open, query, text
from tests.pages.people.conftest import Member
from tests.pages.shell.test_download_route import job_with
from tests.pages.take_away.test_take_away import put
from tl_core import limits, runs
from tl_core.dataset import kinds
from tl_core.files import write_json
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.language import _
from tl_core.runs import RunFolder
from tl_core.spaces import room as rooms
from tl_core.spaces.spaces import Spaces
from tl_core.text import importer as importer_of_texts
from tl_core.text import tables
from tl_core.text.guess import Chosen

#: Of an ``AppTest``.
SESSION = "test session id"
HTML = {"accept": "text/html"}


def issued(anna: Member) -> dict[str, str]:
    """Return an address of each route behind the door that is of Anna, and answers her with something else than 403."""
    workspace = anna.space.workspace
    run = RunFolder(workspace.projects_folder / "pets" / "runs" / "1")
    made = job_with(workspace, "pack", "pets.zip")
    (made.folder / "pets.zip").write_bytes(b"zip")
    upload = upload_route.issue(workspace)
    return {
        "begin": f"/api/upload/{upload}/begin",
        "files": f"/api/upload/{upload}/files?first=0",
        "stream": f"/api/upload/{upload}/stream?first=0",
        "end": f"/api/upload/{upload}/end",
        "cancel": f"/api/upload/{upload}/cancel",
        "download": download_route.link(made),
        "boxes": (boxes := f"{box_route.URL}/{box_route.tokens.issue(workspace.create_project('Pets'))}/{'0' * 64}"),
        "picture": f"{boxes}/picture",
        "suggest": f"{boxes}/suggest",
        "live": f"{live_route.URL}/{live_route.tokens.issue(run)}",
    }


def ask(client: Client, name: str, path: str):
    if name in ("download", "picture"):
        return client.get(path)
    return client.post(path, json={"total": 1, "bytes": 1}, headers={"x-file-name": "a"})


def test_who_has_an_address_of_somebody_else_gets_nothing(anna: Member, ben: Member, stranger: Client):
    for name, path in issued(anna).items():
        before = sorted(anna.space.folder.rglob("*"))
        expected = {403} if name != "download" else {403, 404}
        assert ask(ben.client, name, path).status_code in expected, name
        assert ask(stranger, name, path).status_code == 403, name
        assert sorted(anna.space.folder.rglob("*")) == before, name


def test_what_is_ones_own_is_answered(anna: Member):
    paths = issued(anna)

    assert ask(anna.client, "begin", paths["begin"]).json() == {"count": 0}
    assert ask(anna.client, "stream", paths["stream"]).status_code == 413  # more than was announced, so it was read
    assert ask(anna.client, "download", paths["download"]).content == b"zip"


@pytest.mark.parametrize(
    "change", [str.swapcase, lambda token: token[1:], lambda token: f"{token}A", lambda token: "x"]
)
def test_a_cookie_that_was_altered_opens_nothing(anna: Member, stranger: Client, change):
    stranger.cookies.set(people.COOKIE, change(anna.token))

    assert stranger.get(issued(anna)["download"]).status_code == 403


@pytest.mark.parametrize("header", ["x-thaw-space", "authorization", "x-forwarded-user", "thaw-space"])
def test_no_header_stands_for_a_cookie(anna: Member, ben: Member, header: str):
    path, given = issued(anna)["download"], {header: anna.token}

    assert ben.client.get(path, headers=given).status_code == 404
    assert ben.client.get(f"{path}?space={anna.space.id}&thaw-space={anna.token}").status_code == 404
    # Of two cookies of one name the browser's own jar has only one; a server takes the last, and never both.
    both = {"cookie": f"{people.COOKIE}={anna.token}x; {people.COOKIE}={ben.token}"}
    assert ben.client.get(path, headers=both, cookies={}).status_code in (403, 404)


def test_what_is_no_address_of_ours_needs_a_session_too(ben: Member, stranger: Client):
    for path in ("/", "/room", "/images", "/_stcore/host-config", "/_stcore/stream", "/static/a.js", "/component/x/y"):
        assert stranger.get(path).status_code == 403, path
        led = stranger.get(path, headers=HTML, allow_redirects=False)
        assert (led.status_code, led.headers["location"]) == (303, "/join"), path
    for path in ("/_stcore/metrics", "/_stcore/agent/interact", "/_stcore/agent/mcp", "/auth/login", "/oauth2callback"):
        assert ben.client.get(path).status_code == 404, path
    for path in (
        "/join/../api/download/x",
        "/join/x/y",
        "//api/download/x",
        "/join%2f..%2fapi",
        "/media/",
        "/media/a/b",
    ):
        assert stranger.get(path).status_code in (403, 404), path


def test_the_page_of_a_model_has_a_link_that_nobody_guesses_and_that_needs_no_session(
    anna: Member, stranger: Client, finished: Path, tmp_path: Path
):
    workspace = anna.space.workspace
    shutil.copytree(finished / "projects", workspace.projects_folder, dirs_exist_ok=True)
    run = next(iter(runs.of_project(workspace.projects()[0])))
    put(run, "web", tmp_path, not_proved="No browser.")
    link = share_route.url(run, "https://192.168.1.5", "Chrome")

    assert run.id not in link
    assert run.project.slug not in link
    assert link == share_route.url(run, "", "")
    given = stranger.get(link)
    assert given.content == b"demo"
    assert "sandbox allow-scripts" in given.headers["content-security-policy"]
    assert "allow-same-origin" not in given.headers["content-security-policy"]
    for guess in (f"{share_route.URL}/{run.project.slug}/{run.id}", f"{share_route.URL}/{run.id}"):
        assert stranger.get(guess).status_code in (403, 404)
    rooms.close(workspace.shared, keep=True)
    assert stranger.get(link).status_code == 404
    assert stranger.get(guess, headers={"host": "page.localhost"}).status_code in (403, 404)


def test_take_away_offers_the_link_for_phones_and_no_server_of_its_own(
    open_page: Open, anna: Member, stranger: Client, finished: Path, tmp_path: Path
):
    workspace = anna.space.workspace
    shutil.copytree(finished / "projects", workspace.projects_folder, dirs_exist_ok=True)
    workspace.prefer(ahead=False)
    run = next(iter(runs.of_project(workspace.projects()[0])))
    put(run, "web", tmp_path, not_proved="No browser.")
    people.admit(SESSION, anna.token)
    app = open_page("take_away.py", project=run.project.slug)

    assert not app.exception
    shared = next(each.value for each in app.code if share_route.URL in each.value)
    assert stranger.get(shared[shared.index(share_route.URL) :]).content == b"demo"
    assert "share-start" not in {each.key for each in app.button}
    assert app.get("image")[0].proto.imgs[0].alt == f"QR code of {shared}"


def test_an_upload_belongs_to_whose_page_asked_for_it(anna: Member, ben: Member):
    token = upload_route.issue(anna.space.workspace)
    assert anna.client.post(f"/api/upload/{token}/begin", json={"total": 1, "bytes": 3}).status_code == 200
    for step in ("files?first=0", "stream?first=0", "end", "cancel", "begin"):
        assert ben.client.post(f"/api/upload/{token}/{step}", data=b"abc").status_code == 403
    anna.client.post(f"/api/upload/{token}/stream?first=0", data=b"abc", headers={"x-file-name": "a"})
    assert anna.client.post(f"/api/upload/{token}/end").json() == {"count": 1}

    people.show(ben.token)
    assert upload_route.finished(token) is None
    assert upload_route.take(token) is None
    people.show(anna.token)
    assert upload_route.take(token).is_relative_to(anna.space.folder)


def test_an_upload_is_refused_where_ones_part_of_the_disk_is_full(
    anna: Member, ben: Member, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(limits.GB, "0.001")
    for each, size, status in ((anna, 2**21, 507), (ben, 2**10, 200)):
        token = upload_route.issue(each.space.workspace)
        answer = each.client.post(f"/api/upload/{token}/begin", json={"total": 1, "bytes": size})
        assert answer.status_code == status
        assert ("Your part of the disk is full" in answer.text) is (status == 507)
    token = upload_route.issue(anna.space.workspace)  # a take announces the most that may come; more than there is room
    anna.client.post(f"/api/upload/{token}/begin", json={"total": 1, "bytes": 2**30, "at_most": True})
    sent = anna.client.post(f"/api/upload/{token}/stream?first=0", data=bytes(2**21), headers={"x-file-name": "a"})
    assert sent.status_code == 413


@pytest.fixture
def annas(anna: Member) -> str:
    """The address of a project of Anna's."""
    project = anna.space.workspace.create_project("Secret")
    pictures = write_pictures(anna.space.folder / "in", {"apple": 4, "plum": 4})
    importer.import_source(project, Source("folder", str(pictures)))
    return project.slug


@pytest.mark.parametrize("file", ["home.py", *(step.file for step in (*PAGES, ROOM))])
def test_no_page_shows_what_is_of_somebody_else(open_page: Open, anna: Member, ben: Member, annas: str, file: str):
    ben.space.workspace.prefer(ahead=False)
    job, upload = job_with(anna.space.workspace, "pack", "pets.zip"), upload_route.issue(anna.space.workspace)
    named = {"project": annas, "run": "x", "job": job.id, "waiting": upload, "space": anna.space.id}
    people.admit(SESSION, ben.token)
    app = open_page(file, **named)

    assert not app.exception
    assert "Secret" not in text(app)
    assert _("Who is there") not in text(app)
    assert query(app).get("project") != annas
    assert not any("ecret" in str(each) for kind in ("selectbox", "button") for each in app.get(kind))
    assert list(ben.space.workspace.projects()) == []


@pytest.mark.parametrize("token", [None, "forged", "x" * 43])
@pytest.mark.parametrize("file", ["home.py", "images.py", "train.py"])
def test_a_page_without_a_session_is_a_sentence(open_page: Open, room, file: str, token: str | None):
    people.admit(SESSION, token)
    app = open_page(file)

    assert not app.exception
    assert people.NOBODY in text(app)
    assert not app.button
    assert not app.title


def test_a_session_of_a_page_ends_with_the_room(open_page: Open, anna: Member, annas: str, root: Path):
    anna.space.workspace.prefer(ahead=False)
    people.admit(SESSION, anna.token)
    app = open_page("home.py")
    assert "Secret" in text(app)
    assert "stay on this server" in text(app)
    Spaces(root).end_all()

    assert people.NOBODY in text(app.run())


def test_paths_of_the_server_are_nowhere_to_be_typed(open_page: Open, anna: Member, annas: str):
    anna.space.workspace.prefer(ahead=False)
    people.admit(SESSION, anna.token)

    assert not state.is_local()
    for file in ("home.py", "images.py", "try_it.py", "model.py"):
        app = open_page(
            file, ways=":material/computer: Folder on this machine", **{"try-way": "Folder on this machine"}
        )
        words = text(app) + str([each.label for kind in ("tab", "button", "text_input") for each in app.get(kind)])
        assert _("Folder on this machine") not in words, file


@pytest.mark.parametrize("file", ["model.py", "freeze.py", "train.py"])
def test_no_choice_that_was_written_elsewhere_makes_a_page_read_a_folder(
    open_page: Open, anna: Member, ben: Member, file: str
):
    workspace = anna.space.workspace
    workspace.prefer(ahead=False)
    project = workspace.create_project("Mails", lambda made: kinds.claim(made, "texts"))
    rows = "text,label\n" + "".join(f"a message {number},{'ab'[number % 2]}\n" for number in range(24))
    importer_of_texts.import_texts(project, tables.read(rows.encode(), "mails.csv", Chosen()))
    write_json(project.folder / "draft.json", {"backbone": f"local:{ben.space.folder}"})
    people.admit(SESSION, anna.token)
    app = open_page(file, project=project.slug)

    assert not app.exception
    assert ben.space.id not in text(app)
    assert [each for each in app.error if "Folders of this machine are not read here" in each.value]


def test_a_page_of_a_session_takes_no_other_cookie(anna: Member, ben: Member):
    people.admit("one", anna.token)

    assert people.is_of("one", anna.space)
    assert not people.is_of("one", ben.space)
    assert not people.is_of("unknown", ben.space)
    scope = {"type": "websocket", "headers": [(b"sec-websocket-protocol", b"streamlit, xsrf, one")]}
    kept = door._without_foreign_session(scope, anna.space)["headers"]
    dropped = door._without_foreign_session(scope, ben.space)["headers"]
    assert (b"sec-websocket-protocol", b"streamlit, xsrf, one") in kept
    assert dropped == [(b"sec-websocket-protocol", b"streamlit, xsrf")]
