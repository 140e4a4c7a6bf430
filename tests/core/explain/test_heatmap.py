import numpy as np
import pytest

from tl_core.explain import heatmap


def spot(row, column, side=7):
    result = np.zeros((side, side))
    result[row, column] = 1
    return result


@pytest.mark.parametrize("side", [2, 3, 7, 10])
def test_an_even_map_has_in_each_area_what_its_area_is(side):
    even = np.ones((side, side))
    assert heatmap.share(even, *heatmap.MIDDLE) == pytest.approx(1 / 4)
    assert 1 - heatmap.share(even, *heatmap.FRAME) == pytest.approx(heatmap.FRAME_AREA)
    assert heatmap.where(even) == "all over the picture"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ((0, 0), "in the upper left"),
        ((3, 3), "in the middle"),
        ((3, 6), "in the middle right"),
        ((6, 3), "in the lower middle"),
        ((slice(None), 0), "in the left part"),
        ((slice(None), 3), "halfway across"),
        ((3, slice(None)), "at half height"),
        (([0, 0, 6, 6], [0, 6, 0, 6]), "in several places"),
    ],
)
def test_where_a_map_lies_in_words(at, words):
    assert heatmap.where(spot(*at)) == words


def test_a_head_above_a_wide_faint_glow_is_not_all_over_the_picture():
    """No third of the picture holds half of the map, but the strongest fifth of it is in one place."""
    down, across = np.mgrid[:7, :7]
    heat = 0.3 + 0.7 * np.exp(-((down - 2.8) ** 2 + (across - 3.1) ** 2) / 3)
    assert heat[:, 2:5].sum() < 0.55 * heat.sum()
    assert heatmap.where(heat) == "in the middle"


def test_the_line_goes_around_the_strongest_fifth():
    ramp = np.arange(100.0).reshape(10, 10) + 1
    assert heatmap.marked(ramp).sum() == 20
    assert heatmap.marked(ramp)[-2:].all()


def test_an_empty_map_says_so():
    empty = np.zeros((7, 7))
    assert heatmap.where(empty) == "nowhere"
    assert not heatmap.marked(empty).any()
