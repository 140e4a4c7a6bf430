"""Two runs on boxes are compared on the pictures that both have looked at."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.boxed import finished, squares
from tl_core.cli.parser import main
from tl_core.dataset import edits, manifest
from tl_core.evaluation import box_comparison, box_record, diff
from tl_core.files import read_json, write_json
from tl_core.metrics import average_precision
from tl_core.metrics.average_precision import Seen
from tl_core.metrics.box_difference import difference
from tl_core.notebook import changes
from tl_core.runs import RunFolder


@pytest.fixture
def both(tmp_path: Path) -> tuple[RunFolder, RunFolder]:
    """A run, and one that has found nothing but what is not there."""
    run = finished(squares(tmp_path))
    other = RunFolder(shutil.copytree(run.folder, run.folder.with_name("other")))
    stored = box_record.load(run, "validation")
    assert stored
    seen = [Seen(each.truth, each.found[each.found[:, 5] < 0.5]) for each in stored.seen]
    box_record.save(other, replace(stored, seen=seen))
    return run, other


def test_both_have_the_numbers_that_they_have_alone(both):
    compared = box_comparison.of_runs(*both, "validation")
    assert compared
    found = compared.difference.every
    assert (found.old, found.new) == pytest.approx([alone(each) for each in both])
    assert found.old > found.new
    assert found.interval[0] <= found.new - found.old <= found.interval[1]
    assert box_comparison.of_runs(*both, "test") is None
    assert box_comparison.of_runs(both[0], both[0], "validation").difference.every.p == 1
    assert [each.map50 for each in compared.precisions] == pytest.approx([found.old, found.new])
    assert [each.classes[0].ap50 for each in compared.precisions] == pytest.approx(
        [compared.difference.each[0].old, compared.difference.each[0].new]
    )


def test_pictures_are_told_apart_by_their_mistakes(both):
    compared = box_comparison.of_runs(*both, "validation")
    wrong = compared.mistakes(0.5, 0.5)
    seen = dict(zip(compared.ids, compared.old, strict=True))
    assert set(wrong) == set(compared.ids)
    for id_, (old, new) in wrong.items():
        found = int((seen[id_].found[:, 5] >= 0.5).sum())
        assert (old, new) == (len(seen[id_].truth) - found, len(seen[id_].truth)), "the second finds nothing so sure"
    assert any(new > old for old, new in wrong.values())


def alone(run: RunFolder) -> float | None:
    stored = box_record.load(run, "validation")
    return average_precision.map50(stored.seen, len(stored.classes)) if stored else None


def test_classes_are_told_by_their_names(both):
    run, other = both
    stored = box_record.load(run, "validation")
    turn = len(stored.classes) - 1

    def turned(rows):
        return np.column_stack([rows[:, :4], turn - rows[:, 4], rows[:, 5:]])

    seen = [Seen(turned(each.truth), turned(each.found)) for each in stored.seen]
    box_record.save(other, replace(stored, classes=stored.classes[::-1], seen=seen))
    found = box_comparison.of_runs(run, other, "validation").difference.every
    assert (found.old, found.p) == (pytest.approx(found.new), 1)


def test_what_is_there_is_that_of_the_newer_list_and_classes_keep_their_numbers_under_a_new_name(both):
    run, other = both
    before = manifest.load(run.project)
    named = edits.rename_class(run.project, "red", "crimson")
    write_json(other.folder / "recipe.json", {**read_json(other.folder / "recipe.json"), "manifest": named.version})
    stored = box_record.load(other, "validation")
    box_record.save(other, replace(stored, classes=["crimson" if each == "red" else each for each in stored.classes]))
    compared = box_comparison.of_runs(run, other, "validation")
    assert sorted(compared.classes) == ["blue", "crimson"]
    assert compared.difference.every.old == pytest.approx(alone(run))
    assert diff.between(before.table, named.table).redrawn == []


def test_the_command_and_the_notebook_say_it(both, capfd):
    run, other = both
    workspace = str(run.project.workspace.root)
    capfd.readouterr()
    assert main(["compare", run.reference, other.reference, "--workspace", workspace, "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert (answer["part"], answer["map50"]["old"] > answer["map50"]["new"]) == ("validation", True)
    assert "Mean average precision" in answer["words"]
    line = changes.between(run, other).sentence()
    assert "mean average precision" in line
    assert "not measured" not in line


def test_equal_models_hardly_ever_differ():
    """Of 40 pairs of models that find each box as often as the other, few have a p below 0.05."""
    random = np.random.default_rng(1)
    box = np.array([[0.1, 0.1, 0.5, 0.5, 0.0]])

    def model() -> list[Seen]:
        hits = random.random(30) < 0.7
        return [Seen(box, np.array([[*(box[0] if hit else box[0] + 0.4)[:4], 0.0, random.random()]])) for hit in hits]

    below = sum(difference(model(), model(), 1).every.p < 0.05 for _ in range(40))
    assert below <= 6
