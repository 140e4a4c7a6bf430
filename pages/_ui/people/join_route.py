"""The way in: a code and a nickname, a session in a cookie that no script reads. And the teacher's link.

These pages are plain HTML without any script: they are all that somebody sees who is not in the room.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from pages._ui.shell import door, language, people
from pages._ui.shell.requests import RefusedError, limited
from tl_core import language as languages
from tl_core import mode
from tl_core.errors import InputError, NotFoundError, TLError
from tl_core.language import N_, _
from tl_core.spaces import room
from tl_core.spaces.guesses import Guesses
from tl_core.spaces.spaces import SESSION_SECONDS, Space
from tl_core.wording import estimate

ASSETS = Path(__file__).parents[3] / "assets"
#: Of what the form sends, in bytes.
MOST_BYTES = 4096
#: Where the teacher's page is.
ROOM = "/room"
NO_LINK = N_("This link leads nowhere: a newer one was made, or the room is closed.")
NOT_NOW = N_("Too many wrong codes from this device. Try again in {time}.")
FORGED = N_("This did not come from the page of the room. Load it again.")
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}

guesses = Guesses()
Handler = Callable[[Request], Awaitable[Response]]


def routes() -> list[Route]:
    """Return the routes to hand to ``st.App``; none where the app is one person's."""
    if not mode.has_people():
        return []
    return [
        Route(door.JOIN, _in_a_thread(_join_page), methods=["GET"], name="join"),
        Route(door.JOIN, _join, methods=["POST"], name="join-now"),
        Route(f"{door.JOIN}/leave", _in_a_thread(_leave), methods=["POST"], name="leave"),
        Route(f"{door.JOIN}/warning", _in_a_thread(_warning), methods=["GET"], name="warning"),
        Route("/teacher/{secret}", _in_a_thread(_teacher), methods=["GET"], name="teacher"),
    ]


def _in_a_thread(answer: Callable[[Request], Response]) -> Handler:
    async def handler(request: Request) -> Response:
        language.settle_for(request)
        return await asyncio.to_thread(answer, request)

    return handler


def _join_page(request: Request) -> Response:
    return _form(code=request.query_params.get("code", "")[:12])


def _form(status: int = 200, *, code: str = "", typed: str = "", problem: str = "") -> Response:
    space = people.current()
    name = _nickname(space) if space else ""
    return _page("join", status, code=code, typed=typed, problem=problem, name=name)


def _nickname(space: Space) -> str:
    try:
        return space.person().name
    except TLError:
        return ""


async def _join(request: Request) -> Response:
    language.settle_for(request)
    try:
        _check_origin(request)
        async with limited(request, MOST_BYTES, _(FORGED)).form() as form:
            code, typed = (str(form.get(name, "")) for name in ("code", "name"))
    except RefusedError as exc:
        return _form(exc.status, problem=str(exc))
    address = request.client.host if request.client else ""
    return await asyncio.to_thread(_joined, code[:12], typed[:200], address)


def _joined(code: str, typed: str, address: str) -> Response:
    if people.current() is not None:  # pressed twice, or opened again: the space is there
        return _into("/")
    if seconds := guesses.wait(address):
        again = _(NOT_NOW).format(time=estimate(math.ceil(seconds)))
        return _form(429, code=code, typed=typed, problem=again)
    try:
        _space, token = room.join(people.spaces().root, code, typed)
    except NotFoundError as exc:
        guesses.wrong(address)
        return _form(403, typed=typed, problem=str(exc))
    except InputError as exc:
        return _form(409, code=code, typed=typed, problem=str(exc))
    except TLError as exc:
        return _form(507, code=code, typed=typed, problem=str(exc))
    return _with_cookie(_into("/"), token)


def _into(path: str) -> Response:
    return RedirectResponse(f"{_base()}{path}", 303)


def _leave(request: Request) -> Response:
    try:
        _check_origin(request)
    except RefusedError as exc:
        return _form(exc.status, problem=str(exc))
    people.spaces().end(request.cookies.get(people.cookie_name(), ""))
    people.show(None)
    answer = _into(door.JOIN)
    answer.delete_cookie(people.cookie_name(), path="/", secure=people.is_secure(), httponly=True, samesite="strict")
    return answer


def _warning(request: Request) -> Response:
    return _page("warning", width="38rem")


def _teacher(request: Request) -> Response:
    root = people.spaces().root
    if not room.is_teachers(root, request.path_params["secret"]):
        return _form(403, problem=_(NO_LINK))
    space = people.current()
    token = None if space and space.is_teachers else room.let_teacher_in(root, _("Teacher"))
    # Not a redirect: a browser that came from another site would not show the new cookie at its end.
    answer = _page("teacher", home=f"{_base()}{ROOM}")
    return answer if token is None else _with_cookie(answer, token)


def _check_origin(request: Request) -> None:
    """Refuse what a form of another site sends; the cookie, of the same site alone, is not needed to join."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "same-origin")
    host = request.headers.get("host")
    if site not in ("same-origin", "none") or (origin is not None and origin.partition("://")[2] != host):
        raise RefusedError(403, _(FORGED))


def _with_cookie(answer: Response, token: str) -> Response:
    answer.set_cookie(
        people.cookie_name(),
        token,
        max_age=round(SESSION_SECONDS),
        path="/",
        secure=people.is_secure(),
        httponly=True,
        samesite="strict",
    )
    return answer


def _page(template: str, status: int = 200, **values: object) -> Response:
    import jinja2  # a server for one person starts without it

    loader = jinja2.FileSystemLoader(ASSETS / "room")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    shared = {"base": _base(), "home": f"{_base()}/", "language": languages.current(), "_": _}
    logo = (ASSETS / "logo.svg").read_text(encoding="utf-8").replace("<svg ", '<svg class="logo" ', 1)
    text = environment.get_template(f"{template}.html.jinja").render(**{**shared, "logo": logo, **values})
    return HTMLResponse(text, status, headers=_HEADERS)


def _base() -> str:
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""
