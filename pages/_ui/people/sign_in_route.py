"""Signing in and out: the page that offers it, and the sessions that begin and end with what the provider says.

Streamlit speaks with the provider. Its answer to the browser on the way back names the person in a signed cookie; here
that becomes a session of the person's space, which this server can end, and which ends by itself.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.user_info import generate_login_redirect_url
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from pages._ui.people import plain
from pages._ui.shell import door, people, sign_in
from tl_core import log, mode
from tl_core.errors import InputError, TLError
from tl_core.language import N_, _
from tl_core.spaces.sign_in import DEFAULT, NOT_ALLOWED, enter

#: What the page says, by the word that an address has for it.
SAID = {
    "ended": people.ENDED,
    "out": N_("You are signed out of Thaw. Your training goes on, and is there when you sign in again."),
    "provider": N_(
        "The sign-in service does not answer. Try again in a minute; if it stays so, tell the people who run this "
        "server. Who is signed in can go on working."
    ),
    "again": N_("The sign-in was not finished: it took too long, or its page was opened twice. Try again."),
    "refused": N_("The sign-in service did not let you in. Try again, or sign in with another account."),
    "settings": N_(
        "The sign-in service does not take what this server asks of it. Tell the people who run this server."
    ),
    "account": NOT_ALLOWED,
    "full": N_("Your space could not be opened: the disk of this server is full. Tell the people who run it."),
}
#: Errors of OpenID Connect that a person has caused, and what each of them looks like.
_OF_PEOPLE, _ERROR = ("access_denied", "login_required", "account_selection_required"), re.compile(r"[a-z_]{1,40}")
#: Those that are no problem.
_CALM = ("out",)


def routes() -> list[Route]:
    """Return the routes to hand to ``st.App``; none where there is no sign-in."""
    if not mode.has_sign_in():
        return []
    return [
        Route(sign_in.PAGE, plain.in_a_thread(_page), methods=["GET"], name="sign-in"),
        Route(sign_in.GO, plain.in_a_thread(_go), methods=["GET"], name="sign-in-go"),
    ]


def _page(request: Request) -> Response:
    why, space = request.query_params.get("why", ""), people.current()
    return plain.page(
        "sign_in",
        said=_(SAID[why]) if why in SAID and space is None else "",
        calm=why in _CALM,
        name=space.person().name if space else "",
        providers=[("" if each == DEFAULT else each.title(), each) for each in sign_in.settings().providers],
        out=f"{door.base()}{sign_in.LOGOUT}",
        go=f"{door.base()}{sign_in.GO}",
    )


def _go(request: Request) -> Response:
    provider = request.query_params.get("by", DEFAULT)
    if provider not in sign_in.settings().providers:
        return _back("again")
    return RedirectResponse(generate_login_redirect_url(provider), 303)


def _back(why: str) -> Response:
    return RedirectResponse(f"{door.base()}{sign_in.PAGE}?why={why}", 303)


def gate() -> Middleware:
    """Return the ASGI middleware that begins and ends sessions with what Streamlit answers."""
    return Middleware(_Gate)


class _Gate:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answers = {sign_in.LOGIN: _led, sign_in.CALLBACK: _returned, sign_in.LOGOUT: _left}
        answer = answers.get(door.path_of(scope)) if scope["type"] == "http" and mode.has_sign_in() else None
        if answer is None:
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        if answer is _left and request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            await _back("again")(scope, receive, send)  # another site would sign people out
            return
        given = await _given(self.app, scope, receive)
        await (await asyncio.to_thread(answer, request, given))(scope, receive, send)


async def _given(app: ASGIApp, scope: Scope, receive: Receive) -> Response:
    """Return what Streamlit answers; an empty answer with the status 500 where it has a bug."""
    given = Response(status_code=500)

    async def collect(message: Message) -> None:
        if message["type"] == "http.response.start":
            given.status_code, given.raw_headers = message["status"], list(message["headers"])
        else:
            given.body += message.get("body", b"")

    try:
        await app(scope, receive, collect)
    except Exception as exc:  # what goes wrong here, a provider has sent
        log.event("sign-in", state="failed", error=type(exc).__name__)
    return given


def _led(request: Request, given: Response) -> Response:
    """Lead to the provider, or say that it cannot be reached."""
    there = urlsplit(given.headers.get("location", "")).netloc
    if given.status_code < 400 and there:
        return given
    log.event("sign-in", state="failed", error="provider" if given.status_code >= 400 else "expired")
    return _back("provider" if given.status_code >= 400 else "again")


def _returned(request: Request, given: Response) -> Response:
    """Begin a session of whom the provider names, or say why there is none."""
    asked = request.query_params
    claims = _claims(given)
    if claims is None:
        if not ("state" in asked or "error" in asked):  # from signing out
            return _back("out")
        error = asked.get("error", "")
        why = "again" if not error else "refused" if error in _OF_PEOPLE else "settings"
        log.event("sign-in", state="failed", error=error if _ERROR.fullmatch(error) else why)
        return _back(why)
    try:
        space, token = enter(people.spaces().root, claims, sign_in.settings())
    except InputError:
        log.event("sign-in", state="refused")
        return _back("account")
    except TLError as exc:
        log.event("sign-in", state="failed", error=type(exc).__name__)
        return _back("full")
    log.event("sign-in", state="in", space=space.id)
    return people.let_in(given, token)


def _left(request: Request, given: Response) -> Response:
    """End the session, whatever the provider says."""
    people.end(request.cookies.get(people.cookie_name(), ""))
    there = urlsplit(given.headers.get("location", "")).netloc
    if given.status_code >= 400 or not there:  # the provider has no way out, or does not answer
        given.headers["location"], given.status_code = f"{door.base()}{sign_in.PAGE}?why=out", 303
    return people.let_out(given)


def _claims(given: Response) -> Mapping[str, Any] | None:
    """Return what the provider says of a person, from the cookie that Streamlit has just signed; else None."""
    jar: SimpleCookie = SimpleCookie()
    for value in given.headers.getlist("set-cookie"):
        try:
            jar.load(value)
        except CookieError:
            return None
    secret = get_cookie_secret()

    def one(name: str) -> bytes | None:
        return decode_signed_value(secret, name, jar[name].value) if name in jar and jar[name].value else None

    signed = get_cookie_with_chunks(one, USER_COOKIE_NAME)
    try:
        claims = json.loads(signed) if signed else None
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None
