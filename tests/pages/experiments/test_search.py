"""Find the best as a person starts it, watches it and uses its result."""

import shutil
from pathlib import Path

import pytest

from pages._ui.shell import state
from tests.pages.conftest import Open, markdown, text
from tl_core import jobs, runs
from tl_core.dataset import manifest
from tl_core.experiments import candidates, experiment, outcome, pictures, search
from tl_core.experiments.candidates import Candidate
from tl_core.experiments.experiment import Experiment
from tl_core.experiments.rungs import FRESH, Dealt, Plan, Result, Rung
from tl_core.files import write_record
from tl_core.tasks import table
from tl_core.workspace import Project, Workspace

LINE = "block_14_add"


@pytest.fixture
def project(finished: Path, workspace: Workspace) -> Project:
    shutil.copytree(finished, workspace.root, symlinks=True, dirs_exist_ok=True)
    return workspace.project("fruit")


def searched(project: Project, *, tuned: float, state: jobs.State = "done") -> Experiment:
    """Return a search that is over, in which what fine-tunes was right for that share of the pictures."""
    made = search.create(project, ["efficientnet-lite0"])
    asked = pictures.asked(project, made.setup.manifest).questions
    fold = search.dealt(asked, made.setup.seed)
    (usual,) = candidates.defaults(table.of(project), manifest.load(project), [], None, 0)
    best = candidates.fine_tuned(usual, LINE, "full", candidates.ladder("pictures", 500))
    rungs = (
        Rung(stage="heads", folds=(1,), candidates=(Candidate(id="heads-0", recipe=usual),)),
        Rung(stage="tuned", folds=(1,), candidates=(Candidate(id="tuned-1-1", parent="heads-0", recipe=best),)),
        Rung(
            stage="again",
            folds=(FRESH,),
            candidates=(
                Candidate(id="again-0", parent="heads-0", recipe=usual),
                Candidate(id="again-1", parent="tuned-1-1", recipe=candidates.lasting(best, 20)),
            ),
        ),
    )
    plan = Plan(
        pictures=asked.n, folds=int(fold.max()) + 1, pace=1e-11, rungs=rungs, ended=state == "done", milliseconds=5.2
    )
    (made.folder / search.TRIALS).mkdir()
    write_record(made.folder / search.PLAN, plan)
    dealt = Dealt(
        labels=tuple(asked.labels.tolist()),
        groups=tuple(asked.groups.tolist()),
        fold=tuple(fold.tolist()),
        classes=tuple(asked.classes),
        every=asked.n,
    )
    write_record(made.folder / search.DEALT, dealt)
    for rung in rungs if state == "done" else rungs[:2]:
        for each, number in rung.trials():
            share = tuned if each.tuned else 0.5
            right = tuple(int(at < share * (fold == number).sum()) for at in range((fold == number).sum()))
            fresh = tuple(int(at < share * (fold == FRESH).sum()) for at in range((fold == FRESH).sum()))
            write_record(
                search.trial_folder(made, each, number) / search.RESULT,
                Result(right=right, fresh=fresh, seconds=10, train=15, limit=(0.4, 0.5, 0.6)),
            )
    for part in made.parts():
        jobs.set_status(part.folder, state=state)
    return made


def keys(app) -> list[str]:
    return [each.key for each in app.button]


def test_the_end_says_what_to_take_and_fills_in_the_form(open_page: Open, project: Project):
    made = searched(project, tuned=1.0)
    app = open_page("experiments.py", project=project.slug)

    words = markdown(app)
    assert "Take “Lite0 · " in words
    assert "over the default" in words
    assert "could be chance" in words, "five pictures prove nothing"
    assert "5.2 ms a picture" in words
    assert "looked no better than on those set aside" in words
    assert "Only heads were tried" not in words
    tree = next(each.value for each in app.markdown if each.value.startswith("- "))
    assert [line.count("    ") for line in tree.splitlines()] == [0, 1, 2, 1], "what grew from what"
    assert "chosen" in tree
    app.button(key="search-take").click().run()
    chosen = state.draft(project)
    assert (chosen.freeze, chosen.augmentation, chosen.fine_tune_epochs) == (LINE, "full", 20)
    assert "Train" in str(app.title[0].value)
    assert outcome.of_search(made).proved is False


def test_one_press_trains_it_on_all_pictures_with_the_accuracy_of_the_search(open_page: Open, project: Project):
    made = searched(project, tuned=0.2)
    assert outcome.of_search(made).is_default
    app = open_page("experiments.py", project=project.slug)
    assert "Keep the default" in markdown(app)

    before = {each.id for each in runs.of_project(project)}
    app.button(key="search-train").click().run()
    (run,) = (each for each in runs.of_project(project) if each.id not in before)
    run.job.stop()
    everything = run.recipe.everything
    assert everything is not None
    assert (everything.measured_on, everything.run) == ("held-out", "")
    assert everything.before == outcome.of_search(made).usual
    assert not app.exception


def test_a_search_is_started_shows_its_time_and_is_stopped(open_page: Open, project: Project):
    app = open_page("experiments.py", project=project.slug)
    app.button(key="start-search").click().run()
    made = experiment.newest(project, search.KIND)
    assert made is not None
    assert made.parts()[0].task.args["minutes"] == search.MINUTES
    assert made.active
    made.stop()


def test_what_was_tried_is_shown_where_it_was_stopped_before_its_end(open_page: Open, project: Project):
    made = searched(project, tuned=0.8, state="cancelled")
    (made.folder / search.TRIALS / "tuned-1-1-1" / search.RESULT).unlink()
    app = open_page("experiments.py", project=project.slug)

    assert "The best one was not measured again" in text(app)
    assert "waiting" in text(app)
    assert "being tried" not in text(app), "nobody works on it"
    assert "resume-search" in keys(app)
    assert "search-train" not in keys(app)
    (made.folder / search.PLAN).write_text("{")
    damaged = open_page("experiments.py", project=project.slug)
    assert not damaged.exception
    assert "Start a new search" in damaged.error[0].value


def test_a_reason_from_outside_is_plain_text(open_page: Open, project: Project):
    made = searched(project, tuned=0.8, state="cancelled")
    plan = search.load(made)
    path = search.trial_folder(made, plan.rungs[1].candidates[0], 1) / search.RESULT
    write_record(path, Result(problem="**No** <b>room</b>."))
    app = open_page("experiments.py", project=project.slug)

    assert "**No**" not in markdown(app)
