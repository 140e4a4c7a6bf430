"""What a freeze line costs, estimated before anything runs. Loads no TensorFlow.

Every function takes the outline of a network as ``outline.kept`` returns it, and the line as the number of blocks
that are frozen: 0 is nothing, as many as there are blocks is everything but the head.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Self

from tl_core.features.sources import MANY
from tl_core.freezing.speed import Speed
from tl_core.recipe import Draft, Head, Network, Precision

BATCH_NORM = "BatchNormalization"
#: A step backward costs about two forward, one for the weights and one for what comes in: Kaplan et al. 2020, Scaling
#: Laws for Neural Language Models, section 2.1, https://arxiv.org/abs/2001.08361; measured for convolutional networks:
#: Hobbhahn and Sevilla 2021, https://epoch.ai/blog/backward-forward-FLOP-ratio.
BACKWARD = 2.0
#: Measured with photographs of 1,000 pixels on two cores: decoding one, reading kept activations, one call of Keras.
DECODE_SECONDS = 0.0015
READ_BYTES_PER_SECOND = 1e9
STEP_SECONDS = 0.005
BYTES = {"float32": 4, "float16": 2}


@dataclass(frozen=True, kw_only=True)
class Data:
    """What is trained on and how it is brought in.

    Attributes:
        train: number of pictures.
        validation: number of pictures.
        size: side that they are brought to, in pixels.
        augmented: training pictures are changed at random.
        variants: kept changes of each training picture; 0 makes new ones in every epoch, and nothing can be kept.
        precision: of what is kept, ``"float32"`` or ``"float16"``.
        batch_size: pictures per step.
    """

    train: int
    validation: int
    size: int
    augmented: bool
    variants: int
    precision: Precision
    batch_size: int

    @classmethod
    def of(cls, draft: Draft, network: Network, *, train: int, validation: int) -> Self:
        """Return what a run with these choices would be trained on.

        Args:
            draft: the choices.
            network: the row of the catalogue for its backbone.
            train: number of pictures.
            validation: number of pictures.
        """
        return cls(
            train=train,
            validation=validation,
            size=network.default_size if draft.image_size is None else draft.image_size,
            augmented=draft.augmentation != "off",
            variants=draft.augmentation_variants,
            precision=draft.cache_precision,
            batch_size=draft.batch_size,
        )

    @property
    def live(self) -> bool:
        """True if every epoch has new pictures, so that no work on them can be kept."""
        return self.augmented and not self.variants

    @property
    def looked_at(self) -> int:
        """How many pictures go through the frozen part before the first epoch."""
        return 0 if self.live else self.validation + self.train * (self.variants if self.augmented else 1)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a line costs.

    Attributes:
        trainable: parameters that training changes, the head's included.
        frozen: parameters that stay as they are.
        kept_bytes: size of the kept activations; 0 where none can be kept.
        first_pass: seconds in which every picture is looked at before epochs begin; None without a measured speed.
        epoch: seconds of an epoch in which what lies behind the line trains; None without a measured speed.
    """

    trainable: int
    frozen: int
    kept_bytes: int
    first_pass: float | None
    epoch: float | None


def lines(outline: dict[str, Any]) -> list[str]:
    """Return the values of ``recipe.freeze`` by number of frozen blocks, from ``"none"`` to ``"all"``."""
    return ["none", *(block["id"] for block in outline["blocks"][:-1]), "all"]


def frozen_blocks(outline: dict[str, Any], freeze: str) -> int:
    """Return how many blocks a value of ``recipe.freeze`` freezes; one of another network counts as ``"all"``.

    >>> frozen_blocks({"blocks": [{"id": "stem"}, {"id": "top"}]}, "stem")
    1
    """
    offered = lines(outline)
    return offered.index(freeze) if freeze in offered else len(offered) - 1


def top_third(outline: dict[str, Any]) -> int:
    """Return how many blocks are frozen if about the top third of them trains, at least one.

    >>> top_third({"blocks": [{"id": "stem"}] * 18})
    12
    """
    count = len(outline["blocks"])
    return count - max(1, round(count / 3))


def trainable_parameters(layer: dict[str, Any], *, train_batch_norm: bool) -> int:
    """Return how many parameters of a layer of the outline train behind the line.

    BatchNorm's mean and variance, two for each channel, are counted but never trained.
    """
    if layer["type"] != BATCH_NORM:
        return int(layer["parameters"])
    return max(0, layer["parameters"] - 2 * layer["shape"][-1]) if train_batch_norm else 0


def head_parameters(outline: dict[str, Any], head: Head, classes: int, size: int) -> int:
    """Return how many parameters a new head has for pictures of ``size`` pixels."""
    inputs = _pooled(outline, head, size)
    units = 1 if head.activation == "sigmoid" else classes
    if not head.hidden:
        return (inputs + 1) * units
    return (inputs + 1) * head.hidden + (head.hidden + 1) * units


def estimate(
    outline: dict[str, Any],
    frozen: int,
    data: Data,
    *,
    head: Head,
    classes: int,
    speed: Speed | None = None,
    keep_frozen: Collection[str] = (),
    train_batch_norm: bool = False,
) -> Estimate:
    """Return what it costs to freeze the lowest ``frozen`` blocks.

    A run trains the head first, with the whole network frozen, and then what lies behind the line: so a first pass goes
    to the top, and where the line is lower down a second one up to there. Both leave activations that are kept. Times
    follow from the multiply-adds on both sides of the line and the speed of the whole network.

    Args:
        outline: of the network.
        frozen: number of frozen blocks.
        data: the pictures.
        head: the new layers.
        classes: number of classes.
        speed: of the network on this machine, if it was measured.
        keep_frozen: names or types of layers behind the line that stay frozen all the same.
        train_batch_norm: whether BatchNorm behind the line trains.
    """
    behind = [layer for block in outline["blocks"][frozen:] for layer in block["layers"]]
    moving = [layer for layer in behind if layer["name"] not in keep_frozen and layer["type"] not in keep_frozen]
    trained = sum(trainable_parameters(layer, train_batch_norm=train_batch_norm) for layer in moving)
    everything = sum(block["parameters"] for block in outline["blocks"])
    top = _pooled(outline, head, data.size) * BYTES[data.precision]
    lower = math.prod(_shape(outline, frozen, data.size)) * BYTES[data.precision] if _is_inside(outline, frozen) else 0
    return Estimate(
        trainable=trained + head_parameters(outline, head, classes, data.size),
        frozen=everything - trained,
        kept_bytes=(top + lower) * data.looked_at,
        first_pass=None if speed is None else _first_pass(outline, frozen, data, speed),
        epoch=None if speed is None else _epoch(outline, frozen, data, speed, lower or top),
    )


def _is_inside(outline: dict[str, Any], frozen: int) -> bool:
    return 0 < frozen < len(outline["blocks"])


def _pooled(outline: dict[str, Any], head: Head, size: int) -> int:
    shape = _shape(outline, len(outline["blocks"]), size)
    return math.prod(shape) if head.pooling == "flatten" else shape[-1]


def _shape(outline: dict[str, Any], frozen: int, size: int) -> tuple[int, int, int]:
    height, width, channels = outline["blocks"][frozen - 1]["shape"]
    scale = size / outline["size"]
    return math.ceil(height * scale), math.ceil(width * scale), channels


def _seconds(outline: dict[str, Any], data: Data, size: int, per_second: float) -> list[float]:
    """Return the seconds of one picture in each block, by the speed of the whole network at that size."""
    costs = [block["multiply_adds"] for block in outline["blocks"]]
    whole = (data.size / size) ** 2 / per_second
    return [whole * cost / max(1, sum(costs)) for cost in costs]


def _first_pass(outline: dict[str, Any], frozen: int, data: Data, speed: Speed) -> float:
    """Pictures are decoded while the network runs, so the slower of the two counts."""
    quick = speed.looking_per_second if data.looked_at >= MANY else None
    seconds = _seconds(outline, data, speed.size, quick or speed.pictures_per_second)
    passes = [sum(seconds), sum(seconds[:frozen])] if _is_inside(outline, frozen) else [sum(seconds)]
    return data.looked_at * sum(max(DECODE_SECONDS, each) for each in passes)


def _epoch(outline: dict[str, Any], frozen: int, data: Data, speed: Speed, kept: int) -> float:
    seconds = _seconds(outline, data, speed.size, speed.pictures_per_second)
    below, behind, read = sum(seconds[:frozen]), sum(seconds[frozen:]), kept / READ_BYTES_PER_SECOND
    reach = max(DECODE_SECONDS, below) if data.live or not frozen else read
    learning = data.train * (reach + behind * (1 + BACKWARD)) + data.validation * (reach + behind)
    return learning + STEP_SECONDS * math.ceil(data.train / data.batch_size)
