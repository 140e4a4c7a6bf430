"""Every network of the catalogue, cut at every line that is offered."""

import keras
import numpy as np
import pytest

from tl_core.errors import InputError
from tl_core.networks import backbone, catalogue, cut
from tl_core.networks.graph import Graph
from tl_core.workspace import Workspace

#: Quick to build, each cut in a way of its own.
SOME = ["efficientnet-lite0", "mobilenet-v3-small", "vgg16"]
ROWS = [
    pytest.param(row, id=row.id, marks=[] if row.id in SOME else pytest.mark.slow)
    for row in sorted(catalogue.CATALOGUE, key=lambda row: row.id not in SOME)
]


def built(id_, size, folder):
    return backbone.build(catalogue.get(id_), size, weights="random", workspace=Workspace.open(folder))


def pictures(model, n=4):
    return np.random.default_rng(0).uniform(0, 255, (n, *model.input_shape[1:])).astype(np.float32)


def shake(model):
    """Let every layer do something to real signals: random scales and offsets, statistics of these pictures."""
    chance = np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
        for weight in layer.trainable_weights:
            if len(weight.shape) == 1:
                scale = weight.path.endswith("gamma")
                weight.assign(chance.uniform(*((0.5, 1.5) if scale else (-0.2, 0.2)), weight.shape))
    model(pictures(model), training=True)


@pytest.fixture(scope="module", params=ROWS)
def network(request, tmp_path_factory):
    keras.utils.set_random_seed(1)
    model = built(request.param.id, request.param.least_size, tmp_path_factory.mktemp("workspace"))
    shake(model)
    yield model
    keras.backend.clear_session()


def test_trunk_then_tail_equals_the_whole_at_every_line(network):
    graph, lines = Graph(network), [block.id for block in cut.blocks(network)]
    at_lines = [tensor for name, tensor in graph.outputs.items() if name in lines]
    *at_line, whole = keras.Model(network.input, at_lines)(pictures(network, 2), training=False)
    whole = whole.numpy()
    assert np.ptp(whole, axis=0).max() > 1e-3 * np.abs(whole).max(), "the output does not depend on the picture"
    for line, activations in zip(lines, at_line, strict=False):
        trunk, tail = cut.split(network, line)
        assert trunk.output_shape == tail.input_shape
        answer = tail(activations, training=False).numpy()
        assert np.abs(answer - whole).max() <= 1e-5 * np.abs(whole).max(), line


def test_blocks_cover_the_network_once_and_add_up_to_it(network):
    blocks = cut.blocks(network)
    names = [layer.name for block in blocks for layer in block.layers]
    assert sorted(names) == sorted(operation.name for operation in network.operations)
    assert 2 <= len(blocks) <= cut.MOST_BLOCKS
    assert sum(block.parameters for block in blocks) == network.count_params()
    assert sum(block.multiply_adds for block in blocks) == sum(map(cut.multiply_adds, network.operations))
    assert blocks[-1].id == network.operations[-1].name
    assert all(block.layers[-1].name == block.id for block in blocks)
    assert {block.id for block in blocks} <= set(Graph(network).cut_points())
    assert all(len(block.shape) == 3 and block.parameters > 0 for block in blocks)
    assert len({block.label for block in blocks}) == len(blocks)


def test_what_a_value_sees_grows_from_block_to_block(network):
    seen = [block.receptive_field for block in cut.blocks(network)]
    assert None not in seen
    assert seen == sorted(seen)


#: Blocks by kind, and pixels that a value of the last one sees: https://distill.pub/2019/computing-receptive-fields/
PUBLISHED = {
    "mobilenet": ({"stem": 1, "separable convolution": 13}, 315),
    "mobilenet-v2": ({"stem": 1, "inverted residual": 17, "final convolution": 1}, None),
    "mobilenet-v3-small": ({"stem": 1, "inverted residual": 11, "final convolution": 1}, None),
    "efficientnet-b0": ({"stem": 1, "inverted residual": 16, "final convolution": 1}, None),
    "resnet50": ({"stem": 1, "residual block": 16}, 483),
    "resnet50-v2": ({"stem": 1, "residual block": 16}, 483),
    "vgg16": ({"convolution": 13}, 212),
    "inception-v3": ({"stem": 1, "convolution": 4, "inception block": 11}, 1311),
    "convnext-tiny": ({"stem": 1, "convnext block": 18, "downsampling": 3}, None),
}


def test_blocks_are_those_of_the_papers(network):
    blocks = cut.blocks(network)
    kinds = [block.label.lower().split(", ")[-1].rstrip("0123456789 ") for block in blocks]
    expected, pixels = PUBLISHED.get(network.name, ({kind: kinds.count(kind) for kind in kinds}, None))
    assert {kind: kinds.count(kind) for kind in kinds} == expected
    assert pixels in (blocks[-1].receptive_field, None)


def names(block):
    return block.label, [layer.name for layer in block.layers]


@pytest.mark.parametrize(
    "id_",
    [
        "efficientnet-lite0",
        *(pytest.param(id_, marks=pytest.mark.slow) for id_ in ("densenet121", "efficientnet-v2-b3", "inception-v3")),
    ],
)
def test_blocks_are_the_same_at_every_size(id_, tmp_path):
    row = catalogue.get(id_)
    small, large = (cut.blocks(built(id_, size, tmp_path)) for size in (row.least_size, row.default_size))
    assert [names(block) for block in small] == [names(block) for block in large]


def test_lite0_falls_into_stem_sixteen_blocks_and_final_convolution(tmp_path):
    blocks = cut.blocks(built("efficientnet-lite0", 224, tmp_path))
    per_stage = enumerate((1, 2, 2, 6, 5), 1)
    middle = [f"Stage {stage}, inverted residual {n}" for stage, count in per_stage for n in range(1, count + 1)]
    assert [block.label for block in blocks] == ["Stem", *middle, "Final convolution"]
    assert blocks[-1].shape == (7, 7, 1280)


@pytest.mark.slow
def test_many_layers_are_joined_within_their_stage(tmp_path):
    labels = [block.label for block in cut.blocks(built("densenet121", 32, tmp_path))]
    assert len(labels) == cut.MOST_BLOCKS
    assert labels[0] == "Stem"
    assert "Stage 2, transition" in labels
    assert "Stage 3, dense layers 1–4" in labels


def test_all_and_none_leave_one_half(network):
    assert cut.split(network, cut.freeze_line(network, "none")) == (None, network)
    assert cut.split(network, cut.freeze_line(network, "all")) == (network, None)


def test_an_unknown_block_is_an_error_with_those_that_there_are(network):
    with pytest.raises(InputError, match=cut.blocks(network)[0].id):
        cut.freeze_line(network, "attic")
