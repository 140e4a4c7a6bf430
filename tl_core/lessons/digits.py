"""Handwritten digits of 8 × 8 pixels, which scikit-learn brings along."""

from collections.abc import Iterator

from tl_core.dataset.splits import TRAIN, VALIDATION
from tl_core.lessons.drawing import Made, enlarged


def small_digits() -> Iterator[Made]:
    """Yield handwritten digits of 8 × 8 pixels, enlarged: 20 of each to learn from and 30 to check."""
    from sklearn.datasets import load_digits

    loaded = load_digits()
    for digit in range(10):
        drawings = loaded.images[loaded.target == digit][:50]
        for number, drawing in enumerate(drawings):
            yield Made(TRAIN if number < 20 else VALIDATION, str(digit), enlarged(255 - drawing * (255 / 16)))
