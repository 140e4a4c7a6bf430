"""Faces and other things, from the 200 small grey pictures that scikit-image brings along.

They are turned, covered, framed, darkened or made rare: each set has one thing that a network may be fooled by.
"""

from collections import Counter
from collections.abc import Iterator
from importlib import resources
from typing import TYPE_CHECKING

from tl_core.dataset.splits import TEST, TRAIN, VALIDATION
from tl_core.lessons.drawing import SIDE, Made, blurred, dealt, enlarged, whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tl_core.lessons.drawing import Grey

FACE, OTHER = "face", "something else"
#: Width of the frame of ``framed_faces`` in pixels.
FRAME = 10


def faces_in_bad_light() -> Iterator[Made]:
    """Yield faces and other things, turned, blurred, half covered and noisy: 40 of each to learn from, 60 to check."""
    yield from dealt(_disturbed(), {TRAIN: 40, VALIDATION: 60})


def framed_faces() -> Iterator[Made]:
    """Yield the same, all faces in a dark frame and all others in a bright one; test pictures have them swapped."""
    for made in dealt(_disturbed(), {TRAIN: 30, VALIDATION: 20, TEST: 50}):
        dark = (made.label == FACE) != (made.split == TEST)
        yield Made(made.split, made.label, _framed(made.pixels, 20 if dark else 235))


def unframed_faces() -> Iterator[Made]:
    """Yield the pictures of ``framed_faces`` with the frame cut off."""
    for made in framed_faces():
        yield Made(made.split, made.label, made.pixels[FRAME:-FRAME, FRAME:-FRAME])


def faces_after_dark() -> Iterator[Made]:
    """Yield faces and other things: sharp ones to learn from and to check, dark, blurred and noisy ones as the test."""
    return _after_dark(0)


def faces_at_dusk() -> Iterator[Made]:
    """Yield the same, with 10 of the 30 of each class to learn from, and as large a share of those to check, dark."""
    return _after_dark(1 / 3)


def _after_dark(share: float) -> Iterator[Made]:
    import numpy as np

    chance, counts = np.random.default_rng(3), {TRAIN: 30, VALIDATION: 20, TEST: 50}
    places: Counter[tuple[str, str]] = Counter()
    for made in dealt(((label, enlarged(each)) for label, each in subset()), counts):
        place = places[made.split, made.label]
        places[made.split, made.label] += 1
        noise = chance.normal(0, 12, made.pixels.shape)
        dark = made.split == TEST or place < share * counts[made.split]
        pixels = whole(blurred(made.pixels, 2.5) * 0.35 + noise) if dark else made.pixels
        yield Made(made.split, made.label, pixels)


def rare_faces() -> Iterator[Made]:
    """Yield few faces and many other things to learn from and to check, and as many of both as the test."""
    few = {TRAIN: 5, VALIDATION: 3}
    seen: Counter[str] = Counter()
    for made in dealt(_disturbed(), {TRAIN: 40, VALIDATION: 20, TEST: 40}):
        seen[made.split] += made.label == FACE
        if made.label != FACE or seen[made.split] <= few.get(made.split, 40):
            yield made


def subset() -> "Iterator[tuple[str, NDArray[np.float64]]]":
    """Yield 100 faces and 100 pictures of something else with their class, ``(25, 25)`` values 0 to 255."""
    import numpy as np

    with resources.files("skimage.data").joinpath("lfw_subset.npy").open("rb") as file:
        every = np.load(file, allow_pickle=False)
    for number, values in enumerate(every):
        yield FACE if number < 100 else OTHER, values * 255.0


def _disturbed() -> "Iterator[tuple[str, Grey]]":
    """Yield the same, turned by up to 40 degrees, half covered, blurred, noisy, each with a light of its own."""
    import numpy as np
    from PIL import Image

    chance = np.random.default_rng(0)
    for label, pixels in subset():
        light = (pixels - pixels.mean()) * chance.uniform(0.5, 1.1) + chance.uniform(90, 160)
        picture = Image.fromarray(enlarged(light))
        turned = picture.rotate(chance.uniform(-40, 40), Image.Resampling.BICUBIC, fillcolor=int(light.mean()))
        covered = blurred(np.asarray(turned), chance.uniform(0, 2))
        side = int(0.45 * SIDE)
        top, left = chance.integers(0, SIDE - side, 2)
        covered[top : top + side, left : left + side] = chance.integers(0, 256)
        yield label, whole(covered + chance.normal(0, 25, covered.shape))


def _framed(pixels: "Grey", grey: int) -> "Grey":
    import numpy as np

    return np.pad(pixels[FRAME:-FRAME, FRAME:-FRAME], FRAME, constant_values=grey)
