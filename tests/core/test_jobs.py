import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import psutil
import pytest

from tests.core.pictures import CtrlC, lay, pets
from tl_core import jobs, language
from tl_core.dataset import manifest
from tl_core.errors import InputError, Stopped
from tl_core.files import to_json, write_json
from tl_core.jobs import Job
from tl_core.progress import Progress


def import_job(workspace, project, folder):
    source = {"kind": "folder", "path": str(folder)}
    return jobs.create_in(workspace, "import", project=str(project.folder), source=source)


def test_a_job_goes_from_queued_to_done_and_reports_its_way(workspace, project, tmp_path):
    job = import_job(workspace, project, lay(tmp_path / "pets", pets()))
    assert job.state == "queued"
    result = jobs.execute(job.folder, jobs.this_process())
    status = job.status()
    assert status.state == "done"
    assert status.result == to_json(result)
    assert result.project == project.slug
    last = job.events()[-1]
    assert (last.event, last.done, last.total) == ("progress", 8, 8)


def test_a_job_of_an_earlier_version_knows_no_language_and_speaks_english(workspace, project, tmp_path):
    with language.written_in("de"):
        job = import_job(workspace, project, tmp_path)
    assert job.task.language == "de@pictures"
    written = to_json(job.task)
    del written["language"]
    write_json(job.folder / "job.json", written)
    assert job.task.language == "en"


def test_a_job_that_is_interrupted_says_so_and_may_be_resumed(workspace, project, tmp_path):
    job = import_job(workspace, project, lay(tmp_path / "pets", pets()))
    with pytest.raises(KeyboardInterrupt):
        jobs.execute(job.folder, echo=CtrlC())
    assert (job.state, job.status().error) == ("interrupted", None)
    jobs.execute(job.folder)
    assert job.state == "done"


def test_what_a_person_can_fix_is_stored_as_the_error(workspace, project, tmp_path):
    job = import_job(workspace, project, tmp_path / "nowhere")
    with pytest.raises(InputError, match="nowhere"):
        jobs.execute(job.folder)
    assert job.state == "failed"
    assert "nowhere" in job.status().error


def test_a_bug_is_stored_with_its_traceback(workspace):
    job = jobs.create_in(workspace, "import", project="", wrong=1)
    with pytest.raises(TypeError):
        jobs.execute(job.folder)
    assert "Something went wrong inside Thaw (TypeError)" in job.status().error
    assert "TypeError" in (job.folder / "traceback.txt").read_text()


def test_stop_reaches_a_job_that_waits(workspace, project, tmp_path):
    job = import_job(workspace, project, tmp_path)
    job.stop()
    assert job.state == "cancelled"


def test_a_job_that_was_stopped_before_it_began_does_nothing(workspace, project, tmp_path):
    job = import_job(workspace, project, lay(tmp_path / "pets", pets()))
    job.stop()
    with pytest.raises(Stopped):
        jobs.execute(job.folder)
    assert job.state == "cancelled"
    assert job.events() == []
    assert not project.images.exists()


def test_an_event_that_is_still_being_written_is_left_for_later(workspace, project, tmp_path):
    job = import_job(workspace, project, tmp_path)
    line = json.dumps({"event": "message", "time": 1.0, "text": "é"})
    (job.folder / "events.jsonl").write_text(line + "\n" + line[:7])
    assert [event.text for event in job.events()] == ["é"]


def test_a_job_whose_process_is_gone_is_interrupted_and_others_are_not(workspace, project, tmp_path):
    mine, lost = (import_job(workspace, project, tmp_path) for _ in range(2))
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    owner = replace(jobs.this_process(), pid=gone.pid, started=psutil.Process(gone.pid).create_time())
    gone.wait()
    jobs.set_status(lost.folder, state="running", owner=owner)
    assert jobs.mark_interrupted(workspace) == [lost]
    assert (mine.state, lost.state) == ("queued", "interrupted")


def test_another_process_with_the_same_number_does_not_count(workspace, project, tmp_path):
    job = import_job(workspace, project, tmp_path)
    owner = replace(jobs.this_process(), started=psutil.Process(os.getpid()).create_time() - 100)
    jobs.set_status(job.folder, state="running", owner=owner)
    assert jobs.mark_interrupted(workspace) == [job]


def process(command="pass"):
    return subprocess.Popen([sys.executable, "-c", command], stdin=subprocess.PIPE)


def owned_by(other):
    return replace(jobs.this_process(), pid=other.pid, started=psutil.Process(other.pid).create_time())


def test_a_job_that_waits_in_another_process_is_taken_over_once_that_is_gone(workspace, project, tmp_path):
    job = import_job(workspace, project, tmp_path)
    assert job.claim()
    with process("input()") as other:
        jobs.set_status(job.folder, owner=owned_by(other))
        assert not job.claim()
        other.kill()
    assert job.claim()
    assert job.status().owner == jobs.this_process()


def test_a_job_that_runs_or_is_done_is_not_run_again_and_its_stop_stays(workspace, project, tmp_path):
    job = import_job(workspace, project, lay(tmp_path / "pets", pets()))
    jobs.set_status(job.folder, state="running", owner=jobs.this_process())
    job.stop()
    assert not job.claim()
    assert (job.folder / "stop").exists()
    jobs.set_status(job.folder, state="done")
    assert not job.claim()
    jobs.set_status(job.folder, state="interrupted")
    assert job.claim()
    assert not (job.folder / "stop").exists()


class Waiting(Progress):
    def __init__(self):
        self.began, self.go = threading.Event(), threading.Event()

    def emit(self, event, **fields):
        self.began.set()
        assert self.go.wait(60)


def test_one_job_is_never_run_twice_at_once_and_one_that_slept_is_not_interrupted(workspace, project, tmp_path):
    job, waiting = import_job(workspace, project, lay(tmp_path / "pets", pets())), Waiting()
    first = threading.Thread(target=jobs.execute, args=[job.folder, jobs.this_process(), waiting])
    first.start()
    assert waiting.began.wait(60)
    asleep(job)
    assert job.state == "running", "its machine has slept: the process still holds it"
    with pytest.raises(jobs.RunningElsewhereError):
        jobs.execute(job.folder)
    jobs.fail(job.folder, "nobody runs it")
    assert job.state == "running"
    waiting.go.set()
    first.join()
    assert (job.state, len(manifest.load(project).table)) == ("done", 8)


def test_a_job_that_nothing_goes_on_with_ends_with_a_sentence(workspace, project, tmp_path):
    job = import_job(workspace, project, tmp_path)
    jobs.fail(job.folder, "The workers gave it up.")
    assert (job.state, job.status().error) == ("failed", "The workers gave it up.")
    jobs.set_status(job.folder, state="done")
    jobs.fail(job.folder, "late")
    assert job.state == "done"


def test_states_that_two_processes_write_at_once_are_whole_and_none_is_lost(workspace, project, tmp_path):
    job = import_job(workspace, project, tmp_path)
    code = "import sys\nfrom pathlib import Path\nfrom tl_core import jobs\n"
    code += "for n in range(100): jobs.set_status(Path(sys.argv[1]), durable=False, **{sys.argv[2]: n})"
    writers = [subprocess.Popen([sys.executable, "-c", code, job.folder, name]) for name in ("worker", "result")]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert (job.status().worker, job.status().result) == (99, 99)


def test_what_ended_is_not_read_again(workspace, project, tmp_path):
    waits, ended = (import_job(workspace, project, tmp_path) for _ in range(2))
    jobs.set_status(ended.folder, state="done")
    assert jobs.unfinished(workspace) == [waits]
    (ended.folder / "job.json").unlink()
    assert jobs.unfinished(workspace) == [waits]
    jobs.set_status(waits.folder, state="interrupted")
    assert [job.state for job in jobs.unfinished(workspace)] == ["interrupted"]


def test_the_time_that_a_job_took_is_that_of_all_attempts(workspace, project, tmp_path):
    job, now = import_job(workspace, project, tmp_path), time.time()

    def attempt(seconds, **end):
        """Let it run for so many seconds, as a process would that was last heard of then."""
        jobs.set_status(job.folder, state="running", started=now - 1000)
        status = json.loads((job.folder / "status.json").read_text())
        (job.folder / "status.json").write_text(json.dumps({**status, "heartbeat": now - 1000 + seconds}))
        jobs.set_status(job.folder, **end)
        return job.status().spent

    lived_on = jobs.HEARTBEAT_SECONDS
    assert attempt(100, state="queued", paused=True) == pytest.approx(100 + lived_on)
    assert attempt(10, state="interrupted") == pytest.approx(110 + 2 * lived_on), "what it lay there does not count"
    killed = {"state": "running", "started": now}  # the scheduler gave it to the next worker at once
    assert attempt(30, **killed) == pytest.approx(140 + 3 * lived_on)
    jobs.set_status(job.folder)
    assert job.status().spent == pytest.approx(140 + 3 * lived_on), "it runs"


def asleep(job):
    status = json.loads((job.folder / "status.json").read_text())
    status["heartbeat"] = time.time() - jobs.STALE_SECONDS - 1
    (job.folder / "status.json").write_text(json.dumps(status))


def test_a_job_without_a_heartbeat_counts_as_interrupted(workspace, project, tmp_path):
    job = import_job(workspace, project, tmp_path)
    jobs.set_status(job.folder, state="running", owner=None)
    asleep(job)
    assert Job(job.folder).state == "interrupted"
