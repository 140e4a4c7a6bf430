"""What a freeze line costs, estimated before anything runs. Loads no TensorFlow.

The line is the number of blocks that are frozen: 0 is nothing, as many as there are blocks is everything but the head.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Self

from tl_core.draft import BackboneRow, Draft
from tl_core.features.store import row_bytes
from tl_core.freezing.outline import Outline
from tl_core.freezing.speed import Speed
from tl_core.networks import box_shape
from tl_core.networks.box_shape import STRIDES
from tl_core.networks.structure import Layer
from tl_core.recipe import Head, Precision, Recipe

BATCH_NORM = "BatchNormalization"
#: A step backward costs about two forward, one for the weights and one for what comes in: Kaplan et al. 2020, Scaling
#: Laws for Neural Language Models, section 2.1, https://arxiv.org/abs/2001.08361; measured for convolutional networks:
#: Hobbhahn and Sevilla 2021, https://epoch.ai/blog/backward-forward-FLOP-ratio.
BACKWARD = 2.0
#: Decoding one photograph, reading cached activations, one call of Keras: measured on two cores.
DECODE_SECONDS = 0.0015
READ_BYTES_PER_SECOND = 1e9
STEP_SECONDS = 0.005
#: Work of learning while BatchNorm trains, too, beside that of learning while it does not; seconds in which a layer
#: that trains is made ready, once a run: measured on two cores.
NORM = 2.0
READY_SECONDS = 0.035


@dataclass(frozen=True, kw_only=True)
class Data:
    """What is trained on, and how it gets to the network.

    Attributes:
        train: number of pictures.
        validation: number of pictures.
        size: side in pixels that they are scaled to; of texts the word pieces that are read.
        augmented: training pictures are changed at random.
        variants: stored copies of each training picture, each changed in its own way; 0 changes them in every epoch,
            and nothing can be cached.
        precision: of what is cached.
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
    def of(cls, draft: Draft | Recipe, network: BackboneRow, *, train: int, validation: int) -> Self:
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
        """True if every epoch has new pictures, so that no work on them can be cached."""
        return self.augmented and not self.variants

    @property
    def precomputed(self) -> int:
        """How many pictures go through the frozen blocks before the first epoch."""
        return 0 if self.live else self.validation + self.train * (self.variants if self.augmented else 1)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a line costs.

    Attributes:
        trainable: parameters that training changes, the head's included.
        frozen: parameters that stay as they are.
        cache_bytes: size of the cached activations; 0 where none can be cached.
        first_pass: seconds in which every picture goes through the frozen blocks once, before epochs begin; None
            without a measured speed.
        epoch: seconds of an epoch that trains everything after the line; None without a measured speed.
    """

    trainable: int
    frozen: int
    cache_bytes: int
    first_pass: float | None
    epoch: float | None


def trainable_parameters(layer: Layer, *, train_batch_norm: bool) -> int:
    """Return how many parameters of a layer train after the line.

    BatchNorm's mean and variance, two for each channel, are counted but never trained.
    """
    if layer.type != BATCH_NORM:
        return layer.parameters
    return max(0, layer.parameters - 2 * layer.shape[-1]) if train_batch_norm else 0


def head_parameters(outline: Outline, head: Head, classes: int, size: int) -> int:
    """Return how many parameters a new head has for pictures of ``size`` pixels."""
    inputs = _pooled(outline, head, size)
    units = head.units(classes)
    if not head.hidden:
        return (inputs + 1) * units
    return (inputs + 1) * head.hidden + (head.hidden + 1) * units


def estimate(
    outline: Outline,
    frozen: int,
    data: Data,
    *,
    head: Head,
    classes: int,
    speed: Speed | None = None,
    keep_frozen: Collection[str] = (),
    train_batch_norm: bool = False,
    boxes: bool = False,
) -> Estimate:
    """Return what it costs to freeze the lowest ``frozen`` blocks.

    A run trains the head first, with the whole network frozen, and then everything after the line: so a first pass goes
    to the top, and where the line is lower down a second one up to there. Both leave activations in the cache. Times
    follow from the multiply-adds on both sides of the line and the speed of the whole network.

    Args:
        outline: of the network.
        frozen: number of frozen blocks.
        data: the pictures.
        head: the new layers.
        classes: number of classes.
        speed: of the network on this machine, if it was measured.
        keep_frozen: names or types of layers after the line that stay frozen.
        train_batch_norm: whether BatchNorm after the line trains.
        boxes: whether the head is one for boxes, which takes maps at three scales; ``head`` is then of no account.
    """
    after = [layer for block in outline.blocks[frozen:] for layer in block.layers]
    trains = [layer for layer in after if layer.name not in keep_frozen and layer.type not in keep_frozen]
    trained = sum(trainable_parameters(layer, train_batch_norm=train_batch_norm) for layer in trains)
    everything = sum(block.parameters for block in outline.blocks)
    maps = _maps(outline, data.size) if boxes else []
    top = _maps_bytes(outline, maps, data) if boxes else row_bytes((_pooled(outline, head, data.size),), data.precision)
    inside = _is_inside(outline, frozen)
    below = sorted({*(at for at in maps if at <= frozen), frozen})
    lower = _maps_bytes(outline, below, data) if inside else 0
    own = _box_parameters(outline, maps, classes) if boxes else head_parameters(outline, head, classes, data.size)
    return Estimate(
        trainable=trained + own,
        frozen=everything - trained,
        cache_bytes=(top + lower) * data.precomputed,
        first_pass=None if speed is None else _first_pass(outline, frozen, data, speed),
        epoch=None if speed is None else _epoch(outline, frozen, data, speed, lower or top, _slower(train_batch_norm)),
    )


def seconds(outline: Outline, recipe: Recipe, data: Data, *, classes: int, speed: Speed) -> float:
    """Return how long a whole run takes: its first passes, the epochs of its head, and those after the line.

    Args:
        outline: of the network.
        recipe: of the run. Where the network learns from scratch there is no head to be trained before: 0 epochs.
        data: the pictures.
        classes: number of classes.
        speed: of the network on this machine.
    """

    def at(frozen: int) -> Estimate:
        norm = recipe.train_batch_norm
        return estimate(outline, frozen, data, head=recipe.head, classes=classes, speed=speed, train_batch_norm=norm)

    frozen, top = outline.frozen_blocks(recipe.freeze), len(outline.blocks)
    line = at(frozen)
    first = (line.first_pass or 0.0) if recipe.epochs else 0.0
    head = 0.0 if recipe.convex else recipe.epochs * (at(top).epoch or 0.0)
    trained = sum(len(block.layers) for block in outline.blocks[frozen:]) if recipe.fine_tune_epochs else 0
    ready = READY_SECONDS * trained * _slower(recipe.train_batch_norm)
    return first + head + ready + recipe.fine_tune_epochs * (line.epoch or 0.0)


def _maps(outline: Outline, size: int) -> list[int]:
    """Return the numbers of the blocks whose maps a head for boxes takes, where the network has them."""
    numbers = range(1, len(outline.blocks) + 1)
    sides = {at: _shape(outline, at, size)[0] for at in numbers}
    return [
        max(at for at in numbers if sides[at] == size // each) for each in STRIDES if size // each in sides.values()
    ]


def _maps_bytes(outline: Outline, blocks: Iterable[int], data: Data) -> int:
    """Return the bytes of what some blocks give for one picture."""
    return sum(row_bytes(_shape(outline, at, data.size), data.precision) for at in blocks)


def _box_parameters(outline: Outline, maps: Iterable[int], classes: int) -> int:
    return box_shape.parameters((outline.blocks[at - 1].shape[-1] for at in maps), classes)


def _is_inside(outline: Outline, frozen: int) -> bool:
    return 0 < frozen < len(outline.blocks)


def _pooled(outline: Outline, head: Head, size: int) -> int:
    shape = _shape(outline, len(outline.blocks), size)
    return math.prod(shape) if head.pooling == "flatten" else shape[-1]


def _shape(outline: Outline, frozen: int, size: int) -> tuple[int, ...]:
    """Return the shape after a block: of a picture height, width and channels, of a text its length and width."""
    *sides, channels = outline.blocks[frozen - 1].shape
    return *(math.ceil(side * size / outline.size) for side in sides), channels


def _seconds(outline: Outline, data: Data, size: int, per_second: float) -> list[float]:
    """Return the seconds of one picture in each block, by the speed of the whole network at that size.

    They grow with each side of what comes in: a picture has two, a text one.
    """
    costs = [block.multiply_adds for block in outline.blocks]
    sides = len(outline.blocks[0].shape) - 1
    whole = (data.size / size) ** sides / per_second
    return [whole * cost / max(1, sum(costs)) for cost in costs]


def _first_pass(outline: Outline, frozen: int, data: Data, speed: Speed) -> float:
    """Pictures are decoded while the network runs, so the slower of the two counts. Each line is converted once."""
    seconds = _seconds(outline, data, speed.size, speed.looking_per_second or speed.pictures_per_second)
    passes = [sum(seconds), sum(seconds[:frozen])] if _is_inside(outline, frozen) else [sum(seconds)]
    convert = (speed.convert_seconds or 0.0) * len(passes) if data.precomputed else 0.0
    return convert + data.precomputed * sum(max(DECODE_SECONDS, each) for each in passes)


def _slower(train_batch_norm: bool) -> float:
    return NORM if train_batch_norm else 1.0


def _epoch(outline: Outline, frozen: int, data: Data, speed: Speed, row_bytes: int, slower: float) -> float:
    seconds = _seconds(outline, data, speed.size, speed.pictures_per_second)
    below, above, read = sum(seconds[:frozen]), sum(seconds[frozen:]), row_bytes / READ_BYTES_PER_SECOND
    reach = max(DECODE_SECONDS, below) if data.live or not frozen else read
    learning = data.train * (reach + above * (1 + BACKWARD) * slower) + data.validation * (reach + above)
    return learning + STEP_SECONDS * math.ceil(data.train / data.batch_size)
