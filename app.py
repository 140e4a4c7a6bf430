"""The server, put together: the pages, the routes beside them, start and end of the job engine.

``streamlit run app.py`` finds ``app``. The list of pages is ``pages/steps.py``.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from pages._ui.people import join_route, sign_in_route
from pages._ui.pictures import box_route, upload_route
from pages._ui.shell import door, download_route, health_route, hosts, workers
from pages._ui.take_away import share_route, sharing
from pages._ui.try_it import live_route
from tl_core.files import be_private


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Tidy up what an earlier server left behind, serve, and stop what was started at the end."""
    be_private()
    for each in workers.workspaces():
        upload_route.remove_stale(each)
    workers.serve()
    try:
        yield
    finally:
        await asyncio.to_thread(sharing.stop)
        await asyncio.to_thread(workers.close)


ROUTES = (share_route, upload_route, download_route, live_route, box_route, join_route, sign_in_route, health_route)
app = st.App(
    "pages/navigation.py",
    routes=[route for module in ROUTES for route in module.routes()],
    lifespan=lifespan,
    middleware=[hosts.known_only(), hosts.own_pages_only(), door.door(), sign_in_route.gate()],
)
