"""A workspace for each person, and the session by which a browser gets into it.

``ROOT/spaces/<id>/`` is the workspace of a person, with ``person.json``; ``ROOT/sessions/<hash>.json`` names the space
of a session. The session's token itself is only in the cookie of its browser: who reads the disk can not come in by
what lies there.
"""

import hashlib
import re
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tl_core import limits, mode
from tl_core.errors import DamagedError, NotFoundError
from tl_core.files import PRIVATE, locked, read_record, read_stored, storage_errors, subfolder, subfolders, write_record
from tl_core.workspace import SPACE_ID, SPACES, Workspace, one_line

Role = Literal["member", "teacher"]
#: A nickname is at most this long.
LONGEST_NICKNAME = 30
#: Random bytes of the token of a session; 256 bits.
TOKEN_BYTES = 32
#: How long a browser is let in by one session of a room, in seconds.
SESSION_SECONDS = 7 * 86_400.0
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whose a space is: ``person.json``.

    Attributes:
        name: as the others read it; plain text. No two people of a room have the same.
        role: what the person may do beyond the own space.
        joined: when, in seconds since the epoch.
        signed_in: when, the last time; 0 in a room, where nobody signs in.
    """

    name: str
    role: Role = "member"
    joined: float = 0.0
    signed_in: float = 0.0


@dataclass(frozen=True)
class Space:
    """The workspace of a person, by its folder."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def workspace(self) -> Workspace:
        return Workspace.open(self.folder)

    def person(self) -> Person:
        """Return whose it is. Raises DamagedError or NotFoundError if that cannot be read."""
        return read_record(self.folder / "person.json", Person)

    @property
    def is_teachers(self) -> bool:
        return self.person().role == "teacher"


@dataclass(frozen=True, kw_only=True)
class Session:
    """What lets a browser in: ``sessions/<hash of its token>.json``.

    Attributes:
        space: id of the space that it opens.
        began: in seconds since the epoch.
        way: in which the server ran that has begun it: it opens nothing on a server that lets people in otherwise.
        address: of e-mail, verified by the provider, if it was an operator's; else that is nowhere.
    """

    space: str
    began: float
    way: mode.Mode = "classroom"
    address: str = ""


def session_seconds() -> float:
    """Return how long a browser is let in by one session: in a room a week, after a sign-in ``TL_SESSION_HOURS``."""
    return limits.setting(limits.HOURS) * 3600 if mode.has_sign_in() else SESSION_SECONDS


@dataclass(frozen=True)
class Spaces:
    """All spaces below a root.

    >>> import tempfile
    >>> every = Spaces(Path(tempfile.mkdtemp()))
    >>> anna, token = every.add("Anna")
    >>> every.of_token(token) == anna, every.of_token("guessed"), every.add("anna")[0].person().name
    (True, None, 'anna 2')
    """

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / SPACES

    @property
    def sessions(self) -> Path:
        return self.root / "sessions"

    def every(self) -> list[Space]:
        """Return all spaces, who came first first; one whose person cannot be read is left out."""
        found = [Space(each) for each in subfolders(self.folder) if SPACE_ID.fullmatch(each.name)]
        known = [(person.joined, space) for space in found if (person := _person(space))]
        return [space for _joined, space in sorted(known, key=lambda each: (each[0], each[1].id))]

    def damaged(self) -> list[str]:
        """Return a sentence for each space whose person cannot be read; what lies in it is whole."""
        found = [Space(each) for each in subfolders(self.folder) if SPACE_ID.fullmatch(each.name)]
        return [sentence for space in found if (sentence := _damage(space))]

    def add(self, nickname: str, role: Role = "member") -> tuple[Space, str]:
        """Make a space for a person, and return it with the token of a session.

        Args:
            nickname: as it was typed. Where another person has it, a number tells the two apart.
            role: see ``Person``.
        """
        space = Space(self.folder / secrets.token_hex(16))
        with storage_errors():
            self.folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        with locked(self.folder):  # two people of one nickname may come at once
            taken = {person.name.casefold() for each in self.every() if (person := _person(each))}
            named = Person(name=free_nickname(nickname, taken), role=role, joined=time.time())
            write_record(space.folder / "person.json", named)
        return space, self.let_in(space)

    def let_in(self, space: Space, address: str = "") -> str:
        """Begin a session of a space and return its token, which is nowhere else. ``address`` as in ``Session``."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        session = Session(space=space.id, began=time.time(), way=_way(), address=address)
        write_record(self._session(token), session)
        return token

    def session(self, token: str | None) -> Session | None:
        """Return the session of a token; None for any other text, and once the session has ended."""
        if token is None or not _TOKEN.fullmatch(token):
            return None
        session = read_stored(self._session(token), Session)
        return None if session is None or session.way != _way() or _has_ended(session) else session

    def of_token(self, token: str | None) -> Space | None:
        """Return the space that a session's token opens; None for any other text, and once the session has ended."""
        session = self.session(token)
        if session is None:
            return None
        folder = subfolder(self.folder, session.space) if SPACE_ID.fullmatch(session.space) else None
        return Space(folder) if folder and _person(Space(folder)) else None

    def end(self, token: str) -> None:
        """End one session."""
        if _TOKEN.fullmatch(token):
            self._session(token).unlink(missing_ok=True)

    def end_of(self, space: Space) -> None:
        """End every session of a space."""
        for file in self.sessions.glob("*.json"):
            session = read_stored(file, Session)
            if session is not None and session.space == space.id:
                file.unlink(missing_ok=True)

    def forget_ended(self) -> None:
        """Remove what is left of sessions that have ended by themselves."""
        for file in self.sessions.glob("*.json"):
            session = read_stored(file, Session)
            if session is not None and _has_ended(session):
                file.unlink(missing_ok=True)

    def end_all(self) -> None:
        """End every session: nobody is let in by what their browser has."""
        shutil.rmtree(self.sessions, ignore_errors=True)

    def remove(self, every: Iterable[Space]) -> None:
        """Delete spaces with all that is in them, for good."""
        for space in every:
            if space.folder.parent == self.folder and SPACE_ID.fullmatch(space.id):
                shutil.rmtree(space.folder, ignore_errors=True)

    def _session(self, token: str) -> Path:
        return self.sessions / f"{hashlib.sha256(token.encode()).hexdigest()}.json"


def _way() -> mode.Mode:
    return "server" if mode.has_sign_in() else "classroom"


def _has_ended(session: Session) -> bool:
    return not 0 <= time.time() - session.began + 60 < session_seconds()


def _person(space: Space) -> Person | None:
    try:
        return space.person()
    except (NotFoundError, DamagedError):
        return None


def _damage(space: Space) -> str | None:
    try:
        space.person()
    except (NotFoundError, DamagedError) as exc:
        return str(exc)
    return None


def nickname_of(typed: str) -> str:
    """Return a nickname as it is kept: one line, not too long; empty if there is nothing to call a person by.

    >>> nickname_of("  Anna  Maria "), nickname_of("..")
    ('Anna Maria', '')
    """
    plain = one_line(typed, LONGEST_NICKNAME)
    return plain if any(each.isalnum() for each in plain) else ""


def free_nickname(typed: str, taken: set[str]) -> str:
    """Return a nickname that nobody has.

    Args:
        typed: by the person.
        taken: those of the others, case-folded.

    >>> free_nickname("Anna", {"anna", "anna 2"})
    'Anna 3'
    """
    name = nickname_of(typed) or "?"
    if name.casefold() not in taken:
        return name
    stem = name[: LONGEST_NICKNAME - 5]
    return next(each for number in range(2, len(taken) + 3) if (each := f"{stem} {number}").casefold() not in taken)
