"""Squares cut from the photographs that scikit-image brings along: of things, and of surfaces in changing light."""

from collections.abc import Iterable, Iterator
from importlib import resources
from typing import TYPE_CHECKING

from tl_core.dataset.splits import TRAIN, VALIDATION
from tl_core.lessons.drawing import Made, enlarged

if TYPE_CHECKING:
    import numpy as np

    from tl_core.lessons.drawing import Grey

#: Of each class of ``things`` the photograph, and which of the network's 1,000 names are right for it.
THINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "cat": ("chelsea.png", ("tabby", "tiger cat", "Egyptian cat", "Persian cat", "Siamese cat")),
    "coffee": ("coffee.png", ("espresso", "cup", "coffee mug")),
    "motorcycle": ("motorcycle_left.png", ("moped", "motor scooter")),
    "brick": ("brick.png", ()),
    "grass": ("grass.png", ()),
    "Moon": ("moon.png", ()),
}
SURFACES = {
    "brick": "brick.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "fur": "chelsea.png",
    "coins": "coins.png",
    "Moon": "moon.png",
    "tissue": "ihc.png",
    "print": "page.png",
}


def things() -> Iterator[Made]:
    """Yield squares of photographs: of things that a pre-trained network has a name for, and of some that it has not.

    They are for asking a network that has learned nothing of them: squares of one photograph overlap.
    """
    import numpy as np

    chance = np.random.default_rng(5)
    for label, (file, _) in THINGS.items():
        photograph = _photograph(file, "RGB")
        shorter = min(photograph.shape[:2])
        for split in (*[TRAIN] * 4, *[VALIDATION] * 20):
            side = int(shorter * chance.uniform(0.55, 1))
            top, left = (int(chance.integers(0, length - side + 1)) for length in photograph.shape[:2])
            yield Made(split, label, photograph[top : top + side, left : left + side])


def surfaces() -> Iterator[Made]:
    """Yield small squares of eight surfaces, turned, each with a light of its own.

    20 of each are to learn from. 30 are to check, from another part of each photograph.
    """
    yield from _squares(SURFACES, 20, 36)


def three_surfaces() -> Iterator[Made]:
    """Yield large squares of three surfaces, which are easy to tell apart, in the same way."""
    yield from _squares(("brick", "grass", "gravel"), 64, 96)


def _squares(labels: Iterable[str], least: int, most: int) -> Iterator[Made]:
    import numpy as np

    chance = np.random.default_rng(0)
    for label, file in ((each, SURFACES[each]) for each in labels):
        photograph = _photograph(file, "L")
        width = photograph.shape[1]
        for split, (left, right, count) in {TRAIN: (0.0, 0.6, 20), VALIDATION: (0.62, 1.0, 30)}.items():
            part = photograph[:, int(left * width) : int(right * width)]
            for _ in range(count):
                yield Made(split, label, _turned_square(part, int(chance.integers(least, most + 1)), chance))


def _turned_square(part: "Grey", side: int, chance: "np.random.Generator") -> "Grey":
    import numpy as np
    from PIL import Image

    large = min(int(side * 1.42) + 2, *part.shape)
    row, column = (int(chance.integers(0, length - large + 1)) for length in part.shape)
    square = Image.fromarray(part[row : row + large, column : column + large])
    turned = np.asarray(square.rotate(chance.uniform(0, 360), Image.Resampling.BICUBIC), np.float64)
    edge = (large - side) // 2
    middle = turned[edge : edge + side, edge : edge + side]
    return enlarged((middle - middle.mean()) * chance.uniform(0.5, 1.2) + chance.uniform(80, 170))


def _photograph(file: str, mode: str) -> "Grey":
    import numpy as np
    from PIL import Image

    with resources.files("skimage.data").joinpath(file).open("rb") as opened:
        return np.asarray(Image.open(opened).convert(mode))
