"""Several train workers: they share the first pass of one run, and run jobs side by side."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from distributed import Scheduler, SpecCluster

from tests.core.hues import new_run, project_of_hues, recipe
from tl_core import jobs
from tl_core.crew import train_workers
from tl_core.engine import Engine
from tl_core.files import to_json
from tl_core.workspace import Workspace

pytestmark = pytest.mark.slow
COUNT = 150


@pytest.fixture(scope="module")
def engine():
    made = Engine(train_workers=2)
    made.client().run(os.getpid)
    yield made
    made.close()


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    workspace = Workspace.open(tmp_path_factory.mktemp("workspace"))
    return project_of_hues(workspace, tmp_path_factory.mktemp("hues") / "hues", count=COUNT)


@pytest.fixture
def wanted(project):
    """A pass that nobody has made yet."""
    shutil.rmtree(project.workspace.cache, ignore_errors=True)
    return recipe(project, image_size=224).first_pass


@pytest.fixture(scope="module")
def alone(project):
    """The activations that one process computes by itself."""
    shutil.rmtree(project.workspace.cache, ignore_errors=True)
    job = ahead(project, recipe(project, image_size=224).first_pass)
    jobs.execute(job.folder)
    return rows(project.workspace)


def ahead(project, wanted):
    return jobs.create_in(project.workspace, "ahead", project=str(project.folder), recipe=to_json(wanted))


def rows(workspace):
    """Return the stored activations: the bytes of each row by its picture."""
    (folder,) = (path.parent for path in workspace.cache.glob("*/ids.txt"))
    entries = (folder / "ids.txt").read_text()
    values = (folder / "values.bin").read_bytes()
    names = [entries[at : at + 64] for at in range(0, len(entries), 72)]
    size = len(values) // len(names)
    return {name: values[number * size : (number + 1) * size] for number, name in enumerate(names)}


def wait(condition, seconds=180):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def said(job):
    return [event.text for event in job.events() if event.event in ("message", "warning")]


def pids(engine):
    """Return the processes of the train workers."""
    workers = list(train_workers(engine.client().scheduler_info(n_workers=-1)))
    return list(engine.client().run(os.getpid, workers=workers).values())


def offered(job):
    return any(event.event == "offer" for event in job.events())


def helper(engine, job):
    return next(pid for pid in pids(engine) if pid != job.status().worker)


def ready(engine):
    """Let all train workers import what they need."""
    engine._warm()
    processes = [psutil.Process(pid) for pid in pids(engine)]
    wait(lambda: all(each.memory_info().rss > 300e6 for each in processes))


def test_a_pass_is_shared_and_gives_the_very_numbers_of_one_worker(engine, project, alone, wanted):
    ready(engine)
    job = ahead(project, wanted)
    engine.submit(job)
    wait(lambda: not job.active)
    assert job.state == "done", job.status()
    assert rows(project.workspace) == alone
    assert any("Other workers have looked at" in text for text in said(job)), said(job)


@pytest.mark.parametrize("who", ["helper", "owner"])
def test_a_killed_worker_loses_only_its_part(who, engine, project, alone, wanted):
    ready(engine)
    job = ahead(project, wanted)
    engine.submit(job)
    wait(lambda: offered(job))
    time.sleep(0.5)
    os.kill(helper(engine, job) if who == "helper" else job.status().worker, signal.SIGKILL)
    wait(lambda: not job.active)
    assert job.state == "done", job.status()
    assert rows(project.workspace) == alone


def test_stop_and_another_job_end_the_help_at_once(engine, project, wanted):
    ready(engine)
    job = ahead(project, wanted)
    engine.submit(job)
    wait(lambda: offered(job))
    time.sleep(0.5)
    run = new_run(project, epochs=1)
    engine.submit(run.job)
    wait(lambda: job.state == "cancelled", 10)
    assert not list(project.workspace.cache.glob(".pass-*"))
    wait(lambda: not run.job.active)
    assert run.job.state == "done"


def test_jobs_run_side_by_side_and_the_next_one_goes_to_whoever_is_free_first(engine, project):
    long, short, last = (new_run(project, epochs=1000, patience=1000, learning_rate=1e-6) for _ in range(3))
    engine.submit(long.job)
    engine.submit(short.job)
    wait(lambda: {long.job.state, short.job.state} == {"running"})
    assert long.job.status().worker != short.job.status().worker
    engine.submit(last.job)
    time.sleep(2)
    assert last.job.state == "queued"
    short.job.stop()
    wait(lambda: last.job.state == "running", 30)
    for run in (long, last):
        run.job.stop()
    wait(lambda: not (long.job.active or last.job.active))


#: A worker of a cluster that has a disk of its own where the others have the workspace.
ELSEWHERE = """
mount -t tmpfs tmpfs "$1"
exec "$2" -m distributed.cli.dask_worker "$3" --nthreads 1 --resources train=1 --no-dashboard --no-nanny
"""


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="a mount of its own takes root on Linux")
def test_a_worker_that_does_not_see_the_workspace_is_a_sentence_on_the_job(project):
    with SpecCluster(scheduler={"cls": Scheduler, "options": {"host": "127.0.0.1", "dashboard": False}}) as cluster:
        command = ["unshare", "--mount", "sh", "-c", ELSEWHERE, "sh"]
        command += [str(project.workspace.root), sys.executable, cluster.scheduler_address]
        with subprocess.Popen(command, cwd=Path.cwd(), stderr=subprocess.DEVNULL) as worker:
            elsewhere, run = Engine(cluster.scheduler_address), new_run(project)
            wait(lambda: elsewhere.client().scheduler_info()["workers"])
            elsewhere.submit(run.job)
            wait(lambda: not run.job.active, 60)
            assert run.job.state == "failed"
            assert "does not see" in run.job.status().error
            elsewhere.close()
            worker.terminate()
