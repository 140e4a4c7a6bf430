"""The model as Keras and TensorFlow themselves store it."""

import functools
import shutil
from pathlib import Path

import keras
import tensorflow as tf

from tl_core.export import outputs, refusal
from tl_core.progress import Progress
from tl_core.runs import RunFolder


def make_keras(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the ``.keras`` file of a run, which is what training stored."""
    shutil.copyfile(run.require_model(), target)


def make_saved_model(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write a SavedModel: a folder, whose ``serve`` and, if any, ``familiarity`` take batches of any length."""
    model, archive = outputs.of_run(run), keras.export.ExportArchive()
    archive.track(model)
    picture = tf.TensorSpec((None, *model.inputs[0].shape[1:]), tf.float32, name="picture")
    held = [name for name in outputs.NAMES if name in model.output]
    for endpoint, output in zip(("serve", refusal.FAMILIARITY), held, strict=False):
        archive.add_endpoint(endpoint, functools.partial(_one, model, output), [picture])
    archive.write_out(target, verbose=False)


def _one(model: keras.Model, output: str, pixels: tf.Tensor) -> tf.Tensor:
    return model(pixels, training=False)[output]
