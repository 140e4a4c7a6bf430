"""The first pass of one run, split over several train workers of one core each.

    python -m tests.bench.spread FOLDER [--workers 1 2 4] [--repeats 2] [--scratch DIR]

FOLDER holds one folder of photographs for each class. A scheduler and the workers are started as on a cluster; each
worker is pinned to one core, in turn where there are fewer cores than workers. The network is converted before. Prints
one JSON object with, for each number of workers: seconds from the first picture to the last, pictures a second,
seconds of processors and pictures for each of them, how many pictures the others have taken, and whether the stored
activations are those of one worker to the last bit. Where workers share a core, seconds say nothing of workers on cores
of their own; then pictures for each second of a processor do. Target: with as many workers as cores, 1.8 × the speed
of one for two.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from distributed import Scheduler, SpecCluster

from tl_core import crew, jobs
from tl_core.dataset import manifest
from tl_core.draft import Draft
from tl_core.engine import Engine
from tl_core.events import Event
from tl_core.files import to_json
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.jobs import Job
from tl_core.networks import catalogue
from tl_core.workspace import Project, Workspace

TARGET = 1.8
#: Below this many bytes a worker has not imported TensorFlow yet.
IMPORTED = 300e6


def pinned_worker(address: str, core: int) -> subprocess.Popen[bytes]:
    """Start a train worker of one core."""
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
    return subprocess.Popen(
        [*command, "--resources", f"{crew.TRAIN}=1", "--no-dashboard"],
        preexec_fn=partial(os.sched_setaffinity, 0, {core}),
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"},
        stderr=subprocess.DEVNULL,
    )


def passed(project: Project, engine: Engine, workers: list[psutil.Process]) -> dict[str, Any]:
    """Let the workers go through all training and validation pictures, and return what that took."""
    shutil.rmtree(project.workspace.cache, ignore_errors=True)
    data = manifest.load(project)
    recipe = Draft().recipe(data.version, len(data.classes), catalogue.get(catalogue.DEFAULT)).first_pass
    job = jobs.create_in(project.workspace, "ahead", project=str(project.folder), recipe=to_json(recipe))
    engine.submit(job)
    until(lambda: bool(counts(job)) or not job.active)
    before = used(workers)
    until(lambda: (bool(counts(job)) and counts(job)[-1].done == counts(job)[-1].total) or not job.active)
    spent = used(workers) - before
    until(lambda: not job.active)
    if job.state != "done":
        raise SystemExit(f"The pass is {job.state}: {job.status().error}")
    return {**figures(job), "processor_seconds": spent, "rows": digest(project.workspace)}


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is true."""
    while not condition():
        time.sleep(0.05)


def counts(job: Job) -> list[Event]:
    """Return the events of a pass that count pictures."""
    return [event for event in job.events() if event.event == "progress"]


def used(workers: list[psutil.Process]) -> float:
    """Return the seconds of processors that processes have used so far."""
    return sum(sum(worker.cpu_times()[:2]) for worker in workers)


def figures(job: Job) -> dict[str, Any]:
    """Return what the events of a pass say."""
    counted = counts(job)
    seconds, total = counted[-1].time - counted[0].time, counted[-1].total
    helped = [event.text for event in job.events() if event.event == "message" and "Other workers" in event.text]
    return {"pictures": total, "seconds": seconds, "pictures_a_second": total / seconds, "helped": helped}


def digest(workspace: Workspace) -> str:
    """Return a digest of the stored rows, whatever their order."""
    (folder,) = (path.parent for path in workspace.cache.glob("*/ids.txt"))
    text, values = (folder / "ids.txt").read_text(), (folder / "values.bin").read_bytes()
    entries = [text[at : at + 72] for at in range(0, len(text), 72)]
    size = len(values) // len(entries)
    rows = sorted((entry, values[at * size : (at + 1) * size]) for at, entry in enumerate(entries))
    return hashlib.sha256(b"".join(entry.encode() + row for entry, row in rows)).hexdigest()


def measure(project: Project, count: int, repeats: int) -> dict[str, Any]:
    """Return what the pass takes with so many workers: the quickest of several times."""
    options = {"host": "127.0.0.1", "dashboard": False}
    with ExitStack() as stack:
        cluster = stack.enter_context(SpecCluster(scheduler={"cls": Scheduler, "options": options}))
        started = [pinned_worker(cluster.scheduler_address, number % (os.cpu_count() or 1)) for number in range(count)]
        for each in started:
            stack.callback(each.kill)
        engine = Engine(cluster.scheduler_address)
        stack.callback(engine.close)
        processes = [psutil.Process(each.pid) for each in started]
        while len(crew.train_workers(engine.client().scheduler_info(n_workers=-1))) < count:
            time.sleep(0.2)
        engine.warm()
        while not all(each.memory_info().rss > IMPORTED for each in processes):
            time.sleep(0.5)
        passed(project, engine, processes)  # converts the network, and lets each worker import what it needs
        every = [passed(project, engine, processes) for _ in range(repeats)]
    best = min(every, key=lambda each: each["seconds"])
    return {
        "workers": count,
        **best,
        "all_seconds": [each["seconds"] for each in every],
        "all_processor_seconds": [each["processor_seconds"] for each in every],
        "pictures_a_processor_second": best["pictures"] / best["processor_seconds"],
    }


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--scratch", type=Path, help="folder for the workspace (default: the system's)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        project = Workspace.open(scratch).create_project("Bench")
        importer.import_source(project, Source("folder", str(options.folder.absolute())))
        results = [measure(project, count, options.repeats) for count in options.workers]
    alone = results[0]
    for each in results:
        each["speedup"] = alone["seconds"] / each["seconds"]
        each["same"] = each["rows"] == alone["rows"]
        each["work"] = alone["pictures_a_processor_second"] / each["pictures_a_processor_second"]
    met = all(each["speedup"] >= TARGET for each in results if each["workers"] == 2)
    print(json.dumps({"benchmark": "spread", "cores": os.cpu_count(), "passes": results, "target": TARGET, "met": met}))


if __name__ == "__main__":
    main()
