"""Whether a team's server works: for what watches it. It says nothing of anybody, so everybody may ask."""

import asyncio
import shutil

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pages._ui.shell import people, workers
from tl_core import mode

URL = "/health"
#: With fewer bytes left the disk is called low: a run in progress needs about that.
LOW = 2**30


def routes() -> list[Route]:
    """Return the routes to hand to ``st.App``; none but for a team's server."""
    return [Route(URL, _health, methods=["GET"], name="health")] if mode.has_sign_in() else []


async def _health(_request: Request) -> Response:
    states = await asyncio.to_thread(_states)
    well = states["workers"] != "down" and states["disk"] == "ok"
    return JSONResponse(states, 200 if well else 503, headers={"cache-control": "no-store"})


def _states() -> dict[str, str]:
    missing = workers.missing()
    root = people.spaces().root
    there = next(each for each in (root, *root.parents) if each.exists())
    return {
        "app": "up",
        "workers": "asleep" if missing is None else "down" if missing else "up",
        "disk": "ok" if shutil.disk_usage(there).free >= LOW else "low",
    }
