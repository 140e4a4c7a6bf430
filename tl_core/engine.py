"""The Dask workers that jobs run on, and the short questions that pages ask of them.

Embedded by default: one ``train`` worker and one ``interactive`` worker on this machine. With
``TL_SCHEDULER=tcp://host:8786`` the same code uses that cluster instead; its workers need the resources
``train`` and ``interactive`` and must see the same workspace folder.
"""

import contextlib
import logging
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tl_core import jobs
from tl_core.errors import TLError
from tl_core.jobs import Job, Process
from tl_core.registry import KINDS, QUESTIONS, load

if TYPE_CHECKING:
    from distributed import Client, Future, SpecCluster

INTERACTIVE_THREADS = 4


class Engine:
    """Starts the workers when they are first needed (or at ``warm``) and hands them jobs and questions.

    Safe to use from several threads.
    """

    def __init__(self, scheduler: str | None = None) -> None:
        self.scheduler = scheduler or os.environ.get("TL_SCHEDULER") or None
        self._lock = threading.RLock()
        self._client: Client | None = None
        #: By folder: two runs in two projects may have one id. A future that is dropped cancels its job.
        self._futures: dict[Path, Future] = {}

    def client(self) -> "Client":
        """Return the Dask client, starting the workers if they are not up (2 s)."""
        from distributed import Client

        with self._lock:
            if self._client is None:
                self._client = Client(self.scheduler or local_cluster())
            return self._client

    def submit(self, job: Job) -> None:
        """Queue a new job, or one that was interrupted, cancelled or failed: it continues from what it has stored."""
        job.rearm()
        owner = None if self.scheduler else jobs.this_process()
        self._futures[job.folder] = self.client().submit(
            _execute,
            job.folder,
            owner,
            key=f"{job.id}-{os.urandom(4).hex()}",
            resources={KINDS[job.kind].worker: 1},
        )

    def ask(self, question: str, *args: Any, timeout: float = 120) -> Any:
        """Ask one of ``QUESTIONS`` with ``args`` on the interactive worker and return its answer.

        Raises:
            TLError: what the function raised, or that no answer came within ``timeout`` seconds. A bug becomes a
                sentence, too; its traceback goes to the log.
        """
        function = QUESTIONS[question]
        future = self.client().submit(_answer, function, args, pure=False, resources={"interactive": 1}, priority=10)
        try:
            return future.result(timeout=timeout)
        except TimeoutError as exc:
            raise TLError(f"No answer within {timeout:g} seconds: the machine is busy. Try again in a moment.") from exc
        except TLError:
            raise
        except Exception as exc:
            logging.getLogger(__name__).exception("%s failed", question)
            text = (
                f"Something went wrong inside Thaw ({type(exc).__name__}). Try again; the server's log has the details."
            )
            raise TLError(text) from exc

    def warm(self) -> None:
        """Start the workers and let them import what they will need, TensorFlow first, in the background."""
        threading.Thread(target=self._warm, daemon=True, name="warm").start()

    def _warm(self) -> None:
        from distributed import fire_and_forget

        calls = {
            "train": (_answer, QUESTIONS["warm"], ()),
            "interactive": (load, QUESTIONS["predict"]),
        }
        for resource, call in calls.items():
            fire_and_forget(self.client().submit(*call, pure=False, resources={resource: 1}))

    def close(self) -> None:
        """Stop the embedded workers; jobs that were running can be resumed later."""
        with self._lock:
            if self._client is not None:
                cluster = self._client.cluster
                self._client.close()
                if cluster is not None:
                    cluster.close()
                self._client = None


def local_cluster() -> "SpecCluster":
    """Return the embedded cluster: two workers in processes of their own, each restarted if it dies.

    Everything listens on this machine alone: who reaches a Dask worker can run any code on it.
    """
    from distributed import Nanny, Scheduler, SpecCluster

    here = {"host": "127.0.0.1", "dashboard": False, "dashboard_address": "127.0.0.1:0"}

    common = {
        "memory_limit": 0,
        "silence_logs": logging.ERROR,
        "env": {"TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2")},
        **here,
    }
    workers = {
        name: {"cls": Nanny, "options": {"nthreads": threads, "resources": {name: threads}, **common}}
        for name, threads in (("train", 1), ("interactive", INTERACTIVE_THREADS))
    }
    return SpecCluster(
        workers=workers,
        scheduler={"cls": Scheduler, "options": here},
        silence_logs=logging.ERROR,
    )


def _execute(folder: Path, owner: Process | None) -> None:
    """Run a job. An error that a person can correct is in its status; Dask need not log it."""
    with contextlib.suppress(TLError):
        jobs.execute(folder, owner)


def _answer(function: str, args: tuple[Any, ...]) -> Any:
    return load(function)(*args)
