"""The model for LiteRT, which was TensorFlow Lite: with 32, 16 or 8 bits. It takes one picture at a time."""

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from tl_core.export import pictures
from tl_core.networks import saved
from tl_core.progress import Progress
from tl_core.runs import RunFolder

#: Smaller, by what the other settings say.
_SMALLER = {"optimizations": [tf.lite.Optimize.DEFAULT]}


def make(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the model with the numbers of Keras."""
    _convert(run, target, {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]})


def make_f16(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the model with weights of 16 bits."""
    sixteen = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS], "supported_types": [tf.float16]}
    _convert(run, target, sixteen, **_SMALLER)


def make_int8(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the model with weights and activations of 8 bits; what goes in and comes out stays float32.

    Source: https://ai.google.dev/edge/litert/models/post_training_quantization, full integer quantisation.
    """
    seen = pictures.calibration(run)

    def examples() -> Any:
        for picture in seen:
            yield [picture[None]]

    eight = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]}
    _convert(run, target, eight, representative_dataset=examples, **_SMALLER)


def _convert(run: RunFolder, target: Path, spec: dict[str, list[Any]], **settings: Any) -> None:
    """Convert; only with LiteRT's own operations, since its runtime has none of TensorFlow's."""
    side = run.recipe.image_size
    one = [keras.InputSpec(dtype="float32", shape=(1, side, side, 3), name="picture")]
    model = saved.of_run(run)
    model.export(target, format="litert", verbose=False, input_signature=one, target_spec=spec, **settings)
