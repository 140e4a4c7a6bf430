"""The head that draws boxes: without anchors, at three scales, in the manner of FCOS.

Z. Tian et al., "FCOS: Fully Convolutional One-Stage Object Detection", 2019, https://arxiv.org/abs/1904.01355: at each
place of the maps the head says how likely each class is, how far the four edges of its box are, and how near to the
middle of the box the place is. The maps are joined from the coarsest down (T.-Y. Lin et al., "Feature Pyramid Networks
for Object Detection", 2017); the layers that say all this are the same at every scale.
"""

import math
from collections.abc import Sequence

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from tl_core import seeds
from tl_core.networks.box_shape import DEPTH, GROUPS, REACH, STRIDES, WIDTH
from tl_core.networks.pyramid import Shape

#: Of a class at a place, before anything is learned (T.-Y. Lin et al., "Focal Loss for Dense Object Detection", 2017).
RARE = 0.01
#: The logarithm of the distance of an edge, in places, stays within these bounds.
NEAREST, FARTHEST = -4.0, 5.0


def places(size: int) -> NDArray[np.float32]:
    """Return the middle of each place of the maps and its stride, in pixels, ``(places, 3)``: x, y, stride."""
    rows = []
    for stride in STRIDES:
        down, across = np.mgrid[: size // stride, : size // stride]
        middles = [(np.stack([across, down], axis=-1).reshape(-1, 2) + 0.5) * stride]
        rows.append(np.concatenate([*middles, np.full((across.size, 1), stride)], axis=1))
    return np.concatenate(rows).astype(np.float32)


class BoxHead:
    """The new layers on the maps of a frozen network.

    Args:
        shapes: of the maps, the finest first.
        classes: how many.
        seed: of the weights that it starts from.
    """

    def __init__(self, shapes: Sequence[Shape], classes: int, seed: int) -> None:
        self.shapes = shapes
        self.classes = classes
        self.seed = seed
        self.model = self._model()

    def _model(self) -> keras.Model:
        """Return the head: maps → ``(n, places, classes + 5)``: logits, logarithms of four distances, centredness."""
        maps = [keras.Input(shape) for shape in self.shapes]
        joined = [_through(self._block(layers.Conv2D, f"side_{at}", 1), each) for at, each in enumerate(maps)]
        for at in reversed(range(len(joined) - 1)):
            larger = layers.UpSampling2D(2, interpolation="bilinear", name=f"larger_{at}")(joined[at + 1])
            joined[at] = layers.Add(name=f"joined_{at}")([joined[at], larger])
        tower = [self._block(layers.SeparableConv2D, f"tower_{at}", REACH) for at in range(DEPTH)]
        kind = self._last("class", self.classes, math.log(RARE / (1 - RARE)))
        where = self._last("edges", 5, 1.0)
        said = []
        for at, x in enumerate(joined):
            for block in tower:
                x = _through(block, x)
            both = layers.Concatenate(name=f"said_{at}")([kind(x), where(x)])
            said.append(layers.Reshape((-1, self.classes + 5), name=f"places_{at}")(both))
        return keras.Model(maps, layers.Concatenate(axis=1, name="said")(said), name="box_head")

    def _block(self, kind: type[layers.Layer], name: str, reach: int) -> list[layers.Layer]:
        drawn = keras.initializers.HeNormal
        seeded = {"kernel_initializer": drawn(seeds.derive(self.seed, "weights", name))}
        if kind is layers.SeparableConv2D:
            seeded = {
                f"{part}_initializer": drawn(seeds.derive(self.seed, "weights", name, part))
                for part in ("depthwise", "pointwise")
            }
        return [
            kind(WIDTH, reach, padding="same", use_bias=False, name=f"{name}_conv", **seeded),
            layers.GroupNormalization(GROUPS, name=f"{name}_norm"),
            layers.ReLU(name=f"{name}_relu"),
        ]

    def _last(self, name: str, channels: int, bias: float) -> layers.Layer:
        kernel = keras.initializers.RandomNormal(stddev=0.01, seed=seeds.derive(self.seed, "weights", name))
        start = keras.initializers.Constant(bias)
        return layers.Conv2D(channels, 1, kernel_initializer=kernel, bias_initializer=start, name=name)


def _through(block: Sequence[layers.Layer], x: keras.KerasTensor) -> keras.KerasTensor:
    for layer in block:
        x = layer(x)
    return x


def boxes_of(said: keras.KerasTensor, classes: int, size: int) -> keras.KerasTensor:
    """Return what a head says as boxes with scores, ``(n, places, 4 + classes)``.

    The edges are shares of the sides, 0 to 1. A score is the root of the product of the probability of a class and of
    the place being in the middle of a box, so that of many boxes around one thing the best placed is the surest.
    """
    where = places(size) / size
    distances = keras.ops.exp(keras.ops.clip(said[:, :, classes : classes + 4], NEAREST, FARTHEST)) * where[None, :, 2:]
    upper = distances[:, :, :2] * -1.0 + where[None, :, :2]
    lower = distances[:, :, 2:] + where[None, :, :2]
    sure = keras.ops.sigmoid(said[:, :, :classes]) * keras.ops.sigmoid(said[:, :, classes + 4 :])
    edges = keras.ops.clip(keras.ops.concatenate([upper, lower], axis=-1), 0.0, 1.0)
    return keras.ops.concatenate([edges, keras.ops.sqrt(sure)], axis=-1)
