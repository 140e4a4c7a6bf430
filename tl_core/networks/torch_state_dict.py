"""PyTorch state dicts in the legacy file format, read without PyTorch and without running what they say.

The format is a row of pickles (magic number, version, facts about the system, the state dict, the keys of the
storages), then for each key an int64 count and the raw values.
"""

import pickle
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from tl_core.errors import InputError

MAGIC = 0x1950A86A20F9469CFC6C
VERSION = 1001

#: The storages that can be read, as dtypes. All values are little-endian.
STORAGES = {
    "FloatStorage": np.dtype("<f4"),
    "DoubleStorage": np.dtype("<f8"),
    "HalfStorage": np.dtype("<f2"),
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
    "ShortStorage": np.dtype("<i2"),
    "CharStorage": np.dtype("<i1"),
    "ByteStorage": np.dtype("<u1"),
    "BoolStorage": np.dtype("?"),
}


@dataclass(frozen=True)
class Storage:
    """A row of numbers in the file, by its ``key``; of one ``dtype``."""

    key: str
    dtype: np.dtype[np.generic]


@dataclass(frozen=True)
class Tensor:
    """A view of a ``storage`` from ``offset`` on; ``shape`` and ``strides`` count values, not bytes."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _rebuild_tensor(storage: Storage, offset: int, shape: Sequence[int], strides: Sequence[int], *_: object) -> Tensor:
    return Tensor(storage, offset, tuple(shape), tuple(strides))


class _SafeUnpickler(pickle.Unpickler):
    """An unpickler that allows the few names a state dict needs and refuses every other one."""

    def find_class(self, module: str, name: str) -> object:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        raise InputError(
            f"The weights file asks for “{module}.{name}”, which no weights file needs. It was not read. "
            "Install the package that it came from again."
        )

    def persistent_load(self, pid: object) -> Storage:
        kind, dtype, key, *_ = cast("tuple[object, ...]", pid)
        if kind != "storage" or not isinstance(dtype, np.dtype):
            raise InputError(f"The weights file holds something that is not a tensor: {kind!r}.")
        return Storage(str(key), dtype)


def read(path: Path) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a state dict by name, each with the shape and dtype that it was saved with.

    Args:
        path: a ``.pth`` file in PyTorch's legacy format (before version 1.6).

    Raises:
        InputError: if the file is damaged, of another format, or asks for anything but tensors.
    """
    try:
        with path.open("rb") as file:
            return _read(file)
    except (
        pickle.UnpicklingError,
        EOFError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
    ) as exc:
        raise InputError(f"{path} is not a PyTorch state dict in the legacy format, or it is damaged: {exc}") from exc


def _read(file: BinaryIO) -> dict[str, NDArray[np.generic]]:
    magic, version, system = (_SafeUnpickler(file).load() for _ in range(3))
    if magic != MAGIC or version != VERSION or not system["little_endian"]:
        raise ValueError("unexpected beginning")
    entries = _SafeUnpickler(file).load()
    keys = _SafeUnpickler(file).load()
    dtypes = {entry.storage.key: entry.storage.dtype for entry in entries.values()}
    storages = {key: _values(file, dtypes[key]) for key in keys}
    return {name: array_of(entry, storages[entry.storage.key]) for name, entry in entries.items()}


def _values(file: BinaryIO, dtype: np.dtype[np.generic]) -> NDArray[np.generic]:
    count = int.from_bytes(file.read(8), "little")
    data = file.read(count * dtype.itemsize)
    return np.frombuffer(data, dtype, count)


def array_of(entry: Tensor, values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return a copy of one tensor. The view is checked: strides from a file could point anywhere."""
    steps = sum((n - 1) * step for n, step in zip(entry.shape, entry.strides, strict=True))
    lowest = min(entry.offset, *entry.shape, *entry.strides, 0)
    if lowest < 0 or entry.offset + steps >= len(values):
        raise ValueError("a tensor lies outside its storage")
    bytes_ = [step * values.itemsize for step in entry.strides]
    return np.lib.stride_tricks.as_strided(values[entry.offset :], entry.shape, bytes_, writeable=False).copy()
