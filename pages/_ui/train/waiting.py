"""How long the phases of a run take before they count: by earlier runs, else by the speed that was measured."""

from dataclasses import replace
from itertools import islice

from pages._ui.shell import jobs, state
from tl_core import runs, waits, wording
from tl_core.dataset import manifest
from tl_core.dataset.manifest import Manifest
from tl_core.errors import TLError
from tl_core.freezing import estimates, outline, speed
from tl_core.freezing.estimates import Data
from tl_core.language import _
from tl_core.networks import tables
from tl_core.recipe import Recipe
from tl_core.runs import RunFolder
from tl_core.waits import Range

PHASES = ("", "features", "head", "fine-tune", "answers")


def before(run: RunFolder) -> dict[str, str]:
    """Return a sentence for each phase, ``""`` for what comes before the first."""
    alike = [each.job for each in _alike(run)]
    ready = {phase: waits.of(alike, phase).ready for phase in PHASES}
    said = {phase: jobs.expected(seconds) for phase, seconds in ready.items()}
    if ready["features"] is None:
        said["features"] = by_speed(run.recipe, manifest.of_run(run))
    return said


def _alike(run: RunFolder) -> list[RunFolder]:
    """Return the newest runs of all projects that have trained the same network."""
    every = [each for project in state.workspace().projects() for each in runs.of_project(project)]
    others = [each for each in every if each != run and each.ready]
    newest = sorted(others, key=lambda each: each.job.created, reverse=True)
    network = run.recipe.backbone
    return list(islice((each for each in newest if _network(each) == network), waits.MOST))


def _network(run: RunFolder) -> str | None:
    try:
        return run.recipe.backbone
    except TLError:
        return None


def by_speed(recipe: Recipe, pictures: Manifest) -> str:
    """Return how long the first pass takes by the speed that was measured, or that it was not, as a sentence."""
    seconds = _first_pass(recipe, pictures)
    if seconds is None:
        return _("How long the first pass takes is not known yet: Freeze measures the speed of this machine.")
    time = wording.estimate_range(*seconds)
    return _("By the speed of this machine, the first pass takes {time}.").format(time=time)


def _first_pass(recipe: Recipe, pictures: Manifest) -> Range | None:
    """Return least and most seconds of the pass before the head learns; the most: the network is converted first."""
    network = tables.get(recipe.backbone)
    drawn, measured = outline.load(state.workspace(), network.id), speed.load(state.workspace()).get(network.id)
    if drawn is None or measured is None:
        return None
    data = Data.of(recipe, network, train=len(pictures.split("train")), validation=len(pictures.split("validation")))

    def seconds(of: speed.Speed) -> float:
        top, classes = len(drawn.blocks), len(pictures.classes)
        return estimates.estimate(drawn, top, data, head=recipe.head, classes=classes, speed=of).first_pass or 0.0

    return seconds(replace(measured, convert_seconds=None)), seconds(measured)
