"""The real thing: worker processes, killed ones included."""

import itertools
import logging
import os
import signal
import subprocess
import sys
import threading
import time

import dask
import pytest
from distributed import Scheduler, SpecCluster

from tests.core.hues import new_run, project_of_hues
from tl_core import jobs, language, limits
from tl_core.crew import NICENESS_OF_TRAINING, train_workers
from tl_core.engine import Engine, _execute, local_cluster
from tl_core.errors import NotFoundError, TLError
from tl_core.experiments import search
from tl_core.files import write_json
from tl_core.freezing import outline
from tl_core.registry import QUESTIONS
from tl_core.spaces.spaces import Spaces
from tl_core.workspace import Workspace

NETWORKS = ("efficientnet-lite0", "efficientnet-lite1", "mobilenet-v2")


@pytest.fixture(scope="module")
def engine():
    made = Engine()
    yield made
    made.close()


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    workspace = Workspace.open(tmp_path_factory.mktemp("workspace"))
    return project_of_hues(workspace, tmp_path_factory.mktemp("hues") / "hues")


def wait(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


def epochs(run):
    return [event.epoch for event in run.job.events() if event.event == "epoch"]


def test_questions_are_answered_by_another_process_which_has_loaded_nothing_heavy_for_them(engine):
    assert engine.client().submit(os.getpid, pure=False, resources={"interactive": 1}).result() != os.getpid()
    wait(lambda: engine.missing_workers() == 0)
    assert Engine().missing_workers() is None


#: Tries to run something on the workers of another user, as the user "nobody" where the test may become that.
STRANGER = """
import os, sys
from distributed import Client, Security
import distributed.comm.tcp, distributed.protocol, cryptography.x509
security = Security.temporary()
if hasattr(os, "geteuid") and os.geteuid() == 0:
    os.setuid(65534)
plain = sys.argv[1].replace("tls:", "tcp:")
for address, shown in ((plain, Security()), (sys.argv[1], security)):
    try:
        print(Client(address, security=shown, timeout=2).submit(int).result(timeout=5))
    except OSError as exc:
        print("refused", exc)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has a niceness on Linux alone")
def test_training_gives_way_to_pages_and_answers_do_not(engine):
    client = engine.client()
    about = client.scheduler_info(n_workers=-1)
    asked = {
        each: client.submit(os.getpriority, os.PRIO_PROCESS, 0, workers=[each], pure=False) for each in about["workers"]
    }
    niceness, train = client.gather(asked), train_workers(about)
    assert {niceness[each] for each in train} == {NICENESS_OF_TRAINING}
    assert {own for each, own in niceness.items() if each not in train} == {0}


def test_who_has_not_the_certificate_of_the_app_runs_nothing_on_its_workers(engine):
    scheduler = engine.client().scheduler_info()
    addresses = [scheduler["address"], *scheduler["workers"]]
    assert all(address.startswith("tls://127.0.0.1:") for address in addresses)
    other = subprocess.run([sys.executable, "-c", STRANGER, addresses[0]], capture_output=True, text=True, check=True)
    assert [line.split()[0] for line in other.stdout.splitlines()] == ["refused", "refused"], other.stdout
    assert engine.client().submit(os.getpid, pure=False, resources={"train": 1}).result() != os.getpid()


def test_a_mistake_in_a_question_comes_back_as_its_sentence(engine, project):
    with pytest.raises(NotFoundError, match="has no model"):
        engine.ask("predict", str(new_run(project).folder), [])


def test_a_bug_in_a_question_comes_back_as_a_sentence(engine):
    with pytest.raises(TLError, match=r"went wrong inside Thaw \(TypeError\)"):
        engine.ask("outline")


def test_a_worker_speaks_the_language_of_whoever_asks_or_began_the_job(engine, project, tmp_path, monkeypatch):
    write_json(tmp_path / "upload.json", {"total": 2000})  # that was cut off
    source = {"kind": "upload", "path": str(tmp_path)}
    monkeypatch.setitem(QUESTIONS, "number", "tl_core.wording:number")
    with language.written_in("de"):
        job = jobs.create_in(project.workspace, "import", project=str(project.folder), source=source)
        assert engine.ask("number", 2000) == "2.000"
    assert engine.ask("number", 2000) == "2,000"
    engine.submit(job)
    wait(lambda: not job.active)
    assert "2.000" in job.status().error


def test_keras_is_imported_before_two_questions_can_race_for_it(engine, project):
    root = str(project.workspace.root)
    drawn = [threading.Thread(target=engine.ask, args=("outline", root, id_)) for id_ in NETWORKS]
    for thread in drawn:
        thread.start()
    for thread in drawn:
        thread.join()
    assert all(outline.load(project.workspace, id_) for id_ in NETWORKS)


def test_jobs_of_one_name_in_several_places_all_get_their_turn(engine, project, tmp_path):
    source = {"kind": "folder", "path": str(tmp_path / "nowhere")}
    waiting = []
    for number in range(12):
        folder = tmp_path / str(number) / "20261126-120000"
        folder.mkdir(parents=True)
        waiting.append(jobs.create(folder, "import", project=str(project.folder), source=source))
    for job in waiting:
        engine.submit(job)
    wait(lambda: not any(job.active for job in waiting))
    assert [job.state for job in waiting] == ["failed"] * 12, "there is no folder, and each says so"


def test_a_killed_worker_goes_on_from_the_last_finished_epoch(engine, project):
    run = new_run(project, epochs=1000, patience=1000, learning_rate=1e-6)
    engine.submit(run.job)
    wait(lambda: len(epochs(run)) >= 3)
    first = run.job.status().worker
    os.kill(first, signal.SIGKILL)
    before = len(epochs(run))
    wait(lambda: len(epochs(run)) >= before + 3)
    run.job.stop()
    wait(lambda: not run.job.active)
    result = epochs(run)
    assert run.job.status().worker != first
    assert run.job.state == "cancelled"
    assert run.ready
    repeated = [epoch for epoch, after in itertools.pairwise(result) if after != epoch + 1]
    assert len(repeated) <= 1
    assert [row.epoch for row in run.report().history] == list(range(1, max(result) + 1))


def test_a_search_pauses_for_a_run_that_a_person_asks_for(engine, project):
    made = search.create(project, ["efficientnet-lite0"], minutes=1, image_size=64)
    for part in made.parts():
        engine.submit(part)
    wait(lambda: any(part.state == "running" for part in made.parts()))
    run = new_run(project, epochs=1)
    engine.submit(run.job)
    wait(lambda: not run.job.active)
    assert run.job.state == "done"
    plan = search.load(made)
    assert plan is None or not plan.ended, "it went first"
    wait(lambda: any(part.status().started > run.job.status().started for part in made.parts()))
    made.stop()
    wait(lambda: not made.active)
    assert made.state == "cancelled"


def test_a_long_run_of_one_person_pauses_for_another_and_goes_on(engine, tmp_path, monkeypatch):
    monkeypatch.setenv(limits.TURN, "0.5")
    monkeypatch.setattr("tl_core.engine.LOOK_SECONDS", 0.2)
    people = [Spaces(tmp_path).add(name)[0].workspace for name in ("Anna", "Ben")]
    annas, bens = (project_of_hues(each, tmp_path / each.root.name) for each in people)
    long, short = new_run(annas, epochs=1000, patience=1000, learning_rate=1e-6), new_run(bens, epochs=1)
    engine.submit(long.job)
    wait(lambda: len(epochs(long)) >= 2)
    engine.submit(short.job)
    wait(lambda: not short.job.active)
    ended = short.job.events()[-1].time
    wait(lambda: [each for each in long.job.events() if each.event == "epoch" and each.time > ended])
    long.job.stop()
    wait(lambda: not long.job.active)
    assert short.job.state == "done"
    assert epochs(long) == list(range(1, len(epochs(long)) + 1)), "each epoch once"
    meanwhile = [each for each in long.job.events() if short.job.status().started < each.time < ended]
    assert not meanwhile, "one worker, and it has paused"


@pytest.mark.slow
def test_a_run_whose_server_was_killed_is_offered_and_resumed(engine, project):
    run = new_run(project, epochs=1000, patience=1000, learning_rate=1e-6)
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom tl_core.engine import Engine\nfrom tl_core.jobs import Job\n"
        "if __name__ == '__main__':\n    Engine().submit(Job(Path(sys.argv[1])))\n    time.sleep(600)\n"
    )
    path = project.folder / "server.py"
    path.write_text(script)
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}  # noqa: PTH109
    server = subprocess.Popen([sys.executable, path, run.folder], env=environment)
    wait(lambda: len(epochs(run)) >= 2)
    server.kill()
    server.wait()
    wait(lambda: not _alive(run.job.status().worker))
    stored = len(epochs(run))
    assert jobs.mark_interrupted(project.workspace) == [run.job]
    assert run.job.state == "interrupted"
    engine.submit(run.job)
    wait(lambda: len(epochs(run)) >= stored + 2)
    assert epochs(run)[stored] in (stored, stored + 1)
    run.job.stop()
    wait(lambda: not run.job.active)
    assert run.ready


def test_a_scheduler_that_cannot_be_reached_is_a_sentence_on_the_job(project, monkeypatch):
    monkeypatch.setattr("tl_core.engine.CONNECT_SECONDS", 1)
    nowhere, run = Engine("tcp://127.0.0.1:9"), new_run(project)

    nowhere.submit(run.job)

    assert run.job.state == "failed"
    assert "The scheduler tcp://127.0.0.1:9 cannot be reached" in run.job.status().error
    with pytest.raises(TLError, match="cannot be reached"):
        nowhere.ask("outline")


def test_a_cluster_without_the_worker_that_a_job_needs_is_a_sentence_on_the_job(project):
    with SpecCluster(scheduler={"cls": Scheduler, "options": {"host": "127.0.0.1", "dashboard": False}}) as cluster:
        elsewhere, run = Engine(cluster.scheduler_address), new_run(project)
        elsewhere.submit(run.job)
        assert run.job.state == "queued"
        assert "has the resource “train”" in run.job.status().error
        assert "dask worker" in run.job.events()[-1].text
        elsewhere.close()
        wait(lambda: run.job.state == "interrupted", 20)


@pytest.mark.slow
def test_a_worker_that_dies_again_and_again_is_a_sentence_on_the_job(project):
    own, run = Engine(), new_run(project, epochs=1000, patience=1000, learning_rate=1e-6)
    own.submit(run.job)
    killed = None
    while run.job.active:
        worker = run.job.status().worker
        if worker not in (None, killed) and run.job.state == "running":
            os.kill(worker, signal.SIGKILL)
            killed = worker
        time.sleep(0.2)
    assert run.job.state == "failed"
    assert "The worker process died again and again" in run.job.status().error
    own.close()


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
def test_a_run_that_waits_for_another_can_be_stopped(engine, project):
    first, second = (new_run(project, epochs=1000, patience=1000, learning_rate=1e-6) for _ in range(2))
    engine.submit(first.job)
    engine.submit(second.job)
    wait(lambda: len(epochs(first)) >= 1)
    second.job.stop()
    assert second.job.state == "cancelled"
    first.job.stop()
    wait(lambda: not first.job.active)
    time.sleep(1)
    assert second.job.state == "cancelled"
    assert epochs(second) == []


def test_what_is_stopped_before_it_begins_is_no_failure(engine, project):
    run = new_run(project, epochs=1)
    (run.folder / "stop").touch()  # its worker has it already
    text = engine.client().submit(_execute, run.folder, jobs.this_process(), "en", resources={"train": 1}).result()
    assert text is None, "a failure would be written over what it has become meanwhile: it may be wanted again"
    assert run.job.state == "cancelled"
    engine.submit(run.job)
    wait(lambda: not run.job.active)
    assert run.job.state == "done", run.job.status().error
    assert epochs(run) == [1]


def test_a_failed_run_says_why(engine, project, caplog):
    caplog.set_level(logging.INFO, "thaw.events")
    run = new_run(project, freeze="attic", fine_tune_epochs=1)
    engine.submit(run.job)
    wait(lambda: not run.job.active)
    # The end of a job of the test before may be told meanwhile, too.
    wait(lambda: {"queued", "failed"} <= {each.fields["state"] for each in caplog.records if each.message == "job"})
    assert project.slug not in str([each.fields for each in caplog.records if each.message == "job"])
    assert run.job.state == "failed"
    assert "no block “attic”" in run.job.status().error


def _shown_to(security):
    """Return the settings of README for a client of a cluster with certificates."""
    return {
        "distributed.comm.require-encryption": True,
        "distributed.comm.tls.ca-file": security.tls_ca_file,
        "distributed.comm.tls.client.cert": security.tls_client_cert,
        "distributed.comm.tls.client.key": security.tls_client_key,
    }


@pytest.mark.slow
def test_another_cluster_serves_as_well(project):
    with local_cluster() as cluster, dask.config.set(_shown_to(cluster.security)):
        elsewhere = Engine(cluster.scheduler_address)
        run = new_run(project, epochs=1)
        elsewhere.submit(run.job)
        wait(lambda: not run.job.active)
        assert run.job.state == "done"
        assert run.job.status().owner is None
        elsewhere.close()
        assert cluster.scheduler_info["workers"], "the cluster outlives the app"


@pytest.mark.parametrize("number", ["0", "-1", "two", "1000", "²"])
def test_a_number_of_train_workers_that_cannot_be_is_a_sentence(number, monkeypatch):
    monkeypatch.setenv("TL_TRAIN_WORKERS", number)
    with pytest.raises(TLError, match=f"TL_TRAIN_WORKERS is “{number}”. Set it to a number from 1 to 64"):
        Engine().client()
