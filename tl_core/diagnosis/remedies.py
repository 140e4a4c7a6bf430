"""Changes to a recipe, each with its sentence: valid, and different from what the recipe has already."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from tl_core.errors import InputError
from tl_core.recipe import FINE_TUNE_LEARNING_RATE, Draft, Recipe

#: The rate that Adam's authors propose: Kingma and Ba 2015, https://arxiv.org/abs/1412.6980, algorithm 1.
ADAM_RATE = 1e-3
#: Dropout of hidden layers as its authors used it: Srivastava et al. 2014, JMLR 15, section 7 and appendix A.
STRONG_DROPOUT = 0.5
#: A hidden layer of this size is enough for most heads on pooled features; the next step down is none at all.
MODEST_HIDDEN = 128
#: Changed versions of each picture that are made once and kept: as the Train page offers at first.
VARIANTS = Draft.augmentation_variants
#: Epochs of a first fine-tuning, as the Train page offers at first.
FINE_TUNE_EPOCHS = Draft.fine_tune_epochs
RATES = {"head": "learning_rate", "fine-tune": "fine_tune_learning_rate"}
EPOCHS = {"head": "epochs", "fine-tune": "fine_tune_epochs"}


@dataclass(frozen=True)
class Remedy:
    """One thing to do.

    Attributes:
        sentence: for a person.
        change: what ``dataclasses.replace`` is given to change the recipe so; empty if no setting helps.
    """

    sentence: str
    change: dict[str, Any] = field(default_factory=dict)


NOTHING = Remedy("No setting is left to change here. More pictures, and more varied ones, help most.")


def first(*offers: Iterable[Remedy]) -> Remedy:
    """Return the first remedy that changes anything, else the words that none is left."""
    return next((remedy for offer in offers for remedy in offer), NOTHING)


def slower(recipe: Recipe, phase: str) -> Iterator[Remedy]:
    """A tenth of the rate or less, so that it is not far from the usual one: what to set first (Goodfellow, 11.4.1)."""
    head = phase == "head" or recipe.weights == "random"
    most = Recipe.learning_rate if head else 10 * FINE_TUNE_LEARNING_RATE
    return _rate(recipe, phase, min(getattr(recipe, RATES[phase]) / 10, most))


def faster(recipe: Recipe, phase: str) -> Iterator[Remedy]:
    """Ten times the rate, and no less than the usual one of Adam (of fine-tuning: than the usual one there)."""
    least = ADAM_RATE if phase == "head" or recipe.weights == "random" else FINE_TUNE_LEARNING_RATE
    return _rate(recipe, phase, max(getattr(recipe, RATES[phase]) * 10, least))


def longer(recipe: Recipe, phase: str) -> Iterator[Remedy]:
    """Twice as many epochs; early stopping ends them sooner where they bring nothing."""
    epochs = min(1000, 2 * getattr(recipe, EPOCHS[phase]))
    of = "the head" if phase == "head" else "the fine-tuning"
    sentence = f"Allow {of} {epochs} epochs. Training still ends by itself when it stops getting better."
    return _offer(recipe, sentence, **{EPOCHS[phase]: epochs})


def tamer(recipe: Recipe) -> Iterator[Remedy]:
    """A smaller head, then more dropout, then changed pictures: Goodfellow et al., section 11.3 and chapter 7."""
    head = recipe.head
    if head.hidden > MODEST_HIDDEN:
        smaller = replace(head, hidden=MODEST_HIDDEN)
        yield from _offer(recipe, f"Make the hidden layer smaller: {MODEST_HIDDEN} units.", head=smaller)
    elif head.hidden:
        yield from _offer(recipe, "Leave out the hidden layer.", head=replace(head, hidden=0))
    if head.dropout < STRONG_DROPOUT:
        stronger = replace(head, dropout=STRONG_DROPOUT)
        yield from _offer(recipe, f"Set the dropout of the head to {STRONG_DROPOUT:g}.", head=stronger)
    yield from augmented(recipe)


def augmented(recipe: Recipe) -> Iterator[Remedy]:
    """Gentle changes of the pictures, which are right for every kind of picture."""
    if recipe.augmentation == "off":
        sentence = (
            f"Change the pictures gently ({VARIANTS} versions of each): small shifts, zooms and changes of light."
        )
        yield from _offer(recipe, sentence, augmentation="gentle", augmentation_variants=VARIANTS)


def refrozen(recipe: Recipe) -> Iterator[Remedy]:
    """Give up fine-tuning; not for random weights, of which nothing is worth keeping."""
    if recipe.weights == "imagenet" and recipe.epochs:
        sentence = "Keep the whole network frozen, and train the head alone."
        yield from _offer(recipe, sentence, freeze="all", fine_tune_epochs=0)


def unfrozen(recipe: Recipe, line: str | None) -> Iterator[Remedy]:
    """Let the blocks behind ``line`` learn too, at the usual rate: what the Keras guide proposes after the head."""
    if line is not None and recipe.freeze == "all" and recipe.weights == "imagenet":
        yield from _offer(
            recipe,
            "Let the top third of the network learn too, slowly (fine-tuning).",
            freeze=line,
            fine_tune_epochs=FINE_TUNE_EPOCHS,
            fine_tune_learning_rate=FINE_TUNE_LEARNING_RATE,
        )


def pretrained(recipe: Recipe) -> Iterator[Remedy]:
    """Start from what the network learnt from a million pictures."""
    if recipe.weights == "random":
        sentence = "Start from the weights learnt on ImageNet, not from random ones."
        change = {"weights": "imagenet", "train_batch_norm": False}
        yield from _offer(recipe, sentence, **change, fine_tune_learning_rate=FINE_TUNE_LEARNING_RATE)


def bigger(recipe: Recipe) -> Iterator[Remedy]:
    """A hidden layer, for what one layer cannot tell apart: Goodfellow et al., section 11.3."""
    if not recipe.head.hidden:
        larger = replace(recipe.head, hidden=MODEST_HIDDEN)
        yield from _offer(recipe, f"Give the head a hidden layer of {MODEST_HIDDEN} units.", head=larger)


def decimal(rate: float) -> str:
    """Return a rate without an exponent: ``"0.00001"``."""
    return f"{rate:.10f}".rstrip("0").rstrip(".")


def _rate(recipe: Recipe, phase: str, rate: float) -> Iterator[Remedy]:
    rate = float(f"{rate:.3g}")
    what = "the learning rate of the head" if phase == "head" else "the fine-tuning rate"
    return _offer(recipe, f"Set {what} to {decimal(rate)}.", **{RATES[phase]: rate})


def _offer(recipe: Recipe, sentence: str, **change: Any) -> Iterator[Remedy]:
    """Yield the remedy if it makes a valid recipe and another one than this."""
    try:
        changed = replace(recipe, **change)
    except InputError:
        return
    if changed != recipe:
        yield Remedy(sentence, change)
