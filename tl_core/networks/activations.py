"""The activations of a run's frozen blocks: where they are stored, and which weights they come from."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tl_core.features.cache import ActivationCache
from tl_core.networks import catalogue, weights
from tl_core.recipe import Recipe
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace

if TYPE_CHECKING:
    import keras


def cache(run: RunFolder, line: str, trunk: "Callable[[], keras.Model | None]") -> ActivationCache:
    """Return the activations of the frozen blocks of a run.

    Args:
        run: trained or not.
        line: the last frozen layer; ``"all"`` for the whole backbone with the head's pooling.
        trunk: returns the frozen blocks; called only if something has to be computed and they were never converted.
    """
    return _cache(run.recipe, run.project.workspace, identity(run), line, trunk)


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
    return weights.identity(catalogue.get(recipe.backbone), workspace, recipe.weights, recipe.seed)


def _cache(
    recipe: Recipe, workspace: Workspace, identity: str, line: str, trunk: "Callable[[], keras.Model | None]"
) -> ActivationCache:
    return ActivationCache(recipe, workspace.cache, workspace.converted, identity, line, trunk)
