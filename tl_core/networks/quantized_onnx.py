"""The weights of a BERT out of an ONNX graph that was quantised to 8 bits by ONNX Runtime.

A weight ``w`` is kept as ``w_quantized`` (8 bits), ``w_scale`` and ``w_zero_point``, of the whole or of each column:
https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html. Embeddings, biases and normalisations
have their names; a kernel has a number, and the product that it takes part in has the name of its layer.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tl_core.errors import InputError
from tl_core.language import _

if TYPE_CHECKING:
    import onnx

Arrays = dict[str, NDArray[np.float32]]

QUANTIZED, SCALE, ZERO = "_quantized", "_scale", "_zero_point"
#: The product of 8-bit numbers, and what its name ends in.
PRODUCT, PRODUCT_NAME = "MatMulInteger", "/MatMul"


def read(path: Path) -> Arrays:
    """Return the weights by the names of the library Transformers, dense kernels as ``(out, in)``.

    Raises:
        InputError: the file is damaged, or no such graph.
    """
    import onnx
    from google.protobuf.message import DecodeError

    try:
        return _weights(onnx.load(path).graph)
    except (OSError, DecodeError, ValueError, KeyError) as exc:
        raise InputError(
            _("{path} is damaged ({reason}). Install the package that it came with again.").format(
                path=path, reason=exc
            )
        ) from exc


def _weights(graph: "onnx.GraphProto") -> Arrays:
    from onnx import numpy_helper

    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}

    def restored(name: str) -> NDArray[np.float32]:
        steps = stored[f"{name}{QUANTIZED}"].astype(np.float32) - stored[f"{name}{ZERO}"].astype(np.float32)
        values: NDArray[np.float32] = (steps * stored[f"{name}{SCALE}"]).astype(np.float32)
        return values

    weights = {name: array for name, array in stored.items() if array.dtype == np.float32 and not name.endswith(SCALE)}
    named = [name.removesuffix(QUANTIZED) for name in stored if name.endswith(f".weight{QUANTIZED}")]
    weights |= {name: restored(name) for name in named}
    for node in graph.node:
        if node.op_type == PRODUCT and node.input[1].endswith(QUANTIZED):
            layer = node.name.rsplit("/", 1)[0].strip("/").replace("/", ".")
            weights[f"{layer}.weight"] = restored(node.input[1].removesuffix(QUANTIZED)).T
    return weights
