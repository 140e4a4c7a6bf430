"""A run that learns once more, from everything."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from tests.core.hues import new_run
from tests.core.training.test_resume import KillAt, Killed, assert_equal
from tests.core.training.test_train import StopAt
from tl_core import jobs, runs, storage
from tl_core.dataset import manifest
from tl_core.diagnosis import diagnose
from tl_core.errors import InputError, NotFoundError
from tl_core.evaluation import comparison, crossval, everything, inference, predictions, scores, sealed_test, unknowns
from tl_core.export import card, formats, page_words, picture_bundle, report
from tl_core.files import read_json, write_json, write_record
from tl_core.progress import Progress
from tl_core.runs import Best, Counts, RunFolder
from tl_core.travel import pack, tables, unpack
from tl_core.travel import trained as trained_elsewhere
from tl_core.workspace import Workspace

MID_HEAD = {"what": "batches", "phase": "head", "epoch": 1, "done": 2}
ANSWERS = {"phase": "answers"}


@pytest.fixture(scope="module")
def project(hues_with, tmp_path_factory):
    return hues_with(tmp_path_factory.mktemp("workspace"), "tail", "head")


@pytest.fixture(scope="module")
def before(project):
    run = RunFolder(project.runs / "head")
    run.rename("Warm **or** cold")
    unknowns.choose(run, 0.1)
    return run


def trained(run: RunFolder, **options) -> RunFolder:
    made = everything.create(run, **options)
    jobs.execute(made.folder)
    return made


@pytest.fixture(scope="module")
def again(before):
    return trained(before)


@pytest.fixture(scope="module")
def with_test(before):
    return trained(before, test=True)


def test_it_learns_from_validation_pictures_for_the_epochs_that_were_best(before, again):
    best, learned = before.report().best, again.report()
    assert learned.counts == Counts(train=18, validation=0, test=6)
    assert [row.epoch for row in learned.history] == list(range(1, best.epoch + 1))
    assert learned.best == best
    assert [row for row in learned.history if row.validated] == []
    assert learned.validation.accuracy is None
    assert set(predictions.load(again, "train").ids) >= set(predictions.load(before, "validation").ids)
    assert everything.usual_recipe(again) == before.recipe
    assert again.name == "Warm **or** cold, on everything"
    assert manifest.load(again.project).version == before.recipe.manifest, "the list of pictures is as it was"


def test_it_learns_from_test_pictures_only_by_choice(again, with_test):
    assert with_test.report().counts == Counts(train=24, validation=0, test=0)
    assert len(predictions.load(with_test, "train")) == 24
    assert not set(predictions.load(again, "train").ids) & set(predictions.pictures_of(again, "test")["id"])


def test_temperature_and_limit_are_those_of_the_run_before(before, again):
    assert again.report().temperature == before.report().temperature
    np.testing.assert_array_equal(unknowns.of(again).held_out, unknowns.of(before).held_out)
    assert unknowns.refused(again) == 0.1
    assert len(unknowns.of(again).training) == 18


def test_it_is_repeated_to_the_bit_killed_or_not(before, again):
    shutil.rmtree(before.project.workspace.cache)
    other, killer = everything.create(before), KillAt(MID_HEAD, ANSWERS)
    for _ in range(2):
        with pytest.raises(Killed):
            jobs.execute(other.folder, echo=killer)
        other.job.claim()
    jobs.execute(other.folder)
    assert_equal(again, other)


@pytest.mark.slow
def test_both_phases_learn_for_the_epochs_that_were_best(project):
    run = RunFolder(project.runs / "tail")
    recipe, best = everything.recipe_of(run), run.report().best
    assert (recipe.epochs, recipe.fine_tune_epochs) == (2, best.epoch)
    again = everything.create(run)
    jobs.execute(again.folder, echo=StopAt("epoch"))
    assert (again.job.state, again.report().stopped, again.report().best) == ("cancelled", True, Best("head", 1))
    again.job.claim()
    jobs.execute(again.folder)
    assert [(row.phase, row.epoch) for row in again.report().history] == [
        *(("head", number) for number in (1, 2)),
        *(("fine-tune", number) for number in range(1, best.epoch + 1)),
    ]
    assert again.report().best == best


def test_where_fine_tuning_did_not_help_only_the_head_learns(project):
    run = RunFolder(project.runs / "tail")
    usual = run.report()
    write_record(run.folder / "report.json", replace(usual, best=Best("head", 1)))
    recipe = everything.recipe_of(run)
    write_record(run.folder / "report.json", usual)
    assert (recipe.epochs, recipe.fine_tune_epochs, recipe.freeze) == (2, 0, run.recipe.freeze)


def test_what_it_learned_from_never_measures_it(before, again, with_test):
    with pytest.raises(InputError, match=f"has learned from the test pictures.*{before.id}"):
        sealed_test.evaluate(with_test.folder)
    assert with_test.times_opened() == 0
    for split in ("validation", "test"):
        with pytest.raises(InputError, match=f"has learned from all {split} pictures"):
            tables.stored(with_test, split)
    assert len(tables.stored(with_test, "train")) == 24
    assert diagnose.of_run(again) == []
    compared = comparison.of_runs(before, again, "validation")
    assert (compared.n, len(compared.learnt)) == (0, 6)
    assert not crossval.load(again)


def test_sealed_test_pictures_can_still_measure_it(before):
    run = trained(before)
    assert "only its test pictures can still measure" in everything.unmeasured(run)
    assert sealed_test.evaluate(run.folder).n == 6
    assert not everything.is_unmeasured(run)
    assert page_words.accuracy(run).startswith("Right ")
    assert scores.leaks(run, "test") == []


def test_what_is_said_of_it(before, with_test):
    said = everything.unmeasured(with_test)
    assert "its accuracy cannot be measured any more" in said
    assert before.report().validation.sentence() in said
    assert said in card.text(with_test, {})
    assert "| cold | 12 | 0 | 0 |" in card.text(with_test, {})
    assert page_words.accuracy(with_test) == said
    page = report.html(report.of(with_test, Progress()))
    assert "cannot be measured any more" in page
    assert "validation pictures of the class" not in page
    readme = picture_bundle.about(with_test, formats.get("onnx"), "")
    assert said in readme
    assert "those of the run before" in readme


def test_the_figure_of_a_test_that_was_opened_goes_before_that_of_validation(hues_with, tmp_path):
    run = RunFolder(hues_with(tmp_path, "head").runs / "head")
    tested = sealed_test.evaluate(run.folder)
    known = everything.recipe_of(run).everything
    assert (known.measured_on, known.before.n) == ("test", tested.n)


def test_the_run_before_may_be_deleted(before, hues_with, tmp_path):
    run = RunFolder(hues_with(tmp_path, "head").runs / "head")
    page_words.write_sentence(run, "Is it warm?")
    waiting = everything.create(run)
    assert page_words.sentence(waiting) == "Is it warm?"
    storage.trash_run(run)
    jobs.execute(waiting.folder)
    assert everything.source(waiting) is None
    assert unknowns.of(waiting) is not None
    assert everything.unmeasured(waiting)
    assert everything.usual_recipe(waiting).everything is None

    pack.pack(waiting.project, tmp_path / "hues.zip", Progress())
    there = unpack.unpack(Workspace.open(tmp_path / "elsewhere"), tmp_path / "hues.zip", Progress()).project
    (again,) = runs.of_project(there)
    assert again.recipe == waiting.recipe
    assert unknowns.of(again).threshold() == unknowns.of(waiting).threshold()


@pytest.mark.parametrize("scores", [[2.0], [np.nan], [[0.5]], [], ["high"]])
def test_a_limit_from_outside_is_checked(tmp_path, scores):
    run = RunFolder(tmp_path)
    unknowns.save_limit(run, np.array(scores))
    with pytest.raises(InputError, match="no limit"):
        trained_elsewhere.limit(tmp_path / "limit.npz")


def test_runs_that_cannot_be_repeated_say_why(project, again):
    with pytest.raises(InputError, match="already"):
        everything.create(again)
    with pytest.raises(NotFoundError, match="no model"):
        everything.create(new_run(project))
    assert all(each.recipe.everything.run == "head" for each in everything.made_from(RunFolder(project.runs / "head")))


def test_without_test_pictures_there_are_none_to_add(hues_with, tmp_path):
    project = hues_with(tmp_path, "head")
    run = RunFolder(project.runs / "head")
    table = manifest.load(project).table
    listed = manifest.save(project, table.assign(split=table["split"].replace("test", "train")), "no test")
    write_json(run.folder / "recipe.json", {**read_json(run.folder / "recipe.json"), "manifest": listed.version})
    with pytest.raises(InputError, match="no test pictures"):
        everything.create(run, test=True)
    assert "cannot be measured any more" in everything.unmeasured(everything.create(run))


def test_predictions_are_computed_again_where_they_are_gone(again):
    before = predictions.load(again, "train")
    for split in ("train", "validation"):
        predictions.forget(again, split)
    inference.ensure(again)
    np.testing.assert_array_equal(predictions.load(again, "train").logits, before.logits)
    assert len(predictions.load(again, "validation")) == 0


def test_a_recipe_of_an_earlier_version_opens(before):
    value = read_json(before.folder / "recipe.json")
    del value["everything"]
    assert type(before.recipe).from_json(value) == before.recipe


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["flatten", "live"])
def test_every_kind_of_run_learns_from_everything(hues_with, tmp_path, kind):
    run = RunFolder(hues_with(tmp_path, kind).runs / kind)
    shutil.rmtree(run.project.workspace.cache, ignore_errors=True)
    again = trained(run, test=True)
    assert again.report().counts == Counts(train=24, validation=0, test=0)
    assert len(predictions.load(again, "train")) == 24
    other = predictions.load(trained(run, test=True), "train")
    np.testing.assert_array_equal(other.logits, predictions.load(again, "train").logits)
