"""Each layer that is written by itself gives what Keras gives; whatever is not written is said, not guessed."""

import keras
import numpy as np
import onnx
import pytest
from keras import layers, ops

from tests.core.features.conftest import away
from tl_core.features import converted, onnx_layers
from tl_core.features.onnx_graph import CannotConvertError
from tl_core.networks import backbone, catalogue

SIDE = 11
BIASED = {"bias_initializer": "random_normal"}
#: As after training: no mean 0, no variance 1.
TRAINED = {
    "gamma_initializer": "random_normal",
    "beta_initializer": "random_normal",
    "moving_mean_initializer": "random_normal",
    "moving_variance_initializer": keras.initializers.RandomUniform(0.5, 2.0),
}
NORMED = {each: TRAINED[each] for each in ("gamma_initializer", "beta_initializer")}


def network(build):
    """Return a network of pictures of 11 × 9 pixels, with what ``build`` makes of feature maps of 6 channels."""
    picture = keras.Input((SIDE, 9, 3))
    return keras.Model(picture, build(layers.Conv2D(6, 3, padding="same")(layers.Rescaling(1 / 128, -1)(picture))))


def pixels(n=3):
    return np.random.default_rng(0).integers(0, 256, (n, SIDE, 9, 3), dtype=np.uint8)


def squeezed(x):
    """Squeeze and excitation, as EfficientNets have it."""
    se = layers.Reshape((1, 1, 6))(layers.GlobalAveragePooling2D()(x))
    return layers.Multiply()([x, layers.Conv2D(6, 1, activation="sigmoid")(se)])


WRITTEN = {
    "convolution": layers.Conv2D(5, 3, 2, padding="same", **BIASED),
    "unlike sides": layers.Conv2D(5, (3, 2), padding="valid"),
    "even kernel": layers.Conv2D(5, 4, 2, padding="same"),
    "groups": layers.Conv2D(6, 3, groups=3, use_bias=False),
    "dilated": layers.Conv2D(5, 3, dilation_rate=2, padding="same"),
    "depthwise": layers.DepthwiseConv2D(3, 2, padding="same", use_bias=False),
    "depthwise, two each": layers.DepthwiseConv2D(3, depth_multiplier=2, **BIASED),
    "separable": layers.SeparableConv2D(5, 3, 2, padding="same", depth_multiplier=2, **BIASED),
    "separable, dilated": layers.SeparableConv2D(5, 3, dilation_rate=2, activation="relu"),
    "batch norm": layers.BatchNormalization(**TRAINED, epsilon=0.01),
    "bare batch norm": layers.BatchNormalization(center=False, scale=False, axis=3),
    "layer norm": layers.LayerNormalization(**NORMED, epsilon=1e-6),
    "dense of maps": layers.Dense(4, activation="gelu", **BIASED),
    "relu": layers.ReLU(),
    "relu6": layers.ReLU(6.0),
    "dropout": layers.Dropout(0.5),
    "zeros": layers.ZeroPadding2D(((0, 1), (2, 3))),
    "cut": layers.Cropping2D(((1, 2), (0, 3))),
    "cut nowhere": layers.Cropping2D(0),
    "max pool": layers.MaxPooling2D(3, 2, padding="same"),
    "average pool": layers.AveragePooling2D(3, 1, padding="same"),
    "average pool, valid": layers.AveragePooling2D((2, 3)),
    "global": layers.GlobalAveragePooling2D(),
    "global, one pixel": layers.GlobalAveragePooling2D(keepdims=True),
    "global max": layers.GlobalMaxPooling2D(),
    "flat": layers.Flatten(),
    "normalized": layers.Normalization(mean=[1.0, -1, 0, 2, 0, 0.5], variance=[1.0, 2, 3, 4, 5, 0]),
    "rescaled by channel": layers.Rescaling([1.0, 2, 3, 4, 5, 6], offset=[0.0, 1, 0, 1, 0, 1]),
    "rescaled by one": layers.Rescaling([2.0]),
    "sum": lambda x: layers.Add()([x, layers.Conv2D(6, 1)(x), layers.ReLU()(x)]),
    "joined": lambda x: layers.Concatenate()([x, layers.MaxPooling2D(3, 1, padding="same")(x)]),
    "squeeze": squeezed,
    "one pixel for all": lambda x: layers.Multiply()([x, layers.GlobalMaxPooling2D(keepdims=True)(x)]),
    "hard sigmoid by hand": lambda x: layers.ReLU(6.0)(x + 3.0) * (1 / 6),
    "number first": lambda x: 2.0 * x,
    "flipped": lambda x: ops.flip(x, axis=-1),
    "vectors": lambda x: layers.Dense(3, activation="tanh")(
        layers.BatchNormalization(**TRAINED)(layers.GlobalMaxPooling2D()(x))
    ),
    "joined vectors": lambda x: layers.Concatenate()(
        [layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)]
    ),
    "vectors, normed": lambda x: layers.LayerNormalization(**NORMED)(layers.GlobalAveragePooling2D()(x)),
    **{
        name: layers.Activation(name)
        for name in ("linear", "relu", "relu6", "sigmoid", "tanh", "silu", "gelu", "hard_sigmoid", "hard_silu")
    },
}


@pytest.mark.parametrize("build", WRITTEN.values(), ids=WRITTEN)
def test_a_layer_gives_what_keras_gives(build):
    keras.utils.set_random_seed(0)
    model = network(build)
    made = onnx_layers.write(model)
    onnx.checker.check_model(made, full_check=True)
    run = converted._of(converted.convert(model)).run
    assert run(pixels()).shape == model(pixels()).shape
    assert away(model, run, pixels()) < 1e-5
    assert not [node for node in made.graph.node if node.domain]


class Derived(layers.Conv2D):
    """What is derived from a layer may do anything."""


UNWRITTEN = {
    "derived": Derived(4, 3),
    "unknown": layers.UpSampling2D(),
    "unknown function": layers.Activation(ops.square),
    "a slope": layers.ReLU(negative_slope=0.1),
    "batch norm over rows": layers.BatchNormalization(axis=1),
    "layer norm over rows": layers.LayerNormalization(axis=[1, 2]),
    "over all": layers.LayerNormalization(axis=[1, 2, 3]),
    "inverse": layers.Normalization(mean=1.0, variance=2.0, invert=True, axis=None),
    "over rows": lambda x: layers.Concatenate(axis=1)([x, x]),
    "unlike ranks": lambda x: ops.add(x, layers.GlobalAveragePooling2D()(x)),
    "with an array": lambda x: ops.multiply(x, np.arange(9, dtype=np.float32)[:, None]),
    "upside down": lambda x: ops.flip(x, axis=1),
    "by name": lambda x: layers.ReLU()(inputs=x),
    "another shape": layers.Reshape((9, SIDE, 6)),
    "half": layers.Conv2D(4, 3, dtype="float16"),
    "two outputs": lambda x: [x, layers.ReLU()(x)],
}


@pytest.mark.parametrize("build", UNWRITTEN.values(), ids=UNWRITTEN)
def test_what_cannot_be_written_is_said(build):
    with pytest.raises(onnx_layers.UnknownLayerError):
        onnx_layers.write(network(build))


def test_what_cannot_be_written_is_converted_all_the_same():
    for name in ("a slope", "over rows", "derived", "upside down"):
        model = network(UNWRITTEN[name])
        assert away(model, converted._of(converted.convert(model)).run, pixels()) < 1e-5


def test_a_model_within_a_model_is_left_to_the_converter():
    inner = keras.Sequential([layers.Conv2D(4, 3), layers.ReLU()])
    with pytest.raises(CannotConvertError):
        onnx_layers.write(network(inner))


#: They have the layers of the smaller ones of their families. An untrained EfficientNetV2M gives other numbers for a
#: picture alone than for it among others, also in Keras.
LARGE = (
    *("efficientnet-b5", "efficientnet-b6", "efficientnet-b7", "efficientnet-v2-m", "efficientnet-v2-l"),
    *("convnext-base", "convnext-large", "convnext-xlarge", "vgg16", "vgg19", "nasnet-large"),
)


@pytest.mark.slow
@pytest.mark.parametrize("row", [row for row in catalogue.CATALOGUE if row.id not in LARGE], ids=lambda row: row.id)
def test_networks_of_the_catalogue_are_written(row, workspace):
    size = max(96, row.least_size)
    model = backbone.build(row, size, weights="random", workspace=workspace, seed=0)
    pixels = np.random.default_rng(0).integers(0, 256, (2, size, size, 3), dtype=np.uint8)
    onnx_layers.write(model)
    assert away(model, converted._of(converted.convert(model)).run, pixels) < 1e-5
