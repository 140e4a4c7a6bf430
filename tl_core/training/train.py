"""The ``train`` job: one run from ``recipe.json`` to ``model.keras`` and ``report.json``."""

import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.metrics import logistic
from tl_core.progress import Progress
from tl_core.runs import RunFolder, RunReport
from tl_core.training import boxes
from tl_core.training.finish import finish
from tl_core.training.fit import Fit
from tl_core.training.prepare import prepare


def run(folder: Path, progress: Progress) -> RunReport:
    """Train the run in a folder, from wherever an earlier attempt has left it, and return its report.

    Raises:
        InputError: the images cannot be trained on, or the recipe does not fit them.
        MissingWeightsError: the backbone's weights are not on this machine.
        Stopped: a person pressed Stop before the first epoch was finished.
        StorageError: the disk is full.
    """
    run = RunFolder(folder)
    return _OTHERWISE.get(kinds.of(run.project), _labels)(run, progress)


def _labels(run: RunFolder, progress: Progress) -> RunReport:
    began = time.perf_counter()
    setup = prepare(run, progress)
    fit = Fit(setup, setup.run.history(), progress)
    fit.run()
    return finish(setup, fit, began)


#: Kinds that learn something else than labels.
_OTHERWISE: dict[Things, Callable[[RunFolder, Progress], RunReport]] = {"boxes": boxes.run}


def warm() -> None:
    """Train two numbers both ways, so that the first run finds all that Keras and scikit-learn load when they fit."""
    learner = keras.Sequential([keras.Input((2,)), keras.layers.Dropout(0.1), keras.layers.Dense(1)])
    learner.compile(keras.optimizers.Adam(1e-3), "mse", metrics=["accuracy"])
    inputs, targets = np.zeros((2, 2), np.float32), np.zeros((2, 1), np.float32)
    learner.fit(inputs, targets, validation_data=(inputs, targets), verbose=0)
    rows = np.eye(2, dtype=np.float32)
    list(logistic.path(rows, np.arange(2), np.ones(2, np.float32), 2, [logistic.USUAL]))
