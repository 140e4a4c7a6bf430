"""The activations of a run's frozen blocks: where they are stored, which weights they come from, and how to help."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tl_core.errors import TLError
from tl_core.features import shares
from tl_core.features.cache import ActivationCache
from tl_core.features.shares import Pass
from tl_core.files import read_stored
from tl_core.networks import backbone, cut, examples, pyramid, tables, untrained, weights
from tl_core.networks.model import Network
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace

if TYPE_CHECKING:
    import keras


def cache(
    run: RunFolder, line: str, trunk: "Callable[[], keras.Model | None]", *, of_model: bool = False
) -> ActivationCache:
    """Return the activations of the frozen blocks of a run.

    Args:
        run: trained or not.
        line: the last frozen layer; ``"all"`` for the whole backbone with the head's pooling.
        trunk: returns the frozen blocks; called only if something has to be computed and they were never converted.
        of_model: whether it takes them from the run's model. Both that and what the run says of its weights may come
            from outside, so what is converted from it is kept apart from what others use.
    """
    workspace, began_with = run.project.workspace, identity(run)
    own = of_model or began_with != _current(run.recipe, workspace)
    return _cache(run.recipe, workspace, began_with, line, trunk, own=own)


def cache_before(
    recipe: Recipe, workspace: Workspace, line: str, trunk: "Callable[[], keras.Model]"
) -> ActivationCache:
    """Return the same as ``cache`` for a run that is not made yet."""
    return _cache(recipe, workspace, _current(recipe, workspace), line, trunk)


def identity(run: RunFolder) -> str:
    """Return what identifies the weights that a run began with, or would begin with now."""
    if (report := run.report()) and report.weights:
        return report.weights
    return _current(run.recipe, run.project.workspace)


def _current(recipe: Recipe, workspace: Workspace) -> str:
    return weights.identity(tables.get(recipe.backbone), workspace, recipe.weights, recipe.seed)


def _cache(
    recipe: Recipe,
    workspace: Workspace,
    identity: str,
    line: str,
    trunk: "Callable[[], keras.Model | None]",
    *,
    own: bool = False,
) -> ActivationCache:
    inputs, converted = partial(examples.of_items, recipe), workspace.own_converted if own else workspace.converted
    return ActivationCache(recipe, workspace.cache, converted, identity, line, trunk, inputs)


def help_with(folder: Path, is_needed: Callable[[], bool]) -> bool:
    """Take part in the first pass of another process (``shares``), until nothing of it is free: the "help" question.

    Args:
        folder: of the pass.
        is_needed: whether this process has something else to do.

    Returns:
        False if this process does not get the numbers of the other one, to the last bit: then it has not helped.
    """
    about = read_stored(folder / shares.FILE, Pass)
    if about is None or not shares.is_open(folder):
        return True
    stores, trunk = Path(about.folder), partial(_trunk, about)
    inputs = partial(examples.of_items, about.recipe)
    cache = ActivationCache(about.recipe, stores, Path(about.converted), about.weights, about.line, trunk, inputs)
    try:
        return cache.help_with(folder, about.sample, is_needed)
    except TLError as exc:  # the process that is helped meets the same, and says so
        logging.getLogger(__name__).info("%s: %s", folder, exc)
        return True


def _trunk(about: Pass) -> "keras.Model | None":
    recipe, workspace = about.recipe, Workspace(Path(about.folder).parent)
    if about.line.startswith(pyramid.LINE):
        return pyramid.trunk(untrained.of_recipe(recipe, workspace, Progress()), pyramid.layer_of(about.line))
    if about.line == "all":
        return Network(lambda: untrained.of_recipe(recipe, workspace, Progress()), recipe.head, 2).pooled()
    return cut.split(backbone.of_recipe(recipe, workspace, Progress()), about.line)[0]
