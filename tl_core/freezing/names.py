"""What a run is called that nobody has given a name: by what matters of it, its network and its freeze line."""

from tl_core.freezing import outline
from tl_core.freezing.outline import Outline
from tl_core.language import _
from tl_core.networks import tables
from tl_core.recipe import Recipe
from tl_core.runs import RunFolder


def of(run: RunFolder) -> str:
    """Return the name that a person gave a run, else its default; for one that cannot be read its id. Plain text."""
    if name := run.label.name:
        return name
    if run.damage():
        return run.id
    recipe = run.recipe
    return default(recipe, outline.load(run.project.workspace, recipe.backbone))


def default(recipe: Recipe, drawn: Outline | None) -> str:
    """Return the name that a recipe gives a run.

    Args:
        recipe: of the run.
        drawn: the outline of its network; without it the line is named by its layer.

    >>> default(Recipe(manifest=1, backbone="efficientnet-lite0", image_size=224, seed=0), None)
    'Lite0 · head only'
    """
    parts = [short(recipe.backbone), trained(line(recipe), drawn)]
    parts += [_("random weights")] if recipe.weights == "random" else []
    parts += [_("on everything")] if recipe.everything else []
    return " · ".join(parts)


def short(backbone: str) -> str:
    """Return the title of a network in short: ``"Lite0"``. Raises InputError if there is no such network."""
    return tables.title(backbone).removeprefix("EfficientNet-")


def line(recipe: Recipe) -> str:
    """Return the freeze line that took effect, as in ``Recipe.freeze``: without fine-tuning only the head trains."""
    return recipe.freeze if recipe.fine_tune_epochs else "all"


def trained(freeze: str, drawn: Outline | None) -> str:
    """Return which part of a network trains: ``"head only"``, ``"from block 12"``, ``"whole network"``."""
    fixed = {"all": _("head only"), "none": _("whole network")}
    if freeze in fixed:
        return fixed[freeze]
    number = first_trained(freeze, drawn)
    return _("after {layer}").format(layer=freeze) if number is None else _("from block {number}").format(number=number)


def first_trained(freeze: str, drawn: Outline | None) -> int | None:
    """Return the number of the first block after the freeze line, from 1 at the picture.

    None where only the head trains, or where the blocks are not known.
    """
    if drawn is None or freeze not in drawn.lines or freeze == "all":
        return None
    return drawn.frozen_blocks(freeze) + 1
