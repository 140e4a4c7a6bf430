"""The server, put together: the pages, the upload route, start and end of the job engine.

``streamlit run app.py`` finds ``app``. The list of pages is ``pages/steps.py``.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from pages._ui.pictures import upload_route
from pages._ui.shell import state, workers
from tl_core import files, storage
from tl_core.workspace import Workspace


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Tidy up what an earlier server left behind, serve, and stop the workers at the end."""
    files.be_private()
    workspace = state.workspace()
    threading.Thread(target=_tidy, args=[workspace], daemon=True, name="tidy").start()
    workers.serve()
    try:
        yield
    finally:
        await asyncio.to_thread(workers.close)


def _tidy(workspace: Workspace) -> None:
    upload_route.remove_stale(workspace)
    storage.sweep(workspace)


def _hosts() -> Middleware:
    """Refuse requests under a foreign name, as Streamlit does for its websocket: it may lead here from another site."""
    allowed = st.get_option("server.allowedHosts") or ["*"]
    return Middleware(
        TrustedHostMiddleware, allowed_hosts=[*allowed, *(f"[{each}]" for each in allowed if ":" in each)]
    )


app = st.App("pages/navigation.py", routes=upload_route.routes(), lifespan=lifespan, middleware=[_hosts()])
