import numpy as np
import pytest

from tl_core.explain import occlusion

SIZE = 64


def with_spot(top, left):
    picture = np.full((SIZE, SIZE, 3), 30, np.uint8)
    picture[top : top + 12, left : left + 12] = 250
    return picture


def bright(batch):
    """Say "bright" as sure as there are bright pixels."""
    share = (batch.min(axis=-1) > 200).mean(axis=(1, 2)) / (12 * 12 / SIZE**2)
    return np.stack([1 - share, share], axis=1)


def careless(batch):
    return np.tile([0.3, 0.7], (len(batch), 1))


@pytest.mark.parametrize("corner", [(2, 2), (20, 40), (50, 10)])
def test_covering_the_spot_costs_most(corner):
    result = occlusion.sweep(with_spot(*corner), bright, 1, positions=9)
    assert result.before == 1
    assert result.lowest == 0
    at = np.unravel_index(result.heat.argmax(), result.heat.shape)
    centre = (np.array(corner) + 6) / SIZE * occlusion.PLACES
    assert np.abs(np.array(at) + 0.5 - centre).max() <= 2.5


def test_where_no_place_matters_the_map_is_empty():
    result = occlusion.sweep(with_spot(20, 20), careless, 1, positions=5)
    assert result.lowest == pytest.approx(0.7)
    assert not result.heat.any()


def test_what_covering_raises_is_not_what_speaks_for_a_class():
    result = occlusion.sweep(with_spot(20, 20), bright, 0, positions=5)
    assert result.drop.min() < -0.3
    assert not result.heat.any()


def test_one_patch_that_costs_among_many_that_gain_makes_no_map():
    """In the mean of the patches over it, no place costs the class anything: there is nothing to scale."""
    middle = slice(24, 40)

    def odd(batch):
        centre = (batch[:, middle, middle] == occlusion.GREY).all(axis=(1, 2, 3))
        covered = (batch == occlusion.GREY).any(axis=(1, 2, 3))
        share = np.where(centre, 0.45, np.where(covered, 0.52, 0.5))
        return np.stack([share, 1 - share], axis=1)

    swept = occlusion.sweep(np.zeros((SIZE, SIZE, 3), np.uint8), odd, 0, positions=9)
    assert swept.before - swept.lowest > occlusion.LITTLE
    assert not swept.heat.any()


def there(row, column):
    heat = np.zeros((8, 8))
    heat[row : row + 2, column : column + 2] = 1
    return heat


def test_a_map_that_is_right_holds_and_a_wrong_one_fails():
    picture = with_spot(18, 42)
    right = occlusion.check(picture, there(2, 5), bright, 1)
    assert (right.before, right.there, right.verdict) == (1, 0, "holds")
    assert right.elsewhere > 0.7
    assert "from 100% to 0%" in right.sentences("**cat**")[0]
    wrong = occlusion.check(picture, there(6, 0), bright, 1)
    assert wrong.there == 1
    assert wrong.verdict in ("fails", "neither")
    assert occlusion.check(picture, there(2, 5), careless, 1).verdict == "neither"


def test_covering_that_raises_the_class_fails():
    result = occlusion.check(with_spot(18, 42), there(2, 5), bright, 0)
    assert result.there > result.before
    assert result.verdict == "fails"
