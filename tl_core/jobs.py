"""Long work as jobs: each has a folder, and outlives the page that started it.

A job's folder holds ``job.json`` (what), ``status.json`` (how far) and ``events.jsonl`` (one line per event).
Nothing else passes between the page and the worker, so a page can be closed, opened again or opened twice.
"""

import contextlib
import importlib
import json
import os
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import msgspec
import psutil

from tl_core.errors import Stopped, TLError
from tl_core.progress import Progress
from tl_core.workspace import Workspace, new_folder, read_record, storage_errors, to_json, write_record


@dataclass(frozen=True)
class Kind:
    """What a job does.

    Attributes:
        function: ``"module:function"``, called as ``function(folder, progress, **args)``; may return a record or a
            JSON object.
        worker: the resource of the worker that it waits for.
        light: its module imports no Keras, at any time.
    """

    function: str
    worker: Literal["train", "interactive"] = "interactive"
    light: bool = False


#: Every kind of job. ``job.json`` names the kind, so that a function may move.
KINDS = {
    "import": Kind("tl_core.ingest.importer:run", light=True),
    "sample": Kind("tl_core.ingest.make_sample:run", light=True),
    "download": Kind("tl_core.networks.weights:run", light=True),
    "speed": Kind("tl_core.freezing.speed:run"),
    "probe": Kind("tl_core.freezing.probe:run"),
    "answers": Kind("tl_core.evaluation.inference:run"),
    "crossval": Kind("tl_core.evaluation.crossval:run"),
    "class-map": Kind("tl_core.explain.service:run"),
    "atlas": Kind("tl_core.explain.projection:run", light=True),
    "evaluate": Kind("tl_core.evaluation.test_part:run"),
    "health": Kind("tl_core.health.report:run", light=True),
    "train": Kind("tl_core.training.train:run", worker="train"),
}

#: Every short question that a page asks of a worker (``Engine.ask``), or a command of its own process (``load``).
QUESTIONS = {
    "warm": "tl_core.training.train:warm",
    "outline": "tl_core.freezing.outline:draw",
    "predict": "tl_core.evaluation.predict:predict",
    "answers": "tl_core.evaluation.inference:ensure",
    "feature-maps": "tl_core.explain.feature_maps:feature_maps",
    "filters": "tl_core.explain.feature_maps:filters",
    "grad-cam": "tl_core.explain.service:grad_cam",
    "cover": "tl_core.explain.service:cover",
    "features-of": "tl_core.explain.service:features_of",
}

State = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
HEARTBEAT_SECONDS = 2.0
STALE_SECONDS = 45.0
EVENTS_PER_SECOND = 5.0


@dataclass(frozen=True)
class Process:
    """What tells a process from every other one, later ones with its number included.

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
class Event:
    """One line of ``events.jsonl``. Which fields hold something depends on ``event``; an epoch's are ``runs.EpochRow``.

    Attributes:
        event: ``"progress"``, ``"message"``, ``"warning"``, ``"phase"`` or ``"epoch"``.
        time: in seconds since the epoch.
        what: of progress: what is counted, a word for people.
        done: of progress: how many are done.
        total: of progress: how many there are.
        text: of a message or a warning: a sentence for people.
        phase: which phase begins, or this belongs to.
        epochs: of a phase: how many epochs it has at most.
        epoch: which one, from 1.
    """

    event: str
    time: float
    what: str = ""
    done: int | float = 0
    total: int | float = 0
    text: str = ""
    phase: str = ""
    epochs: int = 0
    epoch: int = 0
    loss: float | None = None
    accuracy: float | None = None
    val_loss: float | None = None
    val_accuracy: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a job does: ``job.json``.

    Attributes:
        kind: a key of ``KINDS``.
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
        try:
            lines = (self.folder / "events.jsonl").read_bytes().split(b"\n")[:-1]
        except FileNotFoundError:
            return []
        events = []
        for line in lines:
            with contextlib.suppress(msgspec.DecodeError):
                events.append(_decoder.decode(line))
        return events

    def stop(self) -> None:
        """Ask the job to stop. It stops within a batch or a file, and what it has stored stays."""
        (self.folder / "stop").touch()
        if self.state in ("queued", "interrupted"):
            set_status(self.folder, state="cancelled")

    def rearm(self) -> None:
        """Make a job that ended early ready to continue from what it has stored."""
        (self.folder / "stop").unlink(missing_ok=True)
        set_status(self.folder, state="queued", error=None, owner=this_process())


_decoder = msgspec.json.Decoder(Event)


class JobLog(Progress):
    """The progress listener that writes ``events.jsonl``. Progress events are thinned to a few per second."""

    def __init__(self, folder: Path, echo: Progress | None = None) -> None:
        self.folder = folder
        self.echo = echo or Progress()
        self._last = 0.0

    def emit(self, event: str, **fields: Any) -> None:
        self.echo.emit(event, **fields)
        now = time.time()
        if event == "progress" and now - self._last < 1 / EVENTS_PER_SECOND and fields["done"] != fields["total"]:
            return
        self._last = now
        line = json.dumps({"time": round(now, 3), "event": event, **fields}, ensure_ascii=False)
        with storage_errors(), (self.folder / "events.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def stopped(self) -> bool:
        return self.echo.stopped() or (self.folder / "stop").exists()


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
    log = JobLog(folder, echo)
    if log.stopped():
        set_status(folder, state="cancelled")
        raise Stopped("Stopped before it began.")
    set_status(folder, state="running", error=None, owner=owner, worker=os.getpid())
    with _heartbeat(folder):
        try:
            result: object = load(KINDS[task.kind].function)(folder, log, **task.args)
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


def load(name: str) -> Callable[..., Any]:
    """Return the function of ``"module:function"``, importing the module now: in the worker, not in the page.

    One import at a time: threads that import modules which import each other stop one another, and TensorFlow does not
    survive that. So Keras, too, is imported here and not first by a function that two threads may call.
    """
    module, function = name.split(":")
    with _importing:
        if module not in _LIGHT:
            importlib.import_module("keras")
        loaded: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return loaded


_importing = threading.Lock()
_LIGHT = {kind.function.split(":")[0] for kind in KINDS.values() if kind.light}


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
