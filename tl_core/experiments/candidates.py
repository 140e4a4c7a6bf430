"""What a search may try: heads on frozen networks, then lines and augmentations, each as a recipe. Loads no Keras."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tl_core.draft import FINE_TUNED, Draft
from tl_core.freezing.outline import Outline
from tl_core.networks import catalogue
from tl_core.recipe import Augmentation, Head, Recipe

#: Heads on a frozen network, by how they differ from the default one, which is the first.
HEADS: tuple[dict[str, float | bool], ...] = ({}, {"hidden": 128, "dropout": 0.4})
#: Shares of the blocks that stay frozen.
MIDDLE, LATE, EARLY = 0.6, 0.8, 0.4
#: What is tried with the best network and the second best, where time is short only the first ones: number of the
#: network, share that stays frozen, augmentation.
OFFERS: tuple[tuple[int, float, Augmentation], ...] = (
    (0, MIDDLE, "full"),
    (0, LATE, "full"),
    (0, MIDDLE, "gentle"),
    (1, MIDDLE, "full"),
    (0, MIDDLE, "off"),
    (1, LATE, "full"),
    (0, EARLY, "full"),
    (1, MIDDLE, "gentle"),
)
#: Epochs that a recipe with fine-tuning has in the first rung, and at its whole length; kept copies of each picture.
FIRST_EPOCHS, WHOLE_EPOCHS, MOST_VARIANTS = 5, 20, 8
#: The highest rate of fine-tuning: with eight copies and 20 epochs more than is usual (tests/bench/README.md).
RATE = 5e-4
#: Epochs in which the head alone learns before it is fine-tuned together with blocks.
HEAD_EPOCHS = 4


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


def default(manifest: int, classes: int, image_size: int | None, seed: int) -> Recipe:
    """Return the recipe of a run for which nothing was chosen."""
    return Draft(image_size=image_size, seed=seed).recipe(manifest, classes, catalogue.get(None))


def heads(usual: Recipe, networks: Sequence[str], image_size: int | None) -> list[Recipe]:
    """Return recipes of heads on frozen networks, the default recipe first.

    Args:
        usual: the default recipe.
        networks: ids of rows of the catalogue.
        image_size: side of the pictures in pixels; None for each network's own.
    """
    order = sorted(networks, key=lambda each: each != usual.backbone)
    rows = [catalogue.get(each) for each in order]
    return [
        replace(usual, backbone=row.id, image_size=image_size or row.default_size, head=_head(usual.head, changes))
        for row in rows
        for changes in HEADS
    ]


def _head(usual: Head, changes: dict[str, float | bool]) -> Head:
    return replace(usual, **changes)  # type: ignore[arg-type]  # each is a field of its own kind


def tuned(frozen: Sequence[Recipe], outlines: Sequence[Outline]) -> list[tuple[int, Recipe]]:
    """Return recipes that fine-tune, as they begin, each with the number of the network that it grew from.

    Args:
        frozen: the best recipe with a head on each of the best networks, the best one first.
        outlines: of those networks.
    """
    made: list[tuple[int, Recipe]] = []
    for number, share, augmentation in OFFERS:
        if number < len(frozen) and (line := _line(outlines[number], share)):
            recipe = fine_tuned(frozen[number], line, augmentation)
            made += [(number, recipe)] if (number, recipe) not in made else []
    return made


def _line(outline: Outline, share: float) -> str | None:
    """Return the last frozen block where that share of the blocks stays frozen; None where nothing is in between."""
    inner = outline.lines[1:-1]
    return inner[min(len(inner), max(1, round(share * len(outline.blocks)))) - 1] if inner else None


def fine_tuned(frozen: Recipe, line: str, augmentation: Augmentation) -> Recipe:
    """Return the recipe that fine-tunes what comes after a line, as it begins."""
    changes = {**FINE_TUNED, "fine_tune_learning_rate": RATE, "augmentation": augmentation}
    recipe = replace(frozen, freeze=line, epochs=HEAD_EPOCHS, **changes)
    return lasting(recipe, FIRST_EPOCHS)


def lasting(recipe: Recipe, epochs: int) -> Recipe:
    """Return a recipe with that many epochs of fine-tuning, and with as many copies of each picture as it can use."""
    if not recipe.fine_tune_epochs:
        return recipe
    variants = max(1, min(MOST_VARIANTS, epochs - 1))
    return replace(recipe, fine_tune_epochs=epochs, augmentation_variants=variants)
