"""What a search may try: heads on frozen networks, then lines and augmentations, each as a recipe. Loads no Keras."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tl_core.about import Things
from tl_core.dataset.manifest import Manifest
from tl_core.draft import FINE_TUNED, GENTLE_FROM, HEAD_EPOCHS, gently
from tl_core.freezing.outline import Outline
from tl_core.networks import tables
from tl_core.recipe import Augmentation, Head, Recipe
from tl_core.tasks import texts
from tl_core.tasks.task import Task

#: Heads on a frozen network, by how they differ from the default one, which is the first.
HEADS: tuple[dict[str, float | bool], ...] = ({}, {"hidden": 128, "dropout": 0.4})
#: Shares of the blocks that stay frozen.
MIDDLE, LATE, EARLY = 0.6, 0.8, 0.4
#: What is tried with the first network and the second, where time is short only the first ones: number of the network,
#: share that stays frozen, augmentation. The order is what is expected of them (tests/bench/README.md).
OFFERS: tuple[tuple[int, float, Augmentation], ...] = (
    (0, MIDDLE, "full"),
    (1, MIDDLE, "full"),
    (0, MIDDLE, "gentle"),
    (0, LATE, "full"),
    (1, MIDDLE, "gentle"),
    (0, MIDDLE, "off"),
    (1, LATE, "full"),
    (0, EARLY, "full"),
)
#: Pixels a side at which networks look at small pictures, too, and how many times smaller their longer sides must be.
#: For EfficientNet-Lite2 that is half of the work (tests/bench/README.md).
SIDE, SMALLER = 192, 4
#: Kept copies of each picture.
MOST_VARIANTS = 8
#: The highest rate of fine-tuning: with eight copies and 20 epochs more than is usual (tests/bench/README.md).
RATE = 5e-4


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """For how long, and with what, recipes that fine-tune learn in a search.

    Attributes:
        first: epochs in the first rung.
        lengths: epochs that the last rung may have, the whole length first.
        settings: fields of ``Recipe``.
        augmentations: those of ``OFFERS`` that suit; with the others "off" is tried.
        head_rate: at which the head learns before blocks do, see ``draft.gently``; None for the head as it was tried.
        sides: how many sides of an example grow with its size: two of a picture, one of a text.
    """

    first: int = 5
    lengths: tuple[int, ...] = (20, 12, 8, 5)
    settings: Mapping[str, Any] = field(default_factory=lambda: {**FINE_TUNED, "fine_tune_learning_rate": RATE})
    augmentations: tuple[Augmentation, ...] = ("gentle", "full")
    head_rate: float | None = None
    sides: int = 2

    @property
    def whole(self) -> int:
        """Epochs at its whole length."""
        return self.lengths[0]


_LADDERS: dict[Things, Ladder] = {
    "pictures": Ladder(head_rate=0.003),
    "texts": Ladder(
        first=2, lengths=(8, 6, 4, 2), settings=texts.FINE_TUNED, augmentations=(), head_rate=texts.GENTLE_RATE, sides=1
    ),
}


def ladder(kind: Things, examples: int) -> Ladder:
    """Return how examples of a kind are fine-tuned in a search, where a trial learns from so many.

    >>> ladder("texts", 500).whole, ladder("pictures", 500).whole
    (8, 20)
    """
    found = _LADDERS.get(kind, Ladder())
    return found if examples >= GENTLE_FROM else replace(found, head_rate=None)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A recipe that a search tries.

    Attributes:
        id: unique in the search, and the name of a folder.
        parent: id of what it grew from; empty for the first ones.
        recipe: as it is tried: for how long, with how many copies of each picture.
        seconds: that each of its trials is expected to take.
    """

    id: str
    parent: str = ""
    recipe: Recipe
    seconds: float = 0.0

    @property
    def tuned(self) -> bool:
        """Whether blocks of the network learn, too."""
        return self.recipe.fine_tune_epochs > 0


def defaults(
    task: Task, examples: Manifest, networks: Sequence[str], image_size: int | None, seed: int
) -> list[Recipe]:
    """Return the recipe of a run for which only the network was chosen, for each network; that of the usual one first.

    Small pictures show hardly more to more pixels than ``SIDE``: there other networks look with as many, too, since
    there may be no time for more.

    Args:
        task: what is told apart.
        examples: to learn from.
        networks: ids; the usual one is there in any case.
        image_size: side of the pictures in pixels, length of the texts; None for each network's own.
        seed: of the recipes.
    """
    found, small = [], image_size is None and _are_small(examples)
    for each in dict.fromkeys([task.network, *networks]):
        draft, row = task.draft(each, examples), tables.get(each)
        less = [SIDE] if small and each != task.network and row.default_size > SIDE else []
        for size in (*less, image_size or draft.image_size):
            sized = replace(draft, image_size=size, seed=seed)
            found.append(sized.recipe(examples.version, len(examples.classes), row))
    return found


def _are_small(examples: Manifest) -> bool:
    """Return whether all are pictures, of which none is larger than a ``SMALLER``th of ``SIDE``."""
    sides = examples.table[["width", "height"]]
    return bool(sides.min().min() > 0 and sides.max().max() * SMALLER <= SIDE)


def heads(usual: Sequence[Recipe]) -> list[Recipe]:
    """Return recipes of heads on frozen networks, given the usual one of each; those of the default recipe first."""
    return [replace(each, head=_head(each.head, changes)) for each in usual for changes in HEADS]


def _head(usual: Head, changes: dict[str, float | bool]) -> Head:
    return replace(usual, **changes)  # type: ignore[arg-type]  # each is a field of its own kind


def tuned(frozen: Sequence[Recipe], outlines: Sequence[Outline], how: Ladder) -> list[tuple[int, Recipe]]:
    """Return recipes that fine-tune, as they begin, each with the number of the network that it grew from.

    Args:
        frozen: the best recipe with a head on each of some networks, the most promising one first.
        outlines: of those networks.
        how: they are fine-tuned.
    """
    made: list[tuple[int, Recipe]] = []
    for number, share, augmentation in OFFERS:
        if number < len(frozen) and (line := _line(outlines[number], share)):
            recipe = fine_tuned(frozen[number], line, augmentation, how)
            made += [(number, recipe)] if (number, recipe) not in made else []
    return made


def _line(outline: Outline, share: float) -> str | None:
    """Return the last frozen block where that share of the blocks stays frozen; None where nothing is in between."""
    inner = outline.lines[1:-1]
    return inner[min(len(inner), max(1, round(share * len(outline.blocks)))) - 1] if inner else None


def fine_tuned(frozen: Recipe, line: str, augmentation: Augmentation, how: Ladder) -> Recipe:
    """Return the recipe that fine-tunes what comes after a line, as it begins."""
    changes = {**how.settings, "augmentation": augmentation if augmentation in how.augmentations else "off"}
    recipe = replace(frozen, freeze=line, epochs=HEAD_EPOCHS, **changes)
    return lasting(gently(recipe, how.head_rate) if how.head_rate else recipe, how.first)


def lasting(recipe: Recipe, epochs: int) -> Recipe:
    """Return a recipe with that many epochs of fine-tuning, and with as many copies of each picture as it can use."""
    if not recipe.fine_tune_epochs:
        return recipe
    variants = max(1, min(MOST_VARIANTS, epochs - 1))
    return replace(recipe, fine_tune_epochs=epochs, augmentation_variants=variants)
