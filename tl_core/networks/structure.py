"""What a network is made of, as records: layers, and the blocks that are frozen as a whole. Loads no Keras."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer, or one bare ``keras.ops`` call.

    Attributes:
        name: unique in its network.
        type: name of its Keras class.
        shape: of its output for one picture: ``(height, width, channels)`` of a feature map, else ``(units,)``.
        parameters: number of its weights.
    """

    name: str
    type: str
    shape: tuple[int, ...]
    parameters: int


@dataclass(frozen=True, kw_only=True)
class Block:
    """A run of layers that is frozen as a whole.

    Attributes:
        id: name of its last layer, a cut point.
        label: for a person: ``"Stage 3, residual block 2"``. Stages are numbered by resolution.
        layers: in order.
        parameters: number of weights in it.
        multiply_adds: of one picture.
        shape: of its output for one picture, ``(height, width, channels)``.
        receptive_field: side of the part of the picture that one value of its output depends on, in pixels; it may be
            larger than the picture. None where that is the whole picture, however large.
    """

    id: str
    label: str
    layers: tuple[Layer, ...]
    parameters: int
    multiply_adds: int
    shape: tuple[int, int, int]
    receptive_field: int | None
