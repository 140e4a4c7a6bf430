"""Taking turns: by the queue alone, and by the workers that take from it."""

import time
from pathlib import Path

import pytest

from tl_core import jobs
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
