"""What the pages know of one person: the only file with session keys, and the door to the workspace.

What must survive a refresh is in the query string (``?project=…&run=…``) and in the workspace; the session only
remembers it from page to page.
"""

import ipaddress
import threading
from collections.abc import Callable, Collection
from typing import Any

import streamlit as st

from tl_core import runs
from tl_core.errors import DamagedError, NotFoundError
from tl_core.files import read_json, subfolder, write_record
from tl_core.jobs import Job
from tl_core.recipe import Draft
from tl_core.runs import RunFolder
from tl_core.workspace import Project, Workspace

PROJECT = "project"
RUN = "run"
JOB = "job"
UPLOAD = "upload"
VIEW = "view"
OPENED = "opened"

_lock = threading.RLock()


def workspace() -> Workspace:
    """Return the workspace of this server."""
    return Workspace.open()


def project() -> Project | None:
    """Return the project in the query string, else the session's, else the one used last, else None."""
    place = workspace()
    for slug in (st.query_params.get(PROJECT), st.session_state.get(PROJECT)):
        if slug:
            try:
                return place.project(slug)
            except (NotFoundError, DamagedError):
                continue
    return next(iter(place.projects()), None)


def set_project(chosen: Project | None) -> None:
    """Make this the current project, here and in the query string. The run and job of another project are dropped."""
    if chosen is None or chosen.slug != st.session_state.get(PROJECT):
        _remember(RUN, None)
        st.session_state[JOB] = None
    _remember(PROJECT, chosen.slug if chosen else None)


def has_pictures(of: Project | None) -> bool:
    """Return whether the project has a manifest. Reads one small file."""
    return of is not None and bool(of.about().get("manifest"))


def run() -> RunFolder | None:
    """Return the run in the query string or the session, else the project's newest, else None."""
    current = project()
    if current is None:
        return None
    for name in (st.query_params.get(RUN), st.session_state.get(RUN)):
        if name and (named := find_run(current, name)):
            return named
    return next(iter(runs.of_project(current)), None)


def find_run(of: Project, name: str) -> RunFolder | None:
    """Return the project's run of that name, or None."""
    folder = subfolder(of.runs, name)
    return None if folder is None else RunFolder(folder)


def set_run(chosen: RunFolder | None) -> None:
    """Make this the current run, here and in the query string."""
    _remember(RUN, chosen.id if chosen else None)


def open_run(job: Job) -> None:
    """Make the project and the run of a training job the current ones."""
    chosen = RunFolder(job.folder)
    set_project(chosen.project)
    set_run(chosen)


def job() -> Job | None:
    """Return the job in the query string or the session (an import, a download …), or None."""
    folder = subfolder(workspace().jobs_folder, st.query_params.get(JOB) or st.session_state.get(JOB) or "")
    return None if folder is None else Job(folder)


def set_job(chosen: Job | None) -> None:
    """Keep a job in the query string, so that its page can be refreshed; None drops it."""
    _remember(JOB, chosen.id if chosen else None)


def view(offered: Collection[str]) -> str:
    """Return which of the views of a page is in the query string, the first one if none is."""
    named = st.query_params.get(VIEW)
    return named if named in offered else next(iter(offered))


def set_view(chosen: str) -> None:
    """Keep the view of a page in the query string. A widget's own binding would drop the rest of it."""
    if st.query_params.get(VIEW) != chosen:
        st.query_params[VIEW] = chosen


def query() -> dict[str, str]:
    """Return the query string that links between pages carry."""
    chosen = {PROJECT: st.session_state.get(PROJECT), RUN: st.session_state.get(RUN)}
    return {key: value for key, value in chosen.items() if value}


def settle() -> None:
    """Bring query string and session in line with each other; each page does this once, first."""
    current, linked = project(), st.query_params.get(RUN)
    set_project(current)  # drops the run of another project, and that of a link with it: it was read before
    named = linked or st.session_state.get(RUN)
    set_run(find_run(current, named) if current and named else None)


def _remember(key: str, value: str | None) -> None:
    st.session_state[key] = value
    if value is None:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != value:
        st.query_params[key] = value


def draft(of: Project) -> Draft:
    """Return the choices made so far for the next run; a file that cannot be read counts as none."""
    try:
        return Draft.from_json(read_json(of.folder / "draft.json"))
    except (NotFoundError, DamagedError):
        return Draft()


def update_draft(of: Project, **changes: Any) -> None:
    """Change fields of the draft."""
    with _lock:
        save_draft(of, draft(of).changed(**changes))


def save_draft(of: Project, chosen: Draft) -> None:
    """Keep a draft in ``projects/<slug>/draft.json``."""
    with _lock:
        if chosen != draft(of):
            write_record(of.folder / "draft.json", chosen)


def choose_backbone(of: Project, backbone: str) -> None:
    """Choose the network of the next run. A freeze line and layers of another network are dropped."""
    with _lock:
        save_draft(of, draft(of).with_backbone(backbone))


def upload_token() -> str | None:
    """Return the token that this session's next upload goes under, or None before the first."""
    token: str | None = st.session_state.get(UPLOAD)
    return token


def set_upload_token(token: str | None) -> None:
    """Keep the token that this session's next upload goes under."""
    st.session_state[UPLOAD] = token


def widget(key: str) -> Any:
    """Return what a widget holds, None before it was drawn."""
    return st.session_state.get(key)


def set_widget(key: str, value: Any) -> None:
    """Make a widget hold a value before it is drawn: how several widgets show the same choice."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def bound(key: str, value: Any, save: Callable[[Any], object], *, bounds: tuple[Any, Any] | None = None) -> Any:
    """Tie a widget to a stored choice: it shows the choice, and a move of it is saved before the page is drawn.

    Args:
        key: of the widget; the same however often it is moved, or it would be another widget to the browser.
        value: the choice.
        save: called with what the widget holds after a move.
        bounds: least and most of a slider; with other bounds Streamlit takes it for another one and forgets its value.

    Returns:
        The arguments ``key`` and ``on_change`` of the widget.
    """
    if bounds != st.session_state.get(f"{key}-bounds"):
        st.session_state[f"{key}-bounds"], st.session_state[key] = bounds, value
    set_widget(key, value)
    return {"key": key, "on_change": lambda: save(widget(key))}


def hold_widget(key: str) -> None:
    """Let a widget hold what it held, before it is drawn with another label: to Streamlit that is another widget."""
    if key in st.session_state:
        st.session_state[key] = st.session_state[key]


def opened(place: str) -> str | None:
    """Return the id of the picture that is opened in a list of pictures, or None."""
    id_: str | None = st.session_state.get(f"{OPENED}-{place}")
    return id_


def set_opened(place: str, id_: str | None) -> None:
    """Open a picture in a list of pictures; None closes it."""
    st.session_state[f"{OPENED}-{place}"] = id_


def is_local() -> bool:
    """Return whether only this machine reaches the server: paths on this machine may be typed then."""
    address = st.get_option("server.address") or ""
    try:
        return address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
