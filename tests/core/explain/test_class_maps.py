import dataclasses

import numpy as np
import pytest

from tl_core.evaluation.predictions import Predictions
from tl_core.explain import class_maps, heatmap


def spot(row, column, side=7):
    result = np.zeros((side, side))
    result[row, column] = 1
    return result


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
    result = class_maps.average("**cat**", maps)
    assert (result.verdict, result.n, result.empty) == (verdict, len(maps), 0)
    low, high = result.frame[1:]
    assert low <= result.frame[0] <= high
    words = " ".join(result.sentences())
    assert "2 × 2 places: too coarse" in words if verdict == "coarse" else f"Mean of {len(maps)} pictures" in words
    assert "proof" in words or verdict != "inside", "it stays a hint"


def test_of_alike_pictures_one_is_looked_at():
    """Two bursts of ten and three single pictures of cats, one burst of dogs."""
    groups = np.array([0] * 10 + [1] * 10 + [2, 3, 4] + [5] * 10)
    count = len(groups)
    result = Predictions(
        split="test",
        classes=["cat", "dog"],
        ids=[f"p{number:02d}" for number in range(count)],
        truth=np.where(groups < 5, 0, 1),
        logits=np.zeros((count, 2), np.float32),
        features=np.zeros((count, 1), np.float32),
        temperature=1.0,
        groups=groups,
    )
    assert class_maps.sample(result, "cat") == ["p00", "p10", "p20", "p21", "p22"]
    assert class_maps.others(result, "cat") == ["p23"]
    alone = dataclasses.replace(result, groups=None)
    assert len(class_maps.sample(alone, "cat")) == 23
    assert len(class_maps.others(alone, "cat")) == 10


def test_a_share_is_never_outside_of_0_and_1():
    result = class_maps.average("cat", np.stack([spot(3, 3, 8)] * 4 + [spot(0, 0, 8)]))
    assert (result.frame[1], result.middle[2]) == (0, 1)


def test_empty_maps_are_left_out_and_counted():
    result = class_maps.average("cat", np.stack([spot(3, 3), np.zeros((7, 7)), 0.01 * spot(0, 0)]))
    assert (result.n, result.empty) == (2, 1)
    assert result.frame[0] == pytest.approx(0.5 * (1 - heatmap.share(spot(0, 0), *heatmap.FRAME)), abs=1e-6)
    assert "1 without any evidence left out" in " ".join(result.sentences())
    one = class_maps.average("cat", np.stack([spot(3, 3)])).sentences()
    assert "That is one picture." in one, "one picture has no interval"
    nothing = class_maps.average("cat", np.zeros((3, 7, 7)))
    assert nothing.n == 0
    assert "In none of the 3 pictures" in nothing.sentences()[0]
