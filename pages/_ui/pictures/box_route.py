"""The way of boxes between the editor and the list of pictures: read, saved, suggested, one picture at a time.

A session's websocket would take a rerun of the page for each box; this way a box takes one small request.
"""

import asyncio
import math
import re
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from pages._ui.shell import language, people, workers
from pages._ui.shell.requests import RefusedError, check_origin, limited
from pages._ui.shell.tokens import Tokens
from tl_core import runs
from tl_core.errors import NotFoundError, TLError
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.workspace import Project

URL = "/api/boxes"
#: Of the boxes of a picture, in bytes.
MOST_BYTES = 2**20
TOO_MANY = N_("These are too many boxes for one picture.")
#: Under which a page may draw on the pictures of a project.
tokens: Tokens[Project] = Tokens()


class Drawn(msgspec.Struct):
    """What the editor sends of a picture: boxes, each with class and edges; whether there is nothing where none is."""

    boxes: list[tuple[str, float, float, float, float]]
    looked: bool = False


def routes() -> list[Route]:
    """Return the routes to hand to ``st.App``."""
    place = f"{URL}/{{token}}/{{id}}"
    return [
        Route(f"{place}/picture", _picture, methods=["GET"], name="boxes-picture"),
        Route(f"{place}/suggest", _suggest, methods=["POST"], name="boxes-suggest"),
        Route(place, _read, methods=["GET"], name="boxes-read"),
        Route(place, _save, methods=["POST"], name="boxes-save"),
    ]


def suggester(project: Project) -> RunFolder | None:
    """Return the newest run whose model can suggest boxes, None where there is none."""
    return next((run for run in runs.of_project(project) if run.ready and not run.job.active), None)


async def _picture(request: Request) -> Response:
    from tl_core.dataset import manifest

    language.settle_for(request)
    try:
        path = await asyncio.to_thread(manifest.image_path, _project(request), request.path_params["id"])
    except RefusedError as exc:
        return JSONResponse({"error": str(exc)}, exc.status)
    except TLError as exc:
        return JSONResponse({"error": str(exc)}, 404)
    return FileResponse(path, headers={"cache-control": "private, max-age=3600"})


async def _read(request: Request) -> Response:
    return await _answered(request, _boxes_of)


async def _save(request: Request) -> Response:
    return await _answered(request, _kept)


async def _suggest(request: Request) -> Response:
    return await _answered(request, _suggested)


async def _answered(request: Request, answer: Any) -> Response:
    """Return what ``answer`` returns for the project, the picture and what was sent, as JSON; or why there is none."""
    language.settle_for(request)
    try:
        check_origin(request)
        sent = await limited(request, MOST_BYTES, _(TOO_MANY)).body()
        said = await asyncio.to_thread(answer, _project(request), request.path_params["id"], sent)
    except RefusedError as exc:
        return JSONResponse({"error": str(exc)}, exc.status)
    except TLError as exc:
        return JSONResponse({"error": str(exc)}, 409)
    except ClientDisconnect:
        return Response(status_code=400)
    return JSONResponse(said)


def _project(request: Request) -> Project:
    project = tokens.get(request.path_params["token"])
    if (
        project is None
        or not people.owns(project.folder)
        or not re.fullmatch("[0-9a-f]{64}", request.path_params["id"])
    ):
        raise RefusedError(403, _("This page is out of date. Reload it."))
    return project


def _boxes_of(project: Project, id_: str, sent: bytes) -> dict[str, object]:
    from tl_core.dataset import boxes, manifest

    rows = manifest.load(project).table
    found = rows.loc[rows["id"] == id_, "boxes"]
    if found.empty:
        raise NotFoundError(_("This picture is no longer in the list."))
    text = str(found.iloc[0])
    return {"boxes": [[box.label, *box.edges] for box in boxes.split(text)], "looked": text == boxes.NOTHING}


def _kept(project: Project, id_: str, sent: bytes) -> dict[str, object]:
    from tl_core.dataset import drawing
    from tl_core.dataset.boxes import Box

    try:
        drawn = msgspec.json.decode(sent, type=Drawn)
    except (msgspec.MsgspecError, ValueError) as exc:
        raise RefusedError(400, _("These are no boxes. Reload the page and try again.")) from exc
    every = [Box(label, *edges) for label, *edges in drawn.boxes]
    if not all(map(math.isfinite, (edge for box in every for edge in box.edges))):
        raise RefusedError(400, _("These are no boxes. Reload the page and try again."))
    return {"version": drawing.draw(project, id_, every, looked=drawn.looked).version}


def _suggested(project: Project, id_: str, sent: bytes) -> dict[str, object]:
    from tl_core.dataset import manifest

    run = suggester(project)
    if run is None:
        raise NotFoundError(_("There is no trained model yet that could suggest boxes."))
    (said,) = workers.engine().ask("find-boxes", str(run.folder), [str(manifest.image_path(project, id_))])
    if said.error:
        raise NotFoundError(said.error)
    return {"boxes": [[each.box.label, *each.box.edges, each.score] for each in said.found]}
