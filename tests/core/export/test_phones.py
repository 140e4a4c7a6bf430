"""The server that gives one page to phones, asked as a phone asks and as it must not be."""

import contextlib
import http.client
import logging
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tl_core import arrays
from tl_core.errors import InputError
from tl_core.export import addresses, phones, stored
from tl_core.export.addresses import Address
from tl_core.export.phones import Share
from tl_core.export.stored import Export
from tl_core.runs import RunFolder

HERE = Address(ip="127.0.0.1", interface="lo")
PAGE = b"<h1>Fruit</h1>"
#: More than the buffers between server and client hold.
LARGE = bytes(32 * 2**20)
Answer = tuple[int, list[tuple[str, str]], bytes]


def make(run: RunFolder, content: bytes = PAGE) -> None:
    """Let this be the page that was made of a run."""
    filled = run.folder / "filled"
    filled.mkdir()
    (filled / "page.html").write_bytes(content)
    fields = {"file": "page.html", "bytes": len(content), "made": 1.0, "model": arrays.model_of(run)}
    stored.put(run, Export(format="web", **fields), filled)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A run with a page; its model is never loaded."""
    folder = tmp_path / "projects" / "fruit" / "runs" / "one"
    folder.mkdir(parents=True)
    (folder / "model.keras").write_bytes(b"a model")
    make(made := RunFolder(folder))
    return made


@pytest.fixture
def share(run: RunFolder) -> Iterator[Share]:
    started = Share(run, HERE)
    yield started
    started.stop()


def place(share: Share) -> tuple[str, str]:
    """Return host and port of a share, and the path with its token."""
    host, token = share.url.removeprefix("http://").split("/")
    return host, f"/{token}"


def ask(share: Share, path: str | None = None, method: str = "GET", **headers: str) -> Answer:
    """Ask as a browser would, but for what is given; the time is left out of the answer."""
    host, right = place(share)
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.putrequest(method, right if path is None else path, skip_host=True)
    for name, value in {"host": host, **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, [each for each in answer.getheaders() if each[0] != "date"], content


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def is_closed(share: Share) -> bool:
    host, port = place(share)[0].split(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def reason(share: Share) -> str:
    """Return why a share has ended by itself, once nothing listens there any longer."""
    wait_until(lambda: share.ended)
    share.stop("This was said by stop.")
    assert is_closed(share)
    return share.ended


def connect(share: Share, sent: bytes) -> socket.socket:
    host, port = place(share)[0].split(":")
    opened = socket.create_connection((host, int(port)), timeout=20)
    with contextlib.suppress(ConnectionError):  # the other side may have had enough
        opened.sendall(sent)
    return opened


def received(opened: socket.socket) -> int:
    """Return how many bytes come until the other side ends the connection."""
    count = 0
    with opened, contextlib.suppress(ConnectionResetError):
        while chunk := opened.recv(2**16):
            count += len(chunk)
    return count


def asking(share: Share) -> bytes:
    host, path = place(share)
    return f"GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n".encode()


def test_the_address_gives_the_page_and_the_browser_gives_the_page_nothing(share: Share):
    status, headers, content = ask(share)

    assert (status, content) == (200, PAGE)
    named = dict(headers)
    assert named["content-type"] == "text/html; charset=utf-8"
    policy = named["content-security-policy"].split("; ")
    assert {"default-src 'none'", "connect-src blob:", "form-action 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert "sandbox allow-scripts" in policy  # without an origin
    assert (named["x-content-type-options"], named["referrer-policy"]) == ("nosniff", "no-referrer")
    assert named["cache-control"] == "no-store"
    assert {"server", "set-cookie", "access-control-allow-origin"}.isdisjoint(named)


def test_the_token_has_128_bits_and_is_another_one_each_time(run: RunFolder):
    tokens = set()
    for _ in range(3):
        share = Share(run, HERE)
        tokens.add(place(share)[1])
        share.stop()

    assert len(tokens) == 3
    assert all(len(each) >= 1 + 128 / 6 for each in tokens)


def test_everything_else_gets_one_and_the_same_answer(share: Share):
    host, right = place(share)
    token = right[1:]
    nothing = ask(share, "/")
    assert nothing[0] == 404

    paths = [f"{right}/", f"/{right}", right[:-1], f"{right}x", token, "*", right.swapcase(), f"http://{host}{right}"]
    paths += [f"/x/..{right}", f"/.{right}", f"/%2e%2e{right}", f"/%{ord(token[0]):02x}{token[1:]}", "/favicon.ico"]
    paths += ["/../../../etc/passwd", "/..%2f..%2fexport.json", "/_stcore/health", "/api/page/fruit/one", "/page.html"]
    for path in paths:
        assert ask(share, path) == nothing, path
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "STRANGE"):
        assert ask(share, method=method) == nothing, method
    assert ask(share, method="HEAD")[:2] == nothing[:2]
    for name in ("evil.example", "127.0.0.1", host.replace("127.0.0.1", "localhost"), f"{host}.evil.example", ""):
        assert ask(share, host=name) == nothing, name
    for upgrade in ("websocket", "h2c"):
        assert ask(share, "/", connection="upgrade", upgrade=upgrade) == nothing


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x00\xa5", b"GET /", b"GET / HTTP/1.1", b"x" * 2**17])
def test_what_is_no_http_gets_no_answer(share: Share, sent: bytes):
    assert received(connect(share, sent + b"\r\n\r\n")) == 0


def test_no_token_is_logged(share: Share, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    ask(share)
    ask(share, "/wrong-token")
    ask(share, connection="upgrade", upgrade="websocket")
    received(connect(share, b"no http\r\n\r\n"))

    assert place(share)[1] not in caplog.text
    assert "wrong-token" not in caplog.text
    assert "Invalid HTTP" not in caplog.text


def test_a_page_that_is_made_again_is_given_from_then_on(run: RunFolder, share: Share):
    make(run, b"<h1>Better fruit</h1>")

    assert ask(share)[2] == b"<h1>Better fruit</h1>"
    assert not share.ended


def test_stop_ends_it_at_once_and_cuts_off_who_reads(run: RunFolder):
    make(run, LARGE)
    share = Share(run, HERE)
    reader = connect(share, asking(share))
    assert reader.recv(15) == b"HTTP/1.1 200 OK"

    began = time.monotonic()
    share.stop()

    assert time.monotonic() - began < 10
    assert is_closed(share)
    assert received(reader) < len(LARGE)
    assert share.ended == phones.STOPPED


def test_it_ends_by_itself_when_its_time_is_up(run: RunFolder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(phones, "TICKS", 1)
    share = Share(run, HERE, seconds=1)
    assert 0 < share.left <= 1

    assert reason(share) == phones.TIME_IS_UP
    assert share.left == 0


def test_it_ends_with_its_run_and_with_its_network(run: RunFolder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(phones, "TICKS", 1)
    share = Share(run, HERE)
    monkeypatch.setattr(addresses, "is_here", lambda ip: False)
    assert reason(share) == phones.OTHER_NETWORK

    monkeypatch.undo()
    monkeypatch.setattr(phones, "TICKS", 2)
    share = Share(run, HERE)
    shutil.rmtree(run.folder)
    assert ask(share) == ask(share, "/")
    assert reason(share) == phones.GONE


def test_an_address_of_another_machine_is_said_to_be_none_of_this_one():
    with pytest.raises(InputError, match=r"no longer has the address 203\.0\.113\.9\. Choose another network"):
        Share(RunFolder(Path("run")), Address(ip="203.0.113.9", interface="wlan0"))


def test_slow_clients_are_cut_off(run: RunFolder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(phones, "REQUEST_SECONDS", 0.3)
    monkeypatch.setattr(phones, "MOST_SECONDS", 1.0)
    make(run, LARGE)
    share = Share(run, HERE)
    silent, slow = connect(share, b""), connect(share, b"GET / HTTP/1.1\r\n")
    reader = connect(share, asking(share))
    for _ in range(3):
        time.sleep(0.05)
        slow.sendall(b"x: y\r\n")

    assert received(silent) == received(slow) == 0
    time.sleep(1)
    assert received(reader) < len(LARGE)
    monkeypatch.undo()
    assert ask(share)[2] == LARGE
    share.stop()


def test_connections_are_limited(run: RunFolder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(phones, "MOST_CONNECTIONS", 2)
    share = Share(run, HERE)
    held = [connect(share, b"GET") for _ in range(2)]

    assert received(connect(share, b"")) == 0
    for each in held:
        each.close()
    wait_until(lambda: received(connect(share, asking(share))))
    share.stop()
