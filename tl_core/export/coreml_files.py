"""The model for Apple's devices. It takes one picture as an image and names its class itself."""

import importlib
import logging
from pathlib import Path

import tensorflow as tf

from tl_core.errors import InputError
from tl_core.features.runtime import traced
from tl_core.language import _
from tl_core.networks import saved
from tl_core.progress import Progress
from tl_core.runs import RunFolder

# It says on every other system that its runtime is missing, and of every TensorFlow that it is a new one.
logging.getLogger("coremltools").setLevel(logging.CRITICAL)


def make(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write an ML program with weights of 16 bits, for macOS 12 and iOS 15 or later.

    Source: https://apple.github.io/coremltools/docs-guides/source/convert-tensorflow-2-workflow.html.

    Raises:
        InputError: the converter is not installed.
    """
    try:
        coremltools = importlib.import_module("coremltools")
    except ImportError as exc:
        raise InputError(
            _('Core ML needs a converter that is not installed. Type: python -m pip install "coremltools~=9.0".')
        ) from exc
    side, model = run.recipe.image_size, saved.of_run(run)
    shape = (1, side, side, 3)
    made = coremltools.convert(
        [traced(model).get_concrete_function(tf.TensorSpec(shape, tf.float32, name="picture"))],
        source="tensorflow",
        convert_to="mlprogram",
        minimum_deployment_target=coremltools.target.iOS15,
        inputs=[coremltools.ImageType(name="picture", shape=shape)],
        classifier_config=coremltools.ClassifierConfig(run.classes),
    )
    made.save(str(target))
