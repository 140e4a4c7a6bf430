"""The sizes of the head for boxes, and of the maps that it takes. Loads no TensorFlow."""

from collections.abc import Iterable

#: Pixels between neighbouring values of each map.
STRIDES = (8, 16, 32)
#: Channels inside of the head, groups of them that are normalised together, layers of its tower and their reach.
WIDTH, GROUPS, DEPTH, REACH = 96, 8, 3, 5


def parameters(channels: Iterable[int], classes: int) -> int:
    """Return how many parameters the head has.

    Args:
        channels: of each map.
        classes: how many.

    >>> parameters((40, 112, 1280), classes=1)
    174054
    """
    norm = 2 * WIDTH
    sides = sum(each * WIDTH + norm for each in channels)
    tower = DEPTH * (REACH**2 * WIDTH + WIDTH**2 + norm)
    return sides + tower + (WIDTH + 1) * (classes + 5)
