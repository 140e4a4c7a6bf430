"""Experiments on texts, from the command line: a small network, and what the words alone bring beside it."""

import json
from dataclasses import replace

import pytest

from tests.core.experiments.letters import project_of_letters
from tl_core import api, runs
from tl_core.cli.parser import main
from tl_core.dataset import manifest
from tl_core.experiments import (
    candidates,
    clock,
    curve_words,
    experiment,
    learning_curve,
    pictures,
    race,
    remeasure,
    search,
    shootout,
)
from tl_core.experiments.rungs import Plan
from tl_core.progress import Progress
from tl_core.tasks import table


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    return project_of_letters(tmp_path_factory.mktemp("letters"))


@pytest.fixture
def thaw(letters, capfd):
    """Return a function that runs a command on the project, and returns its exit code and what it prints."""
    project, _network = letters

    def run(command, *options):
        capfd.readouterr()
        where = ("--workspace", project.workspace.root, *options)
        return main([command, project.slug, *map(str, where)]), *capfd.readouterr()

    return run


def test_the_curve_of_texts_has_the_words_alone_beside_it(letters, thaw):
    project, network = letters
    code, stdout, _ = thaw("learning-curve", "--backbone", network, "--json")
    answer = json.loads(stdout)

    assert code == 0
    assert answer["backbone"] == network
    assert len(answer["points"]) == len(answer["baseline"]) >= 4
    assert set(answer["classes"]) == {"k", "z"}
    assert "by the words alone (TF-IDF)" in answer["in_words"]
    (part,) = experiment.newest(project, learning_curve.KIND).parts()
    one, other = (learning_curve.load(part.folder, name) for name in (learning_curve.FILE, learning_curve.BESIDE))
    assert (one.fold == other.fold).all(), "both are asked the same"
    assert (other.right >= 0).all()
    assert curve_words.without(one, None) == ""


def test_networks_are_ranked_and_the_words_alone_are_asked_the_same(letters, thaw):
    project, network = letters
    code, stdout, _ = thaw("shootout", "--backbone", network, "--json")
    answer = json.loads(stdout)

    assert code == 0
    assert [each["name"] for each in answer["places"]] == [network]
    assert answer["places"][0]["milliseconds"] > 0
    assert answer["baseline"]["baseline"]["n"] == answer["pictures"]
    assert answer["left_out"] == {}
    found = experiment.newest(project, shootout.KIND)
    assert [each.id for each in found.parts()][-1] == shootout.BESIDE
    assert network in [each.id for each in shootout.offered(project, network)]
    assert shootout.offered(project, "local:/nowhere") == shootout.offered(project)


def test_from_scratch_texts_are_learned_at_a_low_rate(letters):
    project, network = letters
    draft = table.of(project).draft(network, manifest.load(project))
    made = {part.id: part.task.args["recipe"] for part in race.create(project, draft, epochs=2).parts()}
    assert made["scratch"]["fine_tune_learning_rate"] == race.SCRATCH_RATES["texts"]
    assert made["frozen"]["head"]["pooling"] == "average"


@pytest.mark.slow
def test_texts_are_raced(letters, thaw):
    _project, network = letters
    code, stdout, _ = thaw("race", "--backbone", network, "--epochs", 2, "--line", "block_01_out", "--json")
    answer = json.loads(stdout)

    assert code == 0
    by_name = {each["name"]: each for each in answer["contestants"]}
    assert by_name.keys() == {"frozen", "scratch", "line-block_01_out"}
    assert {each["epochs"] for each in by_name.values()} == {2}


@pytest.mark.slow
def test_a_search_of_texts_changes_no_text(letters, thaw, monkeypatch):
    project, network = letters
    monkeypatch.setattr(candidates, "HEADS", candidates.HEADS[:1])
    monkeypatch.setattr(candidates, "OFFERS", candidates.OFFERS[:2])
    usual = replace(table.get("texts"), network=network)
    monkeypatch.setattr(table, "of", lambda project: usual)
    code, stdout, _ = thaw("search", "--backbone", network, "--minutes", 3, "--train", "--json")
    answer = json.loads(stdout)

    assert code == 0
    assert answer["state"] == "done"
    tried = [each["recipe"] for each in answer["tried"]]
    assert {each["augmentation"] for each in tried} == {"off"}
    assert {each["fine_tune_epochs"] for each in tried} >= {0, 2}
    assert all("augmentation" not in each["name"] for each in answer["tried"])
    assert runs.find(project.workspace, answer["run"]).ready


def test_what_a_search_has_drawn_from_many_is_drawn_again(letters):
    project, network = letters
    made = search.create(project, [network], minutes=1)
    part = made.parts()[0]
    worker = search._Worker(made, part.folder, clock.Clock(made, part.folder, 1, Progress()), [network], None)
    first = pictures.asked(project, made.setup.manifest, 21).questions
    plan = Plan(pictures=first.n, folds=5, pace=1.0, kind="texts", drawn=21)
    made.stop()

    assert first.n > 21, "each class has its share, rounded up"
    assert worker._questions(plan)[0].ids == first.ids


def test_a_run_on_texts_is_measured_again(letters):
    project, network = letters
    run = api.train(project, replace(table.of(project).draft(network, manifest.load(project)), image_size=16))
    again = remeasure.run(run.folder, Progress(), run=str(run.folder))

    assert again.accuracy.n == again.every
    assert remeasure.load(run) == again


def test_a_network_for_pictures_is_refused(thaw):
    code, stdout, stderr = thaw("learning-curve", "--backbone", "efficientnet-lite0")

    assert (code, stdout) == (2, "")
    assert "holds texts" in stderr
