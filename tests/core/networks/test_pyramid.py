"""Which networks have the maps that boxes need."""

from pathlib import Path

import keras
import numpy as np
import pytest

from tl_core.draft import Draft
from tl_core.errors import InputError
from tl_core.freezing import estimates, outline
from tl_core.freezing.estimates import Data
from tl_core.networks import backbone, box_shape, catalogue, pyramid
from tl_core.networks.box_head import BoxHead
from tl_core.recipe import Head
from tl_core.tasks import boxes
from tl_core.workspace import Workspace

#: The smallest network of each family.
FAMILIES = {each.family: each for each in sorted(catalogue.CATALOGUE, key=lambda each: each.parameters, reverse=True)}


@pytest.mark.parametrize(
    "family",
    [
        pytest.param(each, marks=() if each in ("EfficientNet-Lite", "NASNet") else pytest.mark.slow)
        for each in FAMILIES
    ],
)
def test_what_boxes_offer_has_maps_and_what_they_do_not_has_none(family: str, workspace: Workspace):
    model = backbone.build(FAMILIES[family], boxes.SIZE, weights=None, workspace=workspace)
    if family in boxes.UNFIT:
        with pytest.raises(InputError, match="no map with 8 pixels a value, which boxes need"):
            pyramid.maps(model)
    else:
        assert [shape[0] for shape in pyramid.maps(model).shapes] == [40, 20, 10]


def test_every_network_without_maps_is_of_a_family_that_is_known():
    assert set(boxes.UNFIT) <= set(FAMILIES)


#: In front of all maps of EfficientNet-Lite0, a map itself, between two, after two of them.
LINES = {"block_02_add": (0, 1), "block_04_add": (1, 1), "block_07_add": (1, 2), "block_13_add": (2, 3)}


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> keras.Model:
    workspace = Workspace.open(tmp_path_factory.mktemp("work"))
    return backbone.build(catalogue.get("efficientnet-lite0"), 64, weights=None, workspace=workspace)


@pytest.mark.parametrize("line", LINES)
def test_halves_give_the_maps_of_the_whole(lite: keras.Model, line: str):
    pictures = np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3)).astype(np.float32)
    trunk, tail = pyramid.split(lite, line)
    assert trunk is not None
    assert tail is not None
    rows = np.asarray(trunk(pictures, training=False))
    maps = [np.asarray(each).reshape(2, -1) for each in tail(rows, training=False)]

    whole = np.asarray(pyramid.trunk(lite)(pictures, training=False))
    np.testing.assert_allclose(np.concatenate(maps, axis=1), whole, rtol=1e-4, atol=1e-5)
    names = {layer.name for layer in lite.layers if layer.weights}
    below, above = ({layer.name for layer in half.layers if layer.weights} for half in (trunk, tail))
    assert below | above == names, "the layers of the tail are its own, not those of a model in it"
    assert not below & above


def test_lines_at_the_ends(lite: keras.Model):
    assert pyramid.split(lite, None)[0] is None
    assert [each.shape[1] for each in pyramid.split(lite, None)[1].outputs] == [8, 4, 2]  # type: ignore[union-attr]
    assert pyramid.split(lite, "head_relu")[1] is None


def test_freezing_says_what_is_stored_and_learned(lite: keras.Model, tmp_path: Path):
    drawn = outline.draw(tmp_path, "efficientnet-lite0")
    draft = Draft(image_size=64, cache_precision="float32")
    data = Data.of(draft, catalogue.get("efficientnet-lite0"), train=3, validation=1)
    top = pyramid.maps(lite).length

    def of(line: str) -> estimates.Estimate:
        at = drawn.frozen_blocks(line)
        return estimates.estimate(drawn, at, data, head=Head(), classes=2, boxes=True)

    for line in LINES:
        row = pyramid.trunk(lite, line).output.shape[1]
        assert of(line).cache_bytes == 4 * 4 * (top + row)
    assert of("all").cache_bytes == of("none").cache_bytes == 4 * 4 * top
    head = BoxHead(pyramid.maps(lite).shapes, 2, seed=0).model.count_params()
    assert of("all").trainable == head == box_shape.parameters((40, 112, 1280), 2)
