"""The last network that a head alone was trained on: the next head begins on it, and it is not built again."""

import keras

from tl_core import keras_private
from tl_core.networks import backbone, tables, weights
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.workspace import Workspace

#: One network at most, by what it was built from.
_last: dict[tuple[str, int, str], keras.Model] = {}


def of_recipe(recipe: Recipe, workspace: Workspace, progress: Progress) -> keras.Model:
    """Return the network as ``backbone.of_recipe`` builds it, for a run that leaves its weights and flags as they are.

    Several runs of this process may have it at once. Raises what ``backbone.build`` raises.
    """
    origin = weights.identity(tables.get(recipe.backbone), workspace, recipe.weights, recipe.seed)
    key = (recipe.backbone, recipe.image_size, origin)
    network = _last.get(key) or backbone.of_recipe(recipe, workspace, progress)
    _last.clear()
    _last[key] = network
    keras_private.forget_uses(network.output)
    return network
