"""A model as a ``.keras`` file: written whole or not at all, and read without running any code that is in it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import keras

from tl_core import keras_private
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.errors import DamagedError
from tl_core.files import damage, write_bytes
from tl_core.language import N_
from tl_core.networks import box_head, tables
from tl_core.runs import RunFolder

#: So many classes need one unit only.
PAIR = 2


def save(model: keras.Model, path: Path) -> None:
    """Save a model. It is put together in memory: HDF5 does not survive a full disk. Raises StorageError."""
    write_bytes(path, keras_private.model_bytes(model))


def load(path: Path) -> keras.Model:
    """Return the model of a file, not compiled.

    Raises:
        DamagedError: it holds no such model, or one that would run code of its own.
    """
    try:
        return keras_private.model_of(path)
    except Exception as exc:  # a file from anywhere makes Keras, HDF5 and zipfile raise errors of any kind
        raise DamagedError(
            damage(path, N_("{file} cannot be read as a model ({error})"), error=type(exc).__name__)
        ) from exc


def of_run(run: RunFolder) -> keras.Model:
    """Return the model of a run: it takes its pictures, or texts, and returns a probability for each of its classes.

    One for boxes returns a box and the score of each class at each place (``box_head.boxes_of``).

    One from elsewhere may tell two classes apart by a single unit: the probability of the second.

    Raises:
        NotFoundError: the run has no model yet.
        DamagedError: the file holds none, or that of something else.
    """
    path, side = run.require_model(), run.recipe.image_size
    model = load(path)
    taken = (None, None) if tables.takes_texts(run.recipe.backbone) else (None, side, side, 3)
    given = _GIVES.get(kinds.of(run.project), _probabilities)(run)
    if _shapes(model, "inputs") != [taken] or _shapes(model, "outputs") not in [[each] for each in given]:
        raise DamagedError(damage(path, N_("{file} is the model of something else")))
    return model


def _probabilities(run: RunFolder) -> list[tuple[int | None, ...]]:
    units = len(run.classes)
    return [(None, units), (None, 1)] if units == PAIR else [(None, units)]


def _boxes(run: RunFolder) -> list[tuple[int | None, ...]]:
    return [(None, len(box_head.places(run.recipe.image_size)), 4 + len(run.classes))]


#: The shapes that a model may give, where they are other than probabilities.
_GIVES: Mapping[Things, Callable[[RunFolder], list[tuple[int | None, ...]]]] = {"boxes": _boxes}


def _shapes(model: keras.Model, ends: str) -> list[tuple[int | None, ...]]:
    return [tuple(tensor.shape) for tensor in getattr(model, ends, None) or ()]
