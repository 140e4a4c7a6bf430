"""A run on boxes that was killed, or has paused, comes to the numbers of one that was left alone, its mAP included."""

import shutil
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.boxed import squares
from tests.core.training.test_resume import (
    ANSWERS,
    END_OF_HEAD,
    MID_FINE_TUNE,
    MID_HEAD,
    KillAt,
    Killed,
    in_turns,
    stopped_in_its_pause,
)
from tl_core import jobs, runs
from tl_core.dataset import manifest
from tl_core.evaluation import box_record
from tl_core.networks import catalogue
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.tasks import table as tasks
from tl_core.workspace import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return squares(tmp_path_factory.mktemp("boxes"))


def new(project: Project, line: str, copies: int = 2) -> RunFolder:
    data = manifest.load(project)
    draft = tasks.of(project).draft("efficientnet-lite0", data)
    small = {"image_size": 64, "batch_size": 4, "augmentation_variants": copies}
    draft = draft.changed(epochs=2, fine_tune_epochs=2, freeze=line, **small)
    return runs.create(project, draft.recipe(data.version, len(data.classes), catalogue.get(draft.backbone)))


@pytest.mark.slow
@pytest.mark.parametrize("line", ["block_07_add", "none"])
def test_a_resumed_run_equals_one_that_was_left_alone(project: Project, line: str):
    other = new(project, line)
    jobs.execute(other.folder)
    shutil.rmtree(project.workspace.cache)
    points = [MID_HEAD, END_OF_HEAD, MID_FINE_TUNE, ANSWERS]
    run, killer = new(project, line), KillAt(*points)
    for _ in points:
        with pytest.raises(Killed):
            jobs.execute(run.folder, echo=killer)
        assert not run.ready
        run.job.claim()
    jobs.execute(run.folder)

    assert_equal(run, other)
    rows = run.history().rows
    assert [(row.phase, row.epoch) for row in rows] == [
        (phase, epoch) for phase in ("head", "fine-tune") for epoch in (1, 2)
    ]
    assert all(row.val_map50 is not None for row in rows if row.epoch == 2)


def assert_equal(run: RunFolder, other: RunFolder) -> None:
    mine, theirs = run.report(), other.report()
    assert mine is not None
    assert theirs is not None
    assert [replace(row, seconds=0) for row in mine.history] == [replace(row, seconds=0) for row in theirs.history]
    found = [box_record.load(each, "validation") for each in (run, other)]
    for one, another in zip(*(each.seen for each in found if each), strict=True):
        np.testing.assert_array_equal(one.found, another.found)
    assert box_record.results_of(run) == box_record.results_of(other)
    assert plain(run.model_path) == plain(other.model_path)


def plain(path: Path) -> list[bytes]:
    return [np.asarray(each).tobytes() for each in keras.models.load_model(path, compile=False).weights]


@pytest.mark.slow
def test_a_run_that_lets_others_go_first_equals_one_that_was_left_alone(project: Project):
    other, run = new(project, "block_07_add"), new(project, "block_07_add")
    jobs.execute(other.folder)
    shutil.rmtree(project.workspace.cache)
    assert set(in_turns(run)) - {0} == {1, 2, 3, 4}, "one epoch a turn, none twice"
    assert_equal(run, other)


class StopAfter(Progress):
    """Presses Stop at the end of an epoch."""

    def __init__(self, run: RunFolder, epochs: int) -> None:
        self.run, self.epochs = run, epochs

    def emit(self, event: str, **fields: object) -> None:
        if event == "epoch" and len(self.run.history().rows) == self.epochs:
            self.run.job.stop()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "copies", "epochs"),
    [("block_07_add", 2, 1), ("block_07_add", 2, 3), ("block_07_add", 0, 2), ("none", 2, 1), ("none", 2, 3)],
)
def test_stop_in_a_pause_keeps_what_stop_at_work_keeps(project: Project, line: str, copies: int, epochs: int):
    other, run = new(project, line, copies), new(project, line, copies)
    jobs.execute(other.folder, echo=StopAfter(other, epochs))
    stopped_in_its_pause(run, epochs)
    jobs.execute(run.folder)
    for each in (run, other):
        report = each.report()
        assert report is not None
        assert (each.job.state, report.stopped, len(report.history)) == ("cancelled", True, epochs)
    assert_equal(run, other)
