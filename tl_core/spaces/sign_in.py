"""Sign-in by OpenID Connect: what its settings must say, who may come in, and whose space an identity opens.

A person is who the provider says, by its issuer and subject together: both stay, while names and addresses change and
pass on to others.
"""

import hashlib
import ipaddress
import json
import os
import re
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from tl_core.errors import InputError
from tl_core.files import PRIVATE, locked, read_stored, storage_errors, write_record
from tl_core.language import N_, _
from tl_core.spaces.spaces import Person, Session, Space, Spaces, nickname_of
from tl_core.workspace import SPACE_ID

PROXIES, DOMAINS, GROUPS, OPERATORS = "TL_PROXIES", "TL_DOMAINS", "TL_GROUPS", "TL_OPERATORS"
#: Where the provider sends people back to.
CALLBACK = "/oauth2callback"
#: What a provider of one's own, without a name, is called.
DEFAULT = "default"
#: Of the secret that signs cookies, in characters.
SHORTEST_SECRET = 32
LOOPBACK = ("localhost", "127.0.0.1", "::1")
NOT_ALLOWED = N_(
    "Your account may not use this server. Sign in with another one, or ask the people who run the server."
)
NO_IDENTITY = N_("The sign-in service did not say who you are. Tell the people who run the server.")
_KEYS = ("client_id", "client_secret", "server_metadata_url")
_NAME = re.compile(r"[a-z0-9-]{1,40}")
_ADDRESS = re.compile(r"[!-?A-~]+@[!-?A-~]+")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """The settings of a server behind a sign-in.

    Attributes:
        address: by which browsers know the server, without a slash at its end: ``"https://thaw.example.org"``.
        providers: names of the providers; ``"default"`` is the one without a name.
        proxies: networks of the proxies whose word on host, scheme and client counts.
        domains: of e-mail addresses that may come in, in lower case; empty if all may.
        groups: of which a person must be in one; empty if none is needed.
        operators: who may see and remove people: addresses of e-mail, in lower case, and ids of spaces.
    """

    address: str
    providers: tuple[str, ...]
    proxies: tuple[Network, ...] = ()
    domains: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    operators: frozenset[str] = frozenset()

    @property
    def _split(self) -> SplitResult:
        return urlsplit(self.address)

    @property
    def netloc(self) -> str:
        """Host and port as browsers send them: ``"thaw.example.org"``."""
        return self._split.netloc

    @property
    def host(self) -> str:
        return self._split.hostname or ""

    @property
    def is_secure(self) -> bool:
        return self._split.scheme == "https"

    @property
    def base(self) -> str:
        """The path below which the app is, without slashes at its ends: mostly empty."""
        return self._split.path.strip("/")

    def trusts(self, address: str) -> bool:
        """Return whether an IP address is one of a proxy whose word counts."""
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in each for each in self.proxies)


def load(file: Path) -> SignIn:
    """Return the settings of a file in TOML, and of the environment. Raises InputError with what is wrong in them."""
    if file.suffix != ".toml":  # Streamlit reads no other
        text = _("The settings of the sign-in are in {file}. Give the file a name that ends in .toml.")
        raise InputError(text.format(file=file))
    try:
        secrets = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise InputError(
            _("The settings of the sign-in are not there: {file}. README says what the file holds.").format(file=file)
        ) from exc
    except (OSError, ValueError) as exc:
        text = _("The settings of the sign-in cannot be read: {file} ({reason}). Correct the file.")
        raise InputError(text.format(file=file, reason=exc)) from exc
    return read(secrets.get("auth"))


def read(auth: Any) -> SignIn:
    """Return the settings of ``[auth]`` in Streamlit's secrets, and of the environment.

    Raises:
        InputError: one is missing or wrong. A secret is never in the sentence.
    """
    if not isinstance(auth, Mapping):
        raise InputError(_("The settings of the sign-in have no section [auth]. README says what it holds."))
    secret = auth.get("cookie_secret")
    if not isinstance(secret, str) or len(secret) < SHORTEST_SECRET:
        text = _("cookie_secret in [auth] has {length} characters. Set it to at least {least} random ones: {command}")
        length = len(secret) if isinstance(secret, str) else 0
        raise InputError(text.format(length=length, least=SHORTEST_SECRET, command="openssl rand -hex 32"))
    named = {name: each for name, each in auth.items() if isinstance(each, Mapping) and name != "client_kwargs"}
    every = {**({DEFAULT: auth} if "client_id" in auth or not named else {}), **named}
    for name, each in every.items():
        _check_provider(name, each)
    return SignIn(
        address=_address(auth.get("redirect_uri")),
        providers=tuple(every),
        proxies=tuple(_network(each) for each in _listed(PROXIES)),
        domains=frozenset(each.lower().removeprefix("@") for each in _listed(DOMAINS)),
        groups=frozenset(_listed(GROUPS)),
        operators=frozenset(_operator(each) for each in _listed(OPERATORS)),
    )


def _check_provider(name: str, settings: Mapping[str, Any]) -> None:
    section = "[auth]" if name == DEFAULT else f"[auth.{name}]"
    if not _NAME.fullmatch(name):
        text = _("{section} has a name that cannot be. Use lower-case letters, digits and hyphens.")
        raise InputError(text.format(section=section[:60]))
    missing = [each for each in _KEYS if not (isinstance(settings.get(each), str) and settings[each])]
    if missing:
        raise InputError(
            _("{section} lacks {missing}. Copy it from your provider.").format(
                section=section, missing=", ".join(missing)
            )
        )
    _safe("server_metadata_url", section, settings["server_metadata_url"])


def _address(redirect: Any) -> str:
    given = redirect if isinstance(redirect, str) else ""
    if not given.endswith(CALLBACK):
        text = _(
            "redirect_uri in [auth] is “{given}”. Set it to the address of this server with {callback} at its end."
        )
        raise InputError(text.format(given=given[:200], callback=CALLBACK))
    _safe("redirect_uri", "[auth]", given)
    return given.removesuffix(CALLBACK)


def _safe(name: str, section: str, address: str) -> None:
    """Refuse an address that others in the network could read along, or answer for."""
    try:
        split = urlsplit(address)
        known, _port = split.hostname, split.port
    except ValueError:
        split, known = urlsplit(""), None
    if not known or split.username or not (split.scheme == "https" or (split.scheme == "http" and known in LOOPBACK)):
        text = _("{name} in {section} is “{given}”. Set it to an address with https; http only on this machine itself.")
        raise InputError(text.format(name=name, section=section, given=address[:200]))


def _listed(name: str) -> list[str]:
    return [each for each in re.split(r"[,\s]+", os.environ.get(name, "")) if each]


def _network(given: str) -> Network:
    try:
        return ipaddress.ip_network(given, strict=False)
    except ValueError as exc:
        text = _("{name} has “{given}”. List addresses or networks of your proxies: 127.0.0.1, 10.0.0.0/24.")
        raise InputError(text.format(name=PROXIES, given=given[:60])) from exc


def _operator(given: str) -> str:
    if SPACE_ID.fullmatch(given) or _ADDRESS.fullmatch(given):
        return given.lower()
    text = _("{name} has “{given}”. List addresses of e-mail, or ids of people as the command people lists them.")
    raise InputError(text.format(name=OPERATORS, given=given[:60]))


def enter(root: Path, claims: Mapping[str, Any], settings: SignIn) -> tuple[Space, str]:
    """Let the person in that a provider has named, and return the space with the token of a new session.

    Args:
        root: of all spaces.
        claims: of the identity token, whose signature, issuer, audience and nonce were checked.
        settings: say who may come in.

    Raises:
        InputError: there is no identity in it, or the person may not come in.
    """
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not (isinstance(issuer, str) and issuer and isinstance(subject, str) and subject):
        raise InputError(_(NO_IDENTITY))
    if not _may_enter(claims, settings):
        raise InputError(_(NOT_ALLOWED))
    spaces = Spaces(root)
    space = Space(spaces.folder / space_id(issuer, subject))
    with storage_errors():
        spaces.folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    with locked(spaces.folder):
        before = read_stored(space.folder / "person.json", Person)
        joined = before.joined if before else time.time()
        named = Person(name=_name(claims) or space.id[:8], joined=joined, signed_in=time.time())
        write_record(space.folder / "person.json", named)
    spaces.forget_ended()
    address = _verified(claims)
    return space, spaces.let_in(space, address if address in settings.operators else "")


def is_operator(session: Session, settings: SignIn) -> bool:
    """Return whether the settings name whose session this is: by its space, or the address that it began with."""
    return bool(settings.operators & {session.space, session.address})


def space_id(issuer: str, subject: str) -> str:
    """Return the id of the space of a person: always the same, and another one for each issuer and subject.

    >>> space_id("https://id.example.org", "1") == space_id("https://id.example.org/", "1")
    False
    """
    return hashlib.sha256(json.dumps([issuer, subject]).encode()).hexdigest()[:32]


def _may_enter(claims: Mapping[str, Any], settings: SignIn) -> bool:
    """Return whether one of the domains and one of the groups is the person's, where some are set."""
    groups, domain = claims.get("groups"), _verified(claims).rpartition("@")[2]
    own = {each for each in groups if isinstance(each, str)} if isinstance(groups, list) else set()
    return (not settings.domains or domain in settings.domains) and (not settings.groups or bool(own & settings.groups))


def _verified(claims: Mapping[str, Any]) -> str:
    """Return the person's address of e-mail in lower case; empty unless the provider says that it is verified.

    Only A to Z are changed: there are other letters whose lower case is one of a to z.
    """
    email = claims.get("email")
    verified = claims.get("email_verified") is True and isinstance(email, str)
    return re.sub("[A-Z]+", lambda each: each[0].lower(), str(email)) if verified else ""


def _name(claims: Mapping[str, Any]) -> str:
    """Return what to call a person, which that person alone reads; empty where the provider says no name."""
    given = (nickname_of(str(claims.get(key) or "")) for key in ("name", "preferred_username", "email"))
    return next(filter(None, given), "")
