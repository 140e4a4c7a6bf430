"""The job engine of this server: made once, warmed, given its jobs, closed."""

import gc
import importlib
import pkgutil
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pages._ui
from pages._ui.shell import people, state
from tl_core import jobs, log, mode, storage
from tl_core.engine import Engine
from tl_core.jobs import Job
from tl_core.turns import Place
from tl_core.workspace import Workspace

#: How long after the first page the workers start, in seconds: the browser has drawn the page by then.
WARM_AFTER = 3.0

_FIRST_PAGE = ("pages._ui.home.home", "pages._ui.pictures.samples", "numpy", "PIL.Image")

_lock = threading.RLock()
_engine: Engine | None = None
_opened: set[Path] = set()
_serving = False
_warmed = False
_imported = 0


def mark_interrupted() -> None:
    """Mark, once per workspace and server, the jobs that an earlier server left behind."""
    _mark_interrupted(state.workspace())


def _mark_interrupted(place: Workspace) -> None:
    with _lock:
        if place.root not in _opened:
            jobs.mark_interrupted(place)
            _opened.add(place.root)


def engine() -> Engine:
    """Return the engine of this server process, created when it is first asked for."""
    mark_interrupted()
    return _started()


def _started() -> Engine:
    global _engine
    with _lock:
        _engine = _engine or Engine()
        return _engine


def start_job(kind: str, **args: Any) -> Job:
    """Create a job in the workspace, hand it to the workers and keep it in the query string."""
    created = queue_job(kind, **args)
    state.set_job(created)
    return created


def queue_job(kind: str, **args: Any) -> Job:
    """Create a job in the workspace and hand it to the workers, in one go: no rerun of the page comes between."""
    created = jobs.create_in(state.workspace(), kind, **args)
    engine().submit(created)
    return created


def place(job: Job) -> Place | None:
    """Return where a job that waits stands in the queue, where several people share it; else None."""
    return _engine.place(job) if mode.has_people() and _engine is not None else None


def missing() -> int | None:
    """Return how many workers of this machine are not up; None where they have not been started."""
    return _engine.missing_workers() if _engine is not None else None


def submit(every: Iterable[Job]) -> None:
    """Hand jobs to the workers, such as the parts of an experiment: side by side where there are several workers."""
    for job in every:
        engine().submit(job)


def serve() -> None:
    """Tell that this process is a server, so that its workers may be warmed and leftovers are swept."""
    if mode.has_sign_in():
        log.begin()
        log.event("start")
    global _serving, _warmed
    _serving, _warmed = True, False
    threading.Thread(target=_load_first_page, daemon=True, name="load-first-page").start()
    threading.Thread(target=_sweep, args=[workspaces()], daemon=True, name="sweep").start()


def workspaces() -> list[Workspace]:
    """Return every workspace of this server: the one, or where several people share it that of each."""
    return [each.workspace for each in people.spaces().every()] if mode.has_people() else [state.workspace()]


def _sweep(every: list[Workspace]) -> None:
    for each in every:
        if mode.has_people():  # else it is done when the first page asks
            _mark_interrupted(each)
        storage.sweep(each)


def _load_first_page() -> None:
    """Import what the first page needs while no browser has asked for it yet; where a whole room comes, every page."""
    for name in _every_page() if mode.has_people() else _FIRST_PAGE:
        importlib.import_module(name)


def _every_page() -> Iterator[str]:
    yield from (each.name for each in pkgutil.walk_packages(pages._ui.__path__, f"{pages._ui.__name__}."))


def warm_soon() -> None:
    """Start the workers a moment after this server has delivered its first page; later calls do nothing."""
    global _warmed
    with _lock:
        if not _serving or _warmed:
            return
        _warmed = True
    timer = threading.Timer(WARM_AFTER, _warm)
    timer.daemon = True
    timer.start()


def _warm() -> None:
    """Start the workers, and import what the first chart needs."""
    _started().warm()
    importlib.import_module("plotly.graph_objects")


def spare_imports() -> None:
    """Let the garbage collector leave alone what is imported: Streamlit has it look through everything after each run.

    That took half of the time of a page. It is done again only after a run that has imported more.
    """
    global _imported
    if _serving and len(sys.modules) != _imported:
        gc.collect()
        gc.freeze()
        _imported = len(sys.modules)


def close() -> None:
    """Stop the workers; jobs that were running can be resumed later."""
    global _engine, _serving
    with _lock:
        _serving = False
        closing, _engine = _engine, None
        _opened.clear()
    if closing is not None:
        closing.close()
