"""Pre-trained networks as flat Keras graphs that take pictures as they are: RGB, 0 to 255."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tl_core import lite, lite_weights, weights
from tl_core.catalogue import Backbone
from tl_core.errors import InputError, MissingWeightsError
from tl_core.progress import Progress
from tl_core.workspace import Workspace

if TYPE_CHECKING:
    import keras

Weights = Literal["imagenet", "random"]

ASSETS = Path(__file__).parent.parent / "assets"
IMAGENET_MEAN = (123.675, 116.28, 103.53)
IMAGENET_DEVIATION = (58.395, 57.12, 57.375)
CAFFE_MEAN_BGR = (103.939, 116.779, 123.68)

#: The one family whose graph differs with and without its weights: Keras adds a layer when it loads them.
GRAPH_DEPENDS_ON_WEIGHTS = "EfficientNet"


def build(
    backbone: Backbone,
    size: int,
    *,
    weights: Weights,
    workspace: Workspace,
    progress: Progress | None = None,
) -> "keras.Model":
    """Return the network up to its last feature map, preprocessing included.

    One flat functional graph of stock Keras layers (and a few ``keras.ops``): input ``(n, size, size, 3)``
    float32 in 0..255, RGB; output ``(n, h, w, c)``.

    Args:
        backbone: a row of the catalogue.
        size: side of the pictures in pixels.
        weights: ``"imagenet"``, or ``"random"`` to train from scratch.
        workspace: where the converted weights of bundled networks lie.
        progress: told when bundled weights are converted.

    Raises:
        InputError: if ``size`` is less than the network takes.
        MissingWeightsError: if the weights are not on this machine, or damaged.

    >>> import tempfile
    >>> from tl_core.catalogue import get
    >>> workspace = Workspace.open(tempfile.mkdtemp())
    >>> build(get("efficientnet-lite0"), 96, weights="random", workspace=workspace).output_shape
    (None, 3, 3, 1280)
    """
    if size < backbone.least_size:
        raise InputError(
            f"{backbone.title} needs pictures of at least {backbone.least_size} pixels a side; "
            f"{size} were asked for. Choose a larger picture size or another network."
        )
    return _network(backbone, size, weights == "imagenet", workspace, progress or Progress(), top=False)


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
        model = lite.network(backbone.constructor, x, top=top)
        if trained:
            lite_weights.assign(model, lite_weights.load(backbone, workspace, progress))
    else:
        path = weights.ensure(backbone, workspace, top=top) if trained else None
        model = _from_keras(backbone, x, path, top=top)
    return flat(keras.Model(image, model.output, name=backbone.id))


def _from_keras(backbone: Backbone, inputs: Any, path: Path | None, *, top: bool) -> "keras.Model":
    construct = constructors()[backbone.constructor]
    by_name = path is not None and backbone.family == GRAPH_DEPENDS_ON_WEIGHTS
    try:
        return construct(weights="imagenet" if by_name else path, include_top=top, input_tensor=inputs)
    except (OSError, ValueError, KeyError) as exc:
        if path is None:
            raise
        raise MissingWeightsError(
            f"The weights of {backbone.title} could not be read from {path}: {exc}. "
            "The file is damaged or belongs to another network. Remove it and download it again."
        ) from exc


def constructors() -> dict[str, Callable[..., Any]]:
    """Return the function that builds each network of ``keras.applications``, by its name."""
    from keras import applications as a

    functions: tuple[Callable[..., Any], ...] = (
        *(a.MobileNet, a.MobileNetV2, a.MobileNetV3Small, a.MobileNetV3Large),
        *(a.EfficientNetB0, a.EfficientNetB1, a.EfficientNetB2, a.EfficientNetB3),
        *(a.EfficientNetB4, a.EfficientNetB5, a.EfficientNetB6, a.EfficientNetB7),
        *(a.EfficientNetV2B0, a.EfficientNetV2B1, a.EfficientNetV2B2, a.EfficientNetV2B3),
        *(a.EfficientNetV2S, a.EfficientNetV2M, a.EfficientNetV2L),
        *(a.ConvNeXtTiny, a.ConvNeXtSmall, a.ConvNeXtBase, a.ConvNeXtLarge, a.ConvNeXtXLarge),
        *(a.ResNet50, a.ResNet101, a.ResNet152, a.ResNet50V2, a.ResNet101V2, a.ResNet152V2),
        *(a.DenseNet121, a.DenseNet169, a.DenseNet201, a.VGG16, a.VGG19),
        *(a.InceptionV3, a.InceptionResNetV2, a.Xception, a.NASNetMobile, a.NASNetLarge),
    )
    return {function.__name__: function for function in functions}


def preprocess(image: Any, convention: str) -> Any:
    """Return pixels 0..255, RGB, as a network of that convention (``Backbone.preprocessing``) wants them."""
    from keras import layers, ops

    if convention == "tf":
        return layers.Rescaling(1 / 127.5, offset=-1.0, name="preprocess")(image)
    if convention == "torch":
        variance = [deviation**2 for deviation in IMAGENET_DEVIATION]
        return layers.Normalization(mean=list(IMAGENET_MEAN), variance=variance, name="preprocess")(image)
    if convention == "caffe":
        offset = [-mean for mean in CAFFE_MEAN_BGR]
        return layers.Rescaling(1.0, offset=offset, name="preprocess")(ops.flip(image, axis=-1))
    if convention == "lite":
        return layers.Rescaling(1 / 128, offset=-127 / 128, name="preprocess")(image)
    return image


def flat(model: "keras.Model") -> "keras.Model":
    """Return the same network with the layers of nested ``Sequential`` models (ConvNeXt) laid open."""
    import keras

    if not any(isinstance(layer, keras.Sequential) for layer in model.layers):
        return model

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(layer, keras.Sequential):
            return layer(*args, **kwargs)
        (x,) = args
        for inner in layer.layers:
            x = type(inner).from_config(inner.get_config())(x)
        return x

    copy = keras.models.clone_model(model, call_function=call)
    copy.set_weights(model.get_weights())
    return copy
