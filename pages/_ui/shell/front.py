"""What stands before a team's server: the one name by which it is known, and the proxies whose word counts.

A proxy says by headers who asks (``X-Forwarded-For``), under which name (``-Host``) and how (``-Proto``). Anybody can
write such headers, so they count only where they come from a proxy that ``TL_PROXIES`` names.
"""

import os

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pages._ui.shell import sign_in
from tl_core import log
from tl_core.errors import InputError
from tl_core.language import _
from tl_core.spaces.sign_in import SignIn

#: Empty, it makes uvicorn believe nobody.
UVICORN = "FORWARDED_ALLOW_IPS"
COMMAND = "python -m tl_core.cli.server"
#: Asked for by what watches this server, under whatever name.
HEALTH = ("/health", "/_stcore/health")
FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded")
OTHER_NAME = (
    "This server is not known by that name. Open {address}. If you run it: redirect_uri says its name, and a proxy in "
    "front of it has to pass on the Host of the browser (nginx: proxy_set_header Host $http_host;)."
)
NO_SCHEME = (
    "The proxy in front of this server does not say whether the browser came by https. If you run it: let it send "
    "X-Forwarded-Proto (nginx: proxy_set_header X-Forwarded-Proto $scheme;)."
)
NO_PROXY = (
    "This came neither by https nor from a proxy that this server knows. Open {address}. If you run it: TL_PROXIES "
    "lists the addresses of your proxies."
)
NO_HTTPS = "This server is open by https alone. Open {address}."
NO_UPGRADE = (
    "This address is a websocket, and this request is none. If you run the server: let the proxy pass on Upgrade "
    "(nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;)."
)


def front() -> Middleware:
    """Return the ASGI middleware. It alone reads what proxies say.

    Raises:
        InputError: the settings are wrong, or the web server would read it, too, before it comes here, and believe all
            programs of this machine.
    """
    if os.environ.get(UVICORN) != "":
        raise InputError(_("A team's server is started by its own command: {command}").format(command=COMMAND))
    sign_in.settings()
    return Middleware(_Front)


class _Front:
    """Says what the browser asked for in truth, and refuses what came under another name."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        settings = sign_in.settings()
        by_proxy = settings.trusts(_client(scope))
        scope = _in_truth(scope, settings) if by_proxy else _without_forwarded(scope)
        path = str(scope["path"]).removeprefix(f"/{settings.base}" if settings.base else "")
        refused = None if path in HEALTH else _refused(scope, path, settings, by_proxy=by_proxy)
        if refused is None:
            await self.app(scope, receive, send)
            return
        reason, status, sentence = refused
        log.event("refused", reason=reason, status=status)
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            text = sentence.format(address=settings.address)
            await PlainTextResponse(text, status, headers={"cache-control": "no-store"})(scope, receive, send)


def _client(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


def _in_truth(scope: Scope, settings: SignIn) -> Scope:
    """Return a request as a known proxy says that the browser made it.

    Of several clients in a row the last one counts that is no proxy of ours: those before it were written by anybody.
    """
    headers = MutableHeaders(raw=list(scope["headers"]))
    scheme = _last(headers.get("x-forwarded-proto", "")).lower()
    if host := _last(headers.get("x-forwarded-host", "")):
        headers["host"] = host
    line = [each.strip() for each in headers.get("x-forwarded-for", "").split(",")]
    outside = [each for each in line if each and not settings.trusts(each)]
    client = (outside[-1], 0) if outside else scope["client"]
    kind = {"https": "wss", "http": "ws"}.get(scheme, scheme) if scope["type"] == "websocket" else scheme
    return _without_forwarded({**scope, "headers": headers.raw, "client": client, "scheme": kind})


def _without_forwarded(scope: Scope) -> Scope:
    headers = MutableHeaders(raw=list(scope["headers"]))
    for name in FORWARDED:
        del headers[name]
    return {**scope, "headers": headers.raw}


def _last(listed: str) -> str:
    return listed.rpartition(",")[2].strip()


def _refused(scope: Scope, path: str, settings: SignIn, *, by_proxy: bool) -> tuple[str, int, str] | None:
    """Return why a request gets no further: a word for the log, the status and a sentence."""
    host = MutableHeaders(raw=scope["headers"]).get("host", "")
    if host.lower() != settings.netloc:
        return "host", 400, OTHER_NAME
    if settings.is_secure and not scope["scheme"]:
        return "scheme", 400, NO_SCHEME
    if settings.is_secure and scope["scheme"] not in ("https", "wss"):
        return "https", 403, NO_HTTPS if by_proxy else NO_PROXY
    if scope["type"] == "http" and path == "/_stcore/stream":
        return "upgrade", 426, NO_UPGRADE
    return None
