"""What a search says, in sentences for page and command line."""

from typing import TYPE_CHECKING

from tl_core.experiments.halving import Plan
from tl_core.freezing import names
from tl_core.freezing.outline import Outline
from tl_core.recipe import Augmentation, Head, Recipe
from tl_core.wording import (
    chance,
    estimate,
    interval,
    milliseconds,
    number,
    out_of,
    percent,
    pictures,
    plural,
    points,
    size,
)

if TYPE_CHECKING:
    from tl_core.experiments.outcome import Outcome, Tried

STATES = {
    "waiting": "waiting",
    "running": "being tried",
    "kept": "kept",
    "dropped": "dropped",
    "failed": "no result",
    "chosen": "chosen",
}
UNFINISHED = "The best one was not measured again, so nothing is suggested. Resume the search, or give it more time."
_AUGMENTATIONS: dict[Augmentation, str] = {
    "off": "no augmentation",
    "gentle": "gentle augmentation",
    "full": "full augmentation",
}


def title(recipe: Recipe, drawn: Outline | None) -> str:
    """Return what a recipe is called among others: network, line, head or augmentation, and for how long it learns.

    >>> title(Recipe(manifest=1, backbone="efficientnet-lite0", image_size=224, seed=0), None)
    'Lite0 · head only · plain head'
    """
    parts = [names.short(recipe.backbone), names.trained(names.line(recipe), drawn)]
    if not recipe.fine_tune_epochs:
        return " · ".join([*parts, _head(recipe.head)])
    copies = f", {plural(recipe.augmentation_variants, 'copy', 'copies')}" if recipe.augmentation != "off" else ""
    lasts = plural(recipe.fine_tune_epochs, "epoch", "epochs")
    return " · ".join([*parts, f"{_AUGMENTATIONS[recipe.augmentation]}{copies}", lasts])


def _head(head: Head) -> str:
    if head.hidden:
        return f"hidden layer of {head.hidden}"
    return "centred head" if head.centred else "plain head"


def stage(plan: Plan, at: int) -> str:
    """Return what a rung is called, and on how many pictures it compares."""
    rung = plan.rungs[at]
    n = plan.pictures // plan.folds * len(rung.folds)
    if rung.stage == "again":
        return f"Measured again, on {pictures(n)} that were set aside"
    epochs = max(each.recipe.fine_tune_epochs for each in rung.candidates)
    what = (
        "Heads on frozen networks" if rung.stage == "heads" else f"Fine-tuned for {plural(epochs, 'epoch', 'epochs')}"
    )
    left = f"; no time for {number(rung.left_out)} more" if rung.left_out else ""
    return f"{what}, judged by {pictures(n)}{left}"


def result(tried: "Tried") -> str:
    """Return what is known of a candidate, in a few words."""
    if tried.problem:
        return tried.problem
    if tried.accuracy is None:
        return STATES[tried.state]
    right = f"{percent(tried.accuracy.accuracy or 0, tried.accuracy.n)} right"
    if tried.stage == "again":
        chosen = f", {STATES['chosen']}" if tried.state == "chosen" else ""
        return f"{right} of {pictures(tried.accuracy.n)} that were set aside{chosen}"
    return f"{right}, {STATES[tried.state]}"


def verdict(outcome: "Outcome", drawn: Outline | None) -> str:
    """Return the recipe to take, and how often it is right on pictures that had no say in the choice."""
    n, usual = outcome.accuracy.n, percent(outcome.usual.accuracy or 0, outcome.usual.n)
    if outcome.is_default:
        keep = f"Keep the default: it is right for {usual} of {pictures(n)} that were set aside."
        if outcome.best == outcome.recipe:
            return f"{keep} It is the best of {plural(outcome.tried, 'recipe', 'recipes')}."
        best = percent(outcome.accuracy.accuracy or 0, n)
        return f"{keep} The best of {plural(outcome.tried, 'recipe', 'recipes')} gets {best} there."
    named, right = title(outcome.recipe, drawn), percent(outcome.accuracy.accuracy or 0, n)
    ends = interval(*outcome.accuracy.interval, n)
    return f"Take “{named}”. It is right for {right} of {pictures(n)} that were set aside (95% interval {ends})."


def untuned(plan: Plan) -> str:
    """Return that only heads were tried, if so: the time was too short for more."""
    if any(rung.stage == "tuned" for rung in plan.rungs):
        return ""
    return "Only heads were tried: fine-tuning did not fit into the time. Give the search more minutes to include it."


def sure(outcome: "Outcome") -> str:
    """Return how sure it is that the best one beats the default."""
    if outcome.is_default:
        return ""
    low, high = outcome.gain_interval
    gain = f"{points(outcome.gain)} over the default, {percent(outcome.usual.accuracy or 0, outcome.usual.n)}"
    ends = f"95% interval {points(low)} to {points(high)}"
    believed = "Chance does not explain that" if outcome.proved else "That could be chance: more pictures would tell"
    return f"{gain} ({ends}). {believed} ({chance(outcome.p)})."


def flattered(outcome: "Outcome") -> str:
    """Return by how much choosing has made the best one look better than it is."""
    seen = percent(outcome.chosen_by)
    if outcome.flattered > 0:
        by = points(outcome.flattered).removeprefix("+")
        measured = f"On the pictures that chose it, it looked {by} better than on those set aside ({seen})."
    else:
        measured = f"On the pictures that chose it, it looked no better than on those set aside ({seen})."
    if not outcome.luck:
        return measured
    gain, rivals = points(outcome.luck).removeprefix("+"), plural(outcome.rivals, "equal recipe", "equal recipes")
    return f"{measured} By luck alone, the best of {rivals} would look {gain} better than it is."


def costs(outcome: "Outcome") -> str:
    """Return what the suggested recipe costs."""
    speed = f", {milliseconds(outcome.milliseconds)} a picture" if outcome.milliseconds else ""
    return (
        f"Training on all {pictures(outcome.every)} takes {estimate(outcome.seconds)} here{speed}; "
        f"the model has {size(outcome.bytes)}."
    )


def standing(plan: Plan | None, tried: "list[Tried]", minutes: float, spent: float) -> str:
    """Return how far a search is, and how much time is left, as a sentence."""
    left = estimate(max(0.0, 60 * minutes - spent)).removeprefix("about ")
    if plan is None or not tried:
        return f"Measuring how fast this machine is · at most {left} left"
    rung = [each for each in tried if each.rung == len(plan.rungs) - 1]
    done = sum(each.state not in ("waiting", "running") for each in rung)
    return f"{stage(plan, len(plan.rungs) - 1)}: {out_of(done, len(rung))} done · at most {left} left"
