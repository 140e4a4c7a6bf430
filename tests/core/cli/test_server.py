"""The command that serves a team, up to the server itself."""

import re
from pathlib import Path

import pytest

from tests.core.spaces.test_sign_in import SECRET
from tl_core import mode
from tl_core.cli import server

ROOT = Path(__file__).parents[3]
SETTINGS = f"""[auth]
redirect_uri = "{{address}}/oauth2callback"
cookie_secret = "{SECRET}"
client_id = "thaw"
client_secret = "x"
server_metadata_url = "https://id.example.org/.well-known/openid-configuration"
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (mode.VARIABLE, "TL_PROXIES", "TL_CACHE_GB"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def settings(folder: Path, address: str = "https://thaw.example.org") -> list[str]:
    (folder / "secrets.toml").write_text(SETTINGS.format(address=address))
    return ["--secrets", str(folder / "secrets.toml")]


def test_settings_that_are_right_are_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setenv("TL_PROXIES", "127.0.0.1")

    assert server.main([*settings(tmp_path), "--check"]) == 0
    assert "https://thaw.example.org" in capsys.readouterr().out


def test_the_server_gets_its_name_and_its_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run: dict[str, object] = {}
    monkeypatch.setenv("TL_PROXIES", "127.0.0.1")
    monkeypatch.setattr(server, "serve", lambda command, env: run.update(command=command, env=env) or 0)

    assert server.main([*settings(tmp_path, "https://example.org/thaw"), "--workspace", str(tmp_path)]) == 0
    assert {
        "--server.allowedHosts=example.org",
        "--server.baseUrlPath=thaw",
        f"--secrets.files={tmp_path / 'secrets.toml'}",
        "--server.address=127.0.0.1",
    } < set(run["command"])
    assert (run["env"][mode.VARIABLE], run["env"]["TL_WORKSPACE"]) == ("server", str(tmp_path))


@pytest.mark.parametrize(
    ("address", "options", "said"),
    [
        ("https://thaw.example.org", [], "nothing here makes https. Set TL_PROXIES"),
        ("https://thaw.example.org", ["--certificate", "/nowhere.pem"], "Name two files in PEM"),
        ("http://localhost:8501", ["--address", "0.0.0.0"], "would listen on 0.0.0.0 without https"),
        ("http://thaw.example.org", [], "Set it to an address with https"),
    ],
)
def test_what_cannot_be_is_a_sentence(tmp_path: Path, capsys, address: str, options: list[str], said: str):
    assert server.main([*settings(tmp_path, address), *options]) == 2
    assert said in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["secrets.toml"]


def test_a_lifetime_that_is_none_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setenv("TL_SESSION_HOURS", "0")

    assert server.main([*settings(tmp_path, "http://localhost:8501")]) == 2
    assert "TL_SESSION_HOURS is “0”" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "command"),
    [
        ("thaw.service", r"^ExecStart=.* -m tl_core.cli.server (.*)$"),
        ("Containerfile", r'^ENTRYPOINT .*server", (.*)\]$'),
    ],
)
def test_the_unit_and_the_container_call_the_command_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys, file: str, command: str
):
    monkeypatch.setenv("TL_PROXIES", "127.0.0.1")
    text = (ROOT / "assets" / "server" / file).read_text(encoding="utf-8")
    given = re.search(command, text, re.MULTILINE)
    options = [each for each in re.split(r'[", ]+', given[1]) if each and not each.startswith("--secrets")]

    assert server.main([*settings(tmp_path), *options, "--check"]) == 0
    for copied in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE):
        assert all((ROOT / each).exists() for each in copied.split()), copied
