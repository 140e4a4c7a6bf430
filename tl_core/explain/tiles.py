"""Feature maps and filters as small pictures. Loads no Keras: the records are read where none is."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tl_core.explain.overlay import coloured

#: Small maps and filters are enlarged to about this many pixels, without smoothing.
MAP_SIDE, FILTER_SIDE = 160, 64
#: Values outside these quantiles are drawn as if they were at them: a few bright dots would make the rest dark.
MAP_RANGE = (0.005, 0.995)
#: Weights beyond this share of all are drawn as if they were at its edge: a few would make the rest grey.
FILTER_RANGE = 0.995

#: Pictures of several channels or filters, each a PNG.
Tiles = tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True)
class FeatureMaps:
    """The feature maps at the end of a block that a picture excites most.

    Attributes:
        channels: their numbers, the strongest first (by the mean of the map before training).
        shape: height, width and number of all maps of the block.
        before: a PNG for each of the channels before training, dark is weak, bright is strong.
        after: the same after training, None without a run; a channel has one scale for both.
    """

    channels: tuple[int, ...]
    shape: tuple[int, int, int]
    before: Tiles
    after: Tiles | None


@dataclass(frozen=True, kw_only=True)
class Filters:
    """The kernels of the first convolution, as coloured tiles.

    A tile shows which colours in which places excite the filter; grey is a weight of zero. All have one scale.

    Attributes:
        layer: name of the convolution.
        before: a PNG for each filter before training.
        after: the same after training, None without a run.
    """

    layer: str
    before: Tiles
    after: Tiles | None


def of_maps(sets: Sequence[NDArray[np.float32]]) -> list[Tiles]:
    """Return a PNG for each channel of each set of maps ``(height, width, channels)``; a channel has one scale."""
    every = np.stack(sets)
    low, high = np.quantile(every, MAP_RANGE, axis=(0, 1, 2))
    high = np.where(high > low, high, every.max(axis=(0, 1, 2)))
    scaled = np.clip((every - low) / np.where(high > low, high - low, 1), 0, 1)
    return [tuple(_png(coloured(channel), MAP_SIDE) for channel in np.moveaxis(maps, -1, 0)) for maps in scaled]


def of_kernels(sets: Sequence[NDArray[np.float32]]) -> list[Tiles]:
    """Return a PNG for each filter of each set of kernels ``(height, width, RGB, filters)``; all have one scale."""
    most = float(np.quantile(np.abs(np.stack(sets)), FILTER_RANGE)) or 1.0
    colours = [(127.5 + 127.5 * np.clip(kernels / most, -1, 1)).round().astype(np.uint8) for kernels in sets]
    return [tuple(_png(tile, FILTER_SIDE) for tile in np.moveaxis(kernels, -1, 0)) for kernels in colours]


def _png(colours: NDArray[np.uint8], side: int) -> bytes:
    times = max(1, side // max(colours.shape[:2]))
    buffer = io.BytesIO()
    Image.fromarray(colours.repeat(times, axis=0).repeat(times, axis=1)).save(buffer, "PNG")
    return buffer.getvalue()
