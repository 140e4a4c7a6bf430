"""A frozen part of a network in ONNX Runtime: converted once, kept as a file, and served from then on without Keras.

On a processor ONNX Runtime is about twice as fast as TensorFlow, but the conversion takes seconds (figures:
``tests/bench/README.md``). It serves from the first picture on, so that the numbers of a picture do not depend on how
many others were computed with it. What cannot be converted is noted beside, and stays with TensorFlow for good.
"""

import contextlib
import functools
import hashlib
import json
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from loky import cpu_count
from numpy.typing import NDArray

from tl_core.features import onnx_graph, texts
from tl_core.features.onnx_graph import CannotConvertError
from tl_core.features.sources import Forward
from tl_core.features.store import Key, name
from tl_core.files import write_bytes
from tl_core.language import N_, _
from tl_core.progress import Progress

if TYPE_CHECKING:
    import keras
    import onnx

#: Networks beyond this many bytes are not converted: a graph may hold 2 GiB, and making it needs several copies.
MOST_CONVERTED_BYTES = 512 * 2**20
#: Files beyond this many bytes in all are removed, those that were not used for longest first.
MOST_KEPT_BYTES = 2 * 2**30
#: A file begins with the SHA-256 of the rest: half a file, or a flipped bit, must not give other numbers.
DIGEST_BYTES = 32
#: What ONNX Runtime may be away from Keras, as a share of the largest value, before it is given up.
TOLERANCE = 1e-4
#: Pictures or texts of noise that both are compared on: the answer must not depend on a person's own.
COMPARED = 2
#: Values of that noise, and the length of a text for a network that takes any.
NOISE, NOISE_LENGTH = 256, 16
#: Of a file's name.
SUFFIX = ".trunk"
#: In a file: what ``Trunk`` has beside the graph.
ABOUT = "thaw"
#: NumPy's names of ONNX Runtime's types of inputs.
TYPES = {"tensor(float)": np.float32, "tensor(int32)": np.int32}


@dataclass(frozen=True)
class Trunk:
    """A frozen part of a network that is ready to run.

    Attributes:
        run: pictures ``(n, size, size, 3)``, any number type, 0 to 255, or word pieces ``(n, length)``, to activations
            ``(n, …)`` float32.
        shape: of the activations of one picture or text; a text's own number of word pieces is None.
    """

    run: Forward
    shape: tuple[int | None, ...]

    def shape_at(self, size: int) -> tuple[int, ...]:
        """Return the shape for texts of so many word pieces; for pictures it is the same at any."""
        return tuple(size if side is None else side for side in self.shape)


def file(folder: Path, key: Key) -> Path:
    """Return where the trunk of a store lies, or would lie: the same however its activations are stored."""
    return folder / f"{name(replace(key, precision='float32', variant=None))}{SUFFIX}"


def trunk(path: Path, build: Callable[[], "keras.Model"], progress: Progress) -> Trunk:
    """Return a trunk from its file; convert it first if there is none, or a damaged one.

    Args:
        path: of the file; a reason why it cannot be converted lies beside, as ``….txt``.
        build: returns the trunk. It is called only if there is no file.
        progress: hears that it is converted, or why not.

    Raises:
        StorageError: the disk is full.
    """
    if has_gpu():
        return _in_tensorflow(build())
    if loaded := _loaded(path, progress):
        return loaded
    model, reason = build(), path.with_suffix(".txt")
    if reason.exists():
        return _warned_in_tensorflow(model, reason.read_text(encoding="utf-8"), progress)
    progress.emit("message", text=_("Preparing the frozen blocks: once for this network and line"))
    try:
        content = convert(model)
    except CannotConvertError as problem:
        write_bytes(reason, str(problem).encode())
        return _warned_in_tensorflow(model, str(problem), progress)
    _make_room(path.parent, len(content))
    write_bytes(path, _digest(content) + content)
    return _of(content)


def quickest(model: "keras.Model") -> Trunk:
    """Return a network as ``trunk`` runs it, without a file."""
    try:
        return _in_tensorflow(model) if has_gpu() else _of(convert(model))
    except CannotConvertError:
        return _in_tensorflow(model)


def has_gpu() -> bool:
    """Return whether TensorFlow has a GPU, on which networks then run."""
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def convert(model: "keras.Model") -> bytes:
    """Return a network as an ONNX file that takes batches of any length, of the type of the network's input.

    Args:
        model: one input ``(n, …)``, one output ``(n, …)``; it is run in inference mode.

    Raises:
        CannotConvertError: it is too large, has operations that the converter or ONNX Runtime does not know, or does
            not give what Keras gives.
    """
    import onnxruntime  # noqa: F401 - where it is missing, that is no property of the network
    import tf2onnx  # noqa: F401 - nor is this

    from tl_core.features import onnx_layers

    if 4 * model.count_params() > MOST_CONVERTED_BYTES:
        raise CannotConvertError(N_("the network is too large to be converted."))
    try:
        return _compared(model, onnx_layers.write)
    except CannotConvertError as problem:
        logging.getLogger(__name__).info("%s is left to the general converter: %s", model.name, problem)
    return _compared(model, functools.partial(onnx_graph.convert, folded=False))


def _compared(model: "keras.Model", write: Callable[["keras.Model"], "onnx.ModelProto"]) -> bytes:
    """Return a network as an ONNX file, if ONNX Runtime gives with it what Keras gives."""
    try:
        made = write(model)
        made.metadata_props.add(key=ABOUT, value=json.dumps({"shape": model.output.shape[1:]}))
        content: bytes = made.SerializeToString()
        noise = _noise(model)
        wanted = np.asarray(model(noise, training=False))
        away = float(np.abs(_of(content).run(noise) - wanted).max()) / max(float(np.abs(wanted).max()), 1e-30)
    except (CannotConvertError, MemoryError):  # the latter says nothing of the network: another time it may go well
        raise
    except Exception as problem:  # an operation that one of them does not know raises one of many kinds
        logging.getLogger(__name__).info("%s: %s", model.name, problem)
        raise CannotConvertError(N_("ONNX Runtime does not know all of its operations.")) from problem
    if not away <= TOLERANCE:
        raise CannotConvertError(N_("ONNX Runtime does not give the numbers that Keras gives."))
    return content


def _noise(model: "keras.Model") -> NDArray[np.generic]:
    """Return pictures or texts of noise; of the word pieces that a network knows."""
    import keras

    known = [layer.input_dim for layer in model.layers if isinstance(layer, keras.layers.Embedding)]
    shape = (COMPARED, *(side or NOISE_LENGTH for side in model.input.shape[1:]))
    return np.random.default_rng(0).integers(0, min([NOISE, *known]), shape).astype(model.input.dtype)


def _loaded(path: Path, progress: Progress) -> Trunk | None:
    """Return what a file holds, None if there is none or it is damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    with contextlib.suppress(OSError):  # the workspace may be read-only
        os.utime(path)
    digest, graph = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
    if digest != _digest(graph):
        progress.emit(
            "warning", text=_("{file} is damaged: the frozen blocks are converted again.").format(file=path.name)
        )
        return None
    return _of(graph)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _of(content: bytes) -> Trunk:
    """Return the trunk that a graph holds.

    Each picture goes through by itself, on one thread, and as many do at once as there are cores: the feature maps of
    one stay in the cache of its core, and no thread waits for another (figures: ``tests/bench/README.md``). Of texts,
    see ``texts``.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    about = json.loads(session.get_modelmeta().custom_metadata_map[ABOUT])
    (taken,), threads = session.get_inputs(), ThreadPoolExecutor(cpu_count())
    kind = TYPES[taken.type]

    def run(batch: NDArray[np.generic]) -> NDArray[np.float32]:
        values: NDArray[np.float32] = session.run(None, {taken.name: batch.astype(kind)})[0]
        return values

    def pictures(batch: NDArray[np.generic]) -> NDArray[np.float32]:
        return np.concatenate(list(threads.map(lambda picture: run(picture[None]), batch)))

    return Trunk(pictures if kind is np.float32 else texts.without_padding(run, threads), tuple(about["shape"]))


def _warned_in_tensorflow(model: "keras.Model", problem: str, progress: Progress) -> Trunk:
    text = _("The frozen blocks run in TensorFlow: more slowly, with the right numbers. The reason: {reason}").format(
        reason=_(problem)
    )
    progress.emit("warning", text=text)
    return _in_tensorflow(model)


def _in_tensorflow(model: "keras.Model") -> Trunk:
    from tl_core.features.runtime import forward

    return Trunk(forward(model), tuple(model.output.shape[1:]))


def _make_room(folder: Path, needed: int) -> None:
    """Remove the files that were not used for longest until ``needed`` more bytes are within the bound."""
    files: Sequence[Path] = sorted(folder.glob(f"*{SUFFIX}"), key=lambda file: file.stat().st_mtime, reverse=True)
    total = needed
    for file in files:
        total += file.stat().st_size
        if total > MOST_KEPT_BYTES:
            file.unlink(missing_ok=True)
