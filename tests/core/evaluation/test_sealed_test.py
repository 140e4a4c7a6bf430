"""The sealed test pictures of real runs."""

import pytest

from tl_core.evaluation import predictions, sealed_test
from tl_core.runs import RunFolder


@pytest.fixture(scope="module")
def project(hues_with, tmp_path_factory):
    return hues_with(tmp_path_factory.mktemp("workspace"), "head", "tail")


@pytest.mark.slow
def test_opening_the_test_part_counts_for_the_run_and_the_project(project):
    first, second = (sealed_test.evaluate(project.runs / name) for name in ("head", "tail"))
    assert (first.opened, first.opened_in_project) == (1, 1)
    assert (second.opened, second.opened_in_project) == (1, 2)
    assert len(predictions.load(RunFolder(project.runs / "head"), "test")) == first.n == 6
    assert first.baseline_class == "cold"
    assert "the true accuracy is probably" in first.sentence()
