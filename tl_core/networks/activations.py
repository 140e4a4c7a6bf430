"""The activations of a run's frozen blocks: where they are stored, and which weights they come from."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tl_core.features.cache import ActivationCache
from tl_core.networks import catalogue, weights
from tl_core.runs import RunFolder

if TYPE_CHECKING:
    import keras


def cache(run: RunFolder, line: str, trunk: "Callable[[], keras.Model | None]") -> ActivationCache:
    """Return the activations of the frozen blocks of a run.

    Args:
        run: trained or not.
        line: the last frozen layer; ``"all"`` for the whole backbone with the head's pooling.
        trunk: returns the frozen blocks; called only if something has to be computed and they were never converted.
    """
    workspace = run.project.workspace
    return ActivationCache(run.recipe, workspace.cache, workspace.converted, identity(run), line, trunk)


def identity(run: RunFolder) -> str:
    """Return what identifies the weights that a run began with, or would begin with now."""
    recipe = run.recipe
    if (report := run.report()) and report.weights:
        return report.weights
    return weights.identity(catalogue.get(recipe.backbone), run.project.workspace, recipe.weights, recipe.seed)
