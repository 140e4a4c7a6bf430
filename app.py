"""The server, put together: the pages, the routes beside them, start and end of the job engine.

``streamlit run app.py`` finds ``app``. The list of pages is ``pages/steps.py``.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from pages._ui.pictures import upload_route
from pages._ui.shell import download_route, hosts, state, workers
from pages._ui.take_away import share_route, sharing
from pages._ui.try_it import live_route
from tl_core.files import be_private


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Tidy up what an earlier server left behind, serve, and stop what was started at the end."""
    be_private()
    upload_route.remove_stale(state.workspace())
    workers.serve()
    try:
        yield
    finally:
        await asyncio.to_thread(sharing.stop)
        await asyncio.to_thread(workers.close)


app = st.App(
    "pages/navigation.py",
    routes=[*share_route.routes(), *upload_route.routes(), *download_route.routes(), *live_route.routes()],
    lifespan=lifespan,
    middleware=[hosts.known_only(), hosts.own_pages_only()],
)
