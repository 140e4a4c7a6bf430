"""What stands before a team's server: whose word on host, scheme and client counts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages._ui.shell import front, sign_in
from tests.pages.conftest import served
from tl_core.errors import InputError
from tl_core.spaces.sign_in import read

AUTH = {
    "redirect_uri": "https://thaw.example.org/oauth2callback",
    "cookie_secret": "s" * 32,
    "client_id": "thaw",
    "client_secret": "x",
    "server_metadata_url": "https://id.example.org/x",
}
#: What a good proxy says.
SAID = {"host": "thaw.example.org", "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"}
Ask = Callable[..., requests.Response]


async def echo(request: Request) -> JSONResponse:
    about = {"client": request.client.host, "scheme": request.url.scheme, "host": request.headers["host"]}
    return JSONResponse({**about, "left": [each for each in request.headers if "forward" in each]})


@contextmanager
def asked_of(monkeypatch: pytest.MonkeyPatch, proxies: str) -> Iterator[Ask]:
    monkeypatch.setenv("TL_PROXIES", proxies)
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "")
    settings = read(AUTH)
    monkeypatch.setattr(sign_in, "settings", lambda: settings)
    routes = [Route(path, echo) for path in ("/", "/health", "/_stcore/stream")]
    with served(Starlette(routes=routes, middleware=[front.front()])) as port:
        yield lambda path="/", **headers: requests.get(f"http://127.0.0.1:{port}{path}", headers=headers, timeout=20)


@pytest.mark.parametrize("given", [None, "127.0.0.1", "*"])
def test_a_server_that_would_believe_somebody_else_does_not_start(monkeypatch: pytest.MonkeyPatch, given: str | None):
    monkeypatch.delenv(front.UVICORN, raising=False)
    if given is not None:
        monkeypatch.setenv(front.UVICORN, given)

    with pytest.raises(InputError, match=front.COMMAND):
        front.front()


def test_a_known_proxy_says_who_asks(monkeypatch: pytest.MonkeyPatch):
    with asked_of(monkeypatch, "127.0.0.1 10.0.0.0/8") as ask:
        true = {"client": "203.0.113.9", "scheme": "https", "host": "thaw.example.org", "left": []}
        assert ask(**SAID).json() == true
        # The first of the row was written by the browser; proxies of ours in a row are left out.
        assert ask(**{**SAID, "x-forwarded-for": "1.2.3.4, 203.0.113.9, 10.0.0.3"}).json() == true
        assert ask(**{**SAID, "host": "127.0.0.1:8501", "x-forwarded-host": "thaw.example.org"}).json() == true


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"host": "127.0.0.1:8501"}, 400, "proxy_set_header Host $http_host"),
        ({"x-forwarded-host": "evil.example.net"}, 400, "Open https://thaw.example.org."),
        ({"x-forwarded-proto": ""}, 400, "proxy_set_header X-Forwarded-Proto $scheme"),
        ({"x-forwarded-proto": "http"}, 403, "by https alone"),
    ],
)
def test_a_proxy_that_strips_or_bends_headers_gets_a_sentence(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, str], status: int, said: str
):
    with asked_of(monkeypatch, "127.0.0.1") as ask:
        answer = ask(**{**SAID, **change})

        assert (answer.status_code, said in answer.text) == (status, True), answer.text


def test_nobody_else_is_believed(monkeypatch: pytest.MonkeyPatch):
    with asked_of(monkeypatch, "10.0.0.1") as ask:
        assert ask(**SAID).status_code == 403
        assert "TL_PROXIES" in ask(**SAID).text
        assert ask("/health", **SAID).json() == {
            "client": "127.0.0.1",
            "scheme": "http",
            "host": "thaw.example.org",
            "left": [],
        }


def test_a_websocket_that_came_without_its_upgrade_is_a_sentence(monkeypatch: pytest.MonkeyPatch):
    with asked_of(monkeypatch, "127.0.0.1") as ask:
        answer = ask("/_stcore/stream", **SAID)

        assert (answer.status_code, "$http_upgrade" in answer.text) == (426, True)
