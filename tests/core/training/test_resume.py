"""A run that was killed and resumed, or that has a noisy neighbour, comes to the numbers of one that was left alone.

The recipe is the usual one, with dropout, and with all else that draws random numbers.
"""

import multiprocessing
import random
import shutil
import threading
import time
from dataclasses import replace

import keras
import numpy as np
import pytest

from tests.core.hues import LINE, new_run
from tl_core import jobs
from tl_core.errors import Stopped
from tl_core.evaluation import predictions
from tl_core.features import sources
from tl_core.progress import Progress
from tl_core.recipe import Head

RECIPE = {
    "epochs": 2,
    "freeze": LINE,
    "fine_tune_epochs": 2,
    "fine_tune_learning_rate": 1e-4,
    "head": Head(hidden=8, centred=True),
    "label_smoothing": 0.1,
    "schedule": "cosine",
    "weight_decay": 0.05,
    "block_decay": 0.8,
    "augmentation": "full",
    "augmentation_variants": 2,
}
LIVE = {**RECIPE, "augmentation_variants": 0}
FROM_SCRATCH = {**RECIPE, "epochs": 0, "weights": "random", "freeze": "none", "train_batch_norm": True}

#: Fields of the events at which a run is killed, one after the other.
PASS = {"what": "pictures", "done": 8}
MID_HEAD = {"what": "batches", "phase": "head", "epoch": 2, "done": 1}
END_OF_HEAD = {"phase": "head", "epoch": 2, "what": ""}
MID_FINE_TUNE = {"what": "batches", "phase": "fine-tune", "epoch": 2, "done": 1}
END_OF_FINE_TUNE = {"phase": "fine-tune", "epoch": 2, "what": ""}
ANSWERS = {"phase": "answers"}


class Killed(BaseException):
    """Ends a run in the middle, as a power cut does."""


class KillAt(Progress):
    """Kills a run at each of some events, once."""

    def __init__(self, *points):
        self.points = list(points)

    def emit(self, event, **fields):
        if self.points and self.points[0].items() <= {"what": "", **fields}.items():
            self.points.pop(0)
            raise Killed


@pytest.fixture(scope="module")
def project(hues_with, tmp_path_factory):
    return hues_with(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch):
    monkeypatch.setattr(sources, "MOST_AT_A_TIME", 8)


@pytest.fixture(scope="module")
def whole(project, tmp_path_factory):
    """Return a function that trains a recipe with nothing stored and nothing to disturb it, once."""
    done = {}

    def trained(recipe):
        name = repr(recipe)
        if name not in done:
            done[name] = new_run(project, **recipe)
            jobs.execute(done[name].folder)
        return done[name]

    return trained


def assert_equal(run, other):
    assert [replace(epoch, seconds=0) for epoch in run.report().history] == [
        replace(epoch, seconds=0) for epoch in other.report().history
    ]
    for split in ("train", "validation"):
        mine, theirs = predictions.load(run, split), predictions.load(other, split)
        np.testing.assert_array_equal(mine.logits, theirs.logits)
        np.testing.assert_array_equal(mine.features, theirs.features)


def killed(project, recipe, *points):
    """Return a run that was killed at each of some points and resumed each time."""
    run, killer = new_run(project, **recipe), KillAt(*points)
    for _ in points:
        with pytest.raises(Killed):
            jobs.execute(run.folder, echo=killer)
        assert not run.ready
        run.job.claim()
    jobs.execute(run.folder)
    return run


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recipe", "points"),
    [
        (RECIPE, (PASS, END_OF_HEAD, MID_FINE_TUNE)),
        (RECIPE, (MID_HEAD, END_OF_FINE_TUNE, ANSWERS)),
        (LIVE, (MID_HEAD, END_OF_HEAD, MID_FINE_TUNE, ANSWERS)),
        (FROM_SCRATCH, (MID_FINE_TUNE, END_OF_FINE_TUNE)),
    ],
    ids=["stored copies", "at other moments", "live", "from scratch"],
)
def test_a_resumed_run_equals_one_that_was_left_alone(project, whole, recipe, points):
    other = whole(recipe)
    shutil.rmtree(project.workspace.cache, ignore_errors=True)
    assert_equal(killed(project, recipe, *points), other)


class TurnOver(Progress):
    """Asks a run all the time to end its turn, as where others wait."""

    def __init__(self, run):
        self.run = run

    def emit(self, event, **fields):
        self.run.job.end_turn()


def in_turns(run):
    """Train a run in turns as short as can be; return how many epochs were stored at the end of each."""
    ends = []
    while jobs.execute(run.folder, echo=TurnOver(run)) is None:
        assert (run.job.state, run.job.status().paused, run.ready) == ("queued", True, False)
        ends.append(len(run.history().rows))
    assert (run.job.state, run.job.status().paused) == ("done", False)
    return ends


def test_a_run_that_lets_others_go_first_equals_one_that_was_left_alone(project, whole):
    recipe = {"epochs": 3}
    other = whole(recipe)
    shutil.rmtree(project.workspace.cache, ignore_errors=True)
    run = new_run(project, **recipe)
    ends = in_turns(run)
    assert ends[-3:] == [1, 2, 3]
    assert ends[0] == 0, "in the first pass, too"
    assert_equal(run, other)
    assert run.report().seconds["total"] > run.job.status().spent / 2 > 0, "the time is that of all turns"


@pytest.mark.slow
@pytest.mark.parametrize("recipe", [RECIPE, LIVE, FROM_SCRATCH], ids=["stored copies", "live", "from scratch"])
def test_each_phase_lets_others_go_first_and_comes_to_the_same(project, whole, recipe):
    other = whole(recipe)
    shutil.rmtree(project.workspace.cache, ignore_errors=True)
    run = new_run(project, **recipe)
    ends = in_turns(run)
    assert sorted(ends) == ends
    assert set(ends) - {0} == set(range(1, len(run.history().rows) + 1)), "one epoch a turn, none twice"
    assert_equal(run, other)


def stopped_in_its_pause(run, epochs):
    """Let a run pause after so many epochs, and ask it to stop there; return it."""
    while len(run.history().rows) < epochs:
        assert jobs.execute(run.folder, echo=TurnOver(run)) is None
    run.job.stop()
    assert (run.job.state, run.ready) == ("queued", False), "it has something to keep"
    return run


def assert_best_was_kept(run, epochs):
    """Check that the next turn makes a model of the best of those epochs, and learns nothing more."""
    jobs.execute(run.folder)
    report, best = run.report(), run.history().best()
    assert (run.job.state, report.stopped, len(report.history)) == ("cancelled", True, epochs)
    kept = predictions.load(run, "validation")
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=run.recipe.label_smoothing)
    assert float(loss(np.eye(2)[kept.truth], kept.logits)) == pytest.approx(best.val_loss, rel=1e-3)


def test_stop_keeps_the_best_epoch_of_a_run_that_has_paused(project):
    assert_best_was_kept(stopped_in_its_pause(new_run(project, epochs=9), 2), 2)


@pytest.mark.slow
@pytest.mark.parametrize("stored", [True, False], ids=["stored", "forgotten"])
@pytest.mark.parametrize("epochs", [1, 2, 3])
@pytest.mark.parametrize("recipe", [RECIPE, LIVE], ids=["copies", "live"])
def test_stop_keeps_the_best_epoch_of_whatever_phase_has_paused(project, recipe, epochs, stored):
    run = stopped_in_its_pause(new_run(project, **recipe), epochs)
    if not stored:
        shutil.rmtree(project.workspace.cache, ignore_errors=True)  # where it is live, there is none
    assert_best_was_kept(run, epochs)


@pytest.mark.slow
def test_stop_keeps_a_head_by_logistic_regression_while_blocks_wait_to_learn(project):
    run = new_run(project, solver="lbfgs", freeze=LINE, fine_tune_epochs=2, seed=12)
    while not run.history().rows:
        assert jobs.execute(run.folder, echo=TurnOver(run)) is None
    run.job.stop()
    assert_best_was_kept(run, len(run.history().rows))


def test_a_run_that_has_paused_with_nothing_to_keep_is_stopped(project):
    shutil.rmtree(project.workspace.cache, ignore_errors=True)
    run = new_run(project, epochs=9)
    assert jobs.execute(run.folder, echo=TurnOver(run)) is None
    run.job.stop()
    with pytest.raises(Stopped, match="Nothing has been trained yet"):
        jobs.execute(run.folder)
    assert (run.job.state, run.ready) == ("cancelled", False)


@pytest.mark.slow
def test_a_run_whose_stored_activations_were_damaged_equals_one_that_was_left_alone(project, whole):
    other = whole(RECIPE)
    jobs.execute(new_run(project, **RECIPE).folder)  # stores them again: tests before this one have removed them
    damaged = list(project.workspace.cache.glob("*/values.bin"))
    for path in damaged:
        data = bytearray(path.read_bytes())
        data[len(data) // 3] ^= 0x40
        data[-1] ^= 0x01
        path.write_bytes(data)
    run = new_run(project, **RECIPE)
    jobs.execute(run.folder)
    assert_equal(run, other)
    assert len(damaged) >= 3, "of validation, and of two copies of the training pictures"
    assert any("Damaged activations of" in each.text for each in run.job.events())


@pytest.fixture
def neighbour():
    """A thread that builds layers and draws random numbers all the time, as other threads of a worker do."""
    ended = threading.Event()

    def disturb():
        while not ended.is_set():
            keras.layers.Dense(2).build((None, 2))
            keras.random.normal((2,))
            random.sample(range(9), 3)
            np.random.random()
            time.sleep(0.001)

    thread = threading.Thread(target=disturb)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.mark.slow
@pytest.mark.parametrize("recipe", [RECIPE, FROM_SCRATCH], ids=["usual", "random"])
def test_a_run_beside_a_noisy_thread_equals_one_that_was_left_alone(project, whole, neighbour, recipe):
    other = whole(recipe)
    shutil.rmtree(project.workspace.cache, ignore_errors=True)
    run = new_run(project, **recipe)
    jobs.execute(run.folder)
    assert_equal(run, other)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [1.0, 3.0, 6.0])
def test_a_run_whose_process_was_killed_equals_one_that_was_left_alone(project, whole, seconds):
    other = whole(RECIPE)
    shutil.rmtree(project.workspace.cache, ignore_errors=True)
    run = new_run(project, **RECIPE)
    process = multiprocessing.get_context("spawn").Process(target=jobs.execute, args=(run.folder,))
    process.start()
    while process.is_alive() and not run.job.events():
        time.sleep(0.05)
    time.sleep(seconds)
    process.kill()
    process.join()
    run.job.claim()
    jobs.execute(run.folder)
    assert_equal(run, other)
