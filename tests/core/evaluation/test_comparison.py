"""Two models side by side: on arrays, and two real runs of which one has learnt from a picture that tests the other."""

import numpy as np
import pytest

from tests.core.evaluation.predicted import compare, made, table
from tests.core.hues import new_run
from tl_core import jobs
from tl_core.dataset import edits, manifest
from tl_core.evaluation import comparison, sealed_test
from tl_core.runs import RunFolder


@pytest.fixture(scope="module")
def project(hues_with, tmp_path_factory):
    return hues_with(tmp_path_factory.mktemp("workspace"), "head")


@pytest.mark.slow
def test_what_one_of_two_runs_has_learnt_from_is_left_out_and_named(project):
    first = RunFolder(project.runs / "head")
    sealed_test.evaluate(first.folder)
    moved, tuned = manifest.load(project).split("test")["id"].iloc[:2]
    edits.set_split(project, [moved], "train")
    edits.set_split(project, [tuned], "validation")
    second = new_run(project, epochs=1)
    jobs.execute(second.folder)
    sealed_test.evaluate(second.folder)

    for old, new in ((first, second), (second, first)):
        compared = comparison.of_runs(old, new, "test")
        assert compared.n == 4
        assert sorted(compared.learnt) == sorted([moved, tuned])
        assert compared.unshared == 0


def test_two_models_on_the_same_pictures():
    labels = {f"id{row}": "c0" for row in range(44)}
    new = np.tile([0.9, 0.1], (44, 1))
    old = new.copy()
    old[:3], new[3:4] = [0.1, 0.9], [0.1, 0.9]
    result = compare(made(old, [0] * 44), made(new, [0] * 44), table(labels))
    assert result.fixed == ["id0", "id1", "id2"]
    assert result.newly_wrong == ["id3"]
    assert (result.old.accuracy, result.new.accuracy) == (41 / 44, 43 / 44)
    assert result.sentence() == (
        "Of 44 shared test pictures, 3 are fixed and 1 newly wrong. Chance alone makes such a difference more often "
        "than not (p = 0.62): do not read much into it."
    )
    assert result.left_out() == []


def test_pictures_that_one_model_has_learnt_from_are_left_out_and_that_is_said():
    labels = {"id0": "c0", "id1": "c0", "id2": "c1", "id3": "c1"}
    p = [[0.9, 0.1]] * 3
    old, new = made(p, [0, 0, 1], ids=["id0", "id1", "id2"]), made(p, [0, 0, 1], ids=["id1", "id2", "id3"])
    result = compare(old, new, table(labels), learnt=["id0"])
    assert (result.n, result.learnt, result.unshared) == (2, ["id0"], 1)
    assert "used in training" in result.left_out()[0]
    assert "both models make exactly the same mistakes" in result.sentence()


def test_classes_are_compared_by_name():
    ids = ["id0", "id1"]
    old = made([[0.9, 0.1], [0.2, 0.8]], [0, 1], classes=["cat", "dog"], ids=ids)
    new = made([[0.1, 0.9, 0], [0, 0.3, 0.7]], [1, 2], classes=["bird", "cat", "dog"], ids=ids)
    result = compare(old, new, table({"id0": "cat", "id1": "bird"}))
    assert (result.both, result.neither) == (["id0"], ["id1"])


def test_nothing_shared_is_said():
    result = compare(made([[1, 0]], [0], ids=["a"]), made([[1, 0]], [0], ids=["b"]), table({"a": "c0"}))
    assert result.n == 0
    assert result.old.accuracy is None
    assert "share no test pictures" in result.sentence()


@pytest.mark.parametrize(
    ("better", "sentence"),
    [(4, "in about 12 of 100 comparisons"), (7, "unlikely to be chance alone"), (20, "(p < 0.001).")],
)
def test_the_words_follow_the_p(better, sentence):
    labels = {f"id{row}": "c0" for row in range(30)}
    old = np.tile([0.9, 0.1], (30, 1))
    old[:better] = [0.1, 0.9]
    result = compare(made(old, [0] * 30), made([[0.9, 0.1]] * 30, [0] * 30), table(labels))
    assert sentence in result.sentence()
