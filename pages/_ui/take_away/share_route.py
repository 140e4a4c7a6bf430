"""The web page of a run, given by the app's own server: below the app without an origin, elsewhere with its own.

A browser gives the camera only to a page that has an origin. Under the name ``hosts.ALONE`` it has one that nothing
else has: there this server has no app, only pages.

Where several people share the server, the page is for whoever has its link, also on a device that is in no room: so
the link is a random token, and neither a project nor a run can be guessed or asked for.
"""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Host, Route

from pages._ui.shell import hosts, people, state
from pages._ui.shell.tokens import Tokens
from tl_core import mode
from tl_core.errors import TLError
from tl_core.language import N_
from tl_core.runs import RunFolder
from tl_core.spaces import room

URL = "/api/page"
GONE = N_("There is no such page. Make it on Take away first.")
_PATH = "/{project}/{run}"
Handler = Callable[[Request], Awaitable[Response]]

_links: Tokens[RunFolder] = Tokens(most=4096)


def routes() -> list[BaseRoute]:
    """Return the routes to hand to ``st.App``."""
    if mode.has_people():
        return [Route(f"{URL}/{{token}}", _linked, name="page")]
    alone = Starlette(routes=[Route(_PATH, _answer(alone=True))])
    return [Host(hosts.ALONE, app=alone), Route(f"{URL}{_PATH}", _answer(alone=False))]


def url(run: RunFolder, address: str, browser: str) -> str:
    """Return where a browser finds the page of a run.

    Args:
        run: whose page.
        address: of the app, as the browser knows it.
        browser: what it calls itself. Safari does not know names below ``localhost``, and no certificate is for them:
            there the page has no camera.
    """
    if mode.has_people():
        return f"{URL}/{_links.of(run)}"
    path = f"/{quote(run.project.slug)}/{quote(run.id)}"
    place = urlsplit(address)
    is_safari = "Safari" in browser and "Chrom" not in browser
    if place.scheme != "http" or place.hostname not in hosts.LOOPBACK or is_safari:
        return f"{URL}{path}"
    return f"http://{hosts.ALONE}{f':{place.port}' if place.port else ''}{path}"


async def _linked(request: Request) -> Response:
    page = await asyncio.to_thread(_page_of, request.path_params["token"])
    return page or PlainTextResponse(GONE, 404)


def _page_of(token: str) -> Response | None:
    run = _links.get(token)
    return _served(run, alone=False) if run and (mode.has_sign_in() or _is_open()) else None


def _is_open() -> bool:
    found = room.load(people.spaces().root)
    return found is not None and found.is_open


def _answer(*, alone: bool) -> Handler:
    async def handler(request: Request) -> Response:
        page = await asyncio.to_thread(_page, alone=alone, **request.path_params)
        return page or PlainTextResponse(GONE, 404)

    return handler


def _page(project: str, run: str, *, alone: bool) -> Response | None:
    try:
        named = state.find_run(state.workspace().project(project), run)
    except TLError:
        return None
    return _served(named, alone=alone) if named else None


def _served(run: RunFolder, *, alone: bool) -> Response | None:
    from tl_core.export import served  # it takes most of a second: the server does not start with it

    return served.page(run, alone=alone)
