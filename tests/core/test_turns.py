"""Taking turns: by the queue alone, and by the workers that take from it."""

import time
from pathlib import Path

import pytest

from tl_core import jobs
from tl_core.events import EventLog
from tl_core.jobs import Job
from tl_core.spaces.spaces import Spaces
from tl_core.turns import Place, Turns
from tl_core.workspace import Workspace


@pytest.fixture
def people(tmp_path: Path) -> tuple[Workspace, Workspace]:
    every = Spaces(tmp_path)
    return every.add("Anna")[0].workspace, every.add("Ben")[0].workspace


def queued(turns: Turns, *every: Job) -> list[Job]:
    """Return jobs in the order in which Dask takes them: by priority, and those of the same as they came."""
    priorities = {job: turns.join(job) for job in every}
    return sorted(every, key=lambda job: -priorities[job])


def test_people_take_turns_however_many_jobs_one_of_them_has(people):
    anna, ben = people
    first, second, third = (jobs.create_in(anna, "health") for _job in range(3))
    his = jobs.create_in(ben, "health")
    other = jobs.create_in(ben, "lesson")

    turns = Turns()
    assert queued(turns, first, second, third, his) == [first, his, second, third]
    assert queued(turns, other) == [other]
    assert [turns.place(job).before for job in (first, his, second, third, other)] == [0, 1, 2, 3, 0]


def test_one_person_alone_is_served_in_order_and_by_kind(tmp_path: Path):
    alone, turns = Workspace.open(tmp_path), Turns()
    search, first, second = (jobs.create_in(alone, kind) for kind in ("search", "train", "train"))

    assert [turns.join(job) for job in (search, first, second)] == [-1, 0, 0]
    assert [turns.place(job).before for job in (first, second, search)] == [0, 1, 2]


def test_the_time_is_that_of_earlier_jobs_and_unknown_before_them(people):
    anna, ben = people
    earlier, running, waiting = (jobs.create_in(space, "health") for space in (anna, anna, ben))
    turns = Turns()
    queued(turns, earlier, running, waiting)
    jobs.set_status(running.folder, state="running", started=time.time() - 10)

    assert turns.place(waiting) == Place(before=2, seconds=None)
    assert turns.place(running) is None
    jobs.set_status(earlier.folder, state="done", started=time.time() - 60)
    turns.leave(earlier, earlier.status())
    place = turns.place(waiting)
    assert (place.before, round(place.seconds, -1)) == (1, 50)
    jobs.set_status(running.folder, started=time.time() - 70)
    assert turns.place(waiting) == Place(before=1, seconds=None), "it takes longer than the one before"


def begun(turns: Turns, *every: Job) -> None:
    """Let jobs be at work that have joined, and be seen there."""
    for job in every:
        jobs.set_status(job.folder, state="running", started=time.time())
    turns.over(0)


def test_a_turn_is_over_once_another_person_has_waited_as_long(people):
    anna, ben = people
    long, more, his = (jobs.create_in(space, "train") for space in (anna, anna, ben))
    turns = Turns()
    queued(turns, long, more)
    begun(turns, long)
    assert turns.over(0) == [], "one person alone is never paused"
    queued(turns, his)
    assert turns.over(60) == [], "nobody has waited so long"
    assert turns.over(0) == [long]
    long.end_turn()
    assert turns.over(0) == [], "asked once"


def test_what_has_paused_goes_on_after_the_others_and_before_what_its_person_began_later(people):
    anna, ben = people
    long, more, his, later = (jobs.create_in(space, "train") for space in (anna, anna, ben, ben))
    lesson = jobs.create_in(ben, "lesson")
    turns = Turns()
    queued(turns, long, more, his, later)
    begun(turns, long)
    jobs.set_status(long.folder, state="queued", paused=True)

    assert turns.join(long) == 0
    assert [turns.place(job).before for job in (his, long, more, later)] == [0, 1, 2, 3]
    for job in (his, later):
        turns.leave(job, job.status())
    turns.leave(more, more.status())
    queued(turns, lesson)
    assert turns.join(long) == 0, "a lesson counts as a run"
    late = jobs.create_in(ben, "train")
    queued(turns, late)
    assert [turns.place(job).before for job in (lesson, long, late)] == [0, 1, 2]
    for job in (lesson, late):
        turns.leave(job, job.status())
    assert turns.join(long) == 0


def test_what_pauses_for_a_run_comes_after_it_and_a_run_that_has_let_it_go_first_after_that(people):
    anna, ben = people
    long, search = jobs.create_in(anna, "train"), jobs.create_in(ben, "search")
    turns = Turns()
    queued(turns, long)
    begun(turns, long)
    queued(turns, search)
    jobs.set_status(long.folder, state="queued", paused=True)

    assert turns.join(long) == -1
    turns.leave(search, search.status())
    assert turns.join(long) == 0


def test_of_several_at_work_those_end_whose_people_have_most(people, tmp_path: Path):
    anna, ben = people
    cleo = Spaces(tmp_path).add("Cleo")[0].workspace
    first, second, his, hers, ahead = (
        jobs.create_in(space, kind)
        for space, kind in ((anna, "train"), (anna, "train"), (ben, "train"), (cleo, "train"), (cleo, "ahead"))
    )
    turns = Turns()
    queued(turns, first, second, his, ahead)
    begun(turns, his, first, second)
    assert turns.over(0) == [], "nobody waits for what begins by itself"
    queued(turns, hers)
    assert turns.over(0) == [first]
    more = jobs.create_in(ben, "train")
    queued(turns, more)
    assert turns.over(0) == [first], "who has as many at work as the others waits"


def test_what_cannot_pause_goes_on(people):
    anna, ben = people
    lesson, his = jobs.create_in(anna, "lesson"), jobs.create_in(ben, "train")
    turns = Turns()
    queued(turns, lesson, his)
    begun(turns, lesson)

    assert turns.over(0) == []


def test_the_time_counts_a_turn_of_others_and_what_was_done_before_a_pause(people):
    anna, ben = people
    earlier, long, his = (jobs.create_in(space, "train") for space in (anna, anna, ben))
    turns = Turns()
    queued(turns, earlier)
    jobs.set_status(earlier.folder, state="done", started=time.time() - 3600)
    turns.leave(earlier, earlier.status())
    queued(turns, long, his)
    begun(turns, long)

    assert turns.place(his) == Place(before=1, seconds=60.0)


def test_a_job_pauses_only_where_all_is_stored(people):
    job = jobs.create_in(people[0], "train")
    log = EventLog(job.folder)

    def asked(event: str, **fields: object) -> bool:
        """Return whether a job that was asked to end its turn stops after it has told of this."""
        job.end_turn()
        log.emit(event, **fields)
        stops = log.stopped()
        (job.folder / "pause").unlink(missing_ok=True)
        return stops

    assert not asked("progress", what="preparation", done=1, total=2)
    assert not asked("phase", phase="features", epochs=0)
    assert not asked("progress", what="pictures", done=0, total=8)
    assert asked("progress", what="pictures", done=4, total=8)
    assert not asked("epoch", epoch=1), "of a regression, which begins again"
    assert not asked("phase", phase="head", epochs=9)
    assert not asked("progress", what="batches", done=1, total=2)
    assert not asked("progress", what="batches", done=2, total=2)
    assert asked("epoch", epoch=1)
    assert asked("progress", what="batches", done=1, total=2), "the epoch before is stored"
    assert not asked("phase", phase="answers", epochs=0)
    assert not asked("progress", what="pictures", done=4, total=8)
