"""The notebook of a project: names, what changed, and all runs on the same pictures; trained runs, and runs made up."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from tests.core.hues import LINE, new_run, recipe
from tl_core import runs
from tl_core.dataset import edits, manifest
from tl_core.errors import NotFoundError
from tl_core.evaluation import comparison, predictions
from tl_core.files import read_json, write_json
from tl_core.freezing import names, outline
from tl_core.freezing.outline import Outline
from tl_core.networks.structure import Block
from tl_core.notebook import changes, rows, settings, shared
from tl_core.recipe import Head
from tl_core.runs import RunFolder


@pytest.fixture
def project(hues_with, tmp_path):
    return hues_with(tmp_path / "workspace", "tail", "head")


def folder(project, name: str) -> RunFolder:
    return RunFolder(project.runs / name)


def drawn(*blocks: str) -> Outline:
    """Return an outline with blocks of these names."""
    made = tuple(
        Block(id=each, label=each, shape=(1, 1, 1), parameters=0, multiply_adds=0, receptive_field=None, layers=())
        for each in blocks
    )
    return Outline(size=64, note=None, blocks=made, version=outline.VERSION)


def copied(run: RunFolder, name: str, wrong: int) -> RunFolder:
    """Return a copy of a run that is wrong about the first few of its validation pictures."""
    shutil.copytree(run.folder, run.folder.with_name(name))
    made, stored = run.folder.with_name(name), predictions.load(run, "validation")
    logits = np.eye(len(stored.classes), dtype=np.float32)[stored.truth]
    logits[:wrong] = 1 - logits[:wrong]
    predictions.save(RunFolder(made), replace(stored, logits=logits))
    return RunFolder(made)


def test_a_run_without_a_name_is_called_by_what_matters(project):
    usual, blocks = recipe(project), drawn("stem", LINE, "top")
    tuned = replace(usual, freeze=LINE, fine_tune_epochs=1)
    called = {
        "Lite0 · head only": usual,
        "Lite0 · from block 3": tuned,
        "Lite0 · whole network · random weights": replace(tuned, freeze="none", weights="random"),
        "VGG16 · head only": replace(usual, backbone="vgg16"),
    }
    assert {name: names.default(each, blocks) for name, each in called.items()} == {name: name for name in called}
    assert names.default(replace(tuned, fine_tune_epochs=0, freeze=LINE), blocks) == "Lite0 · head only"
    assert names.default(tuned, None) == f"Lite0 · after {LINE}", "its blocks have never been drawn"
    assert names.default(tuned, drawn("other")) == f"Lite0 · after {LINE}"


def test_what_differs_between_recipes_is_named_once_and_nothing_that_has_no_effect(project):
    usual, blocks = recipe(project), {"efficientnet-lite0": drawn("stem", "mid", LINE, "top")}

    def words(old, new) -> str:
        return changes.in_words(settings.between(old, new, blocks), "")

    tuned = replace(usual, freeze=LINE, fine_tune_epochs=2)
    assert words(tuned, replace(tuned, freeze="stem")) == "only the freeze line: block 4 → 2"
    assert words(usual, tuned) == "only the freeze line: head only → block 4"
    assert words(usual, replace(usual, learning_rate=0.001)) == "only the learning rate: 0.01 → 0.001"
    assert words(usual, replace(usual, head=Head(hidden=8))) == "only the hidden units: 0 → 8"
    assert words(usual, replace(usual, augmentation_variants=8)) == "the same settings and pictures", (
        "nothing is changed"
    )
    steps = {"fine_tune_learning_rate": 1e-3, "schedule": "cosine", "weight_decay": 0.05, "block_decay": 0.8}
    assert words(usual, replace(usual, **steps)) == "the same settings and pictures"
    assert words(tuned, replace(tuned, schedule="cosine")) == "only the schedule of the rate: constant → cosine"
    assert words(tuned, replace(tuned, block_decay=0.8)) == "only the rate of each earlier block: 1 → 0.8"
    lite2 = replace(usual, backbone="efficientnet-lite2", image_size=260, seed=1)
    assert words(replace(usual, image_size=224), lite2) == "network: Lite0 → Lite2, seed: 3 → 1"


def test_a_label_is_stored_beside_the_run_and_old_names_open(project):
    run = folder(project, "head")
    write_json(run.folder / "name.json", {"name": "From before"})
    assert (run.name, run.label.note, run.label.star) == ("From before", "", False)
    run.annotate(note=" two\nlines ", star=True)
    assert (run.name, run.label.note, run.label.star) == ("From before", "two lines", True)
    run.annotate(name="")
    assert names.of(run) == "Lite0 · head only"
    shutil.rmtree(run.folder)
    with pytest.raises(NotFoundError, match="no longer there"):
        run.annotate(star=False)
    assert not run.folder.exists()


def test_runs_are_measured_on_the_pictures_that_they_share(project):
    head = copied(folder(project, "head"), "wrong", wrong=2)
    moved = manifest.load(project).split("validation")["id"].iloc[0]
    edits.set_split(project, [moved], "train")
    later = copied(head, "later", wrong=3)
    stored = predictions.load(later, "validation")
    write_json(later.folder / "recipe.json", {**vars(head.recipe), "manifest": 2, "head": vars(head.recipe.head)})
    predictions.save(later, stored.at([id_ != moved for id_ in stored.ids]))

    book = rows.of_project(project)
    assert book.shared.n == len(stored) - 1, "a picture that one of them has learned from measures none"
    by_id = {row.id: row for row in book.rows}
    compared = comparison.of_runs(head, later, "validation")
    assert by_id["wrong"].accuracy.accuracy == compared.old.accuracy
    assert by_id["later"].accuracy == compared.new
    alone, together = changes.between(head, later), changes.between(head, later, book.shared)
    assert together.measured.p == alone.measured.p
    assert together.measured.difference == pytest.approx(alone.measured.difference)
    assert (book.luck.runs, book.luck.equal) == (4, 4)
    assert 0 < book.luck.gain < 1
    assert book.luck.sentence().startswith(
        "Each of the 4 runs could be the best, as far as these pictures tell. The best of 4"
    )


def test_a_run_with_other_pictures_has_no_figure_and_does_not_take_those_of_the_others(project):
    head = folder(project, "head")
    for number in range(2):
        copied(head, f"copy{number}", wrong=number)
    other = copied(head, "other", wrong=0)
    stored = predictions.load(other, "validation")
    predictions.save(other, replace(stored, ids=[f"other{at}" for at in range(len(stored))]))
    write_json(other.folder / "job.json", {"kind": "train", "args": {}, "created": 1.0})

    by_id = {row.id: row for row in rows.of_project(project).rows}
    assert by_id["other"].accuracy is None
    assert by_id["other"].validation is not None
    assert by_id["copy1"].accuracy.n == len(stored)


def test_what_changed_between_trained_runs_has_the_difference_and_its_chance(project):
    head = folder(project, "head")
    old, new = copied(head, "old", wrong=6), copied(head, "new", wrong=0)
    found = changes.between(old, new)
    assert (found.measured.difference, found.measured.n) == (1.0, 6)
    assert found.sentence() == "the same settings and pictures; +100.0 points, hardly chance (p = 0.03)"
    assert changes.between(new, copied(head, "one", wrong=1)).sentence().endswith("could be chance (p = 1.00)")
    assert changes.between(folder(project, "tail"), new).sentence().startswith("freeze line: after")
    waiting = new_run(project)
    assert changes.between(head, waiting).sentence().endswith("not measured on the same pictures")


def test_a_run_that_was_stopped_says_so(project):
    head, stopped = folder(project, "head"), copied(folder(project, "head"), "one", wrong=1)
    write_json(stopped.folder / "report.json", {**read_json(stopped.folder / "report.json"), "stopped": True})
    epochs = len(head.report().history)
    assert changes.between(head, stopped).what() == (
        f"only the end of the training: as planned → stopped after {epochs} epochs"
    )
    assert changes.between(stopped, stopped).what() == "the same settings and pictures"


def test_a_damaged_run_and_one_that_waits_are_in_the_notebook(project):
    waiting = new_run(project)
    (folder(project, "head").folder / "recipe.json").write_text("{")
    folder(project, "head").annotate(star=True)
    by_id = {row.id: row for row in rows.of_project(project).rows}
    assert (by_id[waiting.id].state, by_id[waiting.id].ready, by_id[waiting.id].seconds) == ("queued", False, None)
    assert by_id["head"].state == "damaged"
    assert "recipe.json" in by_id["head"].damage
    assert by_id["head"].label.star
    assert by_id["tail"].accuracy.n == 6


def test_a_notebook_without_runs_is_empty(project):
    for run in runs.of_project(project):
        shutil.rmtree(run.folder)
    book = rows.of_project(project)
    assert (book.rows, book.shared.n, book.luck, book.luck.sentence()) == ((), 0, shared.Luck(), "")


def test_runs_that_are_clearly_worse_do_not_count_as_lucky_ones():
    chance = np.random.default_rng(0)
    right = {f"good{number}": chance.random(300) < 0.9 for number in range(6)}
    alone = shared.Shared(n=300, right=right).luck()
    worse = {f"worse{number}": chance.random(300) < 0.5 for number in range(20)}
    among = shared.Shared(n=300, right=right | worse).luck()
    assert (alone.runs, alone.equal, among.runs, among.equal) == (6, 6, 26, 6)
    assert among.gain == alone.gain > 0
    assert "6 of 26 runs could be the best" in among.sentence()
    single = shared.Shared(n=300, right={"good": right["good0"]} | worse).luck()
    assert (single.equal, single.gain) == (1, 0.0)
    assert "better than the others by more than chance" in single.sentence()
