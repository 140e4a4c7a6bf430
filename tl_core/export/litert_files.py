"""The model for LiteRT, which was TensorFlow Lite: with 32, 16 or 8 bits. It takes one picture, or text, at a time."""

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from tensorflow.lite.tools import flatbuffer_utils

from tl_core.export import outputs, pictures, subjects
from tl_core.networks import saved
from tl_core.progress import Progress
from tl_core.runs import RunFolder

#: Smaller, by what the other settings say.
_SMALLER = {"optimizations": [tf.lite.Optimize.DEFAULT]}


def make(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the model with the numbers of Keras."""
    _with_rule(run, target, {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]})


def make_f16(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the model with weights of 16 bits."""
    sixteen = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS], "supported_types": [tf.float16]}
    _with_rule(run, target, sixteen, **_SMALLER)


def make_w8(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the model with weights of 8 bits; what it computes with them stays float32.

    Without the rule by which the app refuses pictures, as ``make_int8``.

    Source: https://ai.google.dev/edge/litert/models/post_training_quantization, dynamic range quantisation.
    """
    spec = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]}
    _convert(run, outputs.named(saved.of_run(run), subjects.of(run).output), target, spec, **_SMALLER)


def make_int8(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the model with weights and activations of 8 bits; what goes in and comes out stays float32.

    8 bits are too coarse for the rule by which the app refuses pictures, see tests/bench/README.md.

    Source: https://ai.google.dev/edge/litert/models/post_training_quantization, full integer quantisation.
    """
    seen = pictures.calibration(run)

    def examples() -> Any:
        for picture in seen:
            yield [picture[None]]

    eight = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]}
    _convert(run, outputs.named(saved.of_run(run)), target, eight, representative_dataset=examples, **_SMALLER)


def _with_rule(run: RunFolder, target: Path, spec: dict[str, list[Any]], **settings: Any) -> None:
    _convert(run, outputs.of_run(run), target, spec, **settings)
    _probabilities_first(target)


def _probabilities_first(path: Path) -> None:
    """Let the first output be what it is in a model without a rule: the converter puts them in any order."""
    model = flatbuffer_utils.read_model(str(path))
    (signature,) = model.signatureDefs
    places = {each.name.decode(): each.tensorIndex for each in signature.outputs}
    graph = model.subgraphs[signature.subgraphIndex]
    graph.outputs = [places[name] for name in outputs.NAMES if name in places]
    flatbuffer_utils.write_model(model, str(path))


def _convert(run: RunFolder, model: keras.Model, target: Path, spec: dict[str, list[Any]], **settings: Any) -> None:
    """Convert; only with LiteRT's own operations, since its runtime has none of TensorFlow's."""
    taken = model.inputs[0]
    name = subjects.of(run).input
    shape = [run.recipe.image_size if each is None else each for each in taken.shape[1:]]  # a text is of any length
    one = [keras.InputSpec(dtype=taken.dtype, shape=(1, *shape), name=name)]
    model.export(target, format="litert", verbose=False, input_signature=one, target_spec=spec, **settings)
