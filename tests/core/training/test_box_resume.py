"""A run on boxes that was killed and resumed comes to the numbers of one that was left alone, its mAP included."""

import shutil
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.boxed import squares
from tests.core.training.test_resume import ANSWERS, END_OF_HEAD, MID_FINE_TUNE, MID_HEAD, KillAt, Killed
from tl_core import jobs, runs
from tl_core.dataset import manifest
from tl_core.evaluation import box_record
from tl_core.networks import catalogue
from tl_core.runs import RunFolder
from tl_core.tasks import table as tasks
from tl_core.workspace import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return squares(tmp_path_factory.mktemp("boxes"))


def new(project: Project, line: str) -> RunFolder:
    data = manifest.load(project)
    draft = tasks.of(project).draft("efficientnet-lite0", data)
    small = {"image_size": 64, "batch_size": 4, "augmentation_variants": 2}
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

    mine, theirs = run.report(), other.report()
    assert mine is not None
    assert theirs is not None
    assert [(row.phase, row.epoch) for row in mine.history] == [
        (phase, epoch) for phase in ("head", "fine-tune") for epoch in (1, 2)
    ]
    assert [replace(row, seconds=0) for row in mine.history] == [replace(row, seconds=0) for row in theirs.history]
    assert all(row.val_map50 is not None for row in mine.history if row.epoch == 2)
    found = [box_record.load(each, "validation") for each in (run, other)]
    for one, another in zip(*(each.seen for each in found if each), strict=True):
        np.testing.assert_array_equal(one.found, another.found)
    assert box_record.results_of(run) == box_record.results_of(other)
    assert plain(run.model_path) == plain(other.model_path)


def plain(path: Path) -> list[bytes]:
    return [np.asarray(each).tobytes() for each in keras.models.load_model(path, compile=False).weights]
