"""The model as Keras and TensorFlow themselves store it."""

import shutil
from pathlib import Path

from tl_core.networks import saved
from tl_core.progress import Progress
from tl_core.runs import RunFolder


def make_keras(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the ``.keras`` file of a run, which is what training stored."""
    shutil.copyfile(run.require_model(), target)


def make_saved_model(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write a SavedModel: a folder, whose ``serve`` takes batches of any length."""
    saved.of_run(run).export(target, format="tf_saved_model", verbose=False)
