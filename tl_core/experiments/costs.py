"""What a trial of a search costs on this machine, from how fast one network was and how much work each part is."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tl_core.freezing.outline import Outline
from tl_core.recipe import Recipe

#: Work of learning from a picture beside that of looking at it: three times as much (``freezing.estimates``), and
#: Keras takes about twice as long for it as what runs the frozen blocks.
LEARNING = 6.0
#: Seconds to make a network ready, to make frozen blocks ready, for a head beside its steps, and for a step of it.
BUILD, CONVERT, HEAD, STEP = 6.0, 5.0, 3.0, 0.004

#: Network, size, line and augmentation.
Place = tuple[str, int, str, str]


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What trials cost.

    Attributes:
        pace: seconds for a multiply-add of the frozen blocks.
        outlines: of the networks, by id.
        sides: how many sides of an example grow with its size.
        factor: by network, how much longer fine-tuning took than was expected of it.
        stored: by network, size, line and augmentation, how many copies of each picture are stored already.
    """

    pace: float
    outlines: Mapping[str, Outline]
    sides: int = 2
    factor: Mapping[str, float] = field(default_factory=dict)
    stored: Mapping[Place, int] = field(default_factory=dict)

    def whole(self, backbone: str, size: int) -> float:
        """Return the seconds that a picture takes through a whole network."""
        return self._parts(backbone, size, "all")[0]

    def seconds(self, recipe: Recipe, train: int, asked: int) -> float:
        """Return the seconds of a trial.

        Args:
            recipe: that is tried.
            train: pictures that it learns from.
            asked: pictures that judge it.
        """
        steps = 0 if recipe.convex else recipe.epochs * max(1, train / recipe.batch_size)
        head = HEAD + STEP * steps
        if not recipe.fine_tune_epochs:
            return head
        below, above = self._parts(recipe.backbone, recipe.image_size, recipe.freeze)
        there = self.stored.get(place(recipe), 0)
        copies = max(0, recipe.copies - there)
        passes = copies * train * (2 * below + above) + (0 if there else asked * below)
        learning = (recipe.fine_tune_epochs * train + asked) * above * LEARNING
        ready = BUILD + (0 if there else 2 * CONVERT)
        return (head + ready + passes + learning) * self.factor.get(recipe.backbone, 1.0)

    def _parts(self, backbone: str, size: int, line: str) -> tuple[float, float]:
        """Return the seconds of a picture up to a line, and after it."""
        drawn = self.outlines[backbone]
        each = [block.multiply_adds * self.pace * (size / drawn.size) ** self.sides for block in drawn.blocks]
        frozen = drawn.frozen_blocks(line)
        return sum(each[:frozen]), sum(each[frozen:])


def place(recipe: Recipe) -> Place:
    """Return what the stored copies of pictures belong to."""
    return recipe.backbone, recipe.image_size, recipe.freeze, recipe.augmentation


def stored_by(recipes: Sequence[Recipe]) -> dict[Place, int]:
    """Return what is stored once some recipes have been tried, see ``Costs``."""
    there: dict[Place, int] = {}
    for recipe in recipes:
        if recipe.fine_tune_epochs:
            there[place(recipe)] = max(there.get(place(recipe), 0), recipe.copies)
    return there


def ratios(took: Sequence[tuple[Recipe, float, float]]) -> dict[str, float]:
    """Return by network how much longer fine-tuning took than expected, the median of its trials.

    Args:
        took: recipe, seconds, and seconds that were expected.
    """
    shares: dict[str, list[float]] = {}
    for recipe, seconds, expected in took:
        if recipe.fine_tune_epochs and expected > 0:
            shares.setdefault(recipe.backbone, []).append(seconds / expected)
    return {backbone: statistics.median(each) for backbone, each in shares.items()}
