import dataclasses
import subprocess
import sys
from typing import get_args

import pytest

from tl_core.errors import InputError
from tl_core.networks import catalogue
from tl_core.networks.catalogue import CATALOGUE, Backbone, Preprocessing

FROM_KERAS = [row for row in CATALOGUE if not row.bundled]
#: Networks that Keras builds within two seconds; the others are for `make test-all`.
QUICK = {"efficientnet-lite0", "mobilenet-v3-small"}


def rows(backbones: list[Backbone]) -> list[object]:
    """Each row as a parameter; those that take long to build are marked slow."""
    return [pytest.param(row, id=row.id, marks=() if row.id in QUICK else pytest.mark.slow) for row in backbones]


@pytest.fixture
def memory():
    """Let go of what was built."""
    yield
    sys.modules["keras"].backend.clear_session()


def test_ids_are_unique_and_the_default_needs_no_network():
    assert len({row.id for row in CATALOGUE}) == len(CATALOGUE)
    assert catalogue.get(catalogue.DEFAULT).bundled


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row.id)
def test_every_row_is_complete(row):
    optional = set() if row.bundled else {"bundled", "package"}
    missing = {name for name, value in dataclasses.asdict(row).items() if not value} - optional
    assert not missing, f"the row of {row.id} in catalogue.CATALOGUE lacks: {', '.join(sorted(missing))}"
    assert 0.5 < row.top1 < 0.95
    assert row.backbone_parameters < row.parameters < row.multiply_adds
    assert row.least_size <= row.default_size
    assert row.preprocessing in get_args(Preprocessing)
    assert len(row.advice) < 90


@pytest.mark.parametrize("row", [row for row in CATALOGUE if row.bundled], ids=lambda row: row.id)
def test_every_bundled_row_can_be_built(row):
    from tl_core.networks import efficientnet_lite

    assert row.constructor in efficientnet_lite.SCALES, f"efficientnet_lite.SCALES lacks {row.constructor}"


def test_every_network_of_keras_is_there():
    from keras import applications

    from tl_core.networks.keras_applications import constructors

    rows, built = {row.constructor for row in FROM_KERAS}, set(constructors())
    assert not rows - built, f"keras_applications.constructors lacks {rows - built}"
    assert not built - rows, f"catalogue.CATALOGUE lacks a row for {built - rows}"
    assert not {name for name in dir(applications) if name[0].isupper()} - rows


def test_an_unknown_id_is_answered_with_near_ones():
    with pytest.raises(InputError, match="mobilenet-v2"):
        catalogue.get("mobilenetv2")
    with pytest.raises(InputError, match=catalogue.DEFAULT):
        catalogue.get("zzz")


def test_pages_read_catalogue_weights_and_speeds_without_tensorflow(tmp_path):
    code = f"""
import sys
from tl_core import workspace
from tl_core.freezing import speed
from tl_core.networks import backbone, catalogue, weights
home = workspace.Workspace.open({str(tmp_path)!r})
assert {{weights.status(row, home).state for row in catalogue.CATALOGUE}} <= {{"here", "download"}}
assert speed.load(home) == {{}} and len(backbone.imagenet_classes()) == 1000
sys.exit(bool({{"tensorflow", "keras"}} & set(sys.modules)))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.usefixtures("memory")
@pytest.mark.parametrize("row", rows(list(CATALOGUE)))
def test_counts_are_those_of_the_built_network(row):
    import keras

    from tl_core.networks import cut, efficientnet_lite
    from tl_core.networks.backbone import flat
    from tl_core.networks.keras_applications import constructors

    image = keras.Input((row.default_size, row.default_size, 3))
    if row.bundled:
        whole, trunk = (
            efficientnet_lite.network(row.constructor, image, top=True),
            efficientnet_lite.network(row.constructor, image),
        )
    else:
        build = constructors()[row.constructor]
        whole = flat(build(weights=None, input_tensor=image, include_top=True))
        trunk = build(weights=None, input_tensor=image, include_top=False)
    counted = whole.count_params(), trunk.count_params(), sum(map(cut.multiply_adds, whole.layers))
    stated = row.parameters, row.backbone_parameters, row.multiply_adds
    assert counted == stated, f"{row.id} at {row.default_size} pixels: catalogue.CATALOGUE should say {counted}"


class AskedForError(Exception):
    """Keras wants to download a file of this name."""


@pytest.mark.usefixtures("memory")
@pytest.mark.parametrize("row", rows(FROM_KERAS))
@pytest.mark.parametrize("top", [False, True], ids=["notop", "top"])
def test_weights_files_are_those_that_keras_asks_for(row, top, monkeypatch):
    from keras.src.utils import file_utils

    from tl_core.networks.keras_applications import constructors

    def no_network(fname, *_, **__):
        raise AskedForError(fname)

    monkeypatch.setattr(file_utils, "get_file", no_network)
    size = row.default_size
    with pytest.raises(AskedForError) as asked:
        constructors()[row.constructor](weights="imagenet", include_top=top, input_shape=(size, size, 3))
    assert str(asked.value) == (row.top_weights_file if top else row.weights_file)
