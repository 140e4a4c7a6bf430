"""A run that is measured again on pictures that had no say in its choice."""

import json
import shutil

import pytest

from tl_core import runs
from tl_core.cli.parser import main
from tl_core.dataset import manifest
from tl_core.errors import NotFoundError, Stopped
from tl_core.experiments import remeasure
from tl_core.progress import Progress


class Pressed(Progress):
    """Stop was pressed."""

    def stopped(self) -> bool:
        return True


@pytest.fixture
def run(hues_with, tmp_path):
    return runs.RunFolder(hues_with(tmp_path / "workspace", "head").runs / "head")


@pytest.mark.slow
def test_each_training_picture_is_asked_of_a_head_that_has_not_learned_from_it(run, capfd):
    with pytest.raises(Stopped):
        remeasure.run(run.folder, Pressed(), run=str(run.folder))
    assert remeasure.load(run) is None

    code = main(["remeasure", run.reference, "--workspace", str(run.project.workspace.root), "--json"])
    answer = json.loads(capfd.readouterr()[0])

    train = manifest.of_run(run).split("train")
    assert code == 0
    assert answer["accuracy"]["n"] == len(train) == answer["every"]
    assert 0 < answer["learned"] < len(train)
    assert answer["validation"] == run.report().validation.accuracy
    again = remeasure.load(run)
    assert again.sentence() == answer["in_words"]
    assert f"Measured again on {len(train)} pictures that had no say in the choice" in again.sentence()
    assert not (run.folder / remeasure.TRIALS).exists(), "nothing is left of it"


def test_what_cannot_be_measured_again_says_so(run):
    shutil.rmtree(run.folder)

    with pytest.raises(NotFoundError):
        remeasure.run(run.folder, Progress(), run=str(run.folder))
    assert not run.folder.exists()


def test_how_much_better_it_looked_is_said(run):
    accuracy = run.report().validation
    better = remeasure.Again(accuracy=accuracy, validation=1.0, learned=12, every=15)
    unknown = remeasure.Again(accuracy=accuracy, validation=None, learned=12, every=15)

    assert "it looked" in better.sentence()
    assert "it looked" not in unknown.sentence()
