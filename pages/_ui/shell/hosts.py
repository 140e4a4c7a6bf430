"""Who may speak to this server: browsers that know it by one of its names, and of their pages only its own."""

from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pages._ui.shell import front
from tl_core import mode

#: Browsers look for names below ``localhost`` on their own machine. The app is not there, so a page is alone under
#: this one: it shares neither cookies nor storage with the app, and cannot act on it.
ALONE = "page.localhost"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def known_only() -> Middleware:
    """Refuse requests under a foreign name, as Streamlit does for its websocket: another site may lead it here."""
    if mode.has_sign_in():
        return front.front()
    allowed = st.get_option("server.allowedHosts") or ["*"]
    bracketed = [f"[{each}]" for each in allowed if ":" in each]
    return Middleware(TrustedHostMiddleware, allowed_hosts=[*allowed, *bracketed, ALONE])


def own_pages_only() -> Middleware:
    """Refuse what a page of another origin asks for, also one of this machine: Streamlit lets those open its socket."""
    return Middleware(_OwnPages)


class _OwnPages:
    """ASGI middleware: the origin of a request, where a browser names one, is this server."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or _is_own(Headers(scope=scope)):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse("Another site asked for this.", 403)(scope, receive, send)


def _is_own(headers: Headers) -> bool:
    origin = headers.get("origin")
    if origin is None or not st.get_option("server.enableCORS"):
        return True
    return urlsplit(origin).netloc == headers.get("host") or origin in st.get_option("server.corsAllowedOrigins")
