import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf.json_format import ParseDict

from tl_core.errors import InputError
from tl_core.export import outputs, tfjs
from tl_core.export.page_file import GraphModel
from tl_core.networks import backbone, bert, box_head, catalogue, pyramid, taps
from tl_core.networks.bert_config import Config
from tl_core.networks.box_head import BoxHead
from tl_core.networks.model import Network
from tl_core.recipe import Head
from tl_core.workspace import Workspace

#: One network of each way of building.
LARGE = (
    *("densenet121", "efficientnet-b0", "inception-v3", "mobilenet-v2", "mobilenet-v3-small", "nasnet-mobile"),
    *("resnet50", "resnet50-v2", "vgg16", "xception"),
)
ROWS = ("efficientnet-lite0", *(pytest.param(row, marks=pytest.mark.slow) for row in LARGE))


def answers(converted: GraphModel, example: np.ndarray, name: str = "image") -> dict[str, np.ndarray]:
    """Return what the outputs of a converted model are, read as TF.js reads it and run by TensorFlow."""
    described = json.loads(converted.description)
    weights, at = {}, 0
    for spec in described["weightsManifest"][0]["weights"]:
        kind = np.dtype(spec.get("quantization", {}).get("dtype", spec["dtype"]))
        count = int(np.prod(spec["shape"]))
        value = np.frombuffer(converted.weights, kind, count, at).reshape(spec["shape"]).astype(spec["dtype"])
        eight = spec.get("quantization", {})
        weights[spec["name"]] = value * eight["scale"] + eight["min"] if "scale" in eight else value
        at += count * kind.itemsize
    assert at == len(converted.weights)
    graph = ParseDict({"node": described["modelTopology"]["node"]}, tf.compat.v1.GraphDef())
    for node in list(graph.node):
        if node.op in ("_FusedConv2D", "FusedDepthwiseConv2dNative"):
            take_apart(graph, node)
        if node.op == "Const":
            kind = tf.as_dtype(node.attr["dtype"].type)
            node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(weights[node.name], kind))
    names = list(described["signature"]["outputs"])
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.import_graph_def(graph, name="")
        return dict(zip(names, session.run([f"{name}:0" for name in names], {f"{name}:0": example}), strict=True))


def take_apart(graph: tf.compat.v1.GraphDef, node: tf.compat.v1.NodeDef) -> None:
    """Make a convolution, a bias and an activation of one node: TensorFlow does not have TF.js's operation."""
    fused = [part.decode() for part in node.attr["fused_ops"].list.s]
    assert fused in (["BiasAdd"], ["BiasAdd", "Relu"], ["BiasAdd", "Relu6"])
    convolution, add = graph.node.add(), graph.node.add(name=f"{node.name}/add", op="BiasAdd")
    convolution.CopyFrom(node)
    convolution.name, convolution.op = f"{node.name}/convolution", node.op.removeprefix("_").removeprefix("Fused")
    add.input.extend([convolution.name, convolution.input.pop(2)])
    for name in ("fused_ops", "num_args"):
        del convolution.attr[name]
    node.Clear()
    node.name, node.op = add.name.removesuffix("/add"), fused[1] if len(fused) > 1 else "Identity"
    node.input.append(add.name)
    for each in (add, node):
        each.attr["T"].type = tf.float32.as_datatype_enum


def classifier(row: str, workspace: Workspace, head: Head, side: int = 64) -> keras.Model:
    """Return a network with random weights, those of its BatchNorm layers, too, and a new head."""
    chosen, chance = catalogue.get(row), np.random.default_rng(4)
    network = backbone.build(chosen, max(side, chosen.least_size), weights="random", workspace=workspace, seed=1)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([chance.uniform(0.5, 1.5, value.shape) for value in layer.get_weights()])
    return Network(lambda: network, head, classes=3, seed=2).whole(temperature=1.7)


@pytest.mark.parametrize("row", ROWS)
def test_a_converted_network_answers_as_keras_does(row, workspace):
    model = classifier(row, workspace, Head(hidden=8))
    picture = np.random.default_rng(3).integers(0, 256, (1, *model.input_shape[1:])).astype(np.float32)

    found = answers(tfjs.convert(model), picture)

    np.testing.assert_allclose(found["probabilities"], model(picture), atol=2e-3)


def test_both_files_are_written_with_bias_and_relu_inside_each_convolution(workspace, tmp_path):
    tfjs.write(classifier("efficientnet-lite0", workspace, Head()), tmp_path)

    described = json.loads((tmp_path / "model.json").read_bytes())
    every = [node["op"] for node in described["modelTopology"]["node"]]
    assert described["weightsManifest"][0]["paths"] == ["weights.bin"]
    assert not {"Conv2D", "DepthwiseConv2dNative", "Relu6"} & set(every)
    assert (tmp_path / "weights.bin").stat().st_size < 2.2 * 3_413_024, "nearly all weights take two bytes"


def test_an_operation_that_tfjs_does_not_know_is_a_sentence():
    picture = keras.Input((8, 8, 3))
    model = keras.Model(picture, keras.layers.GlobalAveragePooling2D()(keras.ops.cosh(picture)))

    with pytest.raises(InputError, match=r"TF\.js cannot run this network: it has the operation Cosh"):
        tfjs.convert(model)


@pytest.mark.slow
def test_a_page_has_the_features_that_its_pictures_are_compared_by(workspace):
    model = classifier("efficientnet-lite0", workspace, Head(pooling="flatten"))
    picture = np.random.default_rng(3).integers(0, 256, (1, 64, 64, 3)).astype(np.float32)
    pooled = keras.Model(model.inputs[0], taps.of(model).pooled)(picture).numpy()

    found = answers(tfjs.convert(outputs.with_features(model)), picture)

    np.testing.assert_allclose(found["probabilities"], model(picture), atol=2e-3)
    np.testing.assert_allclose(found["features"], pooled.reshape(1, -1, 1280).mean(axis=1), atol=1e-2)


def test_a_network_for_boxes_answers_as_keras_does(workspace):
    network = backbone.build(catalogue.get("efficientnet-lite0"), 64, weights="random", workspace=workspace, seed=1)
    head = BoxHead(pyramid.maps(network).shapes, classes=2, seed=2)
    said = head.model(pyramid.taken_apart(pyramid.trunk(network)(network.input), head.shapes))
    for weight in head.model.weights:  # a factor of exactly one would be left out
        weight.assign(weight + 0.01)
    model = keras.Model(network.input, box_head.boxes_of(said, 2, 64))
    picture = np.random.default_rng(3).integers(0, 256, (1, 64, 64, 3)).astype(np.float32)

    found = answers(tfjs.convert(model), picture)

    np.testing.assert_allclose(found["probabilities"], model(picture), atol=2e-3)


def test_a_network_for_texts_answers_as_keras_does():
    config = Config(vocabulary=1000, width=64, blocks=2, heads=4, hidden=128, positions=32)
    network = bert.build(config, None)
    eight = np.random.default_rng(1).integers(-127, 128, (1000, 64))
    network.get_layer(bert.WORDS).set_weights([eight.astype(np.float32) * np.float32(0.003)])
    model = Network(lambda: network, Head(pooling="first"), classes=3, seed=2).whole(temperature=1.7)
    ids = np.array([[2, 17, 512, 999, 3, 0, 0, 0]], np.int32)

    converted = tfjs.convert(model, 8)

    np.testing.assert_allclose(answers(converted, ids, "ids")["probabilities"], model(ids), atol=1e-4)
    (words,) = [
        each
        for each in json.loads(converted.description)["weightsManifest"][0]["weights"]
        if each["shape"] == [1000, 64]
    ]
    assert words["quantization"]["dtype"] == "uint8", "nothing is lost, so it takes a byte"
