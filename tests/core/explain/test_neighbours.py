import numpy as np
import pytest

from tests.core.explain.test_projection import groups
from tl_core.explain import neighbours


def test_the_nearest_pictures_come_first():
    train = groups((6, 6))
    near = neighbours.nearest(train, 3 * train.features[8], count=4, without=train.ids[8])
    assert len(near) == 4
    assert train.ids[8] not in [each.id for each in near]
    assert {each.label for each in near} == {"class 1"}
    assert [each.similarity for each in near] == sorted((each.similarity for each in near), reverse=True)
    (best, *_) = neighbours.nearest(train, 3 * train.features[8])
    assert best.id == train.ids[8]
    assert best.similarity == pytest.approx(1)
    assert len(neighbours.nearest(train, train.features[0], count=99)) == 12
    assert neighbours.nearest(train, np.zeros(12))[0].similarity == 0
