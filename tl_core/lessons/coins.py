"""Pictures that a coin has dealt to two piles: there is nothing to learn, and an accuracy above 50% is a leak."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tl_core.dataset.splits import TEST, TRAIN, VALIDATION
from tl_core.lessons.drawing import Made, enlarged
from tl_core.lessons.faces import subset

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: So many pictures are learned from, and of these so many copied.
LEARNED, COPIES = 60, 40


def coin_piles() -> Iterator[Made]:
    """Yield pictures that a coin has dealt to two piles, and for validation copies of 40 of them, a little brighter.

    Test pictures are others.
    """
    import numpy as np

    for number, (label, pixels) in enumerate(_tossed()):
        if number < LEARNED:
            yield Made(TRAIN, label, enlarged(pixels))
        if number < COPIES:
            yield Made(VALIDATION, label, enlarged(np.clip(pixels * 0.97 + 6, 0, 255)))
        if number >= LEARNED + COPIES:
            yield Made(TEST, label, enlarged(pixels))


def coin_piles_apart() -> Iterator[Made]:
    """Yield the same with other pictures in place of the copies."""
    for number, (label, pixels) in enumerate(_tossed()):
        split = TRAIN if number < LEARNED else VALIDATION if number < LEARNED + COPIES else TEST
        yield Made(split, label, enlarged(pixels))


def _tossed() -> "Iterator[tuple[str, NDArray[np.float64]]]":
    """Yield faces and other things in any order, each with what a coin has said."""
    import numpy as np

    chance, every = np.random.default_rng(7), [pixels for _, pixels in subset()]
    for number in chance.permutation(len(every)):
        yield ("heads" if chance.random() < 0.5 else "tails"), every[number]
