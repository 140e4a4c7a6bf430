import keras
import numpy as np
import pytest

from tl_core import graph
from tl_core.errors import InputError

NETWORKS = {
    "MobileNetV2": keras.applications.MobileNetV2,
    "MobileNetV3Small": keras.applications.MobileNetV3Small,
    "ResNet50": keras.applications.ResNet50,
    "VGG16": keras.applications.VGG16,
    "ConvNeXtTiny": keras.applications.ConvNeXtTiny,
}


@pytest.fixture(scope="module", params=list(NETWORKS))
def network(request):
    keras.utils.set_random_seed(1)
    yield NETWORKS[request.param](include_top=False, weights=None, input_shape=(64, 64, 3))
    keras.backend.clear_session()


def test_blocks_cover_the_network_once(network):
    found = graph.blocks(network)
    assert 2 <= len(found) <= graph.MOST_BLOCKS
    assert sum(block.layers for block in found) == len(network.operations)
    assert sum(block.parameters for block in found) == network.count_params()
    assert found[-1].id == network.operations[-1].name


def test_trunk_then_tail_equals_the_whole(network):
    pictures = np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3)).astype(np.float32)
    whole = network.predict_on_batch(pictures)
    for block in graph.blocks(network)[:-1:4]:
        trunk, tail = graph.split(network, block.id)
        kept = trunk.predict_on_batch(pictures)
        assert kept.shape[1:] == block.shape
        np.testing.assert_allclose(tail.predict_on_batch(kept), whole, rtol=1e-5, atol=1e-5)


def test_all_and_none_leave_one_half(network):
    assert graph.split(network, graph.freeze_line(network, "none")) == (None, network)
    assert graph.split(network, graph.freeze_line(network, "all")) == (network, None)


def test_an_unknown_block_is_told_with_those_that_there_are(network):
    with pytest.raises(InputError, match=graph.blocks(network)[0].id):
        graph.freeze_line(network, "attic")
