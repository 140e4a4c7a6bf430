import numpy as np
import pytest

from tests.conftest import share_weights
from tl_core.networks import backbone, catalogue
from tl_core.workspace import Workspace

SIZE = 64


@pytest.fixture(scope="package")
def lite(tmp_path_factory):
    workspace = share_weights(Workspace.open(tmp_path_factory.mktemp("workspace")))
    return backbone.build(catalogue.get("efficientnet-lite0"), SIZE, weights="imagenet", workspace=workspace)


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (11, SIZE, SIZE, 3), dtype=np.uint8)


def away(model, run, pixels):
    """Return the largest difference to Keras as a share of the largest value."""
    wanted = model.predict(pixels.astype(np.float32), verbose=0)
    result = np.concatenate([run(pixels[at : at + 4]) for at in range(0, len(pixels), 4)])
    assert (result.shape, result.dtype) == (wanted.shape, np.float32)
    return np.abs(result - wanted).max() / np.abs(wanted).max()
