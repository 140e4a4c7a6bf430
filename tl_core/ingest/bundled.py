"""Pictures that need no network: made from what scikit-learn's and scikit-image's packages carry.

Each function writes a folder of PNG files as a person would have them, ``class/…`` or ``split/class/…``.
"""

from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tl_core.dataset.splits import TEST, TRAIN, VALIDATION

DIGIT_SIDE = 64
DIGITS_EACH = 100
TEXTURE_SIDE = 128
#: Columns of a 512 × 512 photograph that the crops of each part come from, and how many crops each gives.
STRIPS = {TRAIN: (0, 300, 80), VALIDATION: (300, 406, 24), TEST: (406, 512, 24)}
FACE_SIDE = 100

Emit = Callable[[int, int], None]


def digits(folder: Path, emit: Emit) -> None:
    """Write 100 handwritten digits of each of ten classes, enlarged from 8 × 8 to 64 × 64 pixels, ink on paper.

    They are enlarged smoothly: a linear classifier on EfficientNet-Lite0's features names 95 % of them right so, and
    81 % of the same digits with hard-edged pixels, which look like nothing that the network has seen.
    """
    from sklearn.datasets import load_digits

    found = load_digits()
    for digit in range(10):
        drawings = found.images[found.target == digit][:DIGITS_EACH]
        for number, drawing in enumerate(drawings):
            grey = np.rint(255 - drawing * (255 / 16)).astype(np.uint8)
            _save(grey, folder / str(digit) / f"{number:03d}.png", DIGIT_SIDE, Image.Resampling.BICUBIC)
        emit(digit + 1, 10)


def textures(folder: Path, emit: Emit) -> None:
    """Write crops of photographs of brick, grass and gravel, ``split/class/…``.

    The parts come from separate strips of each photograph, so no pixel of a test crop was trained on. Crops are squares
    of 48 to 96 pixels, so that the texture comes in several sizes, enlarged to 128.
    """
    chance = np.random.default_rng(0)
    names = ("brick", "grass", "gravel")
    for done, name in enumerate(names, 1):
        with resources.files("skimage.data").joinpath(f"{name}.png").open("rb") as file:
            photograph = np.array(Image.open(file))
        for part, (left, right, count) in STRIPS.items():
            for number in range(count):
                crop = _crop(photograph[:, left:right], chance)
                path = folder / part / name / f"{number:03d}.png"
                _save(crop, path, TEXTURE_SIDE, Image.Resampling.BICUBIC)
        emit(done, len(names))


def _crop(photograph: NDArray[np.uint8], chance: np.random.Generator) -> NDArray[np.uint8]:
    side = int(chance.integers(48, 97))
    top, left = (int(chance.integers(0, length - side + 1)) for length in photograph.shape)
    return photograph[top : top + side, left : left + side]


def faces(folder: Path, emit: Emit) -> None:
    """Write 100 faces and 100 pictures of something else, enlarged from 25 × 25 to 100 × 100 pixels."""
    with resources.files("skimage.data").joinpath("lfw_subset.npy").open("rb") as file:
        found = np.load(file, allow_pickle=False)
    for number, values in enumerate(found):
        name = "face" if number < 100 else "not a face"
        grey = np.rint(values * 255).astype(np.uint8)
        _save(grey, folder / name / f"{number % 100:03d}.png", FACE_SIDE, Image.Resampling.BICUBIC)
        emit(number + 1, len(found))


def _save(grey: NDArray[Any], path: Path, side: int, how: Image.Resampling) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(grey).resize((side, side), how).save(path, compress_level=1)
