import json
import os
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from tests.core.pictures import CtrlC, lay, pets
from tl_core import jobs
from tl_core.errors import InputError, Stopped
from tl_core.files import to_json
from tl_core.jobs import Job


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


def test_a_job_without_a_heartbeat_counts_as_interrupted(workspace, project, tmp_path):
    job = import_job(workspace, project, tmp_path)
    jobs.set_status(job.folder, state="running", owner=None)
    status = json.loads((job.folder / "status.json").read_text())
    status["heartbeat"] = time.time() - jobs.STALE_SECONDS - 1
    (job.folder / "status.json").write_text(json.dumps(status))
    assert Job(job.folder).state == "interrupted"
