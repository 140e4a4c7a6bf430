"""How long earlier jobs took, from what they left."""

import json
from pathlib import Path

from tl_core import jobs, waits
from tl_core.events import Event
from tl_core.files import to_json
from tl_core.jobs import Job
from tl_core.workspace import Workspace


def job(workspace: Workspace, kind: str, *events: Event, state: str = "done", **args) -> Job:
    """Write a job that began at second 100."""
    made = jobs.create_in(workspace, kind, **args)
    jobs.set_status(made.folder, state=state, started=100.0)
    (made.folder / "events.jsonl").write_text("".join(f"{json.dumps(to_json(event))}\n" for event in events))
    return made


def counted(time: float, done: int, total: int = 10) -> Event:
    return Event(event="progress", time=time, what="pictures", done=done, total=total)


def test_a_range_of_what_earlier_jobs_took(tmp_path: Path):
    workspace = Workspace.open(tmp_path)
    slow = job(workspace, "probe", counted(107, 0), counted(108, 2), counted(128, 10), backbone="a")
    quick = job(workspace, "probe", Event(event="message", time=101), counted(103, 1), counted(112, 10), backbone="a")
    job(workspace, "probe", counted(190, 1), counted(199, 10), backbone="another network")
    job(workspace, "probe", counted(190, 1), state="cancelled", backbone="a")
    now = job(workspace, "probe", state="running", backbone="a")

    assert set(waits.earlier(workspace, now)) == {quick, slow}
    measured = waits.of([slow, quick])
    assert measured.ready == (3, 8)
    assert measured.each == {"pictures": (1, 2.1)}


def test_phases_are_apart_and_a_second_attempt_counts_alone(tmp_path: Path):
    run = job(
        Workspace.open(tmp_path),
        "train",
        Event(event="phase", time=50, phase="features"),
        Event(event="phase", time=104, phase="features"),
        Event(event="phase", time=110, phase="head", epochs=3),
        Event(event="epoch", time=112, phase="head", epoch=1),
    )
    assert waits.of([run]).ready == (4, 4)
    assert waits.of([run], "head").ready == (2, 2)


def test_what_was_never_measured_is_not_known(tmp_path: Path):
    before = job(Workspace.open(tmp_path), "import", counted(103, 1))
    jobs.set_status(before.folder, started=0.0)
    assert waits.of([]) == waits.of([before]) == waits.Waits()
