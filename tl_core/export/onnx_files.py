"""The model as an ONNX graph, with the float32 numbers of Keras or quantised to 8 bits."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from tl_core.export import outputs, pictures
from tl_core.features import onnx_graph
from tl_core.networks import saved
from tl_core.progress import Progress
from tl_core.runs import RunFolder

#: Operations that compute the logits.
LINEAR = ("Gemm", "MatMul", "Conv")


def make(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write a graph that takes batches of any length under the name ``picture``; its metadata has the classes."""
    _write(run, outputs.of_run(run), target)


def _write(run: RunFolder, model: keras.Model, target: Path) -> None:
    graph = onnx_graph.convert(model)
    graph.metadata_props.add(key="classes", value=json.dumps(run.classes, ensure_ascii=False))
    content = graph.SerializeToString()
    onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])  # fails where it does not know all of it
    target.write_bytes(content)


def make_int8(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the graph with weights and activations of 8 bits, as ONNX Runtime runs them on a processor.

    Source: https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html, static quantisation: weights
    signed and per channel, activations unsigned, ranges from the least to the largest value of training pictures.
    8 bits are too coarse for the rule by which the app refuses pictures, see tests/bench/README.md.
    """
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with TemporaryDirectory(dir=target.parent) as folder:
        plain, prepared = Path(folder, "plain.onnx"), Path(folder, "prepared.onnx")
        _write(run, outputs.named(saved.of_run(run)), plain)
        quant_pre_process(plain, prepared, skip_symbolic_shape=True)
        quantization.quantize_static(
            prepared,
            target,
            Calibration(pictures.calibration(run)),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            nodes_to_exclude=after_logits(prepared),
        )


class Calibration:
    """Hands pictures to ONNX Runtime one by one.

    Args:
        pixels: ``(n, side, side, 3)`` float32, 0 to 255.
    """

    def __init__(self, pixels: NDArray[np.float32]) -> None:
        self._rows: Iterator[NDArray[np.float32]] = iter(pixels)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """Return the input of the next picture, None after the last."""
        picture = next(self._rows, None)
        return None if picture is None else {"picture": picture[None]}


def after_logits(path: Path) -> list[str]:
    """Return the names of the nodes between logits and output: 8 bits cannot tell a thousand probabilities apart."""
    import onnx

    graph = onnx.load(path).graph
    makers = {output: node for node in graph.node for output in node.output}
    waiting, names = [makers[output.name] for output in graph.output], list[str]()
    while waiting:
        node = waiting.pop()
        if node.op_type not in LINEAR and node.name not in names:
            names.append(node.name)
            waiting += [makers[name] for name in node.input if name in makers]
    return names
