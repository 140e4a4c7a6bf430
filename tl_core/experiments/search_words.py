"""What a search says, in sentences for page and command line."""

from typing import TYPE_CHECKING

from tl_core.experiments.rungs import Plan
from tl_core.freezing import names
from tl_core.freezing.outline import Outline
from tl_core.language import N_, _
from tl_core.networks import tables
from tl_core.recipe import Augmentation, Head, Recipe
from tl_core.wording import (
    chance,
    estimate,
    fraction,
    interval,
    level,
    milliseconds,
    most,
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
    "waiting": N_("waiting"),
    "running": N_("being tried"),
    "kept": N_("kept"),
    "dropped": N_("dropped"),
    "failed": N_("no result"),
    "chosen": N_("chosen"),
}
UNFINISHED = N_(
    "The best one was not measured again, so nothing is suggested. Resume the search, or give it more time."
)
_AUGMENTATIONS: dict[Augmentation, str] = {
    "off": N_("no augmentation"),
    "gentle": N_("gentle augmentation"),
    "full": N_("full augmentation"),
}


def title(recipe: Recipe, drawn: Outline | None) -> str:
    """Return what a recipe is called among others: network, line, head or augmentation, and for how long it learns.

    >>> title(Recipe(manifest=1, backbone="efficientnet-lite0", image_size=224, seed=0), None)
    'Lite0 · head only · plain head'
    """
    reads_texts = tables.takes_texts(recipe.backbone)
    network = names.short(recipe.backbone) if reads_texts else _network(recipe)
    parts = [network, names.trained(names.line(recipe), drawn)]
    if not recipe.fine_tune_epochs:
        return " · ".join([*parts, _head(recipe.head)])
    lasts = plural(recipe.fine_tune_epochs, "epoch", "epochs")
    if reads_texts:  # they cannot be changed, which goes without saying
        return " · ".join([*parts, lasts])
    changed = _(_AUGMENTATIONS[recipe.augmentation])
    if recipe.augmentation != "off":
        changed = f"{changed}, " + plural(recipe.augmentation_variants, "copy", "copies")
    return " · ".join([*parts, changed, lasts])


def _network(recipe: Recipe) -> str:
    """Return the name of a network for pictures, with their size where that is not its own."""
    named = names.short(recipe.backbone)
    if recipe.image_size == tables.get(recipe.backbone).default_size:
        return named
    return _("{network}, {side} pixels").format(network=named, side=recipe.image_size)


def _head(head: Head) -> str:
    if head.hidden:
        return _("hidden layer of {units}").format(units=head.hidden)
    return _("centred head") if head.centred else _("plain head")


def stage(plan: Plan, at: int) -> str:
    """Return what a rung is called, and on how many pictures it compares."""
    rung = plan.rungs[at]
    n = plan.pictures // plan.folds * len(rung.folds)
    if rung.stage == "again":
        return _("Measured again, on {pictures} that were set aside").format(pictures=pictures(n))
    epochs = max(each.recipe.fine_tune_epochs for each in rung.candidates)
    what = (
        _("Heads on frozen networks")
        if rung.stage == "heads"
        else _("Fine-tuned for {epochs}").format(epochs=plural(epochs, "epoch", "epochs"))
    )
    said = (
        _("{stage}, judged by {pictures}; no time for {number} more")
        if rung.left_out
        else _("{stage}, judged by {pictures}")
    )
    return said.format(stage=what, pictures=pictures(n), number=number(rung.left_out))


def result(tried: "Tried") -> str:
    """Return what is known of a candidate, in a few words."""
    if tried.problem:
        return tried.problem
    if tried.accuracy is None:
        return _(STATES[tried.state])
    right, state = percent(tried.accuracy.accuracy or 0, tried.accuracy.n), _(STATES[tried.state])
    if tried.stage != "again":
        return _("{accuracy} right, {state}").format(accuracy=right, state=state)
    measured = _("{accuracy} right of {pictures} that were set aside").format(
        accuracy=right, pictures=pictures(tried.accuracy.n)
    )
    return f"{measured}, {state}" if tried.state == "chosen" else measured


def verdict(outcome: "Outcome", drawn: Outline | None) -> str:
    """Return the recipe to take, and how often it is right on pictures that had no say in the choice."""
    n, usual = outcome.accuracy.n, percent(outcome.usual.accuracy or 0, outcome.usual.n)
    if outcome.is_default:
        keep = _("Keep the default: it is right for {right} of {pictures} that were set aside.").format(
            right=usual, pictures=pictures(n)
        )
        recipes = plural(outcome.tried, "recipe", "recipes")
        if outcome.best == outcome.recipe:
            return " ".join([keep, _("It is the best of {recipes}.").format(recipes=recipes)])
        best = percent(outcome.accuracy.accuracy or 0, n)
        return " ".join([keep, _("The best of {recipes} gets {right} there.").format(recipes=recipes, right=best)])
    named, right = title(outcome.recipe, drawn), percent(outcome.accuracy.accuracy or 0, n)
    ends = interval(*outcome.accuracy.interval, n)
    return _(
        "Take “{recipe}”. It is right for {right} of {pictures} that were set aside ({level} interval {interval})."
    ).format(recipe=named, right=right, pictures=pictures(n), level=level(), interval=ends)


def untuned(plan: Plan) -> str:
    """Return that only heads were tried, if so: the time was too short for more."""
    if any(rung.stage == "tuned" for rung in plan.rungs):
        return ""
    return _(
        "Only heads were tried: fine-tuning did not fit into the time. Give the search more minutes to include it."
    )


def sure(outcome: "Outcome") -> str:
    """Return how sure it is that the best one beats the default."""
    if outcome.is_default:
        return ""
    low, high = outcome.gain_interval
    gain = _("{gain} over the default, {accuracy} ({level} interval {low} to {high}).").format(
        gain=points(outcome.gain),
        accuracy=percent(outcome.usual.accuracy or 0, outcome.usual.n),
        level=level(),
        low=points(low),
        high=points(high),
    )
    believed = (
        _("Chance does not explain that ({chance}).")
        if outcome.proved
        else _("That could be chance: more pictures would tell ({chance}).")
    )
    return " ".join([gain, believed.format(chance=chance(outcome.p))])


def precision(outcome: "Outcome") -> str:
    """Return the mean average precision there, as a sentence; nothing where a picture has one label."""
    if outcome.precision is None or outcome.usual_precision is None:
        return ""
    if outcome.is_default:
        return _("Mean average precision there: {precision}.").format(precision=fraction(outcome.usual_precision))
    return _("Mean average precision there: {precision}, with the default {usual}.").format(
        precision=fraction(outcome.precision), usual=fraction(outcome.usual_precision)
    )


def flattered(outcome: "Outcome") -> str:
    """Return by how much choosing has made the best one look better than it is."""
    seen = percent(outcome.chosen_by)
    if outcome.flattered > 0:
        by = points(outcome.flattered).removeprefix("+")
        measured = _(
            "On the pictures that chose it, it looked {difference} better than on those set aside ({share})."
        ).format(difference=by, share=seen)
    else:
        measured = _("On the pictures that chose it, it looked no better than on those set aside ({share}).").format(
            share=seen
        )
    if not outcome.luck:
        return measured
    gain, rivals = points(outcome.luck).removeprefix("+"), plural(outcome.rivals, "equal recipe", "equal recipes")
    luck = _("By luck alone, the best of {recipes} would look {gain} better than it is.")
    return " ".join([measured, luck.format(recipes=rivals, gain=gain)])


def costs(outcome: "Outcome") -> str:
    """Return what the suggested recipe costs."""
    said = (
        _("Training on all {pictures} takes {time} here, {speed} a picture; the model has {size}.")
        if outcome.milliseconds
        else _("Training on all {pictures} takes {time} here; the model has {size}.")
    )
    return said.format(
        pictures=pictures(outcome.every),
        time=estimate(outcome.seconds),
        speed=milliseconds(outcome.milliseconds or 0),
        size=size(outcome.bytes),
    )


def standing(plan: Plan | None, tried: "list[Tried]", minutes: float, spent: float) -> str:
    """Return how far a search is, and how much time is left, as a sentence."""
    left = most(max(0.0, 60 * minutes - spent))
    if plan is None or not tried:
        return _("Measuring how fast this machine is · at most {time} left").format(time=left)
    rung = [each for each in tried if each.rung == len(plan.rungs) - 1]
    done = sum(each.state not in ("waiting", "running") for each in rung)
    return _("{stage}: {done} done · at most {time} left").format(
        stage=stage(plan, len(plan.rungs) - 1), done=out_of(done, len(rung)), time=left
    )
