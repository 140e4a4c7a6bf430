"""Long work as jobs: each has a folder, and outlives the page that started it.

A job's folder holds ``job.json`` (what), ``status.json`` (how far) and ``events.jsonl`` (one line per event).
Nothing else passes between the page and the worker, so a page can be closed, opened again or opened twice.
The process that runs a job holds a lock in its folder: no job runs twice at once.
"""

import contextlib
import os
import shutil
import socket
import threading
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import psutil
from filelock import FileLock, Timeout

from tl_core import events, language
from tl_core.errors import DamagedError, NotFoundError, Stopped, StorageError, TLError
from tl_core.events import Event, EventLog
from tl_core.files import locked, new_folder, read_record, storage_errors, subfolders, to_json, write_record
from tl_core.language import _
from tl_core.progress import Progress
from tl_core.registry import KINDS, load
from tl_core.workspace import Workspace

State = Literal["queued", "running", "done", "failed", "cancelled", "interrupted", "damaged"]
ENDED = ("done", "failed", "cancelled")
HEARTBEAT_SECONDS = 2.0
STALE_SECONDS = 45.0
#: How long it is waited for jobs that were asked to stop, in seconds.
STOP_SECONDS = 30.0
#: Bytes that a job takes at its beginning, so that a full disk leaves room to write how it ended.
RESERVE = 32 * 1024
#: A folder in that of a job, for what it needs to be resumed and nobody needs once it is done.
CHECKPOINT = "checkpoint"
#: So many jobs that have ended stay under ``jobs/``, the newest ones.
MOST_ENDED = 50


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
        claimed: whether its owner is about to run it; until then any process may.
        started: when it began to run, the last time, in seconds since the epoch; 0 before, and in earlier versions.
        spent: seconds that it ran in all until it paused, ended or its process died; what it runs now does not count.
        paused: whether it waits because it has paused for something else.
        result: what its function returned, as JSON.
    """

    state: State
    heartbeat: float = 0.0
    error: str | None = None
    owner: Process | None = None
    worker: int | None = None
    claimed: bool = False
    started: float = 0.0
    spent: float = 0.0
    paused: bool = False
    result: Any = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a job does: ``job.json``.

    Attributes:
        kind: a key of ``registry.KINDS``.
        args: keyword arguments of its function, as JSON.
        created: in seconds since the epoch.
        language: code of the one that whoever began it reads, and that it speaks.
    """

    kind: str
    args: dict[str, Any]
    created: float
    language: str = language.SOURCE


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
        try:
            return self.task.created
        except (NotFoundError, DamagedError):
            return self.folder.stat().st_mtime

    def status(self) -> JobStatus:
        """Return how far the job is.

        A job whose files cannot be read is damaged, with the file in ``error``. One whose worker has been silent for
        45 s is interrupted, unless the worker lives and only its machine has slept.
        """
        try:
            status = read_record(self.folder / "status.json", JobStatus)
            self.task  # noqa: B018 - both files belong to a job
        except (NotFoundError, DamagedError) as exc:
            return JobStatus(state="damaged", error=str(exc))
        silent = time.time() - status.heartbeat > STALE_SECONDS
        if status.state == "running" and silent and not _is_held(self.folder):
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

    def stop(self, *, at_once: bool = False) -> None:
        """Ask the job to stop. It stops within a batch or a file, and what it has stored stays.

        Args:
            at_once: also one that has paused: else that ends with its next turn, as one that runs does, and keeps what
                it has come to.
        """
        with locked(self.folder):
            (self.folder / events.STOP).touch()
            status = self.status()
            if status.state == "interrupted" or (status.state == "queued" and (at_once or not status.paused)):
                set_status(self.folder, state="cancelled")

    def pause(self) -> None:
        """Ask a running job to stop and to wait for its turn again: see ``Engine.submit``."""
        (self.folder / events.PAUSE).touch()

    def end_turn(self) -> None:
        """Ask a running job to pause as soon as what it has done is stored."""
        (self.folder / events.TURN).touch()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop."""
        return (self.folder / events.STOP).exists()

    @property
    def pausing(self) -> bool:
        """Whether it was asked to pause, and not to stop altogether."""
        return (self.folder / events.PAUSE).exists() and not self.stopping

    @property
    def ends_soon(self) -> bool:
        """Whether it was asked to stop or to pause, at once or as soon as what it has done is stored."""
        return any((self.folder / name).exists() for name in (events.STOP, events.PAUSE, events.TURN))

    def claim(self) -> bool:
        """Make this process the one that runs the job, from what it has stored.

        Returns:
            False if it runs, waits for another process that lives, or is done: then nothing has changed.
        """
        with locked(self.folder):
            status = self.status()
            elsewhere = status.claimed and status.owner != this_process() and not _is_gone(status.owner)
            if status.state in ("running", "done") or (status.state == "queued" and elsewhere):
                return False
            for name in (events.STOP, events.PAUSE, events.TURN):
                (self.folder / name).unlink(missing_ok=True)
            _reserve(self.folder)
            set_status(self.folder, state="queued", error=None, owner=this_process(), claimed=True, paused=False)
            return True


def create(folder: Path, kind: str, /, **args: Any) -> Job:
    """Write a new job into an existing folder; it runs when ``execute`` or ``Engine.submit`` is given it."""
    _reserve(folder)
    set_status(folder, state="queued", owner=this_process())
    task = Task(kind=kind, args=args, created=time.time(), language=language.spoken())
    write_record(folder / "job.json", task)
    return Job(folder)


def create_in(workspace: Workspace, kind: str, /, **args: Any) -> Job:
    """Write a new job into a new folder under ``jobs/``."""
    name = f"{kind}-{time.strftime('%Y%m%d-%H%M%S')}"
    return Job(new_folder(workspace.jobs_folder, name, lambda folder: create(folder, kind, **args)))


def set_status(folder: Path, *, durable: bool = True, **changes: Any) -> None:
    """Change fields of the job's status, ``durable`` as in ``files.write_bytes``."""
    path = folder / "status.json"
    with locked(folder):
        try:
            before = read_record(path, JobStatus)
        except (NotFoundError, DamagedError):
            before = JobStatus(state="queued")
        after = replace(before, **{**changes, "heartbeat": time.time()})
        write_record(path, replace(after, spent=before.spent + _ran(before, after)), durable=durable)


def _ran(before: JobStatus, after: JobStatus) -> float:
    """Return how many seconds a job ran that does not go on: as long as its process was heard of."""
    goes_on = after.state == "running" and after.started == before.started
    if before.state != "running" or not before.started or goes_on:
        return 0.0
    return max(0.0, min(after.heartbeat, before.heartbeat + HEARTBEAT_SECONDS) - before.started)


def _reserve(folder: Path) -> None:
    with storage_errors():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".reserve").write_bytes(bytes(RESERVE))


def _end(folder: Path, **changes: Any) -> None:
    """Write how a job has ended; where the disk is full, in the room that was taken for that."""
    try:
        set_status(folder, **changes)
    except StorageError:
        (folder / ".reserve").unlink(missing_ok=True)
        set_status(folder, **changes)
    (folder / ".reserve").unlink(missing_ok=True)


def fail(folder: Path, error: str) -> None:
    """End a job that waits or runs, but which nothing goes on with, with a sentence for people."""
    with locked(folder):
        if Job(folder).active and not _is_held(folder):
            _end(folder, state="failed", error=error)


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
    """Return every job of the workspace, training runs and parts of experiments included, in no order."""
    projects = subfolders(workspace.projects_folder)
    runs = (run for project in projects for run in subfolders(project / "runs"))
    experiments = (each for project in projects for each in subfolders(project / "experiments"))
    parts = (part for each in experiments for part in subfolders(each))
    return [Job(folder) for folder in (*subfolders(workspace.jobs_folder), *runs, *parts)]


def unfinished(workspace: Workspace) -> list[Job]:
    """Return the jobs that have not ended. One that has is not read again until its status is written again."""
    return [job for job in all_jobs(workspace) if not _has_ended(job)]


def stop_all(of: Iterable[Workspace]) -> bool:
    """Ask every job of these workspaces to stop, wait STOP_SECONDS at most, and return whether all of them have.

    One that has paused ends at once: its turn may come late.
    """
    running = [job for each in of for job in unfinished(each) if job.active]
    for job in running:
        job.stop(at_once=True)
    end = time.monotonic() + STOP_SECONDS
    while (left := any(job.active for job in running)) and time.monotonic() < end:
        time.sleep(0.2)
    return not left


#: When the status of a job that has ended was written, by the folder of the job.
_ended: dict[Path, int] = {}


def _has_ended(job: Job) -> bool:
    try:
        written = (job.folder / "status.json").stat().st_mtime_ns
    except OSError:
        return False
    if _ended.get(job.folder) != written and job.state in ENDED:
        _ended[job.folder] = written
    return _ended.get(job.folder) == written


def prune(workspace: Workspace) -> None:
    """Remove the oldest of the jobs under ``jobs/`` that have ended: what they made lies elsewhere."""
    ended = [Job(folder) for folder in subfolders(workspace.jobs_folder)]
    ended = [job for job in ended if job.state in (*ENDED, "damaged")]
    for job in sorted(ended, key=lambda job: job.created, reverse=True)[MOST_ENDED:]:
        shutil.rmtree(job.folder, ignore_errors=True)


def mark_interrupted(workspace: Workspace) -> list[Job]:
    """Mark the jobs whose server or command is gone as interrupted, and return them. ``Engine.submit`` resumes them."""
    lost = [job for job in unfinished(workspace) if job.active and _is_gone(job.status().owner)]
    marked = []
    for job in lost:
        with contextlib.suppress(StorageError):
            set_status(job.folder, state="interrupted")
            marked.append(job)
    return marked


def execute(folder: Path, owner: Process | None = None, echo: Progress | None = None) -> object:
    """Run a job in this process to its end and return what its function returned; None if it pauses: it waits again.

    Args:
        folder: the job's folder.
        owner: the process without which the job cannot go on (``this_process()``); None if it outlives them all.
        echo: a second listener, for instance a terminal.

    Raises:
        RunningElsewhereError: another process runs it; nothing has changed.
        TLError: what the job raised, after its status was written.
    """
    with _held(folder):
        task = Job(folder).task
        log = EventLog(folder, echo)
        for name in (events.PAUSE, events.TURN):
            (folder / name).unlink(missing_ok=True)
        if log.stopped() and not Job(folder).status().paused:
            _end(folder, state="cancelled")
            raise Stopped(_("Stopped before it began."))
        result = _run(folder, task, log, owner)
        if Job(folder).pausing:
            (folder / events.PAUSE).unlink()
            set_status(folder, state="queued", paused=True)
            return None
        stopped = log.stopped()
        _end(folder, state="cancelled" if stopped else "done", result=to_json(result))
        if not stopped:  # what was stopped may be resumed
            shutil.rmtree(folder / CHECKPOINT, ignore_errors=True)
        return result


def _run(folder: Path, task: Task, log: EventLog, owner: Process | None) -> object:
    """Call the function of a job; write how it ended if it did not come to its end."""
    with _heartbeat(folder):
        try:
            began: dict[str, Any] = {"worker": os.getpid(), "started": time.time(), "paused": False}
            set_status(folder, state="running", error=None, owner=owner, **began)
            return load(KINDS[task.kind].function)(folder, log, **task.args)
        except KeyboardInterrupt:
            _end(folder, state="interrupted")
            raise
        except Stopped as exc:
            if Job(folder).pausing:
                return None
            _end(folder, state="cancelled", error=str(exc))
            raise
        except TLError as exc:
            _end(folder, state="failed", error=str(exc))
            raise
        except BaseException as exc:
            with contextlib.suppress(OSError):
                (folder / "traceback.txt").write_text(traceback.format_exc(), encoding="utf-8")
            text = _("Something went wrong inside Thaw ({error}). Details: {file}").format(
                error=type(exc).__name__, file=folder / "traceback.txt"
            )
            _end(folder, state="failed", error=text)
            raise


class RunningElsewhereError(TLError):
    """Another process, or another thread, runs the job."""


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold the lock of a running job. The system lets go of it when the process ends, however it ends."""
    lock = FileLock(folder / ".running", timeout=HEARTBEAT_SECONDS)
    with storage_errors():
        try:
            lock.acquire()
        except Timeout as exc:
            raise RunningElsewhereError(
                _("{job} already runs in another process. Wait, or stop it.").format(job=folder.name)
            ) from exc
    try:
        yield
    finally:
        lock.release()


def _is_held(folder: Path) -> bool:
    if not (folder / ".running").exists():
        return False
    try:
        with FileLock(folder / ".running", timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False


@contextlib.contextmanager
def _heartbeat(folder: Path) -> Iterator[None]:
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(HEARTBEAT_SECONDS):
            with contextlib.suppress(OSError, TLError):
                set_status(folder, durable=False)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
