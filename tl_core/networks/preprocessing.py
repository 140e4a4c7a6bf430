"""What each network wants its pixels to be, as layers: part of every saved model, never a line elsewhere."""

from typing import Any

IMAGENET_MEAN = (123.675, 116.28, 103.53)
IMAGENET_DEVIATION = (58.395, 57.12, 57.375)
CAFFE_MEAN_BGR = (103.939, 116.779, 123.68)


def preprocess(image: Any, convention: str) -> Any:
    """Return pixels as a network of that convention wants them.

    Args:
        image: symbolic, ``(n, height, width, 3)`` float32 in 0..255, RGB.
        convention: ``Backbone.preprocessing``.

    The conventions are those of Keras (``keras.applications.imagenet_utils.preprocess_input``) and, for ``"lite"``,
    of Google's EfficientNet-Lite.
    """
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
