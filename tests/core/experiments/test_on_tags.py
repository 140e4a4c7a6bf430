"""Experiments on pictures with several labels, from the command line: a picture is right if it gets exactly its own."""

import json

import numpy as np
import pytest

from tests.conftest import share_weights
from tests.tagged import lay
from tl_core import api, runs
from tl_core.cli.parser import main
from tl_core.errors import InputError
from tl_core.evaluation import tags
from tl_core.experiments import experiment, learning_curve, race, search, shootout
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


def test_what_there_is_not_yet_is_refused(lamps):
    for create in (learning_curve.create, search.create):
        with pytest.raises(InputError, match="several labels"):
            create(lamps)
