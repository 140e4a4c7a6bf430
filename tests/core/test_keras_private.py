"""The private names of Keras: they are there, they do what the adapter says, and no other module names them."""

import ast
import gc
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras.src.saving import saving_lib

from tl_core import keras_private

CORE = Path(keras_private.__file__).parent
ADAPTER = Path(keras_private.__file__)


def small() -> keras.Model:
    picture = keras.Input((4, 4, 3), name="picture")
    return keras.Model(picture, keras.layers.Conv2D(2, 1, name="conv")(picture))


def private_names() -> set[str]:
    """The attributes with an underscore that the adapter reads."""
    tree = ast.parse(ADAPTER.read_text(encoding="utf-8"))
    read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    written = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {name for name in read | written if name.startswith("_") and name.isidentifier()}


OWNERS = {
    "_nodes_by_depth": small,
    "_outbound_nodes": lambda: small().get_layer("conv"),
    "_inbound_nodes": lambda: small().get_layer("conv"),
    "_run_through_graph": small,
    "_functional": lambda: keras.Sequential([small()]),
    "_keras_history": lambda: small().output,
    "_save_state": lambda: saving_lib,
    "_get_variable_index": keras.optimizers.Adam,
    "_all_reduce_sum_gradients": keras.optimizers.Adam,
}


@pytest.mark.parametrize("name", sorted(private_names()))
def test_keras_has_the_private_name(name):
    assert name in OWNERS, f"keras_private uses {name}; say here which object of Keras has it"
    assert hasattr(OWNERS[name](), name), (
        f"Keras {keras.__version__} has moved {name}. Look for its new name and change "
        "tl_core/keras_private.py, the only place that uses it."
    )


def test_no_other_module_names_them():
    for path in CORE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for name in [*OWNERS, "keras.src"]:
            assert path == ADAPTER or name not in text, f"{path.relative_to(CORE)} names {name}: use keras_private"


def test_a_layer_of_two_models_has_one_node_in_each():
    model = small()
    other = keras.Input((8, 8, 3), name="other")
    wide = keras.Model(other, model.get_layer("conv")(other))
    assert keras_private.nodes(model)["conv"].output_tensors[0].shape == (None, 4, 4, 2)
    assert keras_private.nodes(wide)["conv"].output_tensors[0].shape == (None, 8, 8, 2)
    assert [tensor.shape for tensor in keras_private.nodes(wide)["conv"].input_tensors] == [(None, 8, 8, 3)]


def test_functional_and_sequential_models_have_a_graph_and_layers_have_none():
    model = small()
    assert keras_private.graph(model) is model
    assert keras_private.graph(keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Flatten()])) is not None
    assert keras_private.graph(model.get_layer("conv")) is None


def test_a_graph_runs_with_other_functions_in_place_of_its_operations():
    model, seen = small(), []

    def doubled(operation):
        seen.append(operation.name)
        return lambda x: 2 * operation(x)

    pictures = np.ones((1, 4, 4, 3), np.float32)
    np.testing.assert_allclose(keras_private.run(model, pictures, doubled), 2 * model(pictures), rtol=1e-6)
    assert seen == ["conv"]


def test_the_maker_of_a_tensor():
    model = small()
    assert keras_private.maker(model.output) is model.get_layer("conv")


def test_keras_makes_a_layer_once_for_each_type_that_it_saves(monkeypatch):
    model, made = small(), []
    keras_private.model_bytes(model)
    init = keras.layers.Layer.__init__
    monkeypatch.setattr(keras.layers.Layer, "__init__", lambda self, **more: (made.append(self), init(self, **more))[1])
    keras_private.model_bytes(model)
    assert not made


def test_weights_fit_a_model_that_is_built_like_theirs_and_no_other(tmp_path):
    path = tmp_path / "small.weights.h5"
    path.write_bytes(keras_private.weights_bytes(small()))
    assert keras_private.weights_fit(small(), path)
    picture = keras.Input((4, 4, 3))
    assert not keras_private.weights_fit(keras.Model(picture, small()(picture)), path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(OSError, match=r"\S"):
        keras_private.weights_fit(small(), path)


def test_keras_still_forgets_what_it_found_out():
    kind = "Cross"
    saving_lib.get_attr_skipset(kind)
    assert saving_lib.get_attr_skipset(kind) is not saving_lib.get_attr_skipset(kind), (
        f"Keras {keras.__version__} keeps it: take _keep_attributes out of keras_private"
    )


def graphs_after_a_fit(alone):
    """Return how many graphs of TensorFlow stay in memory after a fit."""
    gc.collect()
    before = sum(isinstance(each, tf.Graph) for each in gc.get_objects())
    model, numbers = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]), np.zeros((2, 2), np.float32)
    optimizer = keras.optimizers.Adam()
    model.compile(keras_private.alone(optimizer) if alone else optimizer, "mse")
    model.fit(numbers, numbers[:, :1], verbose=0)
    del model, optimizer
    gc.collect()
    return sum(isinstance(each, tf.Graph) for each in gc.get_objects()) - before


def test_a_fit_leaves_no_graph():
    assert graphs_after_a_fit(alone=True) == 0


def test_tensorflow_still_keeps_the_graphs_of_a_fit():
    left = graphs_after_a_fit(alone=False)
    assert left > 0, f"TensorFlow {tf.__version__} lets go of them: take alone out of keras_private"
