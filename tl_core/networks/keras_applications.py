"""The networks of ``keras.applications``: who builds each, and Keras' own download of its weights.

Run as ``python -m tl_core.networks.keras_applications CONSTRUCTOR SIZE top|notop``, this lets Keras fetch and load the
weights into ``$KERAS_HOME/models``. ``weights`` runs it in a process of its own, which can be stopped at any moment.
"""

import socket
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

from tl_core.errors import MissingWeightsError
from tl_core.ingest import downloads

if TYPE_CHECKING:
    import keras

SILENCE_SECONDS = 30


def constructors() -> dict[str, Callable[..., "keras.Model"]]:
    """Return the function that builds each network of ``keras.applications``, by its name."""
    from keras import applications as a

    functions: tuple[Callable[..., keras.Model], ...] = (
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


def fetch(constructor: str, size: int, *, top: bool) -> None:
    """Let Keras download the weights of a network, check them and load them once.

    Raises:
        OfflineError, StorageError: see ``downloads.as_error``.
        MissingWeightsError: what came is damaged.
    """
    socket.setdefaulttimeout(SILENCE_SECONDS)
    warnings.simplefilter("ignore")
    try:
        constructors()[constructor](weights="imagenet", include_top=top, input_shape=(size, size, 3))
    except (OSError, ValueError, KeyError) as exc:
        raise downloads.as_error(exc) or MissingWeightsError(str(exc)) from exc


def main() -> int:
    """Run ``fetch`` for the command line; an error for a person is one line of JSON."""
    constructor, size, top = sys.argv[1:]
    return downloads.report(lambda: fetch(constructor, int(size), top=top == "top"))


if __name__ == "__main__":
    sys.exit(main())
