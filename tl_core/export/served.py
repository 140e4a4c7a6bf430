"""The web page of a run as an answer of a server, with headers that keep it apart from everything else.

The page holds what people typed, and it may come from somebody else. So the browser gives it nothing: no addresses to
ask, no forms, no windows, no frames, and unless it is alone there, no origin: neither cookies nor storage.
Cross-Origin-Opener-Policy is left out: with a sandbox, browsers show an error in place of the page
(https://html.spec.whatwg.org/multipage/browsers.html#cross-origin-opener-policies).
"""

from functools import partial
from os import fstat
from typing import BinaryIO

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from tl_core.export import stored
from tl_core.runs import RunFolder

#: The format that is served.
FORMAT = "web"
CHUNK = 2**16
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; style-src 'unsafe-inline'; "
    "img-src blob: data:; media-src blob:; connect-src blob:; worker-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-scripts"
)
_HEADERS = {
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), display-capture=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def page(run: RunFolder, *, alone: bool = False) -> Response | None:
    """Return the page of a run as it is now; None if none is made.

    Args:
        run: whose page it is.
        alone: nothing else has the origin of the page, so it may have it. Browsers give the camera to no page without
            an origin.
    """
    made = stored.find(run, FORMAT)
    try:
        file = stored.path(run, made).open("rb") if made else None
    except OSError:
        return None
    if file is None:
        return None
    headers = {**_HEADERS, "content-length": str(fstat(file.fileno()).st_size)}
    headers["content-security-policy"] = f"{_POLICY} allow-same-origin" if alone else _POLICY
    return _FileResponse(file, headers)


class _FileResponse(StreamingResponse):
    """An open file, sent piece by piece: however many ask for it at once, it is never in memory as a whole.

    Unlike that of Starlette it is opened before the answer begins, so it may be replaced or deleted meanwhile.
    """

    def __init__(self, file: BinaryIO, headers: dict[str, str]) -> None:
        super().__init__(iter(partial(file.read, CHUNK), b""), headers=headers, media_type="text/html; charset=utf-8")
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._file:
            await super().__call__(scope, receive, send)
