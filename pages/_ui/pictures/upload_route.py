"""The way of a folder from the browser to the disk: batches of files, written as they arrive.

A page asks for a token (``issue``), the uploader component sends ``begin``, then ``files`` (a FormData batch) or
``stream`` (one big file, raw) in order, then ``end``; the page then takes the staging folder (``take``). Staged files
are numbered; the names they came with are only ever data, in ``names.jsonl``. A token serves one upload.
"""

import asyncio
import contextlib
import dataclasses
import functools
import io
import json
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pages._ui.shell import language, people
from pages._ui.shell.requests import RefusedError, check_origin, limited
from tl_core import limits, wording
from tl_core.errors import StorageError
from tl_core.files import PRIVATE, storage_errors, write_json
from tl_core.language import N_, _
from tl_core.workspace import Workspace

URL = "/api/upload"
MOST_FILES_PER_BATCH = 200
MOST_FILES = 500_000
STALE_SECONDS = 24 * 3600.0
#: An upload of which nothing has come for so long, in seconds, is given up; its page can begin again.
IDLE_SECONDS = 3600.0
#: What a request may send beside its files, in bytes: names, and what marks where a file begins.
MOST_BESIDE = 2**20
LONGEST_NAME = 4096
#: Room that an upload leaves on the disk, in bytes: the import needs some too.
MARGIN = 64 * 2**20


@dataclass(frozen=True)
class Announced:
    """What an upload begins with: how many files come, and their bytes.

    Where that is not known yet, as of a take that is still recorded, it is the most that may come; ``end`` then says
    how many there were.
    """

    total: int
    bytes: int
    at_most: bool = False

    def __post_init__(self) -> None:
        if not (1 <= self.total <= MOST_FILES and self.bytes >= 0):
            raise ValueError(f"an upload has 1 to {MOST_FILES:,} files")


@dataclass
class Upload:
    """One upload: its staging folder, what was announced (None before), how many files and bytes have arrived.

    One request of it is served at a time, whatever the browser sends at once.
    """

    folder: Path
    issued: float
    announced: Announced | None = None
    count: int = 0
    size: int = 0
    complete: bool = False
    used: float = dataclasses.field(default_factory=time.time)
    turn: asyncio.Lock = dataclasses.field(default_factory=asyncio.Lock)

    @property
    def left(self) -> int:
        """How many of the announced bytes have not arrived yet."""
        return self.announced.bytes - self.size if self.announced else 0

    def give_up(self) -> None:
        """Forget what has arrived; the upload can begin again."""
        self.announced, self.count, self.size = None, 0, 0
        shutil.rmtree(self.folder, ignore_errors=True)


_uploads: dict[str, Upload] = {}
_lock = threading.Lock()


def issue(workspace: Workspace) -> str:
    """Return a new token that one upload may go under. Uploads that were given up are removed."""
    folder, now = new_folder(workspace), time.time()
    with _lock:
        for key, each in list(_uploads.items()):
            if each.announced and not each.complete and each.used < now - IDLE_SECONDS:
                each.give_up()
            if each.issued < now - STALE_SECONDS:
                del _uploads[key]
        _uploads[folder.name] = Upload(folder, now)
    return folder.name


def new_folder(workspace: Workspace) -> Path:
    """Return where an upload may lie: nobody can guess the name, and nothing is there yet."""
    return workspace.uploads / secrets.token_urlsafe(24)


def is_open(token: str | None) -> bool:
    """Return whether an upload may still go under this token."""
    return token in _uploads


def finished(token: str) -> Path | None:
    """Return the staging folder of a finished upload, None if there is no such upload."""
    upload = _uploads.get(token)
    return upload.folder if upload is not None and upload.complete and people.owns(upload.folder) else None


def take(token: str) -> Path | None:
    """Return the staging folder of a finished upload and retire the token; None if there is no such upload."""
    with _lock:
        upload = _uploads.get(token)
        if upload is None or not upload.complete or not people.owns(upload.folder):
            return None
        del _uploads[token]
    return upload.folder


def names(folder: Path) -> list[str]:
    """Return the names that the staged files came with."""
    lines = (folder / "names.jsonl").read_text(encoding="utf-8").splitlines()
    return [str(json.loads(line)["name"]) for line in lines]


def files(folder: Path) -> list[tuple[str, Path]]:
    """Return the staged files, each by the name that it came with."""
    return [(name, folder / _staged(number)) for number, name in enumerate(names(folder))]


def stage(workspace: Workspace, files: Mapping[str, bytes]) -> Path:
    """Write a staging folder of files, by name, that did not come by the route, such as a shot of the camera."""
    upload = Upload(new_folder(workspace), time.time(), Announced(len(files), sum(map(len, files.values()))))
    _prepare(upload)
    _write_batch(upload, list(files), [io.BytesIO(data) for data in files.values()])
    _note_whole(upload, complete=True)
    return upload.folder


def remove(folder: Path, workspace: Workspace) -> None:
    """Remove a staging folder; any other folder is left alone."""
    if folder.parent == workspace.uploads:
        shutil.rmtree(folder, ignore_errors=True)


def discard(token: str, workspace: Workspace) -> None:
    """Retire the token of a finished upload and remove what it brought."""
    if folder := take(token):
        remove(folder, workspace)


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
        language.settle_for(request)
        try:
            check_origin(request)
            upload = _upload(request)
            async with upload.turn:
                upload.used = time.time()
                return JSONResponse({"count": await step(request, _upload(request))})
        except RefusedError as exc:
            return JSONResponse({"error": str(exc)}, exc.status)
        except StorageError as exc:
            return JSONResponse({"error": str(exc)}, 507)
        except ClientDisconnect:
            return Response(status_code=400)
        except FileNotFoundError:  # cancelled in another tab, or swept by another server
            return JSONResponse({"error": _(OUT_OF_DATE)}, 409)
        except (HTTPException, ValueError, KeyError, RecursionError, msgspec.MsgspecError):
            return JSONResponse({"error": _(DAMAGED)}, 400)
        except Exception:
            logging.getLogger(__name__).exception("an upload failed")
            inside = _("Something went wrong inside Thaw. Try again; the server's log says more.")
            return JSONResponse({"error": inside}, 500)

    return handler


DAMAGED = N_("The upload arrived damaged. Nothing was imported. Try again.")
TOO_MUCH = N_("More arrived than was announced. Nothing was imported. Try again.")
OUT_OF_DATE = N_("This page is out of date. Reload it and choose the pictures again.")


def _upload(request: Request) -> Upload:
    upload = _uploads.get(request.path_params["token"])
    if upload is None or upload.complete or not people.owns(upload.folder):
        raise RefusedError(403, _(OUT_OF_DATE))
    return upload


async def _begin(request: Request, upload: Upload) -> int:
    announced = await _announcement(request)
    await asyncio.to_thread(upload.give_up)
    upload.announced = announced
    await asyncio.to_thread(_prepare, upload)
    return 0


async def _announcement(request: Request) -> Announced:
    return msgspec.json.decode(await limited(request, MOST_BESIDE, _(TOO_MUCH)).body(), type=Announced)


def _prepare(upload: Upload) -> None:
    size = 0 if upload.announced and upload.announced.at_most else upload.left
    limits.check_disk(upload.folder, size)
    if upload.announced and (left := limits.left(upload.folder)) is not None:
        upload.announced = dataclasses.replace(upload.announced, bytes=min(upload.announced.bytes, left))
    with storage_errors():
        upload.folder.mkdir(mode=PRIVATE, parents=True)
    free = shutil.disk_usage(upload.folder).free
    if size + MARGIN > free:
        upload.give_up()
        raise StorageError(
            _(
                "The disk is too full: these files take {needed}; free: {free}. "
                "Nothing was imported. Free some space or choose fewer pictures."
            ).format(needed=wording.size(size), free=wording.size(free))
        )
    (upload.folder / "names.jsonl").touch()
    _note_whole(upload, complete=False)


def _note_whole(upload: Upload, *, complete: bool) -> None:
    assert upload.announced is not None, "an upload begins with that"
    write_json(upload.folder / "upload.json", {"total": upload.announced.total, "complete": complete})


async def _files(request: Request, upload: Upload) -> int:
    _check_order(request, upload)
    body = limited(request, upload.left + MOST_BESIDE, _(TOO_MUCH))
    async with body.form(max_files=MOST_FILES_PER_BATCH, max_part_size=MOST_BESIDE) as form:
        sent = [part for part in form.getlist("file") if not isinstance(part, str)]
        called = msgspec.json.decode(str(form.get("names", "[]")), type=list[str])
        size = sum(part.size or 0 for part in sent)
        if len(sent) != len(called) or not sent or max(map(len, called)) > LONGEST_NAME:
            raise RefusedError(400, _(DAMAGED))
        _check_room(upload, len(sent), size)
        await asyncio.to_thread(_write_batch, upload, called, [part.file for part in sent])
    return upload.count


def _check_order(request: Request, upload: Upload) -> None:
    if upload.announced is None or request.query_params.get("first") != str(upload.count):
        raise RefusedError(409, _("The upload lost its order. Nothing was imported. Try again."))


def _check_room(upload: Upload, files: int, size: int) -> None:
    if upload.announced is None or upload.count + files > upload.announced.total or size > upload.left:
        raise RefusedError(413, _(TOO_MUCH))


def _write_batch(upload: Upload, called: list[str], sent: Sequence[BinaryIO]) -> None:
    size = 0
    with storage_errors():
        for offset, source in enumerate(sent):
            with (upload.folder / _staged(upload.count + offset)).open("wb") as file:
                shutil.copyfileobj(source, file)
                size += file.tell()
    _note(upload, called, size)


def _staged(number: int) -> str:
    return f"{number:06d}.bin"


def _note(upload: Upload, called: list[str], size: int) -> None:
    lines = [
        json.dumps({"name": str(name), "file": _staged(upload.count + offset)}) + "\n"
        for offset, name in enumerate(called)
    ]
    with storage_errors(), (upload.folder / "names.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(lines)
    upload.count += len(called)
    upload.size += size


async def _stream(request: Request, upload: Upload) -> int:
    _check_order(request, upload)
    name = unquote(request.headers["x-file-name"])
    if len(name) > LONGEST_NAME:
        raise RefusedError(400, _(DAMAGED))
    _check_room(upload, 1, 0)
    with storage_errors(), (upload.folder / _staged(upload.count)).open("wb") as file:
        async for chunk in limited(request, upload.left, _(TOO_MUCH)).stream():
            await asyncio.to_thread(file.write, chunk)
        size = file.tell()
    _note(upload, [name], size)
    return upload.count


async def _end(request: Request, upload: Upload) -> int:
    if upload.announced and upload.announced.at_most:
        upload.announced = await _announcement(request)
    announced = upload.announced
    if announced is None or upload.count != announced.total:
        total = announced.total if announced else 0
        said = _("{some} of {every} files arrived. Nothing was imported. Try again.")
        raise RefusedError(409, said.format(some=upload.count, every=total))
    if upload.left:
        cut_off = _("The upload was cut off: some bytes did not arrive. Nothing was imported. Try again.")
        raise RefusedError(409, cut_off)
    await asyncio.to_thread(_note_whole, upload, complete=True)
    upload.complete = True
    return upload.count


async def _cancel(request: Request, upload: Upload) -> int:
    await asyncio.to_thread(upload.give_up)
    return 0
