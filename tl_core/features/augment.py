"""Random changes to training pictures: a row of ``LEVELS`` each; ``recipe`` has their words.

What becomes of a picture follows from the seed, its id and the number of the copy alone: not from the pictures that are
changed with it, nor from what was computed before.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tl_core import seeds
from tl_core.dataset import image
from tl_core.features.sources import Inputs, Pictures, Rows
from tl_core.recipe import Augmentation, AugmentationSize


@dataclass(frozen=True, kw_only=True)
class Level:
    """How far pictures are changed. Each amount is drawn evenly from its range.

    Attributes:
        mirror: half of the pictures are mirrored left to right.
        turn: at most, to either side, as a share of a full turn.
        shift: at most, along both sides, as a share of the side.
        zoom: least and largest side of what is seen, as a share of the side; edges are repeated outside.
        brightness: at most added or taken away, as a share of the range.
        contrast: at most more or less, as a share.
        crop: of a picture that is changed at its own size: at most to either side and up or down, as a share of the
            side, in place of turn, shift and zoom. What comes in at the edges is reflected: nothing is resampled.
    """

    mirror: bool = False
    turn: float = 0.0
    shift: float = 0.0
    zoom: tuple[float, float] = (1.0, 1.0)
    brightness: float = 0.0
    contrast: float = 0.0
    crop: float = 0.0


_GENTLE = Level(shift=0.08, zoom=(0.85, 1.05), brightness=0.1, contrast=0.1, crop=0.125)

#: What each level does; None for nothing.
LEVELS: dict[Augmentation, Level | None] = {
    "off": None,
    "gentle": _GENTLE,
    "full": replace(_GENTLE, mirror=True, turn=0.06),
}


class AugmentedPictures(Pictures):
    """Pictures that are changed at random.

    Args:
        pictures: as they are.
        ids: of the same pictures.
        level: how far they are changed.
        seed: of the changes.
        copies: numbers of the copies of each picture that are read in turn; None for a new copy in every epoch.
        at: at which size a picture is changed that is smaller than the network sees.
    """

    def __init__(
        self,
        pictures: Pictures,
        ids: Sequence[str],
        level: Level,
        seed: int,
        copies: Sequence[int] | None = None,
        at: AugmentationSize = "network",
    ) -> None:
        super().__init__(pictures.paths, pictures.size)
        self.ids = ids
        self.level = level
        self.seed = seed
        self.copies = copies
        self.at = at

    def read(self, rows: Rows, epoch: int = 0) -> NDArray[np.uint8]:
        """Return the pictures of those rows as that epoch sees them, ``(len(rows), size, size, 3)`` uint8."""
        drawn = [seeds.derive(self.seed, "augmentation", self.ids[row], self._copy(row, epoch)) for row in rows]
        opened = list(self._pool.map(self._square, rows, drawn))
        squares = np.stack([square for square, _ in opened])
        left = [number for number, (_, is_changed) in enumerate(opened) if not is_changed]
        if left:
            squares[left] = changed(squares[left], self.level, [drawn[number] for number in left])
        return squares

    def _square(self, row: int, drawn: int) -> tuple[NDArray[np.uint8], bool]:
        """Return a picture as the network sees it, and whether it was changed before it was enlarged."""
        opened = self._opened(row)
        small = self.at == "picture" and max(opened.size) < self.size
        if small:
            opened = Image.fromarray(changed_small(np.asarray(opened), self.level, drawn))
        return image.squashed(opened, self.size), small

    def _copy(self, row: int, epoch: int) -> int:
        return epoch if self.copies is None else self.copies[(int(row) + epoch) % len(self.copies)]


def augmented(
    pictures: Inputs,
    ids: Sequence[str],
    level: Augmentation,
    seed: int,
    copies: Sequence[int] | None = None,
    at: AugmentationSize = "network",
) -> Inputs:
    """Return pictures that are changed as a level says, see ``AugmentedPictures``; texts as they are.

    Raises:
        KeyError: there is no such level.
    """
    row = LEVELS[level]
    if row is None or not isinstance(pictures, Pictures):
        return pictures
    return AugmentedPictures(pictures, ids, row, seed, copies, at)


def changed(pictures: NDArray[np.uint8], level: Level, drawn: Sequence[int]) -> NDArray[np.uint8]:
    """Return pictures ``(n, size, size, 3)`` uint8, each changed by what follows from its own seed.

    Mirroring, turn, shift and zoom are one resampling, so that a picture is not blurred four times.

    Args:
        pictures: as they are.
        level: how far they are changed.
        drawn: the seed of each picture.
    """
    chances = [np.random.default_rng(seed) for seed in drawn]
    transforms = np.array([_transform(level, pictures.shape[1], chance) for chance in chances], np.float32)
    light = np.array([_light(level, chance) for chance in chances], np.float32)[:, :, None, None, None]
    moved = keras.ops.image.affine_transform(pictures.astype(np.float32), transforms, fill_mode="nearest")
    gain, offset = light[:, 0], light[:, 1]
    middle = pictures.mean(axis=(1, 2), keepdims=True).astype(np.float32)  # of whole numbers: exact in any order
    values: NDArray[np.float32] = keras.ops.convert_to_numpy(moved) * gain
    values += middle * (1 - gain) + offset
    return (np.clip(values, 0, 255, out=values) + 0.5).astype(np.uint8)


def moved(
    boxes: NDArray[np.float64],
    level: Augmentation,
    seed: int,
    picture: str,
    copy: int,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return where boxes are in the copy of a picture that ``AugmentedPictures`` makes, and which are still seen.

    A turned box has the size of the ellipse in it, turned: things rarely reach into the corners of their boxes.

    Args:
        boxes: ``(n, 4)`` left, upper, right, lower edges as shares of the sides.
        level: of the change.
        seed, picture, copy: seed, id of the picture and number of the copy, as the pictures are read with.

    Returns:
        The boxes, ``(n, 4)``, cut off at the edges, and ``(n,)`` whether at least a quarter of each is left.
    """
    row = LEVELS[level]
    if row is None or not len(boxes):
        return boxes, np.ones(len(boxes), bool)
    chance = np.random.default_rng(seeds.derive(seed, "augmentation", picture, copy))
    # Of a picture with a side of 1, whose first pixel begins at 0: so that shares are mapped to shares.
    a, b, x, c, d, y = _transform(row, 1, chance)[:6]
    back = np.linalg.inv(np.array([[a, b], [c, d]]))
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2 - 0.5
    half = (boxes[:, 2:] - boxes[:, :2]) / 2
    centre = (centre - [x, y]) @ back.T + 0.5
    half = np.sqrt(half**2 @ (back**2).T)
    whole = np.concatenate([centre - half, centre + half], axis=1)
    cut = np.clip(whole, 0, 1)
    left = np.clip(cut[:, 2:] - cut[:, :2], 0, None).prod(axis=1)
    return cut, left >= 0.25 * (whole[:, 2:] - whole[:, :2]).prod(axis=1)


def changed_small(picture: NDArray[np.uint8], level: Level, drawn: int) -> NDArray[np.uint8]:
    """Return a picture ``(height, width, 3)`` uint8 changed at its own size by what follows from a seed.

    Mirroring, a shift by whole pixels with reflected edges, and light: the usual changes for small pictures (He et al.,
    "Deep Residual Learning", 2015, section 4.2, https://arxiv.org/abs/1512.03385). Enlarged first, such a picture would
    be resampled twice, and its edges would be smeared.
    """
    chance = np.random.default_rng(drawn)
    if level.mirror and chance.random() < 0.5:
        picture = picture[:, ::-1]
    reach = [min(round(level.crop * side), side - 1) for side in picture.shape[:2]]
    top, left = (int(chance.integers(0, 2 * most + 1)) for most in reach)
    padded = np.pad(picture, [*((most, most) for most in reach), (0, 0)], mode="reflect")
    moved = padded[top : top + picture.shape[0], left : left + picture.shape[1]].astype(np.float32)
    gain, offset = _light(level, chance)
    values: NDArray[np.float32] = moved * gain + (float(picture.mean()) * (1 - gain) + offset)
    return (np.clip(values, 0, 255, out=values) + 0.5).astype(np.uint8)


def _transform(level: Level, size: int, chance: np.random.Generator) -> list[float]:
    """Return the map from a place in the changed picture to one in the picture, as ``affine_transform`` takes it."""
    mirror = -1 if level.mirror and chance.random() < 0.5 else 1
    angle = 2 * math.pi * chance.uniform(-level.turn, level.turn)
    right, down = size * chance.uniform(-level.shift, level.shift, 2)
    zoom, centre = chance.uniform(*level.zoom), (size - 1) / 2
    cosine, sine = zoom * math.cos(angle), zoom * math.sin(angle)
    x = [mirror * cosine, -mirror * sine]
    y = [sine, cosine]
    return [*x, centre + right - centre * sum(x), *y, centre + down - centre * sum(y), 0.0, 0.0]


def _light(level: Level, chance: np.random.Generator) -> tuple[float, float]:
    """Return what the values are multiplied by, and what is added to them."""
    contrast = chance.uniform(-level.contrast, level.contrast)
    return 1 + contrast, 255 * chance.uniform(-level.brightness, level.brightness)
