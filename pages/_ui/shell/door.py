"""The door of a server that several people share: no request gets in without a session, but for joining or signing in.

Whatever is not named here needs the cookie of a session, so a new route is closed until it is opened on purpose.
"""

import re
from urllib.parse import quote

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime

from pages._ui.shell import people, sign_in
from tl_core import log, mode
from tl_core.spaces.spaces import Space

JOIN = "/join"
#: Open to everybody, in a room or behind a sign-in: the way in; whether the server is up; the page of a model, by a
#: token of its own.
OPEN = {
    "classroom": re.compile(r"/join(/[a-z]+)?|/teacher/[^/]+|/_stcore/health|/api/page/[^/]+"),
    "server": re.compile(
        r"/sign-in(/go)?|/auth/(login|logout)|/oauth2callback|/health|/_stcore/health|/api/page/[^/]+"
    ),
}
#: Open to nobody: what answers in the name of no person, or says something of the whole server.
CLOSED = re.compile(r"/_stcore/(metrics|st-metrics|agent|script-health-check)(/.*)?|/auth/.*|/oauth2callback")
#: What addresses begin with that the log may name.
ROOTS = ("api", "upload", "live", "boxes", "download", "page", "media", "component", "_stcore", "stream", "upload_file")
_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/.*")
_MEDIA = re.compile(r"/media/([^/.]+)(\.[^/]*)?")
_SOCKET = "/_stcore/stream"
_PROTOCOL = "sec-websocket-protocol"
#: Of each answer, also of those of Streamlit: nobody may put the app into a frame, or learn addresses from it.
HEADERS = {"x-frame-options": "DENY", "referrer-policy": "same-origin", "x-content-type-options": "nosniff"}


def way_in() -> str:
    """Return the address at which people come in."""
    return sign_in.PAGE if mode.has_sign_in() else JOIN


def base() -> str:
    """Return what every address begins with, for instance ``"/thaw"``; mostly nothing."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def door() -> Middleware:
    """Return the ASGI middleware. Where the app is one person's, it lets everything through as it is."""
    return Middleware(_Door)


class _Door:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or not mode.has_people():
            await self.app(scope, receive, send)
            return
        path = path_of(scope)
        token = HTTPConnection(scope).cookies.get(people.cookie_name())
        space = people.spaces().of_token(token)
        people.show(token if space else None)
        is_open = OPEN[mode.current()].fullmatch(path)
        if CLOSED.fullmatch(path) and not is_open:
            await _refuse(scope, receive, send, PlainTextResponse("Not here.", 404))
        elif not (is_open or (space and _may(path, space))):
            await _refuse(scope, receive, send, _no_entry(scope, space, path))
        else:
            if scope["type"] == "websocket":
                scope = _without_foreign_session(scope, space)
            await self.app(scope, receive, _guarded(send))


def _known(path: str) -> str:
    """Return the beginning of an address for the log: words of ours, and no token or name that somebody typed."""
    return "/" + "/".join(each for each in path.split("/")[1:3] if each in ROOTS)


def path_of(scope: Scope) -> str:
    return str(scope["path"]).removeprefix(base())


def _may(path: str, space: Space) -> bool:
    """Return whether an address is of this person, as far as the address itself says whose it is."""
    if upload := _UPLOAD.fullmatch(path):
        return people.is_of(upload[1], space)
    if path.startswith("/media/"):
        media = _MEDIA.fullmatch(path)
        return media is not None and _shows(media[1], space)
    return True


def _shows(media: str, space: Space) -> bool:
    """Return whether a page of this person shows a picture or file that Streamlit keeps."""
    files = runtime.get_instance().media_file_mgr._files_by_session_and_coord  # nothing public says it
    shown = (files.get(session, {}).values() for session in people.sessions_of(space))
    return people.has_made(media, space) or any(media in each for each in shown)


def _without_foreign_session(scope: Scope, space: Space | None) -> Scope:
    """Return the opening of a websocket without the session that it wants back, unless that is of this person."""
    headers = MutableHeaders(raw=list(scope["headers"]))
    parts = [part.strip() for part in headers.get(_PROTOCOL, "").split(",")]
    if len(parts) > 2 and not (space and people.is_of(parts[2], space)):
        headers[_PROTOCOL] = ", ".join(parts[:2])
    return {**scope, "headers": headers.raw}


def _no_entry(scope: Scope, space: Space | None, path: str) -> Response:
    wants_page = (
        scope["type"] == "http" and scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")
    )
    if wants_page and space is None:
        place = quote(f"{base()}{way_in()}")
        ended = mode.has_sign_in() and people.cookie_name() in HTTPConnection(scope).cookies
        return RedirectResponse(f"{place}?why=ended" if ended else place, 303)
    log.event("refused", reason="session", space=space.id if space else None, path=_known(path))
    first = "Sign in first." if mode.has_sign_in() else "Join the room first."
    return PlainTextResponse(first if space is None else "This is not yours.", 403)


async def _refuse(scope: Scope, receive: Receive, send: Send, answer: Response) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
    else:
        await answer(scope, receive, _guarded(send))


def _by_https_alone(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Return a header; if it sets a cookie, also one of Streamlit's, browsers send that by https alone."""
    is_open = name == b"set-cookie" and b"; secure" not in value.lower()
    return name, value + b"; Secure" if is_open else value


def _guarded(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if people.is_secure():
                message = {**message, "headers": [_by_https_alone(*each) for each in headers.raw]}
        await send(message)

    return guarded
