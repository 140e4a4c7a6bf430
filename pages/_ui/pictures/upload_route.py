"""The way of a folder from the browser to the disk: batches of files, written as they arrive.

A page asks for a token (``issue``), the uploader component sends ``begin``, then ``files`` (a FormData batch) or
``stream`` (one big file, raw) in order, then ``end``; the page then takes the staging folder (``take``). Staged files
are numbered; the names they came with are only ever data, in ``names.jsonl``. A token serves one upload.
"""

import asyncio
import contextlib
import functools
import io
import json
import secrets
import shutil
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

import streamlit as st
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tl_core import wording
from tl_core.errors import StorageError
from tl_core.files import storage_errors, write_json
from tl_core.workspace import Workspace

URL = "/api/upload"
MOST_FILES_PER_BATCH = 200
STALE_SECONDS = 24 * 3600.0
#: Room that an upload leaves on the disk, in bytes: the import needs some too.
MARGIN = 64 * 2**20


@dataclass
class Upload:
    """One upload: its staging folder, how many files were announced, how many have arrived."""

    folder: Path
    issued: float
    total: int | None = None
    count: int = 0
    complete: bool = False


class UploadError(Exception):
    """A request of the uploader that cannot be served: HTTP status and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


_uploads: dict[str, Upload] = {}
_lock = threading.Lock()


def issue(workspace: Workspace) -> str:
    """Return a new token that one upload may go under."""
    token = secrets.token_urlsafe(24)
    with _lock:
        for old in [key for key, each in _uploads.items() if each.issued < time.time() - STALE_SECONDS]:
            del _uploads[old]
        _uploads[token] = Upload(workspace.uploads / token, time.time())
    return token


def is_open(token: str | None) -> bool:
    """Return whether an upload may still go under this token."""
    return token in _uploads


def finished(token: str) -> Path | None:
    """Return the staging folder of a finished upload, None if there is no such upload."""
    upload = _uploads.get(token)
    return upload.folder if upload is not None and upload.complete else None


def take(token: str) -> Path | None:
    """Return the staging folder of a finished upload and retire the token; None if there is no such upload."""
    with _lock:
        upload = _uploads.get(token)
        if upload is None or not upload.complete:
            return None
        del _uploads[token]
    return upload.folder


def names(folder: Path) -> list[str]:
    """Return the names that the staged files came with."""
    lines = (folder / "names.jsonl").read_text(encoding="utf-8").splitlines()
    return [str(json.loads(line)["name"]) for line in lines]


def stage(uploads: Path, name: str, data: bytes) -> Path:
    """Write a staging folder of one file that did not come by the route, such as a shot of the camera."""
    upload = Upload(uploads / secrets.token_urlsafe(24), time.time(), total=1)
    _prepare(upload, len(data))
    _write_batch(upload, [name], [io.BytesIO(data)])
    write_json(upload.folder / "upload.json", {"total": 1, "complete": True})
    return upload.folder


def remove(folder: Path, workspace: Workspace) -> None:
    """Remove a staging folder; any other folder is left alone."""
    if folder.parent == workspace.uploads:
        shutil.rmtree(folder, ignore_errors=True)


def remove_stale(workspace: Workspace) -> None:
    """Remove staging folders that were left behind more than a day ago."""
    for folder in workspace.uploads.glob("*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_mtime < time.time() - STALE_SECONDS:
                remove(folder, workspace)


def routes() -> list[Route]:
    """Return the routes to hand to ``st.App``."""
    steps = {"begin": _begin, "files": _files, "stream": _stream, "end": _end, "cancel": _cancel}
    return [
        Route(f"{URL}/{{token}}/{name}", _answer(step), methods=["POST"], name=f"upload-{name}")
        for name, step in steps.items()
    ]


Handler = Callable[[Request], Awaitable[Response]]
#: What a step of an upload does; returns how many files have arrived.
UploadStep = Callable[[Request, Upload], Awaitable[int]]


def _answer(step: UploadStep) -> Handler:
    @functools.wraps(step)
    async def handler(request: Request) -> Response:
        try:
            _check_origin(request)
            return JSONResponse({"count": await step(request, _upload(request))})
        except UploadError as exc:
            return JSONResponse({"error": str(exc)}, exc.status)
        except StorageError as exc:
            return JSONResponse({"error": str(exc)}, 507)
        except ClientDisconnect:
            return Response(status_code=400)

    return handler


def _check_origin(request: Request) -> None:
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
        raise UploadError(403, "This upload did not come from this page. Reload the page and try again.")


def _upload(request: Request) -> Upload:
    upload = _uploads.get(request.path_params["token"])
    if upload is None or upload.complete:
        raise UploadError(403, "This page is out of date. Reload it and choose the pictures again.")
    return upload


async def _begin(request: Request, upload: Upload) -> int:
    announced = await request.json()
    upload.total, upload.count = int(announced["total"]), 0
    await asyncio.to_thread(_prepare, upload, int(announced["bytes"]))
    return 0


def _prepare(upload: Upload, size: int) -> None:
    shutil.rmtree(upload.folder, ignore_errors=True)
    with storage_errors():
        upload.folder.mkdir(parents=True)
    free = shutil.disk_usage(upload.folder).free
    if size + MARGIN > free:
        shutil.rmtree(upload.folder, ignore_errors=True)
        raise StorageError(
            f"The disk is too full: these files take {wording.size(size)}; free: {wording.size(free)}. "
            "Nothing was imported. Free some space or choose fewer pictures."
        )
    (upload.folder / "names.jsonl").touch()
    write_json(upload.folder / "upload.json", {"total": upload.total, "complete": False})


async def _files(request: Request, upload: Upload) -> int:
    _check_order(request, upload)
    async with request.form(max_files=MOST_FILES_PER_BATCH, max_part_size=2**20) as form:
        sent = [part.file for part in form.getlist("file") if not isinstance(part, str)]
        called = json.loads(str(form.get("names", "[]")))
        if len(sent) != len(called) or not sent:
            raise UploadError(400, "The upload arrived damaged. Nothing was imported. Try again.")
        await asyncio.to_thread(_write_batch, upload, called, sent)
    return upload.count


def _check_order(request: Request, upload: Upload) -> None:
    if upload.total is None or request.query_params.get("first") != str(upload.count):
        raise UploadError(409, "The upload lost its order. Nothing was imported. Try again.")


def _write_batch(upload: Upload, called: list[str], sent: Sequence[BinaryIO]) -> None:
    with storage_errors():
        for offset, source in enumerate(sent):
            with (upload.folder / _staged(upload.count + offset)).open("wb") as file:
                shutil.copyfileobj(source, file)
    _note(upload, called)


def _staged(number: int) -> str:
    return f"{number:06d}.bin"


def _note(upload: Upload, called: list[str]) -> None:
    lines = [
        json.dumps({"name": str(name), "file": _staged(upload.count + offset)}) + "\n"
        for offset, name in enumerate(called)
    ]
    with storage_errors(), (upload.folder / "names.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(lines)
    upload.count += len(called)


async def _stream(request: Request, upload: Upload) -> int:
    _check_order(request, upload)
    with storage_errors(), (upload.folder / _staged(upload.count)).open("wb") as file:
        async for chunk in request.stream():
            await asyncio.to_thread(file.write, chunk)
    _note(upload, [unquote(request.headers["x-file-name"])])
    return upload.count


async def _end(request: Request, upload: Upload) -> int:
    if upload.count != upload.total or not upload.count:
        raise UploadError(409, f"{upload.count} of {upload.total} files arrived. Nothing was imported. Try again.")
    write_json(upload.folder / "upload.json", {"total": upload.total, "complete": True})
    upload.complete = True
    return upload.count


async def _cancel(request: Request, upload: Upload) -> int:
    upload.total, upload.count = None, 0
    await asyncio.to_thread(shutil.rmtree, upload.folder, ignore_errors=True)
    return 0
