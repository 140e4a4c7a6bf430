"""Who asks, where several people share the server: the space that a session's cookie opens, and nothing beside it.

A browser shows its cookie with each request and when it opens the websocket of a page; ``door`` looks at both before
anything else does. A run of a page has the space of the websocket that it belongs to, for as long as that session
lasts. Where the app is one person's, nobody is asked for anything.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import streamlit as st
from starlette.responses import Response
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages._ui.shell import sign_in
from tl_core import log, mode
from tl_core.errors import TLError
from tl_core.language import N_, _
from tl_core.spaces.spaces import Space, Spaces, session_seconds
from tl_core.workspace import Workspace

#: With https the prefix makes browsers refuse the cookie where it was set for other names, paths or without https.
COOKIE, SECURE_COOKIE = "thaw-space", "__Host-thaw-space"
#: Sessions of pages that are remembered; of more the oldest have to show their cookie again.
MOST_SESSIONS = 4096
NOBODY = N_("This page is for people in the room. Join it first.")
ENDED = N_("Your session has ended. Sign in again: your work is where it was.")
#: After so many seconds without a sign of a person, the teacher reads that they are away.
AWAY_SECONDS = 90.0


class NobodyError(TLError):
    """Somebody asks for a workspace without a session that opens one."""


@dataclass(frozen=True)
class Presence:
    """Where a person was seen last: the address of the page, "" for the first one, and when."""

    page: str
    time: float


#: The token that a request shows.
_shown: ContextVar[str | None] = ContextVar("thaw-space", default=None)
#: The token that each session of a page began with.
_tokens: OrderedDict[str, str] = OrderedDict()
_presence: dict[str, Presence] = {}
#: The files that were made for a download: by the id that Streamlit gives them, the spaces that they are of.
_files: OrderedDict[str, set[str]] = OrderedDict()


def cookie_name() -> str:
    """Return the name of the cookie that holds the token of a session."""
    return SECURE_COOKIE if is_secure() else COOKIE


def is_secure() -> bool:
    """Return whether browsers reach this server by https: its own, or that of the proxy of a team's server."""
    return sign_in.settings().is_secure if mode.has_sign_in() else bool(st.get_option("server.sslCertFile"))


def let_in(answer: Response, token: str) -> Response:
    """Give a browser the cookie of a session.

    It comes from no other site. Only after a sign-in it does with the first address: there the provider leads to it.
    """
    lasts = round(session_seconds())
    answer.set_cookie(cookie_name(), token, max_age=lasts, path="/", httponly=True, **_cookie_is())
    return answer


def let_out(answer: Response) -> Response:
    """Take the cookie of its session from a browser."""
    answer.delete_cookie(cookie_name(), path="/", httponly=True, **_cookie_is())
    return answer


def _cookie_is() -> Any:
    return {"secure": is_secure(), "samesite": "lax" if mode.has_sign_in() else "strict"}


def sign_out() -> None:
    """End the session of who asks, and lead the browser to where the provider ends its own."""
    end(_token() or "")
    st.logout()


def end(token: str) -> None:
    """End a session, if there is one by this token."""
    if (space := spaces().of_token(token)) is not None:
        spaces().end(token)
        log.event("sign-out", space=space.id)


def spaces() -> Spaces:
    """Return all spaces of this server."""
    return Spaces(Workspace.open().root)


def show(token: str | None) -> None:
    """Let what answers this request, and whatever it calls, be of whom the token lets in."""
    _shown.set(token)


def current() -> Space | None:
    """Return the space of who asks; None where nobody is let in, and where the app is one person's."""
    return spaces().of_token(_token()) if mode.has_people() else None


def _token() -> str | None:
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return _shown.get()
    return _tokens.get(context.session_id) or admit(context.session_id, _cookie())


def _cookie() -> str | None:
    """Return the token that the browser of this page has shown; in a test of pages there is no browser."""
    shown: object = st.context.cookies.get(cookie_name())
    return shown if isinstance(shown, str) else None


def admit(session: str, token: str | None) -> str | None:
    """Let a session of a page be of whom a token lets in, for as long as it lasts; return the token if it does."""
    if token is None or spaces().of_token(token) is None:
        return None
    _tokens[session] = token
    while len(_tokens) > MOST_SESSIONS:
        _tokens.popitem(last=False)
    return token


def is_of(session: str, space: Space) -> bool:
    """Return whether a session of a page is one of this space."""
    return spaces().of_token(_tokens.get(session)) == space


def sessions_of(space: Space) -> list[str]:
    """Return the sessions of pages that are of this space."""
    return [session for session in list(_tokens) if is_of(session, space)]


def required() -> Space:
    """Return the space of who asks. Raises NobodyError where nobody is let in."""
    space = current()
    if space is None:
        raise NobodyError(_(ENDED if mode.has_sign_in() else NOBODY))
    return space


def is_admitted() -> bool:
    """Return whether this run of a page may go on: always where the app is one person's.

    Who comes back to a session of a page with the cookie of another one is not let in.
    """
    if not mode.has_people():
        return True
    context, shown = get_script_run_ctx(suppress_warning=True), _cookie()
    began = _tokens.get(context.session_id) if context else None
    return current() is not None and (began is None or shown is None or shown == began)


def owns(path: Path) -> bool:
    """Return whether a file or folder is of who asks; always where the app is one person's."""
    if not mode.has_people():
        return True
    space = current()
    return space is not None and path.is_relative_to(space.folder)


def is_teacher() -> bool:
    """Return whether who asks is the teacher of the room."""
    space = current()
    return space is not None and space.is_teachers


def is_operator() -> bool:
    """Return whether the settings of a team's server name who asks as one who looks after its people."""
    if not mode.has_sign_in() or current() is None:
        return False
    session = spaces().session(_token())
    return session is not None and sign_in.is_operator(session)


def seen(page: str) -> None:
    """Note on which page who asks is."""
    if (space := current()) is not None:
        _presence[space.id] = Presence(page, time.time())


def presence(space: Space) -> Presence | None:
    """Return where a person was seen last; None if not since the server began."""
    return _presence.get(space.id)


def noted(make: Callable[[], bytes | str | BinaryIO], name: str, mime: str) -> Callable[[], bytes | str | BinaryIO]:
    """Return what makes a file for a download, noting that the file is of who asks for it now.

    Streamlit gives a file to whoever knows its id, and does not say for which session it has made it.
    """
    space = current()
    if space is None:
        return make
    from streamlit.runtime.memory_media_file_storage import _calculate_file_id  # nothing public says it

    def made() -> bytes:
        given = make()
        data = given.encode() if isinstance(given, str) else given if isinstance(given, bytes) else given.read()
        _files.setdefault(_calculate_file_id(data, mime, name), set()).add(space.id)
        while len(_files) > MOST_SESSIONS:
            _files.popitem(last=False)
        return data

    return made


def has_made(file: str, space: Space) -> bool:
    """Return whether a file was made for a download of this person."""
    return space.id in _files.get(file, ())
