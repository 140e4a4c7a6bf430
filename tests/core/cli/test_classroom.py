"""The command that opens a room, up to the server itself."""

import argparse
from pathlib import Path

import pytest

from tl_core.cli import classroom
from tl_core.spaces import certificate, room


def test_the_server_gets_https_its_names_and_the_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("TL_CACHE_GB", raising=False)
    monkeypatch.setenv("TL_PERSON_GB", "0.5")
    options = argparse.Namespace(workspace=str(tmp_path), port=8610, address="0.0.0.0", people=3)
    known = classroom.names()
    run, env = classroom.command(options, certificate.of(tmp_path), known)

    assert {"localhost", "127.0.0.1"} < set(known)
    assert {f"--server.allowedHosts={each}" for each in known} < set(run)
    assert "--server.allowedHosts=*" not in run
    assert f"--server.sslKeyFile={tmp_path / 'certificate' / 'key.pem'}" in run
    assert (env["TL_MODE"], env["TL_WORKSPACE"], env["TL_CACHE_GB"]) == ("classroom", str(tmp_path), "0.5")
    assert certificate.ensure(tmp_path, known).fingerprint


def test_what_the_terminal_says_is_all_that_a_teacher_needs(tmp_path: Path):
    current, secret = room.begin(tmp_path), room.teachers_link(tmp_path)
    text = classroom.said(current, secret, certificate.ensure(tmp_path, ["localhost"]), "https://192.168.1.5:8501")

    assert f"https://192.168.1.5:8501/teacher/{secret}" in text
    assert current.spoken in text
    assert certificate.of(tmp_path).fingerprint in text


def test_what_cannot_be_is_said_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("TL_PERSON_JOBS", "many")

    assert classroom.main(["--workspace", str(tmp_path / "new")]) == 2
    assert "TL_PERSON_JOBS is “many”" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
