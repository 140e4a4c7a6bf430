"""A run that was killed and resumed comes to the numbers of one that was not."""

from dataclasses import replace

import numpy as np
import pytest

from tests.core.hues import LINE, new_run
from tl_core import jobs
from tl_core.evaluation import predictions
from tl_core.progress import Progress
from tl_core.recipe import Head

RECIPE = {
    "epochs": 3,
    "freeze": LINE,
    "fine_tune_epochs": 2,
    "fine_tune_learning_rate": 1e-4,
    "head": Head(hidden=8, dropout=0),
}


class Killed(BaseException):
    """Ends a run in the middle, as a power cut does."""


class KillAfter(Progress):
    """Kills a run once it has reported an epoch."""

    def __init__(self, phase, epoch):
        self.last = phase, epoch

    def emit(self, event, **fields):
        if event == "epoch" and (fields["phase"], fields["epoch"]) == self.last:
            raise Killed


@pytest.fixture(scope="module")
def project(hues_with, tmp_path_factory):
    return hues_with(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def whole(project):
    """A run that nothing interrupts."""
    run = new_run(project, **RECIPE)
    jobs.execute(run.folder)
    return run


def learnt(run):
    return [replace(epoch, seconds=0) for epoch in run.report().history]


@pytest.mark.parametrize("last", [("head", 2), ("fine-tune", 1)], ids=["in the first phase", "in the second"])
def test_a_resumed_run_without_dropout_equals_an_uninterrupted_one(project, whole, last):
    run = new_run(project, **RECIPE)
    with pytest.raises(Killed):
        jobs.execute(run.folder, echo=KillAfter(*last))
    assert not run.ready
    run.job.claim()

    jobs.execute(run.folder)

    assert learnt(run) == learnt(whole)
    for split in ("train", "validation"):
        mine, other = predictions.load(run, split), predictions.load(whole, split)
        np.testing.assert_allclose(mine.logits, other.logits, rtol=1e-6, atol=1e-6)
