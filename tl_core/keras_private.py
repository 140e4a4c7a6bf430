"""Every private name of Keras that this program uses, each in a function of its own; no other module names one.

Keras has no public way to ask which tensors an operation takes and gives *inside one model* (a layer may be part of
several), nor to run a graph with another function in place of each operation. A release of Keras may move these names:
``tests/core/test_keras_private.py`` then says which.
"""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import h5py
import keras
from keras.src.backend.common import global_state
from keras.src.saving import saving_lib


class Node(Protocol):
    """One use of an operation.

    Attributes:
        input_tensors: symbolic tensors that it takes, in the order of its arguments.
        output_tensors: symbolic tensors that it gives.
    """

    @property
    def input_tensors(self) -> Sequence[keras.KerasTensor]: ...

    @property
    def output_tensors(self) -> Sequence[keras.KerasTensor]: ...


def nodes(model: keras.Model) -> dict[str, Node]:
    """Return how each operation of a functional model is used in it, by the operation's name.

    Args:
        model: functional; it uses every operation once, and other models may use the same operations.
    """
    inside = {id(node) for nodes in model._nodes_by_depth.values() for node in nodes}
    return {
        operation.name: next(node for node in operation._inbound_nodes if id(node) in inside)
        for operation in model.operations
    }


def graph(operation: keras.Operation) -> keras.Model | None:
    """Return the graph of a functional or sequential model; None for a layer, whatever is hidden in it."""
    functional = getattr(operation, "_functional", operation)
    return functional if hasattr(functional, "_run_through_graph") else None


def run(
    graph: keras.Model,
    inputs: Sequence[keras.KerasTensor] | keras.KerasTensor,
    replace: Callable[[keras.Operation], Callable[..., object]],
) -> Sequence[keras.KerasTensor] | keras.KerasTensor:
    """Run a graph operation by operation and return its output.

    Args:
        graph: what ``graph`` returns.
        inputs: as the model takes them.
        replace: given an operation, returns the function that is called in its place, with the same arguments.
    """
    return graph._run_through_graph(inputs, operation_fn=replace)


def maker(tensor: keras.KerasTensor) -> keras.Operation:
    """Return the operation whose output a symbolic tensor is."""
    return tensor._keras_history.operation


def forget_uses(tensor: keras.KerasTensor) -> None:
    """Let go of the models that go on from a symbolic tensor: their layers are no longer kept alive by it."""
    maker(tensor)._outbound_nodes.clear()


def position(optimizer: keras.optimizers.Optimizer, variable: object) -> int:
    """Return the place of a variable that takes a step among those that the optimizer was built for."""
    return int(optimizer._get_variable_index(variable))


def alone(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """Let an optimizer take its gradients as they are, for it trains in one process, and return it.

    Keras sums the gradients of all replicas, also where there is one. TensorFlow then keeps how to differentiate that
    sum for as long as the process lives (``tf.custom_gradient``), and with it the graph of every model that was ever
    fitted.
    """
    optimizer._all_reduce_sum_gradients = lambda pairs: pairs
    return optimizer


def model_bytes(model: keras.Model) -> bytes:
    """Return a model as the content of a ``.keras`` file. Keras itself saves to a path only, and not as a whole."""
    _keep_attributes()
    buffer = io.BytesIO()
    saving_lib.save_model(model, buffer)
    return buffer.getvalue()


def model_of(path: Path) -> keras.Model:
    """Return the model of a ``.keras`` file, not compiled. Raises what Keras, HDF5 and zipfile raise."""
    _keep_attributes()
    return keras.models.load_model(path, compile=False, safe_mode=True)


def weights_bytes(model: keras.Model) -> bytes:
    """Return the weights of a model and the state of its optimizer as the content of a ``.weights.h5`` file."""
    _keep_attributes()
    buffer = io.BytesIO()
    store = saving_lib.H5IOStore(buffer, mode="w")
    saving_lib._save_state(model, weights_store=store, assets_store=None, inner_path="", visited_saveables=set())
    store.close()
    return buffer.getvalue()


def weights_fit(model: keras.Model, path: Path) -> bool:
    """Return whether a ``.weights.h5`` file is of a model built like this one: Keras may only warn, and skip the rest.

    Raises:
        OSError: it is not there, no HDF5 file, or cut off.
    """
    with h5py.File(path) as stored, h5py.File(io.BytesIO(weights_bytes(model))) as own:
        return _names(stored) == _names(own)


def _names(weights: h5py.File) -> set[str]:
    names = set[str]()
    weights["layers"].visit(names.add)  # returns at the first that is not None, and add returns None
    return names


def _keep_attributes() -> None:
    """Keep what Keras finds out about each type of layer that it saves or reads.

    Keras 3.15 keeps it under one name and looks for it under another (``get_attr_skipset``), so it makes a layer anew
    for each layer of a model: half of the time to save one.
    """
    for kind in ("Layer", "Operation", "Functional"):
        name = f"saving_attr_skiplist_{kind}"
        if global_state.get_global_attribute(name) is None:
            global_state.set_global_attribute(name, saving_lib.get_attr_skipset(kind))
