"""A small server, apart from the app, that gives the page of one run to the network until it is stopped.

It knows one address, with a token that nobody can guess. Whatever else is asked for, and however, gets one answer.
"""

import asyncio
import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable

import uvicorn
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from tl_core.errors import InputError
from tl_core.export import addresses, served, stored
from tl_core.export.addresses import Address
from tl_core.language import N_, _
from tl_core.runs import RunFolder

#: How long a page is given, in seconds.
HOUR = 3600.0
#: Of the token: 128 bits.
TOKEN_BYTES = 16
#: What a connection may take, in seconds: until its request is there, and until all of the page has gone. Thirty phones
#: at once share the Wi-Fi.
REQUEST_SECONDS, MOST_SECONDS = 10.0, 900.0
#: Connections at once; further ones are closed.
MOST_CONNECTIONS = 64
#: The server looks once a second whether it should end; a page that is made again is away for a moment.
TICKS, MOST_MISSING = 10, 3

STOPPED = N_("Sharing was stopped.")
TIME_IS_UP = N_("An hour is over, so the page is no longer shared.")
GONE = N_("The page is no longer there, so it is no longer shared.")
OTHER_NETWORK = N_("This machine left the network, so the page is no longer shared.")
BROKEN = N_("The server of the page ended by itself. Share the page again.")

_log = logging.getLogger(__name__)
_log.setLevel(logging.ERROR)  # strangers must not fill the log


class Share:
    """The page of a run, given to a network from now on.

    A page that is made again is given from then on. It ends by ``stop``, after an hour, with the run, and with the
    network.

    Args:
        run: whose page it is; it should be made.
        address: of this machine; only who reaches that gets the page.
        seconds: after which it ends.

    Attributes:
        url: to open.
        ended: why it has ended, a sentence; "" while the page is given.

    Raises:
        InputError: this machine does not have that address any longer.
    """

    def __init__(self, run: RunFolder, address: Address, *, seconds: float = HOUR) -> None:
        listener = _listen(address)
        self.run, self.address, self.ended = run, address, ""
        self._host = address.host(listener.getsockname()[1])
        self._path = f"/{secrets.token_urlsafe(TOKEN_BYTES)}"
        self.url = f"http://{self._host}{self._path}"
        self._ends = time.time() + seconds, time.monotonic() + seconds
        self._missing = 0
        self._server = _Server(_config(self), self._is_over)
        self._thread = threading.Thread(target=self._serve, args=[listener], daemon=True, name="share")
        self._thread.start()

    @property
    def left(self) -> float:
        """Seconds until it ends; neither a clock that is set back nor a machine that sleeps makes it longer."""
        return max(0.0, min(self._ends[0] - time.time(), self._ends[1] - time.monotonic()))

    def stop(self, why: str = STOPPED) -> None:
        """End it, and cut off who is being answered. Returns when nothing listens any longer."""
        self.ended = self.ended or why
        self._server.should_exit = True
        self._thread.join()

    def _serve(self, listener: socket.socket) -> None:
        try:
            with listener:
                self._server.run(sockets=[listener])
        finally:
            self.ended = self.ended or BROKEN

    def _is_over(self) -> bool:
        self._missing = 0 if stored.find(self.run, served.FORMAT) else self._missing + 1
        reasons = {
            TIME_IS_UP: not self.left,
            GONE: self._missing > MOST_MISSING,
            OTHER_NETWORK: not addresses.is_here(self.address.ip),
        }
        self.ended = self.ended or next((why for why, holds in reasons.items() if holds), "")
        return bool(self.ended)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI)."""
        page = await asyncio.to_thread(served.page, self.run) if self._is_asked(scope) else None
        answer = page or Response("There is nothing here.", 404, media_type="text/plain")
        answer.headers["connection"] = "close"
        await answer(scope, receive, send)

    def _is_asked(self, scope: Scope) -> bool:
        """Return whether a request is the one for the page: right method, name of the server, and token."""
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        named = scope["method"] == "GET" and host == self._host.encode()
        return secrets.compare_digest(scope["raw_path"], self._path.encode()) and named


def _listen(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.ip else socket.AF_INET
    try:
        return socket.create_server((address.ip, 0), family=family)
    except OSError as exc:
        raise InputError(
            _("This machine no longer has the address {address}. Choose another network.").format(address=address.ip)
        ) from exc


def _config(app: Share) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Connection,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,  # the app has set up the log
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


class _Server(uvicorn.Server):
    """A server that ends by itself once ``is_over`` says so, and then lets nobody finish."""

    def __init__(self, config: uvicorn.Config, is_over: Callable[[], bool]) -> None:
        super().__init__(config)
        self._is_over = is_over

    async def on_tick(self, counter: int) -> bool:
        if counter % TICKS == 0 and await asyncio.to_thread(self._is_over):
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)


class _Connection(H11Protocol):
    """A connection that lasts only so long, however slowly the other side sends or reads, and writes no access log."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.access_log, self.logger = False, _log
        self._deadlines = (
            self.loop.call_later(REQUEST_SECONDS, self._expect_request),
            self.loop.call_later(MOST_SECONDS, transport.abort),
        )
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()

    def _expect_request(self) -> None:
        if self.cycle is None:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        for each in self._deadlines:
            each.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer nothing to what is no HTTP."""
        self.transport.abort()
