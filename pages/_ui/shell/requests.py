"""What a route of ours asks of a request before it is served: that it came from our page, and is not too large."""

import secrets
from urllib.parse import urlsplit

import streamlit as st
from starlette.requests import Request
from starlette.types import Message

from tl_core.language import _


class RefusedError(Exception):
    """A request that cannot be served: HTTP status and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def limited(request: Request, most: int, sentence: str) -> Request:
    """Return the same request; reading more than ``most`` bytes of its body raises RefusedError with this sentence."""
    too_much = RefusedError(413, sentence)
    if int(request.headers.get("content-length") or 0) > most:
        raise too_much
    seen = 0

    async def receive() -> Message:
        nonlocal seen
        message = await request.receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise too_much
        return message

    return Request(request.scope, receive)


def check_origin(request: Request) -> None:
    """Refuse requests that another site made with this browser: cookie, header and host must agree."""
    host, origin = request.headers.get("host"), request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    cookie, header = request.cookies.get("_streamlit_xsrf", ""), request.headers.get("x-xsrftoken", "")
    allowed = st.get_option("server.allowedHosts")
    name = urlsplit(f"//{host}").hostname
    same = (origin is None or urlsplit(origin).netloc == host) and site == "same-origin"
    known = not allowed or name in allowed or "*" in allowed
    signed = bool(cookie) and secrets.compare_digest(cookie.encode(), header.encode())
    if not (same and known and (signed or not st.get_option("server.enableXsrfProtection"))):
        raise RefusedError(403, _("This request did not come from this page. Reload the page and try again."))
