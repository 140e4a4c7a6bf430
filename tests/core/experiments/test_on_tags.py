"""Experiments on pictures with several labels, from the command line: a picture is right if it gets exactly its own."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.conftest import share_weights
from tests.tagged import lay
from tl_core import api, runs
from tl_core.cli.parser import main
from tl_core.dataset import manifest
from tl_core.errors import InputError
from tl_core.evaluation import tag_crossval, tags
from tl_core.experiments import candidates, experiment, learners, learning_curve, pictures, race, shootout
from tl_core.experiments.curve import TagCurve
from tl_core.tasks import table
from tl_core.workspace import Workspace

LINE = "block_14_add"


@pytest.fixture(scope="module")
def lamps(tmp_path_factory):
    root = tmp_path_factory.mktemp("tags")
    workspace = share_weights(Workspace.open(root / "workspace"))
    return api.import_folder(workspace, lay(root / "lamps", 40))[0]


@pytest.fixture
def thaw(lamps, capfd):
    """Return a function that runs a command on the project, and returns its exit code and what it prints."""

    def run(command, *options):
        capfd.readouterr()
        where = ("--workspace", lamps.workspace.root, *options)
        return main([command, lamps.slug, *map(str, where)]), *capfd.readouterr()

    return run


def test_networks_are_ranked_by_exact_matches(lamps, thaw):
    code, stdout, _ = thaw("shootout", "--backbone", "efficientnet-lite0", "--json")
    answer = json.loads(stdout)

    assert code == 0
    assert answer["baseline"] is None
    (entry,) = shootout.entries(experiment.newest(lamps, shootout.KIND))
    assert entry.accuracy.n == len(entry.right) == answer["pictures"]
    assert 0 < entry.precision <= 1


@pytest.mark.slow
def test_contestants_are_compared_by_exact_matches(lamps, thaw):
    code, stdout, _ = thaw(
        "race", "--epochs", 2, "--line", "block_14_add", "--no-scratch", "--image-size", 64, "--json"
    )
    answer = json.loads(stdout)

    assert code == 0
    assert {each["name"] for each in answer["contestants"]} == {"frozen", f"line-{LINE}"}
    made = experiment.newest(lamps, race.KIND)
    for each in race._rivals(made)[0]:
        run = next(one.run for one in race.runners(made) if one.name == each.name)
        predicted = tags.load(runs.find(lamps.workspace, run.reference), "validation")
        given = predicted.given(tags.thresholds_of(run))
        right = (given == predicted.truth).all(axis=1)[np.argsort(predicted.ids)]
        assert (each.right == right).all()
        assert each.right.mean() == pytest.approx(each.accuracy.accuracy)


def test_the_curve_counts_each_label_of_each_picture(lamps, thaw):
    code, stdout, _ = thaw("learning-curve", "--json")
    answer = json.loads(stdout)

    assert code == 0
    assert len(answer["points"]) >= 4
    assert answer["points"][-1]["accuracy"] > 0.8
    assert 0 < answer["points"][0]["precision"] <= answer["points"][-1]["precision"] <= 1
    assert "Mean average precision" in answer["in_words"]
    curve = learning_curve.load(experiment.newest(lamps, learning_curve.KIND).parts()[0].folder)
    assert isinstance(curve, TagCurve)
    assert (curve.right == curve.each.min(axis=-1)).all(), "a picture is right where all of its labels are"
    assert [each["n"] for each in answer["classes"]["red"]] == [curve.n] * len(curve.sizes)
    assert curve.counts.tolist() == curve.has.sum(axis=0).tolist()


def test_draws_of_several_labels_are_stratified_and_grow(lamps):
    asked = pictures.asked(lamps, manifest.load(lamps).version)
    curve = learning_curve._begun(asked.questions, asked.every)
    learner = learners.SeveralLabels(curve, np.zeros((curve.n, 1), np.float32), asked.questions)
    out = asked.questions.deal(0) == 0
    order = learner._ordered(~out, 7)

    assert sorted(order) == np.flatnonzero(~out).tolist(), "nothing that is held out is drawn"
    half = curve.has[order[: len(order) // 2]].mean(axis=0)
    assert np.abs(half - curve.has[order].mean(axis=0)).max() < 0.15


@pytest.mark.slow
def test_a_search_judges_by_exact_matches_and_trains_on_everything(lamps, thaw, monkeypatch):
    monkeypatch.setattr(candidates, "OFFERS", candidates.OFFERS[:1])
    code, stdout, _ = thaw(
        "search", "--backbone", "efficientnet-lite0", "--minutes", 1, "--image-size", 64, "--train", "--json"
    )
    answer = json.loads(stdout)

    assert code == 0
    assert answer["state"] == "done"
    assert 0 < answer["suggested"]["precision"] <= 1
    assert all(each["recipe"]["head"]["several"] for each in answer["tried"])
    run = runs.find(lamps.workspace, answer["run"])
    assert tags.thresholds_of(run) == tags.Thresholds(of={"dark": 0.5, "red": 0.5}, chosen_on=0)


@pytest.mark.slow
def test_a_run_is_cross_validated_by_itself_and_measured_again(lamps, capfd):
    draft = table.of(lamps).draft("efficientnet-lite0", manifest.load(lamps))
    run = api.train(lamps, replace(draft, image_size=64, epochs=8))
    assert tag_crossval.load(run).n == len(manifest.of_run(run).split("train")) + run.report().counts.validation
    capfd.readouterr()
    code = main(["remeasure", run.reference, "--workspace", str(lamps.workspace.root), "--json"])
    answer = json.loads(capfd.readouterr()[0])

    assert code == 0
    assert answer["accuracy"]["n"] == answer["every"] == run.report().counts.train
    assert 0 < answer["precision"] <= 1
    assert "Mean average precision" in answer["in_words"]


def test_labels_too_few_for_an_experiment_are_said(tmp_path):
    few = api.import_folder(Workspace.open(tmp_path / "workspace"), lay(tmp_path / "few", 8))[0]
    with pytest.raises(InputError, match="at least 10 different pictures have"):
        learning_curve.create(few)
