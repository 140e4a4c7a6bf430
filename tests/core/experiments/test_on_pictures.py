"""A shoot-out and a learning curve on real pictures, from the command line."""

import json
import shutil

import numpy as np
import pytest

from tests.core.hues import project_of_hues
from tl_core import jobs
from tl_core.cli.parser import main
from tl_core.dataset import edits, manifest
from tl_core.errors import InputError, NotFoundError, Stopped
from tl_core.experiments import curve_words, experiment, learning_curve, pictures, shootout
from tl_core.experiments.experiment import Limited
from tl_core.progress import Progress
from tl_core.workspace import Workspace

NETWORKS = ("efficientnet-lite0", "efficientnet-lite1")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("experiments")
    return project_of_hues(Workspace.open(root / "workspace"), root / "hues", classes=3, count=20)


@pytest.fixture
def thaw(project, capfd):
    """Return a function that runs a command on the project, and returns its exit code and what it prints."""

    def run(command, *options):
        capfd.readouterr()
        where = ("--workspace", project.workspace.root, *options)
        return main([command, project.slug, *map(str, where)]), *capfd.readouterr()

    return run


class StopsAfter(Progress):
    """Stops the work after some heads."""

    def __init__(self, heads: int) -> None:
        self.left = heads

    def emit(self, event: str, **fields: object) -> None:
        self.left -= event == "progress" and fields["what"] == "heads"

    def stopped(self) -> bool:
        return self.left <= 0


@pytest.mark.slow
def test_the_shoot_out_ranks_networks_on_the_same_pictures(project, thaw):
    code, stdout, _ = thaw("shootout", "--backbone", *reversed(NETWORKS), "--json")
    answer = json.loads(stdout)

    assert code == 0
    assert {each["name"] for each in answer["places"]} == set(NETWORKS)
    assert answer["suggested"] == "efficientnet-lite0", "both are right, and it is smaller"
    assert answer["state"] == "done"
    assert answer["left_out"] == {}
    for each in answer["places"]:
        assert each["accuracy"]["n"] == answer["pictures"] == 45
        assert each["accuracy"]["interval"][0] < each["accuracy"]["accuracy"]
        assert each["milliseconds"] > 0
        assert each["bytes"] > 1e7
    found = experiment.newest(project, shootout.KIND)
    assert found.id == answer["experiment"]
    first, second = shootout.entries(found)
    assert (first.backbone, second.backbone) == NETWORKS, "what needs less work begins"
    assert first.groups == second.groups
    assert "Take EfficientNet-Lite0" in answer["in_words"].replace("take", "Take")


def test_test_pictures_are_not_asked_for(project):
    data = manifest.load(project)
    questions = pictures.asked(project, data.version).questions

    assert set(questions.ids) == {*data.split("train")["id"], *data.split("validation")["id"]}


def test_the_curve_is_measured_and_stopped_and_resumed_it_is_the_same(project, thaw):
    code, stdout, _ = thaw("learning-curve", "--json")
    answer = json.loads(stdout)
    whole = experiment.newest(project, learning_curve.KIND)

    assert code == 0
    amounts = [each["pictures"] for each in answer["points"]]
    assert amounts == sorted(amounts)
    assert len(amounts) >= 4
    assert set(answer["classes"]) == {"cold", "green", "warm"}
    assert answer["points"][-1]["accuracy"] > 0.9
    assert answer["outlook"]["now"]["accuracy"] > 0.9

    halted = learning_curve.create(project)
    experiment.execute(halted, StopsAfter(30))
    (part,) = halted.parts()
    assert halted.state == "cancelled"
    assert learning_curve.load(part.folder).points(), "what is done stays"
    assert part.claim()
    jobs.execute(part.folder)
    one, other = (learning_curve.load(each.parts()[0].folder) for each in (whole, halted))
    np.testing.assert_array_equal(one.right, other.right)
    assert (one.right >= 0).all()
    assert learning_curve.outlook_of(part.folder) == learning_curve.outlook_of(whole.parts()[0].folder)


@pytest.mark.slow
def test_a_shoot_out_that_is_stopped_keeps_the_networks_that_are_done(project):
    made = shootout.create(project, NETWORKS)
    experiment.execute(made, StopsAfter(1 + 5 * 5))

    assert [each.backbone for each in shootout.entries(made)] == ["efficientnet-lite0"]
    assert [job.state for job in made.parts()] == ["done", "cancelled"]
    assert shootout.ranked(made).suggested == "efficientnet-lite0"


def test_no_time_at_all_is_said(thaw):
    code, _, stderr = thaw("shootout", "--minutes", 0)

    assert code == 130
    assert "Stopped before a network was measured" in stderr
    assert Limited(Progress(), 0).stopped()


def test_an_experiment_that_was_deleted_meanwhile_leaves_nothing(project):
    made = learning_curve.create(project)
    (part,) = made.parts()
    args = part.task.args
    shutil.rmtree(made.folder)

    with pytest.raises(NotFoundError, match="deleted meanwhile"):
        learning_curve.run(part.folder, Progress(), **args)
    assert not made.folder.exists()


def test_pictures_too_few_are_refused_in_a_sentence(tmp_path):
    few = project_of_hues(Workspace.open(tmp_path / "workspace"), tmp_path / "few", count=5)

    with pytest.raises(InputError, match="needs a class with at least 10 different pictures"):
        learning_curve.create(few)
    edits.remove_class(few, "warm")
    with pytest.raises(InputError, match="only one class"):
        shootout.create(few)
    with pytest.raises(InputError, match="only one class"):
        learning_curve.create(few)


def test_it_goes_on_without_validation_pictures(project):
    table = manifest.load(project).table.copy()
    table.loc[table["split"] == "validation", "split"] = "train"
    manifest.save(project, table, "All train")
    made = learning_curve.create(project)
    experiment.execute(made, StopsAfter(6))
    (part,) = made.parts()

    assert learning_curve.load(part.folder).n == 45
    with pytest.raises(Stopped):
        learning_curve.run(learning_curve.create(project).parts()[0].folder, StopsAfter(0), backbone=NETWORKS[0])
    assert curve_words.on(45, 45) == "On 45 training and validation pictures."


def test_old_experiments_make_room(project):
    for old in experiment.of_project(project, learning_curve.KIND):
        old.stop()
    for _ in range(experiment.MOST_KEPT + 2):
        made = learning_curve.create(project)
        made.stop()

    kept = experiment.of_project(project, learning_curve.KIND)
    assert len(kept) == experiment.MOST_KEPT
    assert kept[0] == made == experiment.newest(project, learning_curve.KIND)
