"""What the pages know of one person: the only file with session keys, and the door to the workspace.

What must survive a refresh is in the query string (``?project=…&run=…``) and in the workspace; the session only
remembers it from page to page.
"""

import contextlib
import ipaddress
import json
import threading
import time
from collections.abc import Callable, Container, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages._ui.shell import people
from tl_core import mode, runs
from tl_core.draft import Draft
from tl_core.errors import DamagedError, NotFoundError, TLError
from tl_core.files import read_json, read_stored, subfolder, write_record
from tl_core.jobs import Job
from tl_core.language import SOURCE
from tl_core.runs import RunFolder
from tl_core.storage import Trashed
from tl_core.workspace import Edition, Project, Workspace

PROJECT = "project"
RUN = "run"
JOB = "job"
UPLOAD = "upload"
WAITING = "waiting"
OPENED = "opened"
DRAWN = "draw"
KEPT = "kept"
FOLLOWED, HANDED = "followed", "handed-over"
#: So many seconds after the address has changed the browser may still send the older one.
STALE = 10.0
PAGE, DELETED, TOO_LARGE = "page", "deleted", "too-large"
LANGUAGE, LANGUAGE_CHOSEN, THINGS = "reads", "reads-chosen", "speaks-of"

_lock = threading.RLock()
#: The language outside a session: of who asks a route.
_outside: ContextVar[str] = ContextVar(LANGUAGE, default=SOURCE)
#: How the texts of this thread's session are read: each of a page's hundreds asks. Every run has a thread of its own.
_spoken: ContextVar[str] = ContextVar(THINGS, default="")


def workspace() -> Workspace:
    """Return the workspace of this server; where several people share it, that of who asks, and of nobody else.

    Raises:
        NobodyError: who asks is not let in.
    """
    return people.required().workspace if mode.has_people() else Workspace.open()


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
    return of is not None and bool(of.about().manifest)


def run() -> RunFolder | None:
    """Return the run in the query string or the session, else the project's newest, else None.

    One that has learned from everything opens by itself only where its test was opened: nobody could see how good it
    is. The run that it comes from offers it on Take away.
    """
    current = project()
    if current is None:
        return None
    for name in (st.query_params.get(RUN), st.session_state.get(RUN)):
        if name and (named := find_run(current, name)):
            return named
    every = runs.of_project(current)
    return next(filter(_opens_by_itself, every), next(iter(every), None))


def _opens_by_itself(run: RunFolder) -> bool:
    try:
        return run.recipe.everything is None or run.times_opened() > 0
    except TLError:
        return True


def find_run(of: Project, name: str) -> RunFolder | None:
    """Return the project's run of that name, or None."""
    folder = subfolder(of.runs, name)
    return None if folder is None else RunFolder(folder)


def set_run(chosen: RunFolder | None) -> None:
    """Make this the current run, here and in the query string."""
    _remember(RUN, chosen.id if chosen else None)


def follow(coming: RunFolder | None) -> None:
    """Keep the run that will answer in the place of the current one once it is trained; None ends that."""
    st.session_state[FOLLOWED] = coming.id if coming else None


def followed() -> str | None:
    """Return the id of that run, or None."""
    id_: str | None = st.session_state.get(FOLLOWED)
    return id_


def hand_over(before: RunFolder, new: RunFolder) -> None:
    """Make a run the current one in the place of another, of which the browser's requests may still speak a while."""
    follow(None)
    set_run(new)
    st.session_state[HANDED] = before.id, new.id, time.monotonic()


def _in_place_of(linked: str | None) -> str | None:
    """Return the run that a query string names, or the one that has just taken its place."""
    before, new, when = st.session_state.get(HANDED) or (None, None, 0.0)
    return new if linked == before and time.monotonic() - when < STALE else linked


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


def query() -> dict[str, str]:
    """Return the query string that links between pages carry."""
    chosen = {PROJECT: st.session_state.get(PROJECT), RUN: st.session_state.get(RUN)}
    return {key: value for key, value in chosen.items() if value}


def settle() -> Project | None:
    """Bring query string and session in line with each other; each page does this once, first.

    Returns:
        The current project; None where there is none yet, and while its sample is made.
    """
    current, linked = _of_sample(project()), _in_place_of(st.query_params.get(RUN))
    set_project(current)  # drops the run of another project, and that of a link with it: it was read before
    named = linked or st.session_state.get(RUN)
    set_run(find_run(current, named) if current and named else None)
    return current


def _of_sample(before: Project | None) -> Project | None:
    """Return the project of the sample in the query string, None while it is made; else the one before."""
    made = job() if JOB in st.query_params else None
    if made is None or made.kind != "sample" or not (made.active or made.state == "done"):
        return before
    return None if made.active else workspace().project(made.status().result["project"])


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
        return usual(of)


def usual(of: Project) -> Draft:
    """Return what is trained where nobody has chosen anything: it depends on what is held, where it can be read."""
    version = of.about().manifest
    with contextlib.suppress(NotFoundError, DamagedError):  # the page of the pictures has the way back
        return Draft() if version is None else _usual(of.edition(version))
    return Draft()


@st.cache_data(max_entries=32, show_spinner=False)
def _usual(of: Edition) -> Draft:
    from tl_core.dataset import manifest
    from tl_core.tasks import table

    return table.of(of.project).draft(None, manifest.load(of.project, of.version))


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


def upload_token(place: str) -> str | None:
    """Return the token that the next upload of an uploader goes under, or None before the first."""
    token: str | None = st.session_state.get(f"{UPLOAD}-{place}")
    return token


def set_upload_token(place: str, token: str | None) -> None:
    """Keep the token that the next upload of an uploader goes under."""
    st.session_state[f"{UPLOAD}-{place}"] = token


def staged(key: str) -> Path | None:
    """Return the folder among the uploads that is in the query string or the session under this key, or None."""
    return subfolder(workspace().uploads, st.query_params.get(key) or st.session_state.get(key) or "")


def set_staged(key: str, folder: Path | None) -> None:
    """Keep a folder among the uploads in the query string, so that its page can be refreshed; None drops it."""
    _remember(key, folder.name if folder else None)


def widget(key: str) -> Any:
    """Return what a widget holds, None before it was drawn."""
    return st.session_state.get(key)


def set_widget(key: str, value: Any) -> None:
    """Make a widget hold a value before it is drawn: how several widgets show the same choice."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def bound(
    key: str,
    value: Any,
    save: Callable[[Any], object],
    *,
    bounds: tuple[Any, Any] | None = None,
    options: Container[Any] | None = None,
) -> Any:
    """Tie a widget to a stored choice: it shows the choice, and a move of it is saved before the page is drawn.

    Args:
        key: of the widget; the same however often it is moved, or it would be another widget to the browser.
        value: the choice.
        save: called with what the widget holds after a move.
        bounds: least and most of a slider; with other bounds Streamlit takes it for another one and forgets its value.
        options: what the widget offers. Streamlit knows an option by what it reads: once that has changed, as by
            another name or language, a quick press still sends the text of before, which is no choice.

    Returns:
        The arguments ``key`` and ``on_change`` of the widget.
    """

    def moved() -> None:
        chosen = widget(key)
        if options is None or chosen in options:
            save(chosen)

    if bounds != st.session_state.get(f"{key}-bounds"):
        st.session_state[f"{key}-bounds"], st.session_state[key] = bounds, value
    set_widget(key, value)
    return {"key": key, "on_change": moved}


@dataclass(frozen=True)
class Between:
    """All numbers from ``least`` to ``most``: what a slider offers."""

    least: float
    most: float

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int | float) and self.least <= value <= self.most


def kept(
    key: str,
    default: Any,
    options: Container[Any] | None = None,
    *,
    then: Callable[[Any], object] = lambda value: None,
    by_link: bool = True,
) -> Any:
    """Let a widget keep its value: in the session through page changes, in the query string through a reload.

    What this session has chosen goes before the query string: after quick moves the browser still sends an older one.

    Args:
        key: of the widget, and its name in the query string.
        default: what it holds before it was moved; a list for a widget that holds several values.
        options: what it offers. While a chosen value is not offered, the widget holds the default.
        then: called with what the widget holds after a move.
        by_link: False for what an address must not choose; a reload forgets it.

    Returns:
        The arguments ``key`` and ``on_change`` of the widget, which gets no default of its own.
    """
    chosen: dict[str, Any] = st.session_state.setdefault(KEPT, {})
    if by_link and key not in chosen and key in st.query_params:
        chosen[key] = _parsed(st.query_params[key], default, options)
    value = chosen.get(key, default)
    if options is not None and not _offered(value, default, options):
        value = default
    set_widget(key, value)
    if by_link:
        _put_into_query(key, value, default)

    def moved() -> None:
        keep(key, widget(key))
        then(widget(key))

    return {"key": key, "on_change": moved}


def edited(key: str, stored: Callable[[int, str], Any], save: Callable[[int, str, Any], object]) -> Any:
    """Tie an editable table to what is stored: each edit is saved before the page is drawn.

    The browser holds the edits of a table until it is another one. So where one says something else than what is
    stored, because it was changed elsewhere or is stored otherwise than typed, the table becomes another one.

    Args:
        key: of the table; another one where its rows are others or in another order.
        stored: returns what is stored of a row and column.
        save: called with row, column and value of each cell that a person has edited.

    Returns:
        The arguments ``key`` and ``on_change`` of the table.
    """
    drawn, seen = f"{key}-drawn", f"{key}-seen"
    number = st.session_state.setdefault(drawn, 0)
    edits = _edits(f"{key}-{number}")
    if any(stored(row, column) != value for (row, column), value in edits.items()):
        st.session_state[drawn], edits = number + 1, {}
    st.session_state[seen] = edits
    name = f"{key}-{st.session_state[drawn]}"

    def moved() -> None:
        known = st.session_state[seen]
        for (row, column), value in _edits(name).items():
            if (row, column) not in known or known[row, column] != value:
                save(row, column, value)

    return {"key": name, "on_change": moved}


def _edits(key: str) -> dict[tuple[int, str], Any]:
    rows = (st.session_state.get(key) or {}).get("edited_rows", {})
    return {(int(row), column): value for row, cells in rows.items() for column, value in cells.items()}


def keep(key: str, value: Any) -> None:
    """Make a widget that is ``kept`` hold a value from its next run on."""
    st.session_state.setdefault(KEPT, {})[key] = value


def _offered(value: Any, default: Any, options: Container[Any]) -> bool:
    if isinstance(default, list):
        return isinstance(value, list) and all(each in options for each in value)
    return value == default or value in options


def _put_into_query(key: str, value: Any, default: Any) -> None:
    if value == default:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != (text := _written(value)):
        st.query_params[key] = text


def _written(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _parsed(text: str, default: Any, options: Container[Any] | None) -> Any:
    """Return what a query string says of a widget; what it cannot hold counts as its default."""
    if isinstance(options, Iterable) and not isinstance(default, list):
        return next((each for each in options if _written(each) == text), default)
    if isinstance(default, str):
        return text
    with contextlib.suppress(ValueError, RecursionError):
        value = json.loads(text)
        if isinstance(value, type(default)) or (isinstance(default, float) and isinstance(value, int)):
            return value
    return default


def once(key: str) -> str:
    """Return what a link asks for under this key, "" for nothing, and forget it: a reload does not ask again."""
    asked = st.query_params.get(key, "")
    st.query_params.pop(key, None)
    return asked


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


def drawn_on() -> str | None:
    """Return the id of the picture that a person wants to draw boxes on, or None: it is in the query string alone."""
    return st.query_params.get(DRAWN)


def set_drawn_on(id_: str | None) -> None:
    """Open a picture to draw boxes on; None ends that."""
    if id_ is None:
        st.query_params.pop(DRAWN, None)
    else:
        st.query_params[DRAWN] = id_


@dataclass(frozen=True)
class Planned:
    """The classes that a person has added and that have no pictures yet: ``planned.json``."""

    classes: tuple[str, ...] = ()


def planned_classes(of: Project | None) -> list[str]:
    """Return the names of the classes that a person has added to a project and that have no pictures yet."""
    stored = read_stored(_planned(of), Planned)
    return list(stored.classes) if stored else []


def plan_classes(of: Project | None, names: Iterable[str]) -> None:
    """Keep the names of classes that have no pictures yet: with the project, before there is one in the workspace."""
    chosen = tuple(dict.fromkeys(names))
    with _lock:
        if list(chosen) != planned_classes(of):
            write_record(_planned(of), Planned(chosen))


def _planned(of: Project | None) -> Path:
    return (of.folder if of else workspace().root) / "planned.json"


def enter(page: str) -> None:
    """Remember which page is shown; what was deleted on another one is no longer offered for restoring."""
    if st.session_state.get(PAGE) != page:
        st.session_state[DELETED] = st.session_state[TOO_LARGE] = None
    st.session_state[PAGE] = page


def deleted() -> Trashed | None:
    """Return what was deleted last on this page, None if nothing was."""
    trashed: Trashed | None = st.session_state.get(DELETED)
    return trashed


def set_deleted(trashed: Trashed | None) -> None:
    """Offer something that was just deleted for restoring; None ends the offer."""
    st.session_state[DELETED] = trashed


def too_large() -> Path | None:
    """Return the folder for which the trash had no room on this page, None if it had for all."""
    folder: Path | None = st.session_state.get(TOO_LARGE)
    return folder


def set_too_large(folder: Path | None) -> None:
    """Offer to delete a folder for good for which the trash has no room; None ends the offer."""
    st.session_state[TOO_LARGE] = folder


def language() -> str:
    """Return the code of the language of this person; outside a session of who asks a route, else English."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return _outside.get()
    code: str = st.session_state.get(LANGUAGE, SOURCE)
    return code


def spoken() -> str:
    """Return how the texts of this session are read, as ``tl_core.language`` takes it: its language, and what of."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return _outside.get()
    if not (read_in := _spoken.get()):
        read_in = f"{language()}@{st.session_state.get(THINGS, '')}"
        _spoken.set(read_in)
    return read_in


def speak_of(things: str) -> None:
    """Let this session's texts speak of ``"pictures"`` or ``"texts"``."""
    st.session_state[THINGS] = things
    _spoken.set("")


def set_language(code: str) -> None:
    """Let this session read in a language; outside a session the answer to this request."""
    if get_script_run_ctx(suppress_warning=True) is None:
        _outside.set(code)
    else:
        st.session_state[LANGUAGE] = code
        _spoken.set("")


def language_chosen() -> str | None:
    """Return the code of the language that this person has chosen in this session, None before that."""
    code: str | None = st.session_state.get(LANGUAGE_CHOSEN)
    return code


def choose_language(code: str) -> None:
    """Keep the language that a person chooses."""
    st.session_state[LANGUAGE_CHOSEN] = st.session_state[LANGUAGE] = code
    _spoken.set("")


def is_local() -> bool:
    """Return whether only this machine reaches the server, for one person: paths on it may be typed then."""
    if mode.has_people():
        return False
    address = st.get_option("server.address") or ""
    try:
        return address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
