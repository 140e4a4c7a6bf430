"""Mistakes, doubted labels, and two models side by side: on arrays, and on real digits."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from tl_core.dataset import edits, manifest
from tl_core.dataset.splits import SplitSettings
from tl_core.errors import InputError, NotFoundError
from tl_core.evaluation import comparison, diff, scores
from tl_core.evaluation.predictions import Predictions
from tl_core.metrics import confusion, label_errors
from tl_core.workspace import Project


def answers(probabilities, truth, classes=None, part="test", ids=None) -> Predictions:
    """Return answers of these probabilities; a probability of 0 has a logit of minus infinity, nearly."""
    p = np.asarray(probabilities, float)
    names = classes or [f"c{number}" for number in range(p.shape[1])]
    return Predictions(
        split=part,
        classes=names,
        ids=ids or [f"id{row}" for row in range(len(p))],
        truth=np.asarray(truth, np.int64),
        logits=np.log(np.maximum(p, 1e-300)).astype(np.float64),
        features=np.zeros((len(p), 4), np.float32),
        temperature=1.0,
    )


def table(labels: dict[str, str], part: str = "test", **parts: str) -> pd.DataFrame:
    rows = [{"id": id_, "label": label, "split": parts.get(id_, part), "flags": ""} for id_, label in labels.items()]
    return pd.DataFrame(rows, columns=["id", "label", "split", "flags"])


def test_the_surest_mistakes_come_first():
    found = answers([[0.9, 0.1], [0.4, 0.6], [1.0, 0.0], [0.2, 0.8], [0.55, 0.45]], [1, 0, 1, 1, 0])
    assert scores.mistakes(found) == ["id2", "id0", "id1"]
    assert scores.cell(found, 1, 0) == ["id2", "id0"]
    assert scores.cell(found, 0, 0) == ["id4"]
    assert scores.matrix(found).tolist() == [[1, 1], [2, 1]]
    (first, second) = confusion.pairs(scores.matrix(found))
    assert (first.truth, first.predicted, first.pictures, first.share) == (1, 0, 2, pytest.approx(2 / 3))
    assert second.pictures == 1


def test_no_pictures_no_mistakes():
    found = answers(np.zeros((0, 3)), [])
    assert scores.mistakes(found) == []
    assert scores.cell(found, 0, 1) == []
    assert confusion.pairs(scores.matrix(found)) == []


def test_two_hundred_classes_and_all_answers_one_class():
    p = np.full((400, 200), 0.001)
    p[:, 7] = 0.801
    found = answers(p, np.repeat(np.arange(200), 2))
    assert len(confusion.pairs(scores.matrix(found))) == 199
    rows = confusion.per_class(scores.matrix(found), found.classes)
    assert rows[7].recall == 1
    assert rows[8].precision is None
    assert len(scores.mistakes(found)) == 398
    assert "mean nothing yet" in label_errors.find(found.probabilities, found.truth).sentence()


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Out-of-sample probabilities of digits of which some have got a wrong label, those labels, and which it was."""
    pixels, right = load_digits(n_class=6, return_X_y=True)
    chance = np.random.default_rng(0)
    swapped = chance.choice(len(right), 20, replace=False)
    labels = right.copy()
    labels[swapped] = (labels[swapped] + chance.integers(1, 6, len(swapped))) % 6
    model = LogisticRegression(C=0.1, max_iter=500)
    return cross_val_predict(model, pixels / 16, labels, cv=3, method="predict_proba"), labels, swapped


def test_labels_that_were_swapped_are_found(digits):
    p, labels, swapped = digits
    doubts = label_errors.find(p, labels)
    sure = doubts.rows[: doubts.confident]
    assert len(set(sure) & set(swapped.tolist())) >= 0.7 * len(swapped), "most are found"
    assert len(set(sure) & set(swapped.tolist())) >= 0.8 * len(sure), "and hardly any other"
    assert set(swapped.tolist()) <= set(doubts.rows), "the others are further down"
    assert doubts.margins[: doubts.confident] == sorted(doubts.margins[: doubts.confident], reverse=True)
    assert set(doubts.rows) == set(np.flatnonzero(p.argmax(1) != labels).tolist())
    assert np.all(doubts.joint.sum(1) <= np.bincount(labels))
    right = load_digits(n_class=6, return_X_y=True)[1]
    assert np.mean(right[sure] == doubts.suggested[: doubts.confident]) > 0.9
    assert f"in {doubts.confident} it is confident" in doubts.sentence()


@pytest.mark.parametrize("p", [[[1, 0], [0, 1], [1, 0], [0, 1]], [[0.5, 0.5]] * 4, [[1, 0]] * 4])
def test_two_pictures_in_a_class(p):
    doubts = label_errors.find(np.array(p, float), np.array([0, 0, 1, 1]))
    assert all(0 <= margin <= 1 for margin in doubts.margins)
    assert doubts.few == [0, 1]
    assert "mean nothing yet" in doubts.sentence()


def test_few_pictures_are_said_to_be_few():
    doubts = label_errors.find(np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.9, 0.1]]), np.array([0, 0, 1, 1]))
    assert doubts.rows == [3]
    assert doubts.sentence().endswith("2 classes have fewer than 20 pictures, so there it is hard to tell which.")


def test_a_class_without_pictures_is_suggested_to_nobody():
    p = np.array([[0.1, 0.1, 0.8], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1]])
    doubts = label_errors.find(p, np.array([0, 1, 0]))
    assert np.isinf(doubts.thresholds[2])
    assert 2 not in doubts.suggested[: doubts.confident]
    assert label_errors.find(np.zeros((0, 2)), np.zeros(0, np.int64)).rows == []


def test_two_models_on_the_same_pictures():
    labels = {f"id{row}": "c0" for row in range(44)}
    new = np.tile([0.9, 0.1], (44, 1))
    old = new.copy()
    old[:3], new[3:4] = [0.1, 0.9], [0.1, 0.9]
    found = comparison.compare(answers(old, [0] * 44), answers(new, [0] * 44), table(labels))
    assert found.fixed == ["id0", "id1", "id2"]
    assert found.newly_wrong == ["id3"]
    assert (found.old.accuracy, found.new.accuracy) == (41 / 44, 43 / 44)
    assert found.sentence() == (
        "Of 44 shared test pictures, 3 are fixed and 1 newly wrong. Chance alone makes such a difference more often "
        "than not (p = 0.62): do not read much into it."
    )
    assert found.left_out() == []


def test_pictures_that_one_model_has_learnt_from_are_left_out_and_that_is_said():
    labels = {"id0": "c0", "id1": "c0", "id2": "c1", "id3": "c1"}
    p = [[0.9, 0.1]] * 3
    old, new = answers(p, [0, 0, 1], ids=["id0", "id1", "id2"]), answers(p, [0, 0, 1], ids=["id1", "id2", "id3"])
    found = comparison.compare(old, new, table(labels), learnt=["id0"])
    assert (found.n, found.learnt, found.unshared) == (2, ["id0"], 1)
    assert "used in training" in found.left_out()[0]
    assert "both models make exactly the same mistakes" in found.sentence()


def test_classes_are_compared_by_name():
    ids = ["id0", "id1"]
    old = answers([[0.9, 0.1], [0.2, 0.8]], [0, 1], classes=["cat", "dog"], ids=ids)
    new = answers([[0.1, 0.9, 0], [0, 0.3, 0.7]], [1, 2], classes=["bird", "cat", "dog"], ids=ids)
    found = comparison.compare(old, new, table({"id0": "cat", "id1": "bird"}))
    assert (found.both, found.neither) == (["id0"], ["id1"])


def test_nothing_shared_is_said():
    found = comparison.compare(answers([[1, 0]], [0], ids=["a"]), answers([[1, 0]], [0], ids=["b"]), table({"a": "c0"}))
    assert found.n == 0
    assert found.old.accuracy is None
    assert "share no test pictures" in found.sentence()


@pytest.mark.parametrize(
    ("better", "said"),
    [(4, "in about 12 of 100 comparisons"), (7, "unlikely to be chance alone"), (20, "(p < 0.001).")],
)
def test_the_words_follow_the_p(better, said):
    labels = {f"id{row}": "c0" for row in range(30)}
    old = np.tile([0.9, 0.1], (30, 1))
    old[:better] = [0.1, 0.9]
    found = comparison.compare(answers(old, [0] * 30), answers([[0.9, 0.1]] * 30, [0] * 30), table(labels))
    assert said in found.sentence()


@pytest.fixture
def listed(project: Project) -> manifest.Manifest:
    """Six pictures of two classes."""
    parts = ("train", "validation", "test")
    rows = [
        manifest.Row(
            id=f"id{number}",
            label=("cat", "dog")[number % 2],
            split=parts[number // 2],
            width=8,
            height=8,
            source=f"{number}.png",
            flags="given: test" if number > 3 else "",
            look="",
            taken="",
        )
        for number in range(6)
    ]
    return manifest.save(project, manifest.table_of(rows), "made")


def test_changes_are_counted_by_picture(project: Project, listed):
    assert len(diff.between(listed.table, listed.table)) == 0
    edits.move(project, ["id0"], "dog")
    edits.set_split(project, ["id0", "id4"], "validation")
    now = edits.remove(project, ["id5"])
    found = diff.between(listed.table, now.table)
    assert found.relabelled == {"id0": ("cat", "dog")}
    assert found.moved == {"id0": ("train", "validation"), "id4": ("test", "validation")}
    assert found.removed == ["id5"]
    assert len(found) == 3
    assert (
        found.sentence()
        == "1 picture relabelled, 2 pictures moved between training, validation and test, 1 picture removed."
    )
    assert diff.between(now.table, listed.table).added == ["id5"]


def test_a_class_that_is_renamed_leaves_its_pictures_as_they_were(project: Project, listed):
    edits.rename_class(project, "cat", "tom")
    now = edits.move(project, ["id1"], "tom")
    found = diff.between(listed.table, now.table)
    assert found.renamed == {"cat": "tom"}
    assert found.relabelled == {"id1": ("dog", "tom")}
    assert found.sentence() == "1 picture relabelled, “cat” renamed to “tom”."
    assert set(diff.by_old_names(now.table, found)["label"]) == {"cat", "dog"}
    one = edits.move(project, [f"id{number}" for number in range(6)], "pet")
    assert diff.between(listed.table, one.table).renamed == {}, "two classes that became one are no new name"
    manifest.undo(project)
    joined = edits.rename_class(project, "tom", "dog")
    assert diff.between(listed.table, joined.table).renamed == {}
    assert len(diff.between(listed.table, joined.table).relabelled) == 3
    p = [[0.9, 0.1]] * 2
    old, new = answers(p, [0, 0], classes=["cat", "dog"]), answers(p, [0, 0], classes=["tom", "dog"])
    both = comparison.compare(old, new, table({"id0": "tom", "id1": "tom"}), renamed=found.renamed)
    assert both.both == ["id0", "id1"]


def test_a_part_chosen_by_hand_is_kept_like_one_that_the_picture_came_with(project: Project, listed):
    assert edits.set_split(project, ["id4"], "train").table.set_index("id").loc["id4", "flags"] == "given: train"
    again = edits.resplit(project, SplitSettings(validation=0.2, test=0.2))
    assert again.table.set_index("id").loc["id4", "split"] == "train"
    manifest.undo(project)
    assert manifest.undo(project).version == listed.version


def test_what_is_alike_goes_along_to_another_part(project: Project, listed):
    blue = "0" * 64 + "0000ff" * 16
    manifest.save(project, listed.table.assign(look=[blue, "", "", blue, "", ""]), "a copy")
    now = edits.set_split(project, ["id3"], "test").table.set_index("id")
    assert now.index[now["split"] == "test"].tolist() == ["id0", "id3", "id4", "id5"]


def test_a_part_that_is_none_is_refused(project: Project, listed):
    with pytest.raises(InputError, match="no split “holdout”"):
        edits.set_split(project, ["id4"], "holdout")
    with pytest.raises(NotFoundError, match="No longer in the list"):
        edits.set_split(project, ["id9"], "train")
    conflict = listed.table.assign(flags="conflict: cat | dog", split="")
    manifest.save(project, conflict, "conflict")
    with pytest.raises(InputError, match="cannot be used yet"):
        edits.set_split(project, ["id4"], "train")
