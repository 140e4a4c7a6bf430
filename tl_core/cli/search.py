"""The commands ``search``, which finds the best recipe within a budget, and ``remeasure``, which doubts a best run."""

import argparse
from collections.abc import Mapping

from tl_core import jobs, language, runs
from tl_core.cli.experiments import about, add_seed
from tl_core.cli.output import Show
from tl_core.cli.train import stoppable
from tl_core.errors import Stopped
from tl_core.experiments import clock, experiment, outcome, remeasure, search, search_words, shootout_words
from tl_core.experiments.outcome import Outcome, Tried
from tl_core.experiments.rungs import Plan
from tl_core.files import to_json
from tl_core.freezing import outline
from tl_core.freezing.outline import Outline
from tl_core.workspace import Workspace


def add_search_options(command: argparse.ArgumentParser) -> None:
    """Add what ``search`` takes."""
    command.add_argument(
        "--backbone",
        nargs="+",
        metavar="ID",
        default=[],
        help="only these and the default (default: all that are here)",
    )
    command.add_argument(
        "--minutes", type=float, metavar="N", default=search.MINUTES, help="budget (default: %(default)g)"
    )
    command.add_argument("--image-size", type=int, metavar="N", help="side in pixels (default: the network's own)")
    command.add_argument("--train", action="store_true", help="train the suggested recipe on all pictures afterwards")
    add_seed(command)


def run_search(options: argparse.Namespace, show: Show) -> None:
    """Try recipes within a budget of time, suggest one, and train it if that was asked for."""
    workspace = Workspace.open(options.workspace)
    project, budget = workspace.project(options.project), options.minutes
    language.speak_of(project.about().kind)
    made = search.create(project, options.backbone, minutes=budget, image_size=options.image_size, seed=options.seed)
    with stoppable() as (terminal, _):
        experiment.execute(made, terminal)
        found = outcome.of_search(made)
        run = outcome.train_on_all(made) if found and options.train and not terminal.stopped() else None
        if run is not None:
            jobs.execute(run.folder, jobs.this_process(), terminal)
    tried, plan = outcome.tree(made), search.load(made)
    drawn = {each: outline.load(workspace, each) for each in {one.candidate.recipe.backbone for one in tried}}
    lines = [*_tree_lines(plan, tried, drawn), *_search_words(found, drawn, plan)]
    if found is None and not any(each.accuracy for each in tried):
        raise Stopped("The time was not enough to try anything. Give it more minutes.")
    value = {
        **about(made),
        "tried": [
            {
                "id": each.candidate.id,
                "parent": each.candidate.parent,
                "name": search_words.title(each.candidate.recipe, drawn[each.candidate.recipe.backbone]),
                "rung": each.rung,
                "accuracy": each.accuracy,
                "state": each.state,
                "seconds": each.seconds,
                "problem": each.problem,
                "recipe": to_json(each.candidate.recipe),
            }
            for each in tried
        ],
        "suggested": to_json(found) if found else None,
        "in_words": " ".join(_search_words(found, drawn, plan)),
        "seconds": clock.spent(made),
        "run": run.reference if run else None,
    }
    show(value, [*lines, *([f"Run {run.reference}", f"Model: {run.model_path}"] if run else [])])


def _tree_lines(plan: Plan | None, tried: list[Tried], drawn: Mapping[str, Outline | None]) -> list[str]:
    """Return the tree of what was tried, rung by rung."""
    if plan is None:
        return []
    lines = []
    for rung in range(len(plan.rungs)):
        lines.append(f"{search_words.stage(plan, rung)}:")
        lines += [
            f"  {search_words.title(each.candidate.recipe, drawn[each.candidate.recipe.backbone])}: "
            f"{search_words.result(each)}"
            for each in tried
            if each.rung == rung
        ]
    return lines


def _search_words(found: Outcome | None, drawn: Mapping[str, Outline | None], plan: Plan | None) -> list[str]:
    if found is None or plan is None:
        return [search_words.UNFINISHED]
    verdict = search_words.verdict(found, drawn[found.recipe.backbone])
    said = [verdict, search_words.sure(found), search_words.precision(found), shootout_words.right(plan.kind)]
    said += [search_words.costs(found), search_words.flattered(found), search_words.untuned(plan)]
    return [each for each in said if each]


def run_remeasure(options: argparse.Namespace, show: Show) -> None:
    """Measure a run again, on pictures that had no say in its choice."""
    run = runs.find(Workspace.open(options.workspace), options.run)
    language.speak_of(run.project.about().kind)
    remeasure.require(run)
    with stoppable() as (terminal, _):
        again = remeasure.run(run.folder, terminal, run=str(run.folder))
    show({"run": run.reference, **to_json(again), "in_words": again.sentence()}, [again.sentence()])
