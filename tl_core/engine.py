"""The Dask workers that jobs run on, and the short questions that pages ask of them.

Embedded by default: one ``train`` worker (``TL_TRAIN_WORKERS``) and one ``interactive`` worker on this machine. With
``TL_SCHEDULER=tls://host:8786`` the same code uses that cluster instead; its workers need the resources
``train`` and ``interactive`` and must see the same workspace folder.
"""

import contextlib
import gc
import logging
import os
import threading
import time
import uuid
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tl_core import crew, jobs, language, limits, log
from tl_core.errors import Stopped, TLError
from tl_core.events import EventLog
from tl_core.files import be_private
from tl_core.jobs import Job, Process
from tl_core.language import _
from tl_core.registry import KINDS, QUESTIONS, load
from tl_core.turns import Place, Turns

if TYPE_CHECKING:
    from distributed import Client, Future, SpecCluster

INTERACTIVE_THREADS = 4
#: More train workers on one machine are surely a mistake: each takes half a gigabyte before it does anything.
MOST_TRAIN_WORKERS = 64
#: The embedded cluster serves no web pages, and does not watch itself all the time: that took a seventh of a processor
#: while nothing was to be done.
CALM: dict[str, Any] = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.gil.enabled": False,
}
#: What the address of a scheduler begins with that wants a certificate.
TLS = "tls://"
#: How long to wait for the scheduler, in seconds.
CONNECT_SECONDS = 10
#: How often it is looked whose turn is over, in seconds.
LOOK_SECONDS = 2.0


class Engine:
    """Starts the workers when they are first needed (or at ``warm``) and hands them jobs and questions.

    Safe to use from several threads.
    """

    def __init__(self, scheduler: str | None = None, train_workers: int | None = None) -> None:
        self.scheduler = scheduler or os.environ.get("TL_SCHEDULER") or None
        self.train_workers = train_workers
        self._lock = threading.RLock()
        self._client: Client | None = None
        #: By folder: two runs in two projects may have one id. A future that is dropped cancels its job.
        self._futures: dict[Path, Future] = {}
        #: Those of them that stop as soon as anything else is submitted.
        self._giving_way: set[Path] = set()
        self._turns = Turns()
        self._watching = False

    def client(self) -> "Client":
        """Return the Dask client, starting the workers if they are not up (2 s).

        Raises:
            TLError: the scheduler of ``TL_SCHEDULER`` cannot be reached or wants a certificate that is not there, or
                ``TL_TRAIN_WORKERS`` is no such number.
        """
        from distributed import Client

        with self._lock:
            if self._client is None or self._client.status in ("closing", "closed"):
                _require_certificate(self.scheduler or "")
                try:
                    self._client = Client(self.scheduler or self._own_cluster(), timeout=CONNECT_SECONDS)
                except (OSError, ValueError) as exc:
                    if self.scheduler is None:
                        raise
                    raise TLError(
                        _(
                            "The scheduler {scheduler} cannot be reached. Start it, or correct TL_SCHEDULER. Without "
                            "TL_SCHEDULER this machine does the work."
                        ).format(scheduler=self.scheduler)
                    ) from exc
            return self._client

    def _own_cluster(self) -> "SpecCluster":
        given = self.train_workers or os.environ.get("TL_TRAIN_WORKERS") or "1"
        if not (str(given).isdecimal() and 1 <= int(given) <= MOST_TRAIN_WORKERS):
            text = _("TL_TRAIN_WORKERS is “{given}”. Set it to a number from 1 to {most}.").format(
                given=given, most=MOST_TRAIN_WORKERS
            )
            raise TLError(text)
        return local_cluster(int(given))

    def submit(self, job: Job) -> None:
        """Queue a new job, or one that was interrupted, cancelled or failed: it continues from what it has stored.

        Nothing happens if the job waits or runs already, wherever. What Dask gives up on ends with a sentence, and so
        does what is more than a person may have of a server that several share; of those the next one begins whose
        person has the fewest before it, and a long one pauses for others now and then. Jobs that give way are asked to
        stop if this one does not; where no worker is free, an experiment pauses.
        """
        with self._lock:
            if job.folder not in self._futures and not self._may_begin(job):
                return
            if KINDS[job.kind].gives_way:
                self._giving_way.add(job.folder)
            else:
                self._stop_what_gives_way()
            if not job.claim():
                return
            pending = self._futures.get(job.folder)
            if pending is not None and not pending.done():
                return
            try:
                self._futures[job.folder] = self._queued(job)
                self._make_room(job)
                self._watch(job)
                _note(job, "queued")
            except TLError as exc:
                jobs.fail(job.folder, str(exc))
                _note(job, "failed")

    def _may_begin(self, job: Job) -> bool:
        """Return whether a person may have this job at work, too; one that may not ends with a sentence."""
        if job.state not in ("running", "done"):
            try:
                limits.check_job(job)
            except TLError as exc:
                jobs.set_status(job.folder, state="failed", error=str(exc))
                _note(job, "refused")
                return False
        return True

    @property
    def idle(self) -> bool:
        """True while no job waits or runs that was submitted here, but such as give way."""
        with self._lock:
            return not self._futures.keys() - self._giving_way

    def _stop_what_gives_way(self) -> None:
        for folder in self._giving_way & self._futures.keys():
            with contextlib.suppress(TLError, OSError):  # the folder may be gone
                Job(folder).stop()

    def _make_room(self, job: Job) -> None:
        """Let the job that began last of those that pause do so, if this one would have to wait for it."""
        kind, others = KINDS[job.kind], [Job(folder) for folder in self._futures if folder != job.folder]
        running = [each for each in others if each.state == "running" and KINDS[each.kind].worker == kind.worker]
        later = [
            each for each in running if KINDS[each.kind].priority < kind.priority
        ]  # else its next part would begin
        may_pause = [each for each in later if KINDS[each.kind].pauses and not each.pausing]
        if may_pause and len(running) >= _offered(self.client(), kind.worker):
            with contextlib.suppress(OSError):  # it may have been deleted
                max(may_pause, key=lambda each: each.status().started).pause()

    def _watch(self, job: Job) -> None:
        """Let people take turns from now on, until nothing waits or runs: one person alone is never paused for."""
        if limits.space_of(job.folder) is not None and not self._watching:
            self._watching = True
            threading.Thread(target=self._end_turns, daemon=True, name="turns").start()

    def _end_turns(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            with self._lock:
                self._watching = bool(self._futures) and self._client is not None
                if not self._watching:
                    return
            with contextlib.suppress(TLError, OSError):  # a job may be deleted meanwhile
                for job in self._turns.over(limits.setting(limits.TURN)):
                    job.end_turn()

    def _queued(self, job: Job) -> "Future":
        client, task = self.client(), job.task
        kind = KINDS[task.kind]
        resource = kind.worker
        if self.scheduler is not None and not _offered(client, resource):
            text = _(
                "No worker of {scheduler} has the resource “{resource}”. This begins once there is one: "
                "dask worker {scheduler} --resources {resource}=1"
            ).format(scheduler=self.scheduler, resource=resource)
            jobs.set_status(job.folder, error=text)
            EventLog(job.folder).emit("message", text=text)
        owner = None if self.scheduler else jobs.this_process()
        key = f"job-{uuid.uuid4().hex}"  # for Dask all jobs take equally long: so each worker that is free gets one
        future = client.submit(
            _execute, job.folder, owner, task.language, key=key, resources={resource: 1}, priority=self._turns.join(job)
        )
        future.add_done_callback(partial(self._ended, job))
        return future

    def place(self, job: Job) -> Place | None:
        """Return where a job that waits stands in the queue; None if it does not wait here."""
        return self._turns.place(job)

    def _ended(self, job: Job, future: "Future") -> None:
        """Look at a job that Dask is through with: if nobody wrote how it ended, Dask gave it up."""
        with self._lock:
            newest = self._futures.get(job.folder) is future
            if not newest:  # it was queued again meanwhile
                return
            del self._futures[job.folder]
            self._giving_way.discard(job.folder)
        status, text = job.status(), future.result() if future.status == "finished" else None
        goes_on = future.status == "finished" and not text and status.state == "queued"  # paused, or wanted again
        if not (goes_on and status.paused):
            self._turns.leave(job, status)
        if not (job.folder / "job.json").exists():  # it was deleted meanwhile
            return
        with contextlib.suppress(TLError, OSError), language.written_in(job.task.language):
            if future.status == "error":
                jobs.fail(job.folder, self._why(future.exception()))
            elif text:
                jobs.fail(job.folder, text)
            elif goes_on:
                with self._lock:
                    self._futures[job.folder] = self._queued(job)
            elif future.status in ("cancelled", "lost") and job.state == "queued":
                jobs.set_status(job.folder, state="interrupted")
            _note(job, "paused" if status.paused else job.state)

    def _why(self, exc: BaseException) -> str:
        from distributed import KilledWorker

        where = _("The workers of {scheduler}").format(scheduler=self.scheduler) if self.scheduler else _("The workers")
        if isinstance(exc, KilledWorker):
            return _(
                "The worker process died again and again while it ran this. Most often the memory is "
                "full: close other programs, or choose a smaller network or smaller pictures."
            )
        if isinstance(exc, ImportError) or "deserializ" in str(exc):
            return _(
                "{where} cannot load Thaw ({reason}). Start scheduler and workers with the same "
                "installation, in its folder, see README."
            ).format(where=where, reason=exc)
        return _("{where} gave this up: {error}: {reason}").format(where=where, error=type(exc).__name__, reason=exc)

    def ask(self, question: str, *args: Any, timeout: float = 120) -> Any:
        """Ask one of ``QUESTIONS`` with ``args`` on the interactive worker and return its answer.

        Raises:
            TLError: what the function raised, or that no answer came within ``timeout`` seconds. A bug becomes a
                sentence, too; its traceback goes to the log.
        """
        function = QUESTIONS[question]
        call = _answer, function, args, language.spoken()
        future = self.client().submit(*call, pure=False, resources={"interactive": 1}, priority=10)
        try:
            return future.result(timeout=timeout)
        except TimeoutError as exc:
            raise TLError(
                _("No answer within {timeout} seconds: the machine is busy. Try again in a moment.").format(
                    timeout=f"{timeout:g}"
                )
            ) from exc
        except TLError:
            raise
        except Exception as exc:
            logging.getLogger(__name__).exception("%s failed", question)
            text = _("Something went wrong inside Thaw ({error}). Try again; the server's log has the details.").format(
                error=type(exc).__name__
            )
            raise TLError(text) from exc

    def begin(self, question: str, *args: Any) -> None:
        """Ask one of ``QUESTIONS`` and do not wait: for one that writes its answer. What fails goes to a worker's log.

        Raises:
            TLError: the scheduler of ``TL_SCHEDULER`` cannot be reached.
        """
        from distributed import fire_and_forget

        call = _answer, QUESTIONS[question], args, language.spoken()
        fire_and_forget(self.client().submit(*call, pure=False, resources={"interactive": 1}))

    def warm(self) -> None:
        """Start the workers and let them import what they will need, TensorFlow first, in the background."""
        threading.Thread(target=self._warm, daemon=True, name="warm").start()

    def _warm(self) -> None:
        from distributed import fire_and_forget

        try:
            client = self.client()
            interactive = client.submit(load, QUESTIONS["predict"], pure=False, resources={"interactive": 1})
            for address in crew.train_workers(client.scheduler_info(n_workers=-1)):
                fire_and_forget(
                    client.submit(_answer, QUESTIONS["warm"], (), language.SOURCE, pure=False, workers=[address])
                )
            fire_and_forget(interactive)
        except TLError as exc:
            logging.getLogger(__name__).warning("%s", exc)

    def missing_workers(self) -> int | None:
        """Return how many workers of this machine are not up; None where they were not started, or are a cluster's."""
        with self._lock:
            client = self._client
        if client is None or client.cluster is None:
            return None
        return len(client.cluster.worker_spec) - len(client.scheduler_info(n_workers=-1)["workers"])

    def close(self) -> None:
        """Stop the embedded workers; jobs that were running can be resumed later."""
        with self._lock:
            if self._client is not None:
                cluster = self._client.cluster
                self._client.close()
                if cluster is not None:
                    cluster.close()
                self._client = None


def _note(job: Job, state: str) -> None:
    space, status = limits.space_of(job.folder), job.status()
    seconds = round(time.time() - status.started, 1) if status.started and state != "queued" else None
    log.event("job", kind=job.kind, state=state, space=space.root.name if space else None, seconds=seconds)


def _require_certificate(scheduler: str) -> None:
    """Raise TLError if a scheduler wants a certificate and there is none: Dask would say nothing of it."""
    if not scheduler.startswith(TLS):
        return
    import dask

    wanted = [dask.config.get(f"distributed.comm.tls.{each}", None) for each in ("ca-file", "client.cert")]
    missing = [each for each in wanted if each is None or not ("\n" in each or Path(each).is_file())]  # or its text
    if missing:
        where = _("none is set") if missing[0] is None else _("{file} is not there").format(file=missing[0])
        raise TLError(
            _(
                "The scheduler {scheduler} wants a certificate, and {why}. README says how to make one, and that "
                "DASK_CONFIG=assets/cluster sets it."
            ).format(scheduler=scheduler, why=where)
        )


def local_cluster(train_workers: int = 1) -> "SpecCluster":
    """Return the embedded cluster: workers in processes of their own, each restarted if it dies.

    They may have processes of their own in turn, and still end with this one, however it ends.

    Who reaches a Dask worker can run any code on it. So everything listens on this machine alone, and speaks only with
    who has the certificate that is made here, for this process and those that it starts: no other user of the machine.

    Args:
        train_workers: how many train at once; each has its share of the cores. One more answers questions.
    """
    import dask
    from distributed import Nanny, Scheduler, Security, SpecCluster

    security = Security.temporary()
    here = {"host": "127.0.0.1", "dashboard": False, "dashboard_address": "127.0.0.1:0"}
    here |= {"protocol": "tls://", "security": security}

    common = {"memory_limit": 0, "silence_logs": logging.ERROR, **here}
    env = {"TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2")}
    share = _share_of_cores(train_workers) if train_workers > 1 else {}
    train = {"nthreads": 1, "resources": {crew.TRAIN: 1}, "env": {**env, **share}, "preload": [crew.__name__], **common}
    asked = {"nthreads": INTERACTIVE_THREADS, "resources": {"interactive": INTERACTIVE_THREADS}, "env": env, **common}
    workers = {f"train-{number}": {"cls": Nanny, "options": train} for number in range(train_workers)}
    workers["interactive"] = {"cls": Nanny, "options": asked}
    dask.config.set({"distributed.worker.daemon": False})  # for good: a worker that is started again looks here
    with dask.config.set(CALM):
        return SpecCluster(
            workers=workers,
            scheduler={"cls": Scheduler, "options": here},
            security=security,
            silence_logs=logging.ERROR,
        )


def _share_of_cores(workers: int) -> dict[str, str]:
    """Return the environment of a process that takes its share of the cores: loky and TensorFlow read it."""
    from loky import cpu_count

    cores = str(max(1, cpu_count() // workers))
    return {"LOKY_MAX_CPU_COUNT": cores, "TF_NUM_INTRAOP_THREADS": cores}


def _offered(client: "Client", resource: str) -> int:
    """Return how many workers have a resource."""
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    return sum(resource in worker.get("resources", {}) for worker in workers)


def _execute(folder: Path, owner: Process | None, spoken: str) -> str | None:
    """Run a job and return an error that a person can correct: it is in the job's status, unless the disk was full."""
    be_private()
    with language.written_in(spoken):
        return crew.unseen(folder) or _executed(folder, owner)


def _executed(folder: Path, owner: Process | None) -> str | None:
    try:
        with crew.at_work(folder):
            helped = KINDS[Job(folder).kind].worker == crew.TRAIN
            jobs.execute(folder, owner, crew.Crew(folder) if helped else None)
    except (jobs.RunningElsewhereError, Stopped):  # its status says so
        return None
    except TLError as exc:
        return str(exc)
    finally:
        gc.collect()  # models refer to themselves: they would stay in memory beside those of the next runs
    return None


def _answer(function: str, args: tuple[Any, ...], spoken: str) -> Any:
    be_private()
    with language.written_in(spoken):
        return load(function)(*args)
