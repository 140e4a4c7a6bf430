"""Imports of large packages: one at a time, and Keras without what takes time and is of no use."""

import atexit
import contextlib
import gc
import importlib
import os
import sys
import threading
from collections.abc import Iterator

#: Held by whoever imports a large package: threads that import modules which import each other stop one another, and
#: TensorFlow does not survive that.
lock = threading.Lock()

PLOTS = "matplotlib"
#: TensorFlow takes all memory of a graphics card at once where nobody says otherwise, and a second worker finds none:
#: https://www.tensorflow.org/guide/gpu#limiting_gpu_memory_growth.
ONLY_WHAT_IS_NEEDED = ("TF_FORCE_GPU_ALLOW_GROWTH", "true")


def keras() -> None:
    """Import Keras, and TensorFlow with it, with the lock held (figures: ``tests/bench/README.md``)."""
    if "keras" in sys.modules:
        return
    os.environ.setdefault(*ONLY_WHAT_IS_NEEDED)
    with _without_collection(), _without_plots():
        importlib.import_module("keras")


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """Keep Python from looking for garbage among objects that all stay: while they are made, later, and at the end."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        atexit.register(gc.freeze)
        if enabled:
            gc.enable()


@contextlib.contextmanager
def _without_plots() -> Iterator[None]:
    """Keep Keras from importing Matplotlib, with which it could show pictures: it takes it for missing."""
    if PLOTS in sys.modules:
        yield
        return
    sys.modules[PLOTS] = None  # type: ignore[assignment]  # the documented way to make an import fail
    try:
        yield
    finally:
        del sys.modules[PLOTS]
