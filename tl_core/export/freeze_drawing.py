"""A small drawing of a network and its freeze line: a bar for each block, from the picture upwards. No TensorFlow."""

import math
from dataclasses import dataclass

from tl_core import wording
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.freezing.outline import Outline
from tl_core.language import N_, _
from tl_core.networks import tables
from tl_core.runs import RunFolder

#: Size of the drawing, without a unit: it is scaled.
WIDTH, HEIGHT = 600.0, 80.0
#: Share of a bar's place that stays free, and least height of a bar.
GAP, LEAST = 0.25, 0.06
#: What a network of pictures had learned before, and that of other kinds of task.
ON_IMAGENET = N_("trained on ImageNet")
PUBLISHED: dict[Things, str] = {"texts": N_("with the weights that others have published")}


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A block, or the head: its place in the drawing, and whether training changed it."""

    x: float
    y: float
    width: float
    height: float
    trained: bool


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A network with its freeze line.

    Attributes:
        bars: of the blocks; the last one is the head.
        line: where the freeze line is, from the left; None where nothing was frozen.
        frozen: what stayed as it was, in words; "" for nothing.
        trained: what training changed, in words.
    """

    bars: tuple[Bar, ...]
    line: float | None
    frozen: str
    trained: str


def fine_tuned(run: RunFolder) -> bool:
    """Return whether the weights of the model are those of an epoch that trained more than the head."""
    report = run.report()
    best = report.best if report else run.history().best()
    return best is not None and best.phase == "fine-tune"


def draw(run: RunFolder, outline: Outline) -> Drawing:
    """Return the drawing of a run: what is after the line was changed by training.

    Args:
        run: which has a model.
        outline: of its network.
    """
    blocks = len(outline.blocks)
    frozen = outline.frozen_blocks(run.recipe.freeze) if fine_tuned(run) else blocks
    most = max(1, *(each.parameters for each in outline.blocks))
    heights = [max(LEAST, math.sqrt(each.parameters / most)) for each in outline.blocks]
    place = WIDTH / (blocks + 1)
    bars = [_bar(at, place, height, trained=at >= frozen) for at, height in enumerate([*heights, 0.5])]
    rest = wording.plural(blocks - frozen, "block", "blocks")
    return Drawing(
        bars=tuple(bars),
        line=round(place * frozen, 2) if frozen else None,
        frozen=_("{blocks} frozen").format(blocks=wording.plural(frozen, "block", "blocks")) if frozen else "",
        trained=_("the new head trained")
        if frozen == blocks
        else _("{blocks} and the new head trained").format(blocks=rest),
    )


def _bar(at: int, place: float, height: float, *, trained: bool) -> Bar:
    tall = HEIGHT * height
    return Bar(
        x=round(place * (at + GAP / 2), 2),
        y=round(HEIGHT - tall, 2),
        width=round(place * (1 - GAP), 2),
        height=round(tall, 2),
        trained=trained,
    )


def sentence(run: RunFolder, outline: Outline | None) -> str:
    """Return how a run was trained, in one sentence.

    Args:
        run: which has a model.
        outline: of its network; None where it is not known.
    """
    recipe, title, report = run.recipe, tables.title(run.recipe.backbone), run.report()
    pictures = wording.pictures(report.counts.train) if report else _("the training pictures")
    published = _(PUBLISHED.get(kinds.of(run.project), ON_IMAGENET))
    began = published if recipe.weights == "imagenet" else _("with random weights")
    if not fine_tuned(run):
        said = _("{network}, {began}, stayed as it was; a new head on top of it learned from {pictures}.")
    elif recipe.freeze == "none":
        said = _("{network}, {began}, and a new head on top of it learned from {pictures}; nothing was frozen.")
    elif outline is None:
        said = _(
            "The lower blocks of {network}, {began}, stayed as they were; the rest and a new head learned from "
            "{pictures}."
        )
    else:
        said = _(
            "The first {frozen} of {blocks} blocks of {network}, {began}, stayed as they were; the rest and a new head "
            "learned from {pictures}."
        )
    return said.format(
        network=title,
        began=began,
        pictures=pictures,
        frozen=outline.frozen_blocks(recipe.freeze) if outline else 0,
        blocks=len(outline.blocks) if outline else 0,
    )
