"""Two real runs of a project of which one has learnt from a picture that tests the other."""

import pytest

from tests.core.hues import new_run
from tl_core import jobs
from tl_core.dataset import edits, manifest
from tl_core.evaluation import comparison, test_part
from tl_core.runs import RunFolder


@pytest.fixture(scope="module")
def project(hues_with, tmp_path_factory):
    return hues_with(tmp_path_factory.mktemp("workspace"), "head")


def test_what_one_of_two_runs_has_learnt_from_is_left_out_and_named(project):
    first = RunFolder(project.runs / "head")
    test_part.evaluate(first.folder)
    moved, tuned = manifest.load(project).split("test")["id"].iloc[:2]
    edits.set_split(project, [moved], "train")
    edits.set_split(project, [tuned], "validation")
    second = new_run(project, epochs=1)
    jobs.execute(second.folder)
    test_part.evaluate(second.folder)

    for old, new in ((first, second), (second, first)):
        compared = comparison.of_runs(old, new, "test")
        assert compared.n == 4
        assert sorted(compared.learnt) == sorted([moved, tuned])
        assert compared.unshared == 0
