"""The route of live answers, spoken to as it must not be; what it answers is asked in the browser."""

import pytest

from pages._ui.try_it import live_route
from tests.pages.conftest import Client
from tl_core.runs import RunFolder


@pytest.fixture
def token(tmp_path) -> str:
    return live_route.tokens.issue(RunFolder(tmp_path))


def test_a_page_that_nobody_opened_is_not_answered(client: Client):
    said = client.post(f"{live_route.URL}/guessed", data=b"frame")
    assert (said.status_code, said.json()["error"]) == (403, "This page is out of date. Reload it.")


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"x-xsrftoken": "guessed"}],
    ids=lambda headers: next(iter(headers)),
)
def test_other_sites_are_not_answered(client: Client, token: str, headers):
    assert client.post(f"{live_route.URL}/{token}", data=b"frame", headers=headers).status_code == 403


def test_a_frame_that_is_too_large_is_not_read(client: Client, token: str):
    said = client.post(f"{live_route.URL}/{token}", data=b"\0" * (live_route.MOST_BYTES + 1))
    assert said.status_code == 413
    assert "too large" in said.json()["error"]


def test_of_many_pages_the_oldest_are_forgotten(tmp_path):
    run = RunFolder(tmp_path)
    first = live_route.tokens.issue(run)
    assert live_route.tokens.is_of(first, run)
    assert not live_route.tokens.is_of(first, RunFolder(tmp_path / "other"))
    for _ in range(256):
        last = live_route.tokens.issue(run)
    assert not live_route.tokens.is_of(first, run)
    assert live_route.tokens.is_of(last, run)
