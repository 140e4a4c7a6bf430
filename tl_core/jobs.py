"""Long work as jobs: each has a folder, and outlives the page that started it.

A job's folder holds ``job.json`` (what), ``status.json`` (how far) and ``events.jsonl`` (one line per event).
Nothing else passes between the page and the worker, so a page can be closed, opened again or opened twice.
"""

import contextlib
import os
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import psutil

from tl_core import events
from tl_core.errors import Stopped, TLError
from tl_core.events import Event, EventLog
from tl_core.progress import Progress
from tl_core.registry import KINDS, load
from tl_core.workspace import Workspace, new_folder, read_record, to_json, write_record

State = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
HEARTBEAT_SECONDS = 2.0
STALE_SECONDS = 45.0


@dataclass(frozen=True)
class Process:
    """A process, identified also among later ones with its number.

    Attributes:
        host: name of the machine.
        pid: number of the process there.
        started: in seconds since the epoch.
    """

    host: str
    pid: int
    started: float


@dataclass(frozen=True, kw_only=True)
class JobStatus:
    """How far a job is: ``status.json``.

    Attributes:
        state: one of ``State``.
        heartbeat: when the job or its page last wrote the status, in seconds since the epoch.
        error: why it failed or was stopped, a sentence for people.
        owner: the process without which the job cannot go on; None if it outlives them all.
        worker: number of the process that runs it.
        result: what its function returned, as JSON.
    """

    state: State
    heartbeat: float = 0.0
    error: str | None = None
    owner: Process | None = None
    worker: int | None = None
    result: Any = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a job does: ``job.json``.

    Attributes:
        kind: a key of ``registry.KINDS``.
        args: keyword arguments of its function, as JSON.
        created: in seconds since the epoch.
    """

    kind: str
    args: dict[str, Any]
    created: float


@dataclass(frozen=True)
class Job:
    """A job by its folder."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def task(self) -> Task:
        return read_record(self.folder / "job.json", Task)

    @property
    def kind(self) -> str:
        return self.task.kind

    @property
    def created(self) -> float:
        """When the job was written, in seconds since the epoch."""
        return self.task.created

    def status(self) -> JobStatus:
        """Return how far the job is. If its worker has been silent for 45 s, it counts as interrupted."""
        status = read_record(self.folder / "status.json", JobStatus)
        if status.state == "running" and time.time() - status.heartbeat > STALE_SECONDS:
            return replace(status, state="interrupted")
        return status

    @property
    def state(self) -> State:
        return self.status().state

    @property
    def active(self) -> bool:
        """True while the job is queued or running."""
        return self.state in ("queued", "running")

    def events(self) -> list[Event]:
        """Return the events so far; a line that is still being written, or is damaged, is left out."""
        return events.read(self.folder)

    def stop(self) -> None:
        """Ask the job to stop. It stops within a batch or a file, and what it has stored stays."""
        (self.folder / "stop").touch()
        if self.state in ("queued", "interrupted"):
            set_status(self.folder, state="cancelled")

    def rearm(self) -> None:
        """Make a job that ended early ready to continue from what it has stored."""
        (self.folder / "stop").unlink(missing_ok=True)
        set_status(self.folder, state="queued", error=None, owner=this_process())


def create(folder: Path, kind: str, /, **args: Any) -> Job:
    """Write a new job into an existing folder; it runs when ``execute`` or ``Engine.submit`` is given it."""
    write_record(folder / "job.json", Task(kind=kind, args=args, created=time.time()))
    set_status(folder, state="queued", owner=this_process())
    return Job(folder)


def create_in(workspace: Workspace, kind: str, /, **args: Any) -> Job:
    """Write a new job into a new folder under ``jobs/``."""
    return create(new_folder(workspace.jobs_folder, f"{kind}-{time.strftime('%Y%m%d-%H%M%S')}"), kind, **args)


def set_status(folder: Path, **changes: Any) -> None:
    """Change fields of the job's status."""
    path = folder / "status.json"
    with _status_lock:
        before = read_record(path, JobStatus) if path.exists() else JobStatus(state="queued")
        write_record(path, replace(before, **{**changes, "heartbeat": time.time()}))


_status_lock = threading.Lock()


def this_process() -> Process:
    """Return this process."""
    return Process(socket.gethostname(), os.getpid(), psutil.Process().create_time())


def _is_gone(process: Process | None) -> bool:
    if process is None or process.host != socket.gethostname():
        return False
    try:
        return bool(psutil.Process(process.pid).create_time() != process.started)
    except psutil.NoSuchProcess:
        return True


def all_jobs(workspace: Workspace) -> list[Job]:
    """Return every job of the workspace, training runs included, in no order."""
    folders = [
        *workspace.jobs_folder.glob("*/job.json"),
        *workspace.projects_folder.glob("*/runs/*/job.json"),
    ]
    return [Job(path.parent) for path in folders]


def mark_interrupted(workspace: Workspace) -> list[Job]:
    """Mark the jobs whose server or command is gone as interrupted, and return them. ``Engine.submit`` resumes them."""
    lost = [job for job in all_jobs(workspace) if job.active and _is_gone(job.status().owner)]
    for job in lost:
        set_status(job.folder, state="interrupted")
    return lost


def execute(folder: Path, owner: Process | None = None, echo: Progress | None = None) -> object:
    """Run a job in this process to its end and return what its function returned.

    Args:
        folder: the job's folder.
        owner: the process without which the job cannot go on (``this_process()``); None if it outlives them all.
        echo: a second listener, for instance a terminal.

    Raises:
        TLError: what the job raised, after its status was written.
    """
    task = Job(folder).task
    log = EventLog(folder, echo)
    if log.stopped():
        set_status(folder, state="cancelled")
        raise Stopped("Stopped before it began.")
    set_status(folder, state="running", error=None, owner=owner, worker=os.getpid())
    with _heartbeat(folder):
        try:
            result: object = load(KINDS[task.kind].function)(folder, log, **task.args)
        except KeyboardInterrupt:
            set_status(folder, state="interrupted")
            raise
        except Stopped as exc:
            set_status(folder, state="cancelled", error=str(exc))
            raise
        except TLError as exc:
            set_status(folder, state="failed", error=str(exc))
            raise
        except BaseException as exc:
            (folder / "traceback.txt").write_text(traceback.format_exc(), encoding="utf-8")
            text = f"Something went wrong inside Thaw ({type(exc).__name__}). Details: {folder / 'traceback.txt'}"
            set_status(folder, state="failed", error=text)
            raise
    set_status(folder, state="cancelled" if log.stopped() else "done", result=to_json(result))
    return result


@contextlib.contextmanager
def _heartbeat(folder: Path) -> Iterator[None]:
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(HEARTBEAT_SECONDS):
            with contextlib.suppress(OSError, TLError):
                set_status(folder)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
