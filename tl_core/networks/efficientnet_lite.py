"""EfficientNet-Lite 0, 1 and 2 as plain Keras networks.

They are the EfficientNets of Tan and Le (https://arxiv.org/abs/1905.11946) without squeeze-and-excite and
with ReLU6, published by Google as EfficientNet-Lite. Where their weights come from: ``efficientnet_lite_weights``.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

#: Stages of Lite0: repeats, kernel size, stride, expansion, channels out.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STEM = 32
HEAD = 1280
CLASSES = 1000

#: Width and depth multipliers.
SCALES = {"lite0": (1.0, 1.0), "lite1": (1.0, 1.1), "lite2": (1.1, 1.2)}


@dataclass(frozen=True, kw_only=True)
class Block:
    """One inverted bottleneck: expand, depthwise convolution, project, and the shortcut where it fits.

    Attributes:
        index: its place in the network, from 0.
        channels_in: of its input.
        channels_out: of its output.
        kernel: side of the depthwise convolution.
        stride: of the depthwise convolution, 1 or 2.
        expand: channels of the convolution for each of the input; 1 for no expansion.
    """

    index: int
    channels_in: int
    channels_out: int
    kernel: int
    stride: int
    expand: int

    @property
    def shortcut(self) -> bool:
        """True where the input is added to the output."""
        return self.stride == 1 and self.channels_in == self.channels_out


def blocks(variant: str) -> Iterator[Block]:
    """Yield the blocks of ``"lite0"``, ``"lite1"`` or ``"lite2"`` from the input on."""
    width, depth = SCALES[variant]
    index, channels = 0, STEM
    for stage, (repeats, kernel, stride, expand, out) in enumerate(STAGES):
        fixed = stage in (0, len(STAGES) - 1)
        out = _round_to_eight(out * width)
        for repeat in range(repeats if fixed else math.ceil(repeats * depth)):
            yield Block(
                index=index,
                channels_in=channels,
                channels_out=out,
                kernel=kernel,
                stride=stride if repeat == 0 else 1,
                expand=expand,
            )
            index, channels = index + 1, out


def _round_to_eight(channels: float) -> int:
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


def network(variant: str, inputs: "keras.KerasTensor", *, top: bool = False) -> "keras.Model":
    """Return the network over a tensor that is already preprocessed: (pixel - 127) / 128.

    Args:
        variant: ``"lite0"``, ``"lite1"`` or ``"lite2"``.
        inputs: symbolic, ``(n, size, size, 3)`` float32.
        top: with the 1000-way ImageNet classifier; else up to the map ``(n, size/32, size/32, 1280)``.

    The model begins at the input that ``inputs`` came from.
    """
    import keras
    from keras import layers

    x = _conv(inputs, "stem", STEM, 3, 2)
    for block in blocks(variant):
        x = _block(x, block)
    x = _conv(x, "head", HEAD, 1, 1)
    if top:
        x = layers.GlobalAveragePooling2D(name="pool")(x)
        x = layers.Dense(CLASSES, activation="softmax", name="predictions")(x)
    return keras.Model(keras.utils.get_source_inputs(inputs)[0], x, name=f"efficientnet_{variant}")


def _block(x: "keras.KerasTensor", block: Block) -> "keras.KerasTensor":
    from keras import layers

    name = f"block_{block.index:02d}"
    shortcut = x
    if block.expand != 1:
        x = _conv(x, f"{name}_expand", block.channels_in * block.expand, 1, 1)
    x = layers.DepthwiseConv2D(
        block.kernel, block.stride, padding="same", use_bias=False, name=f"{name}_depthwise_conv"
    )(x)
    x = _norm_and_relu(x, f"{name}_depthwise")
    x = layers.Conv2D(block.channels_out, 1, padding="same", use_bias=False, name=f"{name}_project_conv")(x)
    x = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_project_bn")(x)
    return layers.Add(name=f"{name}_add")([x, shortcut]) if block.shortcut else x


def _conv(x: "keras.KerasTensor", name: str, filters: int, kernel: int, stride: int) -> "keras.KerasTensor":
    from keras import layers

    x = layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False, name=f"{name}_conv")(x)
    return _norm_and_relu(x, name)


def _norm_and_relu(x: "keras.KerasTensor", name: str) -> "keras.KerasTensor":
    from keras import layers

    x = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_bn")(x)
    return layers.ReLU(max_value=6.0, name=f"{name}_relu")(x)
