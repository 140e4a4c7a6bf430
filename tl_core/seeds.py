"""Every random number of a run has a seed of its own: it follows from the recipe's seed and from what it is for.

So a run does not depend on what other threads draw, on restarts, on the order of the work, or on what is stored.
Nothing here or elsewhere in the core seeds the generators that a process shares.
"""

import hashlib
import json


def derive(seed: int, *purpose: str | int) -> int:
    """Return the seed for one purpose, 0 to 2³¹ - 1: NumPy, Keras and scikit-learn all take it.

    Args:
        seed: of the recipe, or derived from it.
        *purpose: says what for, as finely as it must differ: the phase, the epoch, the id of a picture.

    >>> derive(0, "augmentation", "a"), derive(0, "augmentation", "b"), derive(0, "augmentation", "a")
    (1371283149, 1842053327, 1371283149)
    """
    digest = hashlib.sha256(json.dumps([seed, *purpose]).encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1
