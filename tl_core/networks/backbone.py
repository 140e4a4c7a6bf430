"""Pre-trained networks as flat Keras graphs that take pictures as they are: RGB, 0 to 255."""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from tl_core.errors import MissingWeightsError
from tl_core.language import _
from tl_core.networks import (
    efficientnet_lite,
    efficientnet_lite_weights,
    keras_applications,
    randomness,
    tables,
)
from tl_core.networks import weights as pretrained
from tl_core.networks.catalogue import Backbone, Preprocessing
from tl_core.networks.text_catalogue import TextNetwork
from tl_core.progress import Progress
from tl_core.recipe import Recipe, Weights
from tl_core.workspace import Workspace

if TYPE_CHECKING:
    import keras

ASSETS = Path(__file__).parents[2] / "assets"

#: Of ImageNet's pixels, RGB in 0..255; the means of the older Caffe networks are BGR.
IMAGENET_MEAN = (123.675, 116.28, 103.53)
IMAGENET_DEVIATION = (58.395, 57.12, 57.375)
CAFFE_MEAN_BGR = (103.939, 116.779, 123.68)
#: Deviations that Keras divides by once more when it loads the published weights of an EfficientNet (of the first
#: generation): https://github.com/tensorflow/tensorflow/issues/49930
EFFICIENTNET_DEVIATION = (0.229, 0.224, 0.225)


def build(
    backbone: Backbone,
    size: int,
    *,
    weights: Weights,
    workspace: Workspace,
    progress: Progress | None = None,
    seed: int | None = None,
) -> "keras.Model":
    """Return the network up to its last feature map, preprocessing included.

    One flat functional graph of stock Keras layers (and a few ``keras.ops``): input ``(n, size, size, 3)``
    float32 in 0..255, RGB; output ``(n, h, w, c)``.

    Args:
        backbone: a row of the catalogue.
        size: side of the pictures in pixels.
        weights: ``"imagenet"``, or ``"random"`` to train from scratch.
        workspace: where the converted weights of bundled networks lie.
        progress: hears when bundled weights are converted.
        seed: of random weights; None where it does not matter which they are.

    Raises:
        InputError: if ``size`` is less than the network takes.
        MissingWeightsError: if the weights are not on this machine, or damaged.

    >>> import tempfile
    >>> from tl_core.networks.catalogue import get
    >>> workspace = Workspace.open(tempfile.mkdtemp())
    >>> build(get("efficientnet-lite0"), 96, weights="random", workspace=workspace).output_shape
    (None, 3, 3, 1280)
    """
    backbone.check_size(size)
    model = _network(backbone, size, weights == "imagenet", workspace, progress or Progress(), top=False)
    if weights == "random" and seed is not None:
        randomness.initialize(model, seed)
    return model


def of_recipe(recipe: Recipe, workspace: Workspace, progress: Progress) -> "keras.Model":
    """Return the network that a run begins with, as ``build`` or ``text_backbone.build``, which say what they raise.

    One for texts takes any number of word pieces.
    """
    row = tables.get(recipe.backbone)
    size = None if isinstance(row, TextNetwork) else recipe.image_size
    return of_row(row, size, weights=recipe.weights, workspace=workspace, progress=progress, seed=recipe.seed)


def of_row(
    row: Backbone | TextNetwork,
    size: int | None,
    *,
    weights: Weights,
    workspace: Workspace,
    progress: Progress | None = None,
    seed: int | None = None,
) -> "keras.Model":
    """Return the network of a row of either table, as ``build`` or ``text_backbone.build`` does.

    Args:
        row: of a table.
        size: side of the pictures in pixels, or word pieces of each text; None for texts of any length.
        weights, workspace, progress, seed: as in ``build``.
    """
    if isinstance(row, TextNetwork):
        from tl_core.networks import text_backbone

        return text_backbone.build(row, size, weights=weights, seed=seed)
    side = row.default_size if size is None else size
    return build(row, side, weights=weights, workspace=workspace, progress=progress, seed=seed)


def top(backbone: Backbone, workspace: Workspace) -> "keras.Model":
    """Return the whole ImageNet network: ``(n, s, s, 3)`` float32 in 0..255 to ``(n, 1000)`` probabilities.

    ``s`` is the backbone's default size; ``imagenet_classes`` names the outputs.

    Raises:
        MissingWeightsError: if the weights with top are not on this machine.
    """
    return _network(backbone, backbone.default_size, True, workspace, Progress(), top=True)


@cache
def _classes() -> tuple[str, ...]:
    return tuple((ASSETS / "imagenet_classes.txt").read_text(encoding="utf-8").splitlines())


def imagenet_classes() -> list[str]:
    """Return the names of the 1,000 ImageNet classes in the order of the networks' outputs.

    >>> imagenet_classes()[281]
    'tabby'
    """
    return list(_classes())


def _network(
    backbone: Backbone, size: int, trained: bool, workspace: Workspace, progress: Progress, *, top: bool
) -> "keras.Model":
    import keras

    image = keras.Input((size, size, 3), name="image")
    x = preprocess(image, backbone.preprocessing)
    if backbone.bundled:
        model = efficientnet_lite.network(backbone.constructor, x, top=top)
        if trained:
            efficientnet_lite_weights.assign(model, efficientnet_lite_weights.load(backbone, workspace, progress))
    else:
        path = pretrained.ensure(backbone, workspace, top=top) if trained else None
        model = _from_keras(backbone, x, path, top=top)
    model = flat(keras.Model(model.inputs[0], model.output))
    _name_plainly(model)
    return keras.Model(model.input, model.output, name=backbone.id)


def preprocess(image: "keras.KerasTensor", convention: Preprocessing) -> "keras.KerasTensor":
    """Return pixels as a network of that convention takes them: layers that are part of every saved model.

    The conventions are those of Keras (``keras.applications.imagenet_utils.preprocess_input``) and, for ``"lite"``,
    of Google's EfficientNet-Lite.

    Args:
        image: symbolic, ``(n, height, width, 3)`` float32 in 0..255, RGB.
        convention: ``Backbone.preprocessing``.

    Raises:
        ValueError: there is no such convention.
    """
    from keras import layers, ops

    match convention:
        case "tf":
            return layers.Rescaling(1 / 127.5, offset=-1.0, name="preprocess")(image)
        case "torch":
            variance = [deviation**2 for deviation in IMAGENET_DEVIATION]
            return layers.Normalization(mean=list(IMAGENET_MEAN), variance=variance, name="preprocess")(image)
        case "caffe":
            offset = [-mean for mean in CAFFE_MEAN_BGR]
            return layers.Rescaling(1.0, offset=offset, name="preprocess")(ops.flip(image, axis=-1))
        case "lite":
            return layers.Rescaling(1 / 128, offset=-127 / 128, name="preprocess")(image)
        case "inside":
            return image
    raise ValueError(f"Preprocessing is {convention!r}. Choose one of: {', '.join(get_args(Preprocessing))}.")


def _name_plainly(model: "keras.Model") -> None:
    """Give layers that Keras named by itself the names that they have in a fresh process: ``add``, ``add_1``, …

    Keras counts per process, and a name must mean the same layer tomorrow and in another worker.
    """
    counts: Counter[str] = Counter()
    for operation in model.operations:
        plain = re.sub(r"_\d+$", "", operation.name)
        if plain.replace("_", "") == type(operation).__name__.lower():
            operation.name = f"{plain}_{counts[plain]}" if counts[plain] else plain
            counts[plain] += 1


def _from_keras(backbone: Backbone, inputs: "keras.KerasTensor", path: Path | None, *, top: bool) -> "keras.Model":
    model = keras_applications.constructors()[backbone.constructor](weights=None, include_top=top, input_tensor=inputs)
    if path is None:
        return model
    if backbone.family == "EfficientNet":
        model = _as_published(model)
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError) as exc:
        raise MissingWeightsError(
            _(
                "The weights of {title} could not be read from {path}: {reason}. The file is damaged or "
                "belongs to another network. Remove it and download it again."
            ).format(title=backbone.title, path=path, reason=exc)
        ) from exc
    return model


def _as_published(model: "keras.Model") -> "keras.Model":
    """Return an EfficientNet with the layer that Keras adds to its graph when it loads the published weights itself.

    Keras is not asked to do so, because it would download a file that is already here but is not the one it knows.
    """
    from keras import layers

    def call(layer: "keras.layers.Layer", *args: object, **kwargs: object) -> "keras.KerasTensor":
        x = layer(*args, **kwargs)
        if isinstance(layer, layers.Normalization):
            scale = [deviation**-0.5 for deviation in EFFICIENTNET_DEVIATION]
            return layers.Rescaling(scale, name="rescaling_published")(x)
        return x

    return _copy(model, call)


def flat(model: "keras.Model") -> "keras.Model":
    """Return the same network with the layers of nested ``Sequential`` models (ConvNeXt) laid open in its graph."""
    import keras

    if not any(isinstance(layer, keras.Sequential) for layer in model.layers):
        return model

    def call(layer: "keras.layers.Layer", *args: object, **kwargs: object) -> "keras.KerasTensor":
        if not isinstance(layer, keras.Sequential):
            return layer(*args, **kwargs)
        (x,) = args
        for inner in layer.layers:
            x = type(inner).from_config(inner.get_config())(x)
        return x

    return _copy(model, call)


def _copy(model: "keras.Model", call: Callable[..., "keras.KerasTensor"]) -> "keras.Model":
    import keras

    copy = keras.models.clone_model(model, call_function=call)
    copy.set_weights(model.get_weights())
    return copy
