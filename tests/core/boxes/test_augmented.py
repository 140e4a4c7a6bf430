"""The boxes of a changed picture lie on it where its things do."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from tl_core.boxes import augmented
from tl_core.dataset import boxes
from tl_core.dataset.boxes import Box


def test_boxes_move_with_the_thing_in_every_version(tmp_path: Path):
    pixels = np.zeros((200, 200, 3), np.uint8)
    pixels[90:150, 60:110] = (0, 0, 255)
    Image.fromarray(pixels).save(tmp_path / "blue.png")
    text = boxes.join([Box("blue", 60 / 200, 90 / 200, 110 / 200, 150 / 200)])

    made = augmented.versions(str(tmp_path / "blue.png"), "id", 176, "full", "network", 0, 4, text, ["blue"])

    places = []
    for version in made:
        shown = np.asarray(Image.open(io.BytesIO(version)).convert("RGB")).astype(int)
        assert shown.shape == (176, 176, 3)
        thing = np.argwhere((shown[:, :, 2] > 120) & (shown[:, :, 0] < 80))
        frame = np.argwhere((shown[:, :, 0] > 150) & (shown[:, :, 2] < 90))  # the first colour is orange
        for extreme in (np.min, np.max):
            assert np.abs(extreme(thing, axis=0) - extreme(frame, axis=0)).max() <= 16
        places.append(tuple(frame.min(axis=0)))
    assert len(set(places)) > 1
