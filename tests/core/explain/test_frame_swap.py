"""Frame or inside: a model that goes by one of them is found out, whatever its last feature map shows."""

import re

import numpy as np
import pytest

from tl_core.explain import class_maps, frame_swap, heatmap

SIDE = 32


def pictures(count, red):
    """Return noise whose frame and inside have so much red."""
    chance = np.random.default_rng(count)
    result = chance.integers(0, 100, (count, SIDE, SIDE, 3)).astype(np.uint8)
    low, high = (round(edge * SIDE) for edge in heatmap.FRAME)
    result[..., 0] = red[0]
    result[:, low:high, low:high, 0] = red[1]
    return result


def probability(batch, part):
    """Return what a model says that goes by the red of the frame, of the inside, or by green all over."""
    corner, middle = batch[:, 0, 0, 0], batch[:, SIDE // 2, SIDE // 2, 0]
    return {"frame": corner, "inside": middle, "even": batch[..., 1].mean(axis=(1, 2))}[part] / 255


@pytest.mark.parametrize("part", ["frame", "inside", "even"])
def test_what_it_goes_by_is_found(part):
    mine, others = pictures(12, (250, 250)), pictures(12, (5, 5))[::-1]
    result = frame_swap.judge(*(probability(each, part) for each in frame_swap.swapped(mine, others)))
    assert (result.n, result.verdict) == (12, part)
    assert {"frame": "more for the frame", "inside": "more for the inside", "even": "anything from"}[
        part
    ] in result.sentence("**cat**")


@pytest.mark.parametrize("difference", [0.001, 0.0302, -0.0301, 0.3])
def test_the_ends_of_its_range_never_read_alike(difference):
    own = np.full(12, 0.5)
    sentence = frame_swap.judge(own, own + difference + np.linspace(1e-5, -1e-5, 12)).sentence("cat")
    low, high = re.search(r": ([\d.]+) to ([\d.]+) points more for the ", sentence).groups()
    assert low != high, sentence


def test_the_swap_has_the_last_word_and_says_so():
    inside = np.zeros((12, 7, 7))
    inside[:, 3, 3] = 1
    mapped = class_maps.average("cat", inside)
    assert mapped.verdict == "inside"
    swap = frame_swap.judge(np.full(12, 0.1), np.full(12, 0.9))
    swapped = class_maps.ClassMap(**{**vars(mapped), "swap": swap})
    assert swapped.verdict == "frame"
    assert swapped.sentences()[0].startswith("The model relies on the frame")
    assert "The map alone suggests the opposite" in swapped.sentences()[-1]
    coarse = class_maps.ClassMap(**{**vars(class_maps.average("cat", np.ones((12, 2, 2)))), "swap": swap})
    assert coarse.verdict == "frame"
    assert frame_swap.judge(np.full(4, 0.1), np.full(4, 0.9)).verdict == "few"
    assert frame_swap.judge(np.empty(0), np.empty(0)) is None
