"""The pages of the way in: plain HTML without any script. They are all that somebody sees who is not in."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from pages._ui.shell import door, language
from tl_core import language as languages
from tl_core.language import _

ASSETS = Path(__file__).parents[3] / "assets"
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}
Handler = Callable[[Request], Awaitable[Response]]


def in_a_thread(answer: Callable[[Request], Response]) -> Handler:
    async def handler(request: Request) -> Response:
        language.settle_for(request)
        return await asyncio.to_thread(answer, request)

    return handler


def page(template: str, status: int = 200, **values: object) -> Response:
    import jinja2  # a server for one person starts without it

    loader = jinja2.FileSystemLoader(ASSETS / "room")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    shared = {"base": door.base(), "home": f"{door.base()}/", "language": languages.current(), "_": _}
    logo = (ASSETS / "logo.svg").read_text(encoding="utf-8").replace("<svg ", '<svg class="logo" ', 1)
    text = environment.get_template(f"{template}.html.jinja").render(**{**shared, "logo": logo, **values})
    return HTMLResponse(text, status, headers=_HEADERS)
