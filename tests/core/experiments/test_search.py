"""A search on real pictures, from the command line, stopped and resumed."""

import json
import shutil

import pytest

from tests.core.hues import project_of_hues
from tl_core import jobs, runs
from tl_core.cli.parser import main
from tl_core.dataset import edits, manifest
from tl_core.errors import InputError, NotFoundError
from tl_core.evaluation import everything, unknowns
from tl_core.experiments import candidates, clock, experiment, halving, outcome, pictures, search, search_words
from tl_core.experiments.rungs import FRESH
from tl_core.files import write_record
from tl_core.progress import Progress
from tl_core.workspace import Workspace

BACKBONE = "efficientnet-lite0"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("search")
    return project_of_hues(Workspace.open(root / "workspace"), root / "hues", classes=2, count=20)


class StopsAfter(Progress):
    """Stops the work in a trial, after some others."""

    def __init__(self, trials: int) -> None:
        self.left = trials

    def emit(self, event: str, **fields: object) -> None:
        self.left -= event == "message"

    def stopped(self) -> bool:
        return self.left < 0


def small(project, **changes):
    """Return a search with one network."""
    return search.create(project, [BACKBONE], image_size=64, **{"minutes": 1.5, **changes})


def test_a_search_ends_with_one_recipe_and_stopped_and_resumed_it_goes_on_with_its_plan(project, monkeypatch):
    monkeypatch.setattr(candidates, "OFFERS", ())
    monkeypatch.setattr(candidates, "HEADS", candidates.HEADS[:2])
    made = small(project)
    experiment.execute(made, StopsAfter(1))
    begun = search.load(made)

    assert made.state == "cancelled"
    assert begun is not None
    assert not begun.ended
    assert outcome.of_search(made) is None
    assert outcome.tree(made)[0].accuracy is not None, "what is done stays"
    for part in made.parts():
        assert part.claim()
        jobs.execute(part.folder)
    plan, found = search.load(made), outcome.of_search(made)
    assert plan.rungs[0] == begun.rungs[0]
    assert plan.ended
    assert found is not None
    assert made.state == "done"
    n = pictures.asked(project, made.setup.manifest).questions.n
    assert found.train + found.accuracy.n == n == found.every
    assert found.accuracy.accuracy > 0.8
    assert found.seconds > 0
    assert found.milliseconds > 0
    assert found.bytes > 1e7
    low, high = found.gain_interval
    assert low < found.gain < high
    assert all(each.state in ("kept", "dropped", "chosen") for each in outcome.tree(made))
    assert search_words.verdict(found, None)


def test_no_picture_that_is_set_aside_or_sealed_is_learned_from(project):
    made = small(project)
    asked = pictures.asked(project, made.setup.manifest).questions
    fold = search.dealt(asked, made.setup.seed)
    data = manifest.load(project)

    assert not set(asked.ids) & set(data.split("test")["id"])
    assert 0 < (fold == FRESH).sum() < asked.n / 3
    assert (fold == search.dealt(asked, made.setup.seed)).all(), "the same seed, the same folds"
    made.stop()


@pytest.mark.slow
def test_the_command_finds_a_recipe_that_fine_tunes_and_trains_it_on_everything(project, capfd, monkeypatch):
    monkeypatch.setattr(candidates, "HEADS", candidates.HEADS[:1])
    monkeypatch.setattr(candidates, "OFFERS", candidates.OFFERS[:2])
    monkeypatch.setattr(halving, "MOST_FOLDS", 1)
    where = ["--workspace", str(project.workspace.root), "--json"]
    options = ["--minutes", "8", "--backbone", BACKBONE, "--image-size", "64", "--train"]

    code = main(["search", project.slug, *options, *where])
    answer = json.loads(capfd.readouterr()[0])

    assert code == 0
    assert answer["state"] == "done"
    assert {each["state"] for each in answer["tried"]} <= {"kept", "dropped", "chosen"}
    assert any(each["recipe"]["fine_tune_epochs"] for each in answer["tried"])
    assert answer["seconds"] < 8 * 60
    assert answer["suggested"]["recipe"]["seed"] == 0
    assert experiment.newest(project, search.KIND).id == answer["experiment"]
    run = runs.find(project.workspace, answer["run"])
    assert run.ready
    counts = run.report().counts
    assert (counts.train, counts.validation) == (answer["suggested"]["every"], 0)
    assert everything.is_unmeasured(run)
    assert "on held-out pictures" in everything.unmeasured(run)
    assert len(unknowns.handed_on(run)), "pictures of no class are refused by the limit of the search"


def test_no_time_at_all_says_so(project):
    made = small(project, minutes=search.LEAST)
    write_record(made.folder / clock.FILE, clock.Spent(seconds=60 * search.LEAST))
    experiment.execute(made, Progress())

    assert outcome.of_search(made) is None
    assert {each.problem for each in outcome.tree(made)} == {search.NO_TIME}
    with pytest.raises(InputError, match="no result yet"):
        outcome.train_on_all(made)


def test_what_is_shown_changes_once_nobody_works_on_it_any_more(project):
    made = small(project)
    active = search.stamp(made)
    made.stop()
    assert search.stamp(made) != active


def test_a_search_that_was_deleted_meanwhile_leaves_nothing(project):
    made = small(project)
    (part, *_) = made.parts()
    args = part.task.args
    shutil.rmtree(made.folder)

    with pytest.raises(NotFoundError, match="deleted meanwhile"):
        search.run(part.folder, Progress(), **args)
    assert not made.folder.exists()


def test_what_cannot_be_searched_is_refused_in_a_sentence(project, tmp_path):
    with pytest.raises(InputError, match=r"0.1 to 1440"):
        small(project, minutes=0)
    few = project_of_hues(Workspace.open(tmp_path / "workspace"), tmp_path / "few", count=3)
    with pytest.raises(InputError, match="at least three different pictures"):
        small(few)
    edits.remove_class(few, "warm")
    with pytest.raises(InputError, match="only one class"):
        small(few)
