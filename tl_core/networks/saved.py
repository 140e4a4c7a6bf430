"""A model as a ``.keras`` file: written whole or not at all, and read without running any code that is in it."""

from pathlib import Path

import keras

from tl_core.errors import DamagedError
from tl_core.files import damage, write_bytes
from tl_core.networks import keras_private


def save(model: keras.Model, path: Path) -> None:
    """Save a model. It is put together in memory: HDF5 does not survive a full disk. Raises StorageError."""
    write_bytes(path, keras_private.model_bytes(model))


def load(path: Path) -> keras.Model:
    """Return the model of a file, not compiled.

    Raises:
        DamagedError: it holds no such model, or one that would run code of its own.
    """
    try:
        return keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as exc:  # a file from anywhere makes Keras, HDF5 and zipfile raise errors of any kind
        raise DamagedError(damage(path, f"cannot be read as a model ({type(exc).__name__})")) from exc
