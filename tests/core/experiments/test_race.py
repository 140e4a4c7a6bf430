"""A race on real pictures, from the command line."""

import json

import pytest

from tests.conftest import share_weights
from tests.core.hues import project_of_hues
from tl_core import jobs, runs
from tl_core.cli.parser import main
from tl_core.draft import Draft
from tl_core.errors import InputError
from tl_core.experiments import experiment, race, race_words
from tl_core.experiments.race import Thawing
from tl_core.freezing import outline
from tl_core.recipe import Recipe
from tl_core.workspace import Workspace

BACKBONE, LINE = "efficientnet-lite0", "block_14_add"
SMALL = Draft(backbone=BACKBONE, image_size=64)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("race")
    workspace = share_weights(Workspace.open(root / "workspace"))
    return project_of_hues(workspace, root / "hues", classes=2, count=20)


@pytest.mark.slow
@pytest.mark.parametrize("scratch", [False, True])
def test_all_contestants_train_a_run_on_the_same_pictures(project, capfd, scratch):
    where = ["--workspace", str(project.workspace.root), "--json", *([] if scratch else ["--no-scratch"])]

    code = main(["race", project.slug, "--epochs", "2", "--line", LINE, "--image-size", "64", *where])
    answer = json.loads(capfd.readouterr()[0])

    assert code == 0
    by_name = {each["name"]: each for each in answer["contestants"]}
    assert by_name.keys() == {"frozen", f"line-{LINE}"} | ({"scratch"} if scratch else set())
    counted = runs.find(project.workspace, by_name["frozen"]["run"]).report().counts
    once = counted.train + counted.validation
    assert {each["epochs"] for each in by_name.values()} == {2}
    assert {each["accuracy"]["n"] for each in by_name.values()} == {counted.validation}
    assert by_name["frozen"]["pictures"] == {"once": once, "trained": 0}
    assert by_name[f"line-{LINE}"]["pictures"] == {"once": once, "trained": counted.train}
    if scratch:
        assert by_name["scratch"]["pictures"] == {"once": 0, "trained": 2 * counted.train}
    assert answer["suggested"] in by_name
    made = {each["run"]: runs.find(project.workspace, each["run"]).recipe for each in by_name.values()}
    assert {(recipe.seed, recipe.manifest) for recipe in made.values()} == {(0, 1)}
    assert "chance" in answer["in_words"]


def test_the_same_seconds_end_what_is_not_done(project):
    made = race.create(project, SMALL, scratch=True, seconds=0.001)
    frozen, scratch = made.parts()
    with pytest.raises(InputError, match=r"0\.001 seconds were not enough for one epoch"):
        jobs.execute(frozen.folder)
    made.stop()

    assert scratch.state == "cancelled"
    assert [each.name for each in race.runners(made)] == ["frozen"]
    assert race.ranked(made) is None
    assert race.thawing(made) is None
    wanted = race.draft_like(Draft(epochs=7), Recipe.from_json(scratch.task.args["recipe"]))
    assert (wanted.weights, wanted.freeze, wanted.epochs) == ("random", "none", 7)


@pytest.mark.parametrize(("limit", "schedule"), [({"epochs": 4}, "cosine"), ({"seconds": 60.0}, "constant")])
def test_only_a_race_of_so_many_epochs_knows_where_a_cosine_ends(project, limit, schedule):
    made = race.create(project, SMALL.changed(schedule="cosine"), [LINE], scratch=False, **limit)
    recipes = [Recipe.from_json(part.task.args["recipe"]) for part in made.parts()]
    assert {each.schedule for each in recipes} == {schedule}
    assert race.draft_like(Draft(schedule="cosine"), recipes[-1]).schedule == schedule


def test_what_is_no_race_is_refused(project):
    with pytest.raises(InputError, match="two contestants"):
        race.create(project, SMALL, scratch=False, epochs=3)
    with pytest.raises(InputError, match="at least 2 epochs"):
        race.create(project, SMALL, epochs=1)
    with pytest.raises(InputError, match="either epochs or seconds"):
        race.create(project, SMALL)
    assert experiment.of_project(project, race.KIND)[0].id, "what went before is still there"


def test_thawing_is_said_to_help_or_hurt_only_where_chance_does_not_explain_it():
    drawn = outline.load(Workspace.open(), BACKBONE)
    words = [
        race_words.thawing(Thawing(name=f"line-{LINE}", gain=gain, p=p, n=100), drawn)
        for gain, p in ((0.05, 0.2), (0.05, 0.01), (-0.05, 0.01))
    ]
    assert [said.split()[:2] for said in words] == [["Whether", "thawing"], ["Thawing", "helps:"], ["Thawing", "hurts"]]
    assert race_words.thawing(None, drawn) == ""
