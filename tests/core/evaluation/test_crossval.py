"""Cross-validation of a real run."""

import numpy as np
import pytest

from tests.core.hues import new_run
from tl_core import jobs
from tl_core.dataset import manifest
from tl_core.errors import InputError
from tl_core.evaluation import crossval
from tl_core.runs import RunFolder


@pytest.fixture(scope="module")
def project(hues_with, tmp_path_factory):
    return hues_with(tmp_path_factory.mktemp("workspace"), "head")


def test_cross_validation_answers_every_picture_by_a_head_that_has_not_seen_it(project):
    run = RunFolder(project.runs / "head")
    result = crossval.load(run)
    assert result is not None, "a small set is cross-validated when it is trained on"
    assert result.sentence().startswith("On average ")
    again = crossval.cross_validate(run)
    assert again.accuracies == result.accuracies
    assert (result.n, result.folds, result.repeats) == (18, 5, 5)
    assert set(result.ids) == {
        id_ for split in ("train", "validation") for id_ in manifest.load(project).split(split)["id"]
    }
    assert result.accuracy.accuracy > 0.8
    assert result.accuracy.accuracy == pytest.approx(np.mean(result.accuracies))
    np.testing.assert_allclose(result.probabilities.sum(1), 1, atol=1e-5)
    assert result.accuracy.interval[0] < result.accuracy.accuracy <= result.accuracy.interval[1]


def test_cross_validation_of_copies_alone_says_what_is_missing(project):
    table = manifest.load(project).table.copy()
    warm = table["label"] == "warm"
    table.loc[warm, "look"] = table.loc[warm, "look"].iloc[0]
    stored = manifest.save(project, table, "Alike")
    run = new_run(project)
    assert run.recipe.manifest == stored.version
    jobs.execute(run.folder)
    with pytest.raises(InputError, match="“warm” \\(1\\)"):
        crossval.cross_validate(run)
    manifest.undo(project)
