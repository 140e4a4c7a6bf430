"""The way of a large file from the disk to the browser: streamed, never in the memory of the server as a whole.

Only files that a job of ``travel.made.KINDS`` made are given, each by the id of its job.
"""

import asyncio
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from pages._ui.shell import language, state
from tl_core.errors import DamagedError, NotFoundError
from tl_core.files import subfolder
from tl_core.jobs import Job
from tl_core.language import N_, _
from tl_core.travel import made

URL = "/api/download"
GONE = N_("This file is no longer there. Make it again.")


def routes() -> list[Route]:
    """Return the routes to hand to ``st.App``."""
    return [Route(f"{URL}/{{job}}", _file, methods=["GET"], name="download")]


def link(job: Job) -> str:
    """Return the address of the file that a job made."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{f'/{base}' if base else ''}{URL}/{job.id}"


async def _file(request: Request) -> Response:
    path = await asyncio.to_thread(_path, request.path_params["job"])
    if path is None:
        language.settle_for(request)
        return PlainTextResponse(_(GONE), 404)
    return FileResponse(path, filename=path.name, headers={"cache-control": "no-store"})


def _path(job_id: str) -> Path | None:
    folder = subfolder(state.workspace().jobs_folder, job_id)
    try:
        job = Job(folder) if folder else None
        return made.file_of(job) if job and job.kind in made.KINDS else None
    except (NotFoundError, DamagedError):
        return None
