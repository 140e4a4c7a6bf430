"""Which networks have the maps that boxes need."""

import pytest

from tl_core.errors import InputError
from tl_core.networks import backbone, catalogue, pyramid
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
