"""Run a model file over pictures or texts with the format's own runtime, and with nothing of this program.

A copy of this file runs in a process of its own, so it imports NumPy and the runtime, and nothing else:
``python -I prover.py RUNTIME MODEL ASKED.npz ANSWERS.npz``.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

#: The runtime of every model for texts: its own program.
TEXTS = "texts"
#: Takes one picture ``(1, side, side, 3)`` float32, or text ``(1,)``; returns ``(1, classes)``, and ``(1,)`` how
#: familiar it is, if any.
Run = Callable[[Any], Sequence[Any]]


def run_keras(path: str) -> Run:
    """Return a ``.keras`` file as stock Keras runs it."""
    import keras

    model = keras.saving.load_model(path)
    return lambda picture: [model.predict_on_batch(picture)]


def run_saved_model(path: str) -> Run:
    """Return a SavedModel as TensorFlow runs it."""
    import tensorflow as tf

    model = tf.saved_model.load(path)
    endpoints = [name for name in ("serve", "familiarity") if hasattr(model, name)]
    return lambda picture: [getattr(model, name)(picture).numpy() for name in endpoints]


def run_litert(path: str) -> Run:
    """Return a ``.tflite`` file as LiteRT runs it."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=path, num_threads=os.cpu_count())
    interpreter.allocate_tensors()
    (picture_in,), given = interpreter.get_input_details(), interpreter.get_output_details()

    def run(picture: Any) -> Any:
        interpreter.set_tensor(picture_in["index"], picture)
        interpreter.invoke()
        return [interpreter.get_tensor(each["index"]) for each in given]

    return run


def run_onnx(path: str) -> Run:
    """Return an ``.onnx`` file as ONNX Runtime runs it."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return lambda picture: session.run(None, {"picture": picture})


def run_texts(path: str) -> Run:
    """Return a model for texts as the program beside it asks it, tokenizer included."""
    sys.path.insert(0, str(Path(path).parent))
    import predict  # type: ignore[import-not-found]

    return lambda texts: predict.answers(texts.tolist())


#: How each runtime loads a file.
RUNTIMES = {
    "keras": run_keras,
    "saved-model": run_saved_model,
    "litert": run_litert,
    "onnx": run_onnx,
    TEXTS: run_texts,
}


def main(runtime: str, model: str, examples: str, answers: str) -> None:
    """Run every example alone; write what it gives, each ``(n, …)`` by its place, and ``milliseconds`` ``(n,)``."""
    asked = np.load(examples, allow_pickle=False)["asked"]
    kind = np.float32 if asked.dtype == np.uint8 else asked.dtype
    run = RUNTIMES[runtime](model)
    run(asked[:1].astype(kind))  # the first one waits until all is ready
    given, milliseconds = [], []
    for at in range(len(asked)):
        example = asked[at : at + 1].astype(kind)
        began = time.perf_counter()
        given.append([np.array(each) for each in run(example)])
        milliseconds.append(1000 * (time.perf_counter() - began))
    columns = {str(place): np.concatenate(rows) for place, rows in enumerate(zip(*given, strict=True))}
    np.savez(answers, allow_pickle=False, milliseconds=np.array(milliseconds), **columns)


if __name__ == "__main__":
    main(*sys.argv[1:])
