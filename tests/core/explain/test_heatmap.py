import io

import numpy as np
import pytest
from PIL import Image

from tests.core.pictures import encoded, noise
from tl_core.explain import class_maps, heatmap, overlay

FLAT = np.ones((7, 7))


def spot(row, column, side=7):
    found = np.zeros((side, side))
    found[row, column] = 1
    return found


@pytest.mark.parametrize("side", [2, 3, 7, 10])
def test_an_even_map_has_in_each_area_what_its_area_is(side):
    even = np.ones((side, side))
    assert heatmap.share(even, *heatmap.MIDDLE) == pytest.approx(heatmap.MIDDLE_AREA)
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


def test_an_empty_map_says_so():
    empty = np.zeros((7, 7))
    assert heatmap.where(empty) == "nowhere"
    assert not heatmap.marked(empty).any()
    drawn = np.asarray(Image.open(io.BytesIO(overlay.overlay(encoded(noise(1, 60, 40)), empty))), int)
    assert np.abs(drawn - drawn.mean(axis=2, keepdims=True)).max() <= 3, "the picture in greys, and nothing over it"


def test_the_overlay_has_the_proportions_of_the_picture_and_the_place_of_the_map():
    drawn = Image.open(io.BytesIO(overlay.overlay(encoded(Image.new("RGB", (300, 100), "grey")), spot(0, 6))))
    assert drawn.size == (300, 100)
    bright = np.asarray(drawn.convert("RGB"), int)[:, :, 1]
    assert bright[2:8, 275:295].mean() > bright[60:, :150].mean() + 30


def test_the_line_goes_around_the_strongest_fifth():
    ramp = np.arange(100.0).reshape(10, 10) + 1
    assert heatmap.marked(ramp).sum() == 20
    assert heatmap.marked(ramp)[-2:].all()


def test_the_line_goes_around_the_frame_of_a_map_alone():
    drawn = np.asarray(Image.open(io.BytesIO(overlay.square(np.zeros((7, 7)), 160))).convert("L"), int)
    assert (drawn[[20, 139], 80] > 200).all()
    assert (drawn[[2, 80, 157], 80] < 60).all()


def test_dark_is_weak_and_bright_is_strong():
    colours = overlay.coloured(np.linspace(0, 1, 16)[None]).astype(float)
    assert (np.diff(colours @ [0.3, 0.6, 0.1]) > 0).all()


def looking_at(row, column, count):
    return np.stack([0.9 * spot(row, column, 8) + 0.1 * np.random.default_rng(n).random((8, 8)) for n in range(count)])


@pytest.mark.parametrize(
    ("maps", "verdict"),
    [
        (looking_at(slice(2, 6), slice(2, 6), 12), "inside"),
        (looking_at(0, slice(None), 12), "frame"),
        (np.random.default_rng(0).random((12, 8, 8)), "even"),
        (looking_at(4, 4, 4), "few"),
        (np.ones((12, 2, 2)), "coarse"),
    ],
)
def test_subject_or_frame(maps, verdict):
    found = class_maps.average("**cat**", maps)
    assert (found.verdict, found.n, found.empty) == (verdict, len(maps), 0)
    low, high = found.frame[1:]
    assert low <= found.frame[0] <= high
    words = " ".join(found.sentences())
    assert "2 × 2 places: too coarse" in words if verdict == "coarse" else f"Mean of {len(maps)} pictures" in words
    assert "proof" in words or verdict != "inside", "it stays a hint"


def test_empty_maps_are_left_out_and_counted():
    found = class_maps.average("cat", np.stack([spot(3, 3), np.zeros((7, 7)), 0.01 * spot(0, 0)]))
    assert (found.n, found.empty) == (2, 1)
    assert found.frame[0] == pytest.approx(0.5 * (1 - heatmap.share(spot(0, 0), *heatmap.FRAME)), abs=1e-6)
    assert "1 without any evidence left out" in " ".join(found.sentences())
    one = class_maps.average("cat", np.stack([spot(3, 3)])).sentences()
    assert "That is one picture." in one, "one picture has no interval"
    nothing = class_maps.average("cat", np.zeros((3, 7, 7)))
    assert nothing.n == 0
    assert "In none of the 3 pictures" in nothing.sentences()[0]
