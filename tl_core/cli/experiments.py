"""The commands that compare: ``race``, ``shootout`` and ``learning-curve``."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from tl_core import language
from tl_core.about import Things
from tl_core.cli.output import Show, beside_guess
from tl_core.cli.train import stoppable
from tl_core.dataset import kinds, manifest
from tl_core.errors import Stopped
from tl_core.experiments import (
    curve_words,
    experiment,
    learning_curve,
    race,
    race_words,
    shootout,
    shootout_words,
)
from tl_core.experiments import pictures as pictures_of
from tl_core.experiments.experiment import Experiment, Limited
from tl_core.files import to_json
from tl_core.freezing import outline
from tl_core.networks import tables
from tl_core.progress import Progress
from tl_core.registry import QUESTIONS, load
from tl_core.tasks import table as tasks
from tl_core.wording import duration, milliseconds, number, pictures, size
from tl_core.workspace import Workspace


def add_shootout_options(command: argparse.ArgumentParser) -> None:
    """Add what ``shootout`` takes."""
    command.add_argument(
        "--backbone", nargs="+", metavar="ID", default=[], help="only these (default: all that are here)"
    )
    _add_common(command)


def add_race_options(command: argparse.ArgumentParser) -> None:
    """Add what ``race`` takes."""
    command.add_argument(
        "--backbone", metavar="ID", help="the network (default: the usual one for what the project holds)"
    )
    command.add_argument(
        "--line", nargs="*", metavar="BLOCK", help="last frozen block of each that is fine-tuned, see `blocks`"
    )
    command.add_argument("--no-scratch", action="store_true", help="none begins with random weights")
    same = command.add_mutually_exclusive_group()
    same.add_argument("--epochs", type=int, metavar="N", help="that each learns (default: 5)")
    same.add_argument("--seconds", type=float, metavar="N", help="that each has, the first pass included")
    command.add_argument("--image-size", type=int, metavar="N", help="side in pixels (default: the network's own)")
    _add_common(command)


def add_curve_options(command: argparse.ArgumentParser) -> None:
    """Add what ``learning-curve`` takes."""
    command.add_argument(
        "--backbone", metavar="ID", help="the network (default: the usual one for what the project holds)"
    )
    _add_common(command)


def _add_common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--minutes", type=float, metavar="N", help="stop after that time and show what is done")
    add_seed(command)


def add_seed(command: argparse.ArgumentParser) -> None:
    """Add the seed."""
    command.add_argument("--seed", type=int, metavar="N", default=0, help="of all that is drawn (default: %(default)s)")


def run_shootout(options: argparse.Namespace, show: Show) -> None:
    """Compare networks on the pictures of a project."""
    project = Workspace.open(options.workspace).project(options.project)
    language.speak_of(kinds.of(project))
    made = shootout.create(project, options.backbone, seed=options.seed)
    with _progress(options) as progress:
        experiment.execute(made, progress)
    ranking, measured = shootout.ranked(made), {each.backbone: each for each in shootout.entries(made)}
    if ranking is None:
        raise Stopped("Stopped before a network was measured. What it has seen so far is stored.")
    asked = measured[ranking.suggested]
    lines = [
        f"{tables.title(each.name):24} {milliseconds(each.milliseconds):>8} {size(each.bytes):>7}  "
        f"{beside_guess(each.accuracy)}; {shootout_words.comparison(each, ranking.places[0])}"
        for each in ranking.places
    ]
    left_out, beside = _left_out(made, {tables.file_name(each) for each in measured}), shootout.beside(made)
    left_out = {name: why for name, why in left_out.items() if name != shootout.BESIDE or beside is None}
    said = [
        shootout_words.verdict(ranking),
        shootout_words.luck(ranking),
        beside.sentence() if beside else "",
        shootout_words.right(kinds.of(project)),
        curve_words.on(asked.accuracy.n, asked.every),
    ]
    value = {
        **about(made),
        **to_json(ranking),
        "in_words": said[0],
        "baseline": beside,
        "pictures": asked.accuracy.n,
        "left_out": left_out,
    }
    show(value, [*lines, *(f"{name}: {why}" for name, why in left_out.items()), *filter(None, said)])


#: What a curve has a line for.
_ONE: dict[Things, str] = {"pictures": "a class", "texts": "a class", "tags": "a label"}


def run_curve(options: argparse.Namespace, show: Show) -> None:
    """Measure how accuracy grows with the number of pictures."""
    project = Workspace.open(options.workspace).project(options.project)
    language.speak_of(kinds.of(project))
    made = learning_curve.create(project, options.backbone, seed=options.seed)
    with _progress(options) as progress:
        experiment.execute(made, progress)
    (part,) = made.parts()
    curve, outlook = learning_curve.load(part.folder), learning_curve.outlook_of(part.folder)
    if curve is None or outlook is None:
        raise Stopped("Stopped before there was a point. What the network has seen so far is stored.")
    points, one = curve.points(), _ONE[kinds.of(project)]
    lines = [
        f"{number(each.pictures):>6} {one}: {curve_words.measured(each.accuracy, each.interval, each.n)}"
        for each in points
    ]
    gains = [f"  {each.label} ({pictures(each.pictures)}): {curve_words.gain(each)}" for each in outlook.classes]
    beside = learning_curve.load(part.folder, learning_curve.BESIDE)
    alone = curve_words.without(curve, beside)
    said = [curve_words.verdict(outlook), curve_words.by_class(outlook), alone, curve_words.precision(points)]
    said += [curve_words.right(kinds.of(project)), curve_words.on(curve.n, curve.every)]
    more = [f"With {number(outlook.more)} more of {one}, its own accuracy would gain:", *gains]
    value = {
        **about(made),
        "backbone": part.task.args["backbone"],
        "points": points,
        "baseline": beside.points() if beside else None,
        "classes": {label: curve.points(at) for at, label in enumerate(curve.classes)},
        "outlook": outlook,
        "in_words": " ".join(filter(None, said[:4])),
        "pictures": curve.n,
    }
    show(value, [*lines, *(more if gains else []), *filter(None, said)])


def run_race(options: argparse.Namespace, show: Show) -> None:
    """Race from scratch, frozen and fine-tuned on the pictures of a project."""
    workspace = Workspace.open(options.workspace)
    project = workspace.project(options.project)
    language.speak_of(kinds.of(project))
    pictures_of.require(project, race.KIND)
    network = tables.get(options.backbone or tasks.of(project).network)
    tasks.check_network(project, network.id)
    with _progress(options) as progress:
        drawn = outline.load(workspace, network.id) or load(QUESTIONS["outline"])(workspace.root, network.id)
        lines = [drawn.lines[drawn.top_third]] if options.line is None else options.line
        epochs = 5 if options.epochs is None and options.seconds is None else options.epochs
        usual = tasks.of(project).draft(network.id, manifest.load(project))
        draft = replace(usual, image_size=options.image_size or usual.image_size, seed=options.seed)
        made = race.create(
            project, draft, lines, scratch=not options.no_scratch, epochs=epochs, seconds=options.seconds
        )
        experiment.execute(made, progress)
    ranking, runners = race.ranked(made), {each.name: each for each in race.runners(made)}
    if ranking is None:
        raise Stopped("Stopped before a contestant had a model. What the network has seen so far is stored.")
    lines = [
        f"{race_words.title(each.name, drawn):28} {duration(each.milliseconds / 1000):>8}  "
        f"{beside_guess(each.accuracy)}; {race_words.comparison(each, ranking)}; "
        f"seen: {race_words.seen(runners[each.name])}"
        for each in ranking.places
    ]
    left_out = _left_out(made, {each.name for each in ranking.places})
    said = [race_words.verdict(ranking, drawn), race_words.thawing(race.thawing(made), drawn)]
    said.append(shootout_words.right(kinds.of(project)))
    value = {
        **about(made),
        "contestants": [
            {
                "name": each.name,
                "run": runners[each.name].run.reference,
                "accuracy": each.accuracy,
                "seconds": each.milliseconds / 1000,
                "epochs": len(runners[each.name].epochs),
                "pictures": runners[each.name].seen(),
                "p": each.p,
                "equal": each.equal,
            }
            for each in ranking.places
        ],
        "suggested": ranking.suggested,
        "luck": ranking.luck,
        "in_words": " ".join(filter(None, said)),
        "left_out": left_out,
    }
    show(value, [*lines, *(f"{name}: {why}" for name, why in left_out.items()), *filter(None, said)])


@contextmanager
def _progress(options: argparse.Namespace) -> Iterator[Progress]:
    with stoppable() as (terminal, _):
        yield terminal if options.minutes is None else Limited(terminal, options.minutes)


def about(made: Experiment) -> dict[str, object]:
    """Return what every experiment says of itself as JSON."""
    return {"project": made.project.slug, "experiment": made.id, "manifest": made.setup.manifest, "state": made.state}


def _left_out(made: Experiment, measured: set[str]) -> dict[str, str]:
    """Return why networks have no result, a sentence by their id."""
    errors = made.errors()
    return {
        each: errors.get(each, "Stopped before it was measured.") for each in made.setup.parts if each not in measured
    }
