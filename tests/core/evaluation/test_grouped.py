"""Images that are alike, from stored predictions to figures; files of earlier versions have no groups."""

from dataclasses import replace

import numpy as np

from tests.core.evaluation.predicted import compare, made, table
from tl_core.accuracy import Accuracy
from tl_core.dataset import duplicates
from tl_core.evaluation import scores
from tl_core.files import read_record, write_json


def test_groups_follow_the_images_that_are_chosen():
    predicted = made([[0.9, 0.1]] * 4, [0, 0, 1, 0])
    assert predicted.at([0, 1]).groups is None
    grouped = replace(predicted, groups=np.array([0, 0, 1, 2]))
    assert grouped.at([True, False, True, False]).groups.tolist() == [0, 1]
    assert [row.groups for row in scores.per_class(grouped)] == [2, 1]


def test_two_models_are_compared_by_groups():
    rows = table({f"id{row}": "c0" for row in range(12)}).assign(group=["one"] * 6 + ["two"] * 6)
    assert len(set(duplicates.units(rows).tolist())) == 2
    old, new = made([[0.1, 0.9]] * 12, [0] * 12), made([[0.9, 0.1]] * 12, [0] * 12)
    compared = compare(old, new, rows)
    assert (compared.new.groups, compared.new.effective) == (2, 2.0)
    assert compared.p == 0.5
    alone = compare(old, new, rows.drop(columns="group"))
    assert (alone.new.groups, alone.new.n) == (12, 12)
    assert alone.p < 0.001


def test_a_figure_of_an_earlier_version_opens(tmp_path):
    old = {"accuracy": 0.9, "n": 20, "interval": [0.699, 0.972], "baseline": 0.5, "baseline_class": "cat"}
    write_json(tmp_path / "old.json", old)
    opened = read_record(tmp_path / "old.json", Accuracy)
    assert (opened.groups, opened.effective, opened.grouped()) == (None, None, "")
    assert opened.sentence() == "18 of 20 right; the true accuracy is probably 70% to 97%."
