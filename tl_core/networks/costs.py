"""What a network costs to run: multiply-adds, layer by layer."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def per_layer(model: "keras.Model") -> dict[str, int]:
    """Return the multiply-adds of one picture in each layer that has any, by name, in the order of the graph.

    Counted are convolutions and dense layers, as in the papers; not normalisation, activation, pooling.

    Args:
        model: a flat functional model with a fixed input size, as ``backbone.build`` returns.
    """
    counts = {layer.name: multiply_adds(layer) for layer in model.layers}
    return {name: count for name, count in counts.items() if count}


def total(model: "keras.Model") -> int:
    """Return the multiply-adds of one picture in the whole network."""
    return sum(per_layer(model).values())


def multiply_adds(layer: "keras.layers.Layer") -> int:
    """Return the multiply-adds of one picture in one layer; 0 if it neither convolves nor is dense."""
    from keras import layers

    if isinstance(layer, layers.SeparableConv2D):
        height, width = layer.output.shape[1:3]
        depthwise = math.prod(layer.depthwise_kernel.shape)
        return int(height * width * (depthwise + math.prod(layer.pointwise_kernel.shape)))
    if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
        height, width = layer.output.shape[1:3]
        return int(height * width * math.prod(layer.kernel.shape))
    if isinstance(layer, layers.Dense):
        return int(math.prod(layer.output.shape[1:-1]) * math.prod(layer.kernel.shape))
    return 0
