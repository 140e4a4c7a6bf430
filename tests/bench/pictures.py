"""Small real JPEGs, made quickly: two classes of coloured noise."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = {"cold": (70, 90, 190), "warm": (190, 100, 60)}
SIZE = (160, 120)


def write(folder: Path, count: int, side: int | None = None) -> Path:
    """Write ``count`` JPEGs, all different, half of them of each class: squares, or 160 × 120 without a side."""
    size = (side, side) if side else SIZE
    for label in CLASSES:
        (folder / label).mkdir(parents=True)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda number: _write_one(folder, number, size), range(count)))
    return folder


def _write_one(folder: Path, number: int, size: tuple[int, int]) -> None:
    label = list(CLASSES)[number % len(CLASSES)]
    chance = np.random.default_rng(number)
    coarse = np.array(CLASSES[label]) + chance.integers(-60, 60, (12, 16, 3))
    picture = Image.fromarray(coarse.clip(0, 255).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    picture.save(folder / label / f"{number:06d}.jpg", quality=85)
