import dataclasses
import textwrap
import time

import keras
import numpy as np
import pytest
from keras.src.utils import file_utils

from tl_core import jobs
from tl_core.errors import MissingWeightsError, OfflineError, Stopped
from tl_core.networks import backbone, catalogue, weights
from tl_core.networks.keras_applications import constructors
from tl_core.progress import Progress
from tl_core.workspace import Workspace

MOBILE = catalogue.get("mobilenet-v2")
SIZE = 96


class Listener(Progress):
    """Records the megabytes that are there, and stops the work once there are enough."""

    def __init__(self, enough=float("inf")):
        self.done, self.texts, self.enough = [], [], enough

    def emit(self, event, **fields):
        self.texts += [fields["text"]] if event == "message" else []
        self.done += [fields["done"]] if event == "progress" else []

    def stopped(self):
        return bool(self.done) and self.done[-1] >= self.enough


@pytest.fixture
def workspace(tmp_path):
    return Workspace.open(tmp_path / "workspace")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty Keras cache."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras"


@pytest.fixture
def download(tmp_path, monkeypatch, workspace, cache):
    """The download job, with a network that is a few lines of Python in the process that downloads."""

    def run(network, progress=None, row=MOBILE):
        site = tmp_path / "site"
        site.mkdir()
        head = "import shutil, time, urllib.error, urllib.request\ndef urlretrieve(url, target, hook):\n"
        tail = "\nurllib.request.urlretrieve = urlretrieve\n"
        code = head + textwrap.indent(textwrap.dedent(network), "    ") + tail
        (site / "sitecustomize.py").write_text(code)
        monkeypatch.setenv("PYTHONPATH", str(site))
        return weights.run(tmp_path, progress or Progress(), backbone=row.id, workspace=str(workspace.root))

    return run


def published(row, path, *, top=False):
    """Write a weights file as Keras publishes them, with random values, and return the network that it is of."""
    model = constructors()[row.constructor](weights=None, include_top=top, input_shape=(row.default_size,) * 2 + (3,))
    path.parent.mkdir(parents=True, exist_ok=True)
    model.save(path)
    return model


def test_status_is_here_download_and_missing(workspace, cache):
    assert weights.status(catalogue.get("efficientnet-lite0"), workspace).state == "here"
    away = weights.status(MOBILE, workspace)
    assert (away.state, away.path) == ("download", cache / "models" / MOBILE.weights_file)
    assert "9.0 MB" in away.message
    gone = dataclasses.replace(catalogue.get("efficientnet-lite0"), package="no_such_package")
    assert weights.status(gone, workspace).state == "missing"
    away.path.parent.mkdir(parents=True)
    away.path.write_bytes(b"x" * 2**20)
    assert weights.status(MOBILE, workspace).state == "here"
    assert weights.status(MOBILE, workspace, top=True).state == "download"


def test_the_cache_is_where_keras_looks(cache, monkeypatch):
    assert weights.keras_models() == cache / "models"
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(cache.parent))
    assert weights.keras_models() == cache.parent / ".keras" / "models"


def test_missing_weights_say_what_where_and_what_to_do(workspace, cache):
    with pytest.raises(MissingWeightsError) as error:
        backbone.build(MOBILE, SIZE, weights="imagenet", workspace=workspace)
    for part in (
        str(cache / "models" / MOBILE.weights_file),
        "9.0 MB",
        "by hand",
        "EfficientNet-Lite0 comes with Thaw",
    ):
        assert part in str(error.value)


def test_weights_put_there_by_hand_are_used(workspace, cache):
    original = published(MOBILE, cache / "models" / MOBILE.weights_file)
    model = backbone.build(MOBILE, SIZE, weights="imagenet", workspace=workspace)
    for mine, given in zip(model.get_weights(), original.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, given)


def test_a_broken_file_is_reported_and_left_alone(workspace, cache):
    path = cache / "models" / MOBILE.weights_file
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a weights file")
    with pytest.raises(MissingWeightsError, match="Remove it"):
        backbone.build(MOBILE, SIZE, weights="imagenet", workspace=workspace)
    assert path.exists()


@pytest.mark.slow
def test_efficientnet_is_the_graph_that_keras_builds_when_it_loads_the_weights_itself(workspace, cache, monkeypatch):
    row = catalogue.get("efficientnet-b0")
    path = cache / "models" / row.weights_file
    published(row, path)
    monkeypatch.setattr(file_utils, "get_file", lambda *_, **__: str(path))
    by_keras = keras.applications.EfficientNetB0(include_top=False, input_shape=(SIZE, SIZE, 3))
    by_us = backbone.build(row, SIZE, weights="imagenet", workspace=workspace)
    pictures = np.random.default_rng(0).uniform(0, 255, (2, SIZE, SIZE, 3)).astype(np.float32)
    np.testing.assert_allclose(by_us(pictures), by_keras(pictures), rtol=1e-4, atol=1e-6)


def test_without_a_network_one_sentence_says_so(download, cache):
    with pytest.raises(OfflineError) as error:
        download("raise urllib.error.URLError('Name or service not known')")
    for part in (
        "Name or service not known",
        MOBILE.weights_file,
        str(cache / "models"),
        "EfficientNet-Lite0 comes with Thaw",
    ):
        assert part in str(error.value)
    assert list(cache.parent.glob("keras/**/*")) == []


@pytest.mark.slow
def test_a_download_arrives_whole_and_reports_how_far_it_is(download, cache, tmp_path, workspace):
    published(MOBILE, tmp_path / "served.h5")
    listener = Listener()
    download(
        f"""
        data = open({str(tmp_path / "served.h5")!r}, "rb").read()
        with open(target, "wb") as file:
            for start in range(0, len(data), 2**20):
                file.write(data[start : start + 2**20])
                file.flush()
                time.sleep(0.1)
        """,
        listener,
    )
    assert weights.status(MOBILE, workspace).path == cache / "models" / MOBILE.weights_file
    assert weights.status(MOBILE, workspace).state == "here"
    assert listener.done == sorted(listener.done)
    assert len(set(listener.done)) >= 3
    assert listener.done[-1] == pytest.approx(MOBILE.download_mb * 2**20 / 1e6, rel=0.1)
    assert [path.name for path in cache.iterdir()] == ["models"]


@pytest.mark.slow
def test_a_damaged_download_is_removed(download, cache):
    with pytest.raises(MissingWeightsError, match="arrived damaged"):
        download("open(target, 'wb').write(b'<html>Sign in to the hotel network</html>')")
    assert list(cache.glob("**/*")) == []


@pytest.mark.slow
def test_stop_ends_a_download_at_once_and_leaves_nothing(download, cache):
    listener = Listener(enough=1.0)
    began = time.monotonic()
    with pytest.raises(Stopped):
        download("open(target, 'wb').write(bytes(2**20)); time.sleep(600)", listener)
    assert time.monotonic() - began < 300  # the download would sleep for 600
    assert list(cache.glob("**/*")) == []


def test_downloading_a_bundled_network_is_a_job_that_converts_it(workspace):
    job = jobs.create_in(workspace, "download", backbone="efficientnet-lite0", workspace=str(workspace.root))
    jobs.execute(job.folder)
    assert job.state == "done"
    assert "converted" in job.events()[0].text
    assert len(list(workspace.weights.iterdir())) == 1
