"""Operations of a graph as others: those that TF.js does not have, and those whose weights then take less room.

Transformers need the first, BERT among them. A network that was published with 8 bits has the second.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Graph = Any  # tensorflow.core.framework.graph_pb2.GraphDef, which has no types
Node = Any


#: Weights with fewer numbers stay as they are.
MANY = 16_384
#: How far a number may be off, as a share of the largest of its column: no more than 32 bits round anyway.
EXACT = 1e-6


def rewrite(graph: Graph) -> None:
    """Replace the operations of a graph that TF.js lacks; others stay."""
    for node in list(graph.node):
        if node.op in REWRITES:
            REWRITES[node.op](graph, node)


def scale_apart(graph: Graph) -> None:
    """Let each product with whole numbers times a scale a column be one with those numbers, which is scaled then.

    Only where nothing is lost by that: the numbers are from -127 to 127.
    """
    weights = {node.name: node for node in graph.node if node.op == "Const"}
    for node in [node for node in graph.node if node.op == "MatMul" and not node.attr["transpose_b"].b]:
        name = node.input[1]
        apart = _whole(tf.make_ndarray(weights[name].attr["value"].tensor)) if name in weights else None
        if apart is None:
            continue
        product = graph.node.add()
        product.CopyFrom(node)
        product.name = f"{node.name}/whole"
        product.input[1] = _constant(graph, f"{name}/whole", apart[0])
        _become(node, "Mul", [product.name, _constant(graph, f"{name}/scale", apart[1])])


def _whole(weights: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """Return weights ``(rows, columns)`` as whole numbers and a scale for each column; None where that loses anything.

    >>> whole, scale = _whole(np.tile(np.array([[-0.5, 0.2], [1.0, 0.1]], np.float32), (MANY, 1)))
    >>> whole[:2].tolist(), scale.tolist() == np.array([0.5, 0.1], np.float32).tolist()
    ([[-1.0, 2.0], [2.0, 1.0]], True)
    """
    if weights.size < MANY:
        return None
    exact = weights.astype(np.float64)
    largest = np.abs(exact).max(axis=0)
    steps = np.diff(np.sort(np.concatenate([exact, np.zeros((1, exact.shape[1]))]), axis=0), axis=0)
    steps[steps <= EXACT * largest] = np.inf
    smallest = steps.min(axis=0)
    if not np.isfinite(smallest).all():
        return None
    scale = largest / np.rint(largest / smallest)
    whole = np.rint(exact / scale)
    lost = np.abs(whole * scale - exact) > EXACT * largest
    return None if np.abs(whole).max() > 127 or lost.any() else (whole.astype(np.float32), scale.astype(np.float32))


def _erfc(graph: Graph, node: Node) -> None:
    """One less the error function."""
    inner = graph.node.add(name=f"{node.name}/erf", op="Erf", input=node.input)
    inner.attr["T"].type = _FLOAT
    one = _constant(graph, f"{node.name}/one", np.float32(1))
    _become(node, "Sub", [one, inner.name])


def _einsum(graph: Graph, node: Node) -> None:
    """A product of matrices, turned as it needs: of two tensors, with one letter each that only one of them has."""
    equation = node.attr["equation"].s.decode()
    taken, given = equation.split("->")
    left, right = taken.split(",")
    shared = [letter for letter in left if letter in right and letter in given]
    summed = [letter for letter in left if letter in right and letter not in given]
    rows, columns = [each for each in left if each not in right], [each for each in right if each not in left]
    if not len(summed) == len(rows) == len(columns) == 1:
        return  # the converter says which operation TF.js does not know
    one = _turned(graph, f"{node.name}/left", node.input[0], left, [*shared, *rows, *summed])
    other = _turned(graph, f"{node.name}/right", node.input[1], right, [*shared, *columns, *summed])
    product = graph.node.add(name=f"{node.name}/product", op="BatchMatMulV2", input=[one, other])
    product.attr["T"].type = _FLOAT
    product.attr["adj_y"].b = True
    order = [*shared, *rows, *columns]
    _become(node, "Transpose", [product.name, _constant(graph, f"{node.name}/order", _order(order, given))])
    node.attr["Tperm"].type = _INTEGER


def _turned(graph: Graph, name: str, tensor: str, letters: str, order: list[str]) -> str:
    turned = graph.node.add(name=name, op="Transpose")
    turned.input.extend([tensor, _constant(graph, f"{name}_order", _order(list(letters), order))])
    turned.attr["T"].type, turned.attr["Tperm"].type = _FLOAT, _INTEGER
    return name


def _order(before: list[str], after: list[str] | str) -> NDArray[np.int32]:
    return np.array([before.index(letter) for letter in after], np.int32)


def _constant(graph: Graph, name: str, value: Any) -> str:
    node = graph.node.add(name=name, op="Const")
    node.attr["dtype"].type = tf.as_dtype(value.dtype).as_datatype_enum
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
    return name


def _become(node: Node, operation: str, inputs: list[str]) -> None:
    """Make a node another operation on float32 tensors, under the name that it has."""
    name = node.name
    node.Clear()
    node.name, node.op = name, operation
    node.input.extend(inputs)
    node.attr["T"].type = _FLOAT


_FLOAT, _INTEGER = tf.float32.as_datatype_enum, tf.int32.as_datatype_enum
REWRITES: dict[str, Callable[[Graph, Node], None]] = {"Erfc": _erfc, "Einsum": _einsum}
