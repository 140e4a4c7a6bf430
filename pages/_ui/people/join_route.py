"""The way in: a code and a nickname, a session in a cookie that no script reads. And the teacher's link.

These pages are plain HTML without any script: they are all that somebody sees who is not in the room.
"""

import asyncio
import math

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pages._ui.people import plain
from pages._ui.shell import door, language, people
from pages._ui.shell.requests import RefusedError, limited
from tl_core import mode
from tl_core.errors import InputError, NotFoundError, TLError
from tl_core.language import N_, _
from tl_core.spaces import room
from tl_core.spaces.guesses import Guesses
from tl_core.spaces.spaces import Space
from tl_core.wording import estimate

#: Of what the form sends, in bytes.
MOST_BYTES = 4096
#: Where the teacher's page is.
ROOM = "/room"
NO_LINK = N_("This link leads nowhere: a newer one was made, or the room is closed.")
NOT_NOW = N_("Too many wrong codes from this device. Try again in {time}.")
FORGED = N_("This did not come from the page of the room. Load it again.")

guesses = Guesses()


def routes() -> list[Route]:
    """Return the routes to hand to ``st.App``; none where there is no room."""
    if not mode.has_room():
        return []
    return [
        Route(door.JOIN, plain.in_a_thread(_join_page), methods=["GET"], name="join"),
        Route(door.JOIN, _join, methods=["POST"], name="join-now"),
        Route(f"{door.JOIN}/leave", plain.in_a_thread(_leave), methods=["POST"], name="leave"),
        Route(f"{door.JOIN}/warning", plain.in_a_thread(_warning), methods=["GET"], name="warning"),
        Route("/teacher/{secret}", plain.in_a_thread(_teacher), methods=["GET"], name="teacher"),
    ]


def _join_page(request: Request) -> Response:
    return _form(code=request.query_params.get("code", "")[:12])


def _form(status: int = 200, *, code: str = "", typed: str = "", problem: str = "") -> Response:
    space = people.current()
    name = _nickname(space) if space else ""
    return plain.page("join", status, code=code, typed=typed, problem=problem, name=name)


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
    return people.let_in(_into("/"), token)


def _into(path: str) -> Response:
    return RedirectResponse(f"{door.base()}{path}", 303)


def _leave(request: Request) -> Response:
    try:
        _check_origin(request)
    except RefusedError as exc:
        return _form(exc.status, problem=str(exc))
    people.spaces().end(request.cookies.get(people.cookie_name(), ""))
    people.show(None)
    return people.let_out(_into(door.JOIN))


def _warning(request: Request) -> Response:
    return plain.page("warning", width="38rem")


def _teacher(request: Request) -> Response:
    root = people.spaces().root
    if not room.is_teachers(root, request.path_params["secret"]):
        return _form(403, problem=_(NO_LINK))
    space = people.current()
    token = None if space and space.is_teachers else room.let_teacher_in(root, _("Teacher"))
    # Not a redirect: a browser that came from another site would not show the new cookie at its end.
    answer = plain.page("teacher", home=f"{door.base()}{ROOM}")
    return answer if token is None else people.let_in(answer, token)


def _check_origin(request: Request) -> None:
    """Refuse what a form of another site sends; the cookie, of the same site alone, is not needed to join."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "same-origin")
    host = request.headers.get("host")
    if site not in ("same-origin", "none") or (origin is not None and origin.partition("://")[2] != host):
        raise RefusedError(403, _(FORGED))
