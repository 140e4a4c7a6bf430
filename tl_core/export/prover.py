"""Run a model file over pictures with the format's own runtime, and with nothing of this program.

A copy of this file runs in a process of its own, so it imports NumPy and the runtime, and nothing else:
``python -I prover.py RUNTIME MODEL PICTURES.npz ANSWERS.npz``.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

#: Takes one picture ``(1, side, side, 3)`` float32, returns ``(1, classes)``.
Run = Callable[[Any], Any]


def run_keras(path: str) -> Run:
    """Return a ``.keras`` file as stock Keras runs it."""
    import keras

    model = keras.saving.load_model(path)
    return lambda picture: model.predict_on_batch(picture)


def run_saved_model(path: str) -> Run:
    """Return a SavedModel as TensorFlow runs it."""
    import tensorflow as tf

    model = tf.saved_model.load(path)
    return lambda picture: model.serve(picture).numpy()


def run_litert(path: str) -> Run:
    """Return a ``.tflite`` file as LiteRT runs it."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=path, num_threads=os.cpu_count())
    interpreter.allocate_tensors()
    (picture_in,), (answer_out,) = interpreter.get_input_details(), interpreter.get_output_details()

    def run(picture: Any) -> Any:
        interpreter.set_tensor(picture_in["index"], picture)
        interpreter.invoke()
        return interpreter.get_tensor(answer_out["index"])

    return run


def run_onnx(path: str) -> Run:
    """Return an ``.onnx`` file as ONNX Runtime runs it."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return lambda picture: session.run(None, {"picture": picture})[0]


#: How each runtime loads a file.
RUNTIMES = {
    "keras": run_keras,
    "saved-model": run_saved_model,
    "litert": run_litert,
    "onnx": run_onnx,
}


def main(runtime: str, model: str, pictures: str, answers: str) -> None:
    """Run every picture by itself and write probabilities ``(n, classes)`` and milliseconds ``(n,)``."""
    pixels = np.load(pictures, allow_pickle=False)["pixels"]
    run = RUNTIMES[runtime](model)
    run(pixels[:1].astype(np.float32))  # the first one waits until all is ready
    probabilities, milliseconds = [], []
    for at in range(len(pixels)):
        picture = pixels[at : at + 1].astype(np.float32)
        began = time.perf_counter()
        probabilities.append(np.array(run(picture)))
        milliseconds.append(1000 * (time.perf_counter() - began))
    np.savez(answers, probabilities=np.concatenate(probabilities), milliseconds=np.array(milliseconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
