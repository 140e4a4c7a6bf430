"""What is stored of a picture does not depend on when, with which others, or in how many attempts it was computed."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import write_pictures
from tl_core.errors import Stopped
from tl_core.features import converted, sources
from tl_core.features.cache import ActivationCache
from tl_core.features.sources import Pictures
from tl_core.files import write_bytes
from tl_core.networks import activations, backbone, catalogue
from tl_core.networks.model import Network
from tl_core.progress import Progress
from tl_core.recipe import Head, Recipe
from tl_core.workspace import Workspace

SIZE = 64


class StopAfter(Progress):
    """Presses Stop once a number of pictures are done."""

    def __init__(self, pictures):
        self.left = pictures

    def emit(self, event, **fields):
        if fields.get("what") == "pictures":
            self.done = fields["done"]

    def stopped(self):
        return self.done >= self.left


def of_items(items: Sequence[str]) -> Pictures:
    return Pictures([Path(item) for item in items], SIZE)


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = write_pictures(tmp_path_factory.mktemp("pictures") / "fruit", {"apple": 5, "plum": 6})
    return sorted(folder.rglob("*.jpg"))


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    workspace = Workspace.open(tmp_path_factory.mktemp("workspace"))
    spec = catalogue.get("efficientnet-lite0")
    return Network(lambda: backbone.build(spec, SIZE, weights="imagenet", workspace=workspace), Head(), 2)


@pytest.fixture
def stored(paths, network, monkeypatch, tmp_path_factory):
    """Return a function that stores the activations of pictures in a folder and reads those of both copies."""
    monkeypatch.setattr(sources, "MOST_AT_A_TIME", 4)
    recipe = {"manifest": 1, "backbone": "efficientnet-lite0", "image_size": SIZE, "seed": 5}
    recipe |= {"augmentation": "full", "augmentation_variants": 2}
    converted = tmp_path_factory.getbasetemp() / "converted"

    def store(folder, files=paths, progress=None):
        ids = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
        cache = ActivationCache(Recipe(**recipe), folder, converted, "imagenet", "all", network.pooled, of_items)
        source = cache.sources({"train": ids}, {"train": Pictures(files, SIZE)}, progress or Progress())["train"]
        return {
            (id_, (row + epoch) % 2): source.read([row], epoch).tobytes()
            for row, id_ in enumerate(ids)
            for epoch in (0, 1)
        }

    return store


@pytest.mark.slow
def test_augmented_activations_are_the_same_whether_none_some_or_all_were_stored(stored, paths, tmp_path):
    whole = stored(tmp_path / "whole")
    assert len(set(whole.values())) == 2 * len(paths), "every copy differs"

    for done in (8, 15):
        with pytest.raises(Stopped):
            stored(tmp_path / str(done), progress=StopAfter(done))
        assert stored(tmp_path / str(done)) == whole, "some were stored, by an attempt that was interrupted"
        assert stored(tmp_path / str(done)) == whole, "all were stored"


def test_augmented_activations_are_the_same_with_other_pictures_before_or_beside_them(stored, paths, tmp_path):
    whole = stored(tmp_path / "whole")
    some = stored(tmp_path / "some", files=paths[7:2:-2])
    assert some == {key: value for key, value in whole.items() if key in some}
    assert stored(tmp_path / "some", files=paths[::-1]) == whole


class Helps(Progress):
    """Does what another worker does once it is asked for help."""

    def __init__(self):
        self.said = []

    def emit(self, event, **fields):
        if event == "offer":
            assert activations.help_with(Path(fields["folder"]), lambda: False)
        if event == "message":
            self.said.append(fields["text"])


def test_augmented_activations_are_the_same_if_another_worker_computes_most_of_them(stored, tmp_path):
    helped = Helps()
    assert stored(tmp_path / "helped", progress=helped) == stored(tmp_path / "alone")
    assert any("Other workers have looked at" in text for text in helped.said)


@pytest.mark.slow
def test_a_network_that_stays_with_tensorflow_is_helped_with_too(paths, network, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MOST_AT_A_TIME", 4)
    ids, helped = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths], Helps()
    recipe = Recipe(manifest=1, backbone="efficientnet-lite0", image_size=SIZE, seed=0)
    read = []
    for place, progress in (("alone", Progress()), ("helped", helped)):
        workspace = Workspace.open(tmp_path / place)
        cache = ActivationCache(
            recipe, workspace.cache, workspace.converted, "imagenet", "all", network.pooled, of_items
        )
        reason = converted.file(cache.converted, cache.key()).with_suffix(".txt")
        write_bytes(reason, b"It is a test.")
        source = cache.sources({"train": ids}, {"train": Pictures(paths, SIZE)}, progress)["train"]
        read.append(source.read(range(len(ids))).tobytes())
    assert read[0] == read[1]
    assert any("Other workers have looked at" in text for text in helped.said)
