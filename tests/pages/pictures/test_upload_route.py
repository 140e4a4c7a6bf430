"""The upload route, spoken to as the uploader does and as it must not be."""

import json
import socket
import threading

import pytest
import requests

from pages._ui.pictures import upload_route
from tests.pages.conftest import Client
from tl_core.workspace import Workspace


@pytest.fixture
def token(workspace: Workspace) -> str:
    return upload_route.issue(workspace)


def begin(client: Client, token: str, total: int, size: int = 10):
    return client.post(f"/api/upload/{token}/begin", json={"total": total, "bytes": size})


def send(client: Client, token: str, named: list[str] | dict[str, bytes], first: int = 0):
    """Send files; those of which only the names are given hold their names."""
    contents = named if isinstance(named, dict) else {name: name.encode() for name in named}
    files = [("file", (str(index), content)) for index, content in enumerate(contents.values())]
    data = {"names": json.dumps(list(contents))}
    return client.post(f"/api/upload/{token}/files?first={first}", data=data, files=files)


def test_files_lie_numbered_with_their_names_as_data(client: Client, token: str):
    names = ["a/b.jpg", "../../etc/passwd", "/abs\n.png"]
    begin(client, token, 3, sum(map(len, names)))

    assert send(client, token, names[:2]).json() == {"count": 2}
    assert send(client, token, names[2:], first=2).json() == {"count": 3}
    assert client.post(f"/api/upload/{token}/end").status_code == 200

    folder = upload_route.take(token)
    assert upload_route.names(folder) == names
    assert sorted(path.name for path in folder.glob("*.bin")) == ["000000.bin", "000001.bin", "000002.bin"]
    assert (folder / "000001.bin").read_bytes() == b"../../etc/passwd"
    assert json.loads((folder / "upload.json").read_text()) == {"total": 3, "complete": True}


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [({"accept-language": "de-AT,de;q=0.9"}, "Lade sie neu"), ({"accept-language": "es"}, "Recárgala"), ({}, "Reload")],
)
def test_a_refusal_is_read_in_the_language_of_who_asks(client: Client, asked: dict[str, str], sentence: str):
    answer = client.post("/api/upload/unknown/begin", json={"total": 1, "bytes": 1}, headers=asked)

    assert sentence in answer.json()["error"]


def test_a_big_file_is_streamed(client: Client, token: str):
    begin(client, token, 1, 3 * 2**20)
    body = bytes(3 * 2**20)

    answer = client.post(f"/api/upload/{token}/stream?first=0", data=body, headers={"x-file-name": "%C3%A9t%C3%A9.zip"})

    assert answer.json() == {"count": 1}
    assert client.post(f"/api/upload/{token}/end").status_code == 200
    folder = upload_route.take(token)
    assert upload_route.names(folder) == ["été.zip"]
    assert (folder / "000000.bin").stat().st_size == len(body)


@pytest.mark.parametrize(
    "headers",
    [
        {"x-xsrftoken": ""},
        {"x-xsrftoken": "other"},
        {"origin": "http://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"host": "evil.example", "origin": "http://evil.example"},
    ],
)
def test_another_site_cannot_upload(client: Client, token: str, workspace: Workspace, headers: dict[str, str]):
    answer = client.post(f"/api/upload/{token}/begin", json={"total": 1, "bytes": 1}, headers=headers)

    assert answer.status_code == 403
    assert not workspace.uploads.exists()


def test_a_token_is_needed_and_serves_once(client: Client, token: str):
    assert begin(client, "guess", 1).status_code == 403
    begin(client, token, 1, 5)
    send(client, token, ["a.jpg"])
    client.post(f"/api/upload/{token}/end")
    assert begin(client, token, 1).status_code == 403
    assert upload_route.take(token) is not None
    assert upload_route.take(token) is None


def test_an_upload_that_was_cut_off_is_not_taken_and_can_begin_again(client: Client, token: str):
    begin(client, token, 2)
    send(client, token, ["a.jpg"])

    answer = client.post(f"/api/upload/{token}/end")

    assert answer.status_code == 409
    assert "1 of 2 files arrived. Nothing was imported." in answer.json()["error"]
    assert upload_route.take(token) is None
    begin(client, token, 1)
    assert send(client, token, ["b.jpg"]).json() == {"count": 1}


def test_an_upload_of_which_nobody_knows_yet_how_much_it_is_says_so_at_its_end(client: Client, token: str):
    most = {"total": 2000, "bytes": 2**60, "at_most": True}
    ended = f"/api/upload/{token}/end"
    assert client.post(f"/api/upload/{token}/begin", json=most).status_code == 200, "the disk is not asked for so much"
    send(client, token, ["a.jpg"])
    send(client, token, ["b.jpg"], first=1)

    assert client.post(ended).status_code == 400
    assert client.post(ended, json={"total": 3, "bytes": 10}).status_code == 409
    begin(client, token, 1, 5)
    send(client, token, ["a.jpg"])
    assert client.post(ended).status_code == 200


def test_batches_out_of_order_are_refused(client: Client, token: str):
    begin(client, token, 2)

    assert send(client, token, ["a.jpg"], first=1).status_code == 409


def test_cancel_leaves_nothing(client: Client, token: str, workspace: Workspace):
    begin(client, token, 2)
    send(client, token, ["a.jpg"])

    assert client.post(f"/api/upload/{token}/cancel").status_code == 200

    assert list(workspace.uploads.iterdir()) == []


def test_a_full_disk_is_said(client: Client, token: str, workspace: Workspace):
    begin(client, token, 1)
    (workspace.uploads / token / "000000.bin").symlink_to("/dev/full")

    answer = send(client, token, ["a.jpg"])

    assert answer.status_code == 507
    assert "The disk is full" in answer.json()["error"]


def test_more_than_the_disk_holds_is_refused_before_it_is_sent(client: Client, token: str, workspace: Workspace):
    answer = begin(client, token, 1, 2**60)

    assert answer.status_code == 507
    assert "too full" in answer.json()["error"]
    assert list(workspace.uploads.iterdir()) == []


def test_old_staging_folders_go(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    (workspace.uploads / "old").mkdir(parents=True)
    monkeypatch.setattr(upload_route, "STALE_SECONDS", -1.0)

    upload_route.remove_stale(workspace)

    assert list(workspace.uploads.iterdir()) == []


JSON = {"content-type": "application/json"}
FORM = {"content-type": "multipart/form-data; boundary=x"}


@pytest.mark.parametrize(
    ("step", "body", "headers"),
    [
        ("begin", b"", JSON),
        ("begin", b"{", JSON),
        ("begin", b"\xff\xfe", JSON),
        ("begin", b"[]", JSON),
        ("begin", b"{}", JSON),
        ("begin", b"[" * 100_000, JSON),
        ("begin", b'{"total": "many", "bytes": 1}', JSON),
        ("begin", b'{"total": -1, "bytes": 1}', JSON),
        ("begin", b'{"total": 1, "bytes": -1}', JSON),
        ("begin", b'{"total": 1e999, "bytes": 1}', JSON),
        ("begin", b'{"total": 1, "bytes": 1, "more": ' + b"[" * 5000 + b"]" * 5000 + b"}", JSON),
        ("files?first=0", b"", FORM),
        ("files?first=0", b"junk", FORM),
        ("files?first=0", b"junk", {"content-type": "multipart/form-data"}),
        ("files?first=0", b"junk", JSON),
        ("files?first=0", b'--x\r\ncontent-disposition: form-data; name="names"\r\n\r\n{"a": 1}\r\n--x--\r\n', FORM),
        ("files?first=0", b'--x\r\ncontent-disposition: form-data; name="file"\r\n\r\n["a"]\r\n--x--\r\n', FORM),
        ("files?first=0", b"--x\r\ncontent-disposition: form-data\r\n\r\n\r\n--x--\r\n", FORM),
        ("stream?first=0", b"picture", {}),
        ("stream?first=0", b"picture", {"x-file-name": "a" * 5000}),
    ],
)
def test_what_is_no_upload_is_a_sentence(client: Client, token: str, step: str, body: bytes, headers: dict[str, str]):
    begin(client, token, 1)

    answer = client.post(f"/api/upload/{token}/{step}", data=body, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["error"].endswith("Try again.")
    assert begin(client, token, 1).status_code == 200


@pytest.mark.parametrize("step", ["begin", "files?first=0", "stream?first=0"])
def test_what_is_larger_than_announced_is_refused_before_it_is_read(port: int, client: Client, token: str, step: str):
    begin(client, token, 1)
    request = requests.Request("POST", f"{client.home}/api/upload/{token}/{step}", headers={"x-file-name": "a.zip"})
    sent = client.prepare_request(request)
    sent.headers["content-length"] = str(300 * 2**20)
    lines = [f"POST {sent.path_url} HTTP/1.1", f"host: localhost:{port}"]
    lines += [f"{name}: {value}" for name, value in sent.headers.items()]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = ""
        while "}" not in answer:
            answer += connection.recv(4096).decode()

    assert answer.startswith("HTTP/1.1 413")
    assert "More arrived than was announced" in answer


def test_what_is_larger_than_announced_is_not_kept(client: Client, token: str):
    begin(client, token, 2, 8)
    chunks = (b"12345678" for _ in range(1000))

    too_long = client.post(f"/api/upload/{token}/stream?first=0", data=chunks, headers={"x-file-name": "a.zip"})
    too_many = send(client, token, ["a", "b", "c"])

    assert (too_long.status_code, too_many.status_code) == (413, 413)
    assert send(client, token, ["a.jpg", "b.j"]).json() == {"count": 2}


def test_an_upload_that_lacks_bytes_is_not_taken(client: Client, token: str):
    begin(client, token, 1, 6)
    send(client, token, ["a.jpg"])

    answer = client.post(f"/api/upload/{token}/end")

    assert answer.status_code == 409
    assert "some bytes did not arrive" in answer.json()["error"]


def test_of_batches_that_come_at_once_one_is_taken(port: int, client: Client, token: str):
    begin(client, token, 40, 1000)
    names = [f"{number}.jpg" for number in range(20)]
    answers = []

    def sending() -> None:
        with Client(port) as other:
            answers.append(send(other, token, names).status_code)

    threads = [threading.Thread(target=sending) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [200, 409, 409, 409, 409, 409]


def test_an_upload_that_was_left_is_given_up_and_can_begin_again(
    client: Client, token: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    begin(client, token, 2)
    monkeypatch.setattr(upload_route, "IDLE_SECONDS", -1.0)

    upload_route.issue(workspace)

    assert not (workspace.uploads / token).exists()
    assert send(client, token, ["a.jpg"]).status_code == 409
    assert begin(client, token, 1).status_code == 200
