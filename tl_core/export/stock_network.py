"""Whether Keras itself can give the network that a run began with, or whether it has to come as a file."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import keras

from tl_core.networks import keras_applications, tables
from tl_core.networks.catalogue import Backbone
from tl_core.recipe import Recipe

#: Of these Keras has weights for several picture sizes, and takes those of the size; a run always has those for 224.
_BY_SIZE, _SIZE = ("MobileNet", "MobileNetV2"), 224


@dataclass(frozen=True, kw_only=True)
class Stock:
    """How Keras builds a network: ``keras.applications.<constructor>``; ``module`` has its ``preprocess_input``."""

    constructor: str
    module: str


def of(recipe: Recipe) -> Stock | None:
    """Return how Keras builds the network that a run begins with, None if only a file has the same.

    Only a file has random weights, and those of networks that Keras does not know. It also has layers that the recipe
    names, where Keras only numbers them or hides them in another layer: no two processes number alike. And it has the
    layers with which blocks end that learn at rates of their own.
    """
    spec = tables.get(recipe.backbone)
    if not isinstance(spec, Backbone) or recipe.weights == "random" or spec.bundled:
        return None
    if spec.family in _BY_SIZE and recipe.image_size != _SIZE:
        return None
    if recipe.fine_tune_epochs and recipe.block_decay != 1:
        return None
    named = {*recipe.keep_frozen, *({recipe.freeze} - {"all", "none"})}
    if recipe.fine_tune_epochs and named and not _names(spec, recipe.image_size, named):
        return None
    return Stock(constructor=spec.constructor, module=_constructor(spec).__module__.rpartition(".")[2])


def _names(spec: Backbone, size: int, wanted: Iterable[str]) -> bool:
    """Return whether a network has layers of these names, or of these types, in every process."""
    network = _constructor(spec)(weights=None, include_top=False, input_shape=(size, size, 3))
    if any(isinstance(layer, keras.Model) for layer in network.layers):
        return False
    types = {type(operation).__name__ for operation in network.operations}
    fixed = {operation.name for operation in network.operations if not _is_numbered(operation)}
    return set(wanted) <= types | fixed


def _is_numbered(operation: keras.Operation) -> bool:
    """Return whether Keras has named an operation by itself: ``conv2d_12``."""
    return re.sub(r"_\d+$", "", operation.name).replace("_", "") == type(operation).__name__.lower()


def _constructor(spec: Backbone) -> Callable[..., keras.Model]:
    return keras_applications.constructors()[spec.constructor]
