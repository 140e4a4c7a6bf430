"""Changes to a recipe, each with its sentence: valid, and different from what the recipe has already."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tl_core import wording
from tl_core.draft import Draft
from tl_core.errors import InputError
from tl_core.language import N_, _
from tl_core.recipe import FINE_TUNE_RATES, Recipe
from tl_core.runs import Phase
from tl_core.tasks import table as tasks

#: The rate that Adam's authors propose: Kingma and Ba 2015, https://arxiv.org/abs/1412.6980, algorithm 1.
ADAM_RATE = 1e-3
#: Dropout of hidden layers as its authors used it: Srivastava et al. 2014, JMLR 15, section 7 and appendix A.
STRONG_DROPOUT = 0.5
#: A hidden layer of this size is enough for most heads on pooled features; the next step down is none at all.
MODEST_HIDDEN = 128
#: More epochs than this no recipe has.
MOST_EPOCHS = 1000


@dataclass(frozen=True)
class Remedy:
    """One thing to do.

    Attributes:
        sentence: for a person.
        recipe: that of the run with this one change; None if no setting helps.
    """

    sentence: str
    recipe: Recipe | None = None


_NOTHING = N_("No setting is left to change here. More pictures, and more varied ones, help most.")


def first(*offers: Iterable[Remedy]) -> Remedy:
    """Return the first remedy that changes anything, else the words that none is left."""
    return next((remedy for offer in offers for remedy in offer), Remedy(_(_NOTHING)))


def rate_of(recipe: Recipe, phase: Phase) -> float:
    """Return the learning rate of a phase."""
    return recipe.learning_rate if phase == "head" else recipe.fine_tune_learning_rate


def usual_rate(recipe: Recipe) -> float:
    """Return the usual learning rate of a head like that of a recipe."""
    return Draft.learning_rate if recipe.head.centred else Recipe.learning_rate


def slower(recipe: Recipe, phase: Phase) -> Iterator[Remedy]:
    """A tenth of the rate, at most near the usual one: the rate is what to set first (Goodfellow, 11.4.1)."""
    head = phase == "head" or recipe.weights == "random"
    most = usual_rate(recipe) if head else 10 * FINE_TUNE_RATES[recipe.schedule]
    return _rate(recipe, phase, min(rate_of(recipe, phase) / 10, most))


def faster(recipe: Recipe, phase: Phase) -> Iterator[Remedy]:
    """Ten times the rate, and no less than the usual one of Adam (of fine-tuning: than the usual one there)."""
    least = ADAM_RATE if phase == "head" or recipe.weights == "random" else FINE_TUNE_RATES[recipe.schedule]
    return _rate(recipe, phase, max(rate_of(recipe, phase) * 10, least))


def longer(recipe: Recipe, phase: Phase) -> Iterator[Remedy]:
    """Twice as many epochs; early stopping ends them sooner where they gain nothing, but for those of a cosine."""
    if phase == "head":
        epochs = min(MOST_EPOCHS, 2 * recipe.epochs)
        what = _("Train the head for up to {epochs} epochs. Training still stops when it no longer gets better.")
        changed = replace(recipe, epochs=epochs)
    else:
        epochs = min(MOST_EPOCHS, 2 * recipe.fine_tune_epochs)
        what = _("Fine-tune for up to {epochs} epochs. The model keeps the best of them.")
        if recipe.schedule == "constant":
            what = _("Fine-tune for up to {epochs} epochs. Training still stops when it no longer gets better.")
        changed = replace(recipe, fine_tune_epochs=epochs)
    yield from _offer(recipe, changed, what.format(epochs=epochs))


def tamer(recipe: Recipe) -> Iterator[Remedy]:
    """A smaller head, then more dropout, then augmentation: Goodfellow et al., section 11.3 and chapter 7."""
    head = recipe.head
    if head.hidden > MODEST_HIDDEN:
        smaller = replace(recipe, head=replace(head, hidden=MODEST_HIDDEN))
        yield from _offer(
            recipe,
            smaller,
            _("Make the hidden layer smaller: {units} units.").format(units=MODEST_HIDDEN),
        )
    elif head.hidden:
        yield from _offer(recipe, replace(recipe, head=replace(head, hidden=0)), _("Leave out the hidden layer."))
    drops = recipe.fine_tune_epochs or not recipe.convex
    if head.dropout < STRONG_DROPOUT and drops:
        stronger = replace(recipe, head=replace(head, dropout=STRONG_DROPOUT))
        yield from _offer(
            recipe,
            stronger,
            _("Set the dropout of the head to {share}.").format(share=f"{STRONG_DROPOUT:g}"),
        )
    yield from augmented(recipe)


def augmented(recipe: Recipe) -> Iterator[Remedy]:
    """Gentle augmentation, which is right for every kind of picture; texts have none."""
    if recipe.augmentation == "off" and tasks.of_network(recipe.backbone).augments:
        variants = Draft.augmentation_variants
        changed = replace(recipe, augmentation="gentle", augmentation_variants=variants)
        sentence = _(
            "Augment the pictures gently ({variants} copies of each): small shifts, zooms and changes of light."
        ).format(variants=variants)
        yield from _offer(recipe, changed, sentence)


def refrozen(recipe: Recipe) -> Iterator[Remedy]:
    """Give up fine-tuning; not for random weights, of which nothing is worth preserving."""
    if recipe.weights == "imagenet" and recipe.epochs:
        changed = replace(recipe, freeze="all", fine_tune_epochs=0)
        yield from _offer(recipe, changed, _("Freeze the whole network, and train the head alone."))


def unfrozen(recipe: Recipe, line: str | None) -> Iterator[Remedy]:
    """Train the blocks after ``line`` too, which the Keras guide proposes after the head, as it was measured best."""
    if line is not None and recipe.freeze == "all" and recipe.weights == "imagenet":
        changed = replace(recipe, freeze=line, **tasks.of_network(recipe.backbone).fine_tuned(recipe))
        copies = _("Train the top third of the network too (fine-tuning), on changed copies of the pictures.")
        sentence = (
            _("Train the top third of the network too (fine-tuning).") if changed.augmentation == "off" else copies
        )
        yield from _offer(recipe, changed, sentence)


def pretrained(recipe: Recipe) -> Iterator[Remedy]:
    """Start from what the network learned from a million pictures."""
    if recipe.weights == "random":
        changed = replace(
            recipe,
            weights="imagenet",
            train_batch_norm=False,
            fine_tune_learning_rate=FINE_TUNE_RATES[recipe.schedule],
        )
        yield from _offer(recipe, changed, _("Start from the ImageNet weights, not from random ones."))


def bigger(recipe: Recipe) -> Iterator[Remedy]:
    """A hidden layer, for what one layer cannot tell apart: Goodfellow et al., section 11.3."""
    if not recipe.head.hidden:
        larger = replace(recipe, head=replace(recipe.head, hidden=MODEST_HIDDEN))
        yield from _offer(
            recipe,
            larger,
            _("Give the head a hidden layer of {units} units.").format(units=MODEST_HIDDEN),
        )


def _rate(recipe: Recipe, phase: Phase, rate: float) -> Iterator[Remedy]:
    rate = float(f"{rate:.3g}")
    head = _("Set the learning rate of the head to {rate}.")
    sentence = head if phase == "head" else _("Set the fine-tuning rate to {rate}.")
    try:
        if phase == "head":
            changed = replace(recipe, learning_rate=rate)
        else:
            changed = replace(recipe, fine_tune_learning_rate=rate)
    except InputError:  # no recipe has such a rate
        return
    yield from _offer(recipe, changed, sentence.format(rate=wording.rate(rate)))


def _offer(recipe: Recipe, changed: Recipe, sentence: str) -> Iterator[Remedy]:
    if changed != recipe:
        yield Remedy(sentence, changed)
