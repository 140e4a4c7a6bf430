"""The settings of a sign-in, and whose space an identity opens."""

from pathlib import Path
from typing import Any

import pytest

from tl_core import mode
from tl_core.errors import InputError
from tl_core.files import read_json, write_json
from tl_core.spaces import sign_in
from tl_core.spaces.sign_in import enter, read, space_id
from tl_core.spaces.spaces import Spaces

SECRET = "s" * 32
PROVIDER = {"client_id": "thaw", "client_secret": "of the client", "server_metadata_url": "https://id.example.org/x"}
AUTH = {"redirect_uri": "https://thaw.example.org/oauth2callback", "cookie_secret": SECRET, **PROVIDER}
ANNA = {"iss": "https://id.example.org", "sub": "1", "name": "Anna", "email": "a@Example.org", "email_verified": True}


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(mode.VARIABLE, "server")


def test_what_browsers_ask_for_follows_from_where_the_provider_leads_them_back():
    settings = read(AUTH)
    below = read({**AUTH, "redirect_uri": "https://example.org:8443/thaw/oauth2callback"})

    assert (settings.address, settings.netloc, settings.base) == ("https://thaw.example.org", "thaw.example.org", "")
    assert (below.netloc, below.host, below.base) == ("example.org:8443", "example.org", "thaw")
    assert (settings.providers, settings.is_secure) == (("default",), True)
    assert read({key: AUTH[key] for key in ("redirect_uri", "cookie_secret")} | {"ours": PROVIDER}).providers == (
        "ours",
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cookie_secret": "short"}, "cookie_secret in .auth. has 5 characters. Set it to at least 32"),
        ({"cookie_secret": None}, "has 0 characters"),
        ({"client_secret": ""}, r"\[auth\] lacks client_secret"),
        ({"client_id": 1, "server_metadata_url": None}, "lacks client_id, server_metadata_url"),
        ({"redirect_uri": "https://thaw.example.org"}, "redirect_uri in .auth. is “https://thaw.example.org”"),
        ({"redirect_uri": "http://thaw.example.org/oauth2callback"}, "Set it to an address with https"),
        ({"redirect_uri": "https://[/oauth2callback"}, "Set it to an address with https"),
        ({"server_metadata_url": "http://id.example.org"}, "server_metadata_url in .auth. is “http://id.example.org”"),
        ({"our_own": PROVIDER}, "lower-case letters, digits and hyphens"),
        ({"ours": {**PROVIDER, "client_id": ""}}, r"\[auth.ours\] lacks client_id"),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_a_sentence_without_a_secret(change: dict[str, Any], said: str):
    with pytest.raises(InputError, match=said) as raised:
        read({**AUTH, **change})
    assert SECRET not in str(raised.value)
    assert "of the client" not in str(raised.value)


def test_a_file_that_is_not_there_or_no_toml_is_a_sentence(tmp_path: Path):
    with pytest.raises(InputError, match="are not there"):
        sign_in.load(tmp_path / "secrets.toml")
    with pytest.raises(InputError, match="Give the file a name"):
        sign_in.load(tmp_path / "secrets")
    for text, said in (("[auth", "cannot be read"), ("", "no section"), ("auth = 1", "no section")):
        (tmp_path / "secrets.toml").write_text(text)
        with pytest.raises(InputError, match=said):
            sign_in.load(tmp_path / "secrets.toml")


def test_proxies_are_addresses_or_networks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(sign_in.PROXIES, "127.0.0.1, 10.0.0.0/24 fd00::/8")
    settings = read(AUTH)

    trusted = [settings.trusts(each) for each in ("127.0.0.1", "10.0.0.7", "fd00::1", "10.0.1.7", "::1", "", "proxy")]
    assert trusted == [True, True, True, False, False, False, False]
    monkeypatch.setenv(sign_in.PROXIES, "proxy.example.org")
    with pytest.raises(InputError, match=r"TL_PROXIES has “proxy.example.org”"):
        read(AUTH)


def test_issuer_and_subject_are_the_person_and_nothing_else_is(tmp_path: Path):
    settings = read(AUTH)
    space, token = enter(tmp_path, ANNA, settings)
    again, _other = enter(tmp_path, {**ANNA, "name": "Anna Berg", "email": "berg@example.org"}, settings)

    assert again == space
    assert space.person().name == "Anna Berg"
    assert Spaces(tmp_path).of_token(token) == space
    nameless, _token = enter(tmp_path, {"iss": ANNA["iss"], "sub": "3"}, settings)
    assert nameless.person().name == nameless.id[:8]
    others = [{**ANNA, "sub": "2"}, {**ANNA, "iss": "https://id.example.net"}, {**ANNA, "sub": "1 "}]
    assert len({space.id, *(enter(tmp_path, each, settings)[0].id for each in others)}) == 4
    assert space_id("a", "bc") != space_id("ab", "c")
    for broken in ({}, {"iss": "x"}, {"sub": "1"}, {**ANNA, "sub": 1}, {**ANNA, "iss": ""}):
        with pytest.raises(InputError, match="did not say who you are"):
            enter(tmp_path, broken, settings)


@pytest.mark.parametrize(
    ("change", "comes_in"),
    [
        ({}, True),
        ({"email_verified": False}, False),
        ({"email_verified": "true"}, False),
        ({"email": "a@example.org.evil.net"}, False),
        ({"email": None}, False),
        ({"groups": ["other"]}, False),
        ({"groups": "lab"}, False),
    ],
)
def test_only_the_domains_and_groups_that_are_named_come_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], comes_in: bool
):
    monkeypatch.setenv(sign_in.DOMAINS, "example.org")
    monkeypatch.setenv(sign_in.GROUPS, "lab")
    settings, claims = read(AUTH), {**ANNA, "groups": ["lab"], **change}

    if comes_in:
        assert enter(tmp_path, claims, settings)
        return
    with pytest.raises(InputError, match="may not use this server"):
        enter(tmp_path, claims, settings)
    assert not Spaces(tmp_path).every()


def test_a_session_lasts_as_long_as_is_set_and_opens_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    space, token = enter(tmp_path, ANNA, read(AUTH))
    spaces = Spaces(tmp_path)
    file = next(spaces.sessions.glob("*.json"))
    write_json(file, {**read_json(file), "began": read_json(file)["began"] - 3600})

    assert spaces.of_token(token) == space
    monkeypatch.setenv("TL_SESSION_HOURS", "0.5")
    assert spaces.of_token(token) is None
    monkeypatch.setenv("TL_SESSION_HOURS", "never")
    with pytest.raises(InputError, match="TL_SESSION_HOURS is “never”"):
        spaces.of_token(token)
    monkeypatch.setenv(mode.VARIABLE, "classroom")
    assert spaces.of_token(token) is None
    _space, rooms = spaces.add("Ben")
    monkeypatch.setenv("TL_SESSION_HOURS", "0.5")
    monkeypatch.setenv(mode.VARIABLE, "server")
    assert spaces.of_token(rooms) is None
    enter(tmp_path, ANNA, read(AUTH))
    assert not file.exists()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({}, True),
        ({"email": "A@EXAMPLE.ORG"}, True),
        ({"email_verified": False}, False),
        ({"email_verified": "true"}, False),
        ({"email": "\u212a@example.org"}, False),  # the sign of kelvin: its lower case is a k
        ({"email": None}, False),
        ({"sub": "2", "email": "k@example.org"}, True),
    ],
)
def test_who_looks_after_people_is_named_by_a_verified_address(tmp_path: Path, monkeypatch, change, named: bool):
    monkeypatch.setenv(sign_in.OPERATORS, "a@example.org, K@Example.org")
    settings = read(AUTH)
    _space, token = enter(tmp_path, {**ANNA, **change}, settings)
    session = Spaces(tmp_path).session(token)

    assert sign_in.is_operator(session, settings) is named
    assert bool(session.address) is named, "else no address is kept"
    assert not sign_in.is_operator(session, read_without(monkeypatch))


def read_without(monkeypatch: pytest.MonkeyPatch) -> sign_in.SignIn:
    monkeypatch.delenv(sign_in.OPERATORS)
    return read(AUTH)


def test_or_by_the_id_of_the_space_and_by_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(sign_in.OPERATORS, space_id(ANNA["iss"], "1"))
    settings = read(AUTH)
    hers, his = (enter(tmp_path, {**ANNA, "sub": subject}, settings)[1] for subject in ("1", "2"))
    assert [sign_in.is_operator(Spaces(tmp_path).session(each), settings) for each in (hers, his)] == [True, False]
    for wrong in ("anna", "*", "@example.org", "f" * 31, "ä@example.org"):
        monkeypatch.setenv(sign_in.OPERATORS, wrong)
        with pytest.raises(InputError, match="TL_OPERATORS has"):
            read(AUTH)
