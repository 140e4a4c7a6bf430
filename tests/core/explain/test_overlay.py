import io

import numpy as np
from PIL import Image

from tests.core.pictures import encoded, noise
from tl_core.explain import overlay


def test_an_empty_map_leaves_the_picture_in_greys():
    drawn = overlay.overlay(encoded(noise(1, 60, 40)), np.zeros((7, 7)))
    colours = np.asarray(Image.open(io.BytesIO(drawn)), int)
    assert np.abs(colours - colours.mean(axis=2, keepdims=True)).max() <= 3


def test_the_overlay_has_the_proportions_of_the_picture_and_the_place_of_the_map():
    corner = np.zeros((7, 7))
    corner[0, 6] = 1
    drawn = Image.open(io.BytesIO(overlay.overlay(encoded(Image.new("RGB", (300, 100), "grey")), corner)))
    assert drawn.size == (300, 100)
    bright = np.asarray(drawn.convert("RGB"), int)[:, :, 1]
    assert bright[2:8, 275:295].mean() > bright[60:, :150].mean() + 30


def test_the_line_goes_around_the_frame_of_a_map_alone():
    drawn = np.asarray(Image.open(io.BytesIO(overlay.square(np.zeros((7, 7)), 160))).convert("L"), int)
    assert (drawn[[20, 139], 80] > 200).all()
    assert (drawn[[2, 80, 157], 80] < 60).all()


def test_dark_is_weak_and_bright_is_strong():
    colours = overlay.coloured(np.linspace(0, 1, 16)[None]).astype(float)
    assert (np.diff(colours @ [0.3, 0.6, 0.1]) > 0).all()
