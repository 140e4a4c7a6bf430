import io

import numpy as np
from PIL import Image

from tl_core.explain import tiles


def test_dark_is_weak_and_bright_is_strong():
    ramp = np.linspace(0, 1, 16, dtype=np.float32).reshape(4, 4, 1)
    ((png,),) = tiles.of_maps([ramp])
    grey = np.asarray(Image.open(io.BytesIO(png)).convert("L"))[::40, ::40].reshape(-1).astype(int)
    assert (np.diff(grey) > 0).all()


def test_a_flat_map_is_drawn():
    ((png,),) = tiles.of_maps([np.ones((4, 4, 1), np.float32)])
    assert np.asarray(Image.open(io.BytesIO(png))).std(axis=(0, 1)).max() == 0
