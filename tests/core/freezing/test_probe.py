from dataclasses import replace

import numpy as np
import pytest

from tests.core.hues import project_of_hues
from tl_core import jobs
from tl_core.dataset import manifest
from tl_core.errors import InputError, MissingWeightsError, Stopped
from tl_core.files import write_json
from tl_core.freezing import outline, probe
from tl_core.freezing.probe import BlockAccuracy
from tl_core.metrics import linear_probe
from tl_core.progress import Progress

NETWORK = "efficientnet-lite0"


@pytest.fixture
def hues(workspace, tmp_path):
    return project_of_hues(workspace, tmp_path / "pictures", count=12)


def test_each_block_is_probed_by_a_job_without_a_look_at_the_test_part(hues, tmp_path):
    for id_ in manifest.load(hues).split("test")["id"]:
        manifest.image_path(hues, id_).unlink()
    (tmp_path / "job").mkdir()
    job = jobs.create(tmp_path / "job", "probe", project=str(hues.folder), backbone=NETWORK, size=64)
    result = jobs.execute(job.folder)
    assert probe.load(hues, NETWORK, 64, 1) == result
    assert (result.train, result.n, result.manifest, result.chance) == (12, 6, 1, 0.5)
    drawn = outline.draw(hues.workspace.root, NETWORK).blocks
    assert [(b.id, b.label) for b in result.blocks] == [(b.id, b.label) for b in drawn]
    for block in result.blocks:
        low, high = block.interval
        assert 0 <= low <= block.accuracy <= high <= 1
    assert max(block.accuracy for block in result.blocks) == 1.0
    done = {event.what: event.done for event in job.events() if event.event == "progress"}
    assert done == {"pictures": 18, "blocks": 18}


def test_there_is_no_result_before_it_ran(hues):
    assert probe.load(hues, NETWORK, 64, 1) is None


def test_a_result_of_an_earlier_workspace_is_read(hues):
    block = {"id": "stem_relu", "label": "Stem", "accuracy": 1, "interval": [0.61, 1.0]}
    about = {"backbone": NETWORK, "size": 64, "manifest": 1, "train": 12, "n": 6, "chance": 0.5, "seconds": 3.2}
    path = hues.folder / "probes" / f"{NETWORK}-64-1.json"
    write_json(path, {**about, "blocks": [block], "suggested": "all", "why": "The top is best."})
    result = probe.load(hues, NETWORK, 64, 1)
    assert result.blocks == (BlockAccuracy(id="stem_relu", label="Stem", accuracy=1.0, interval=(0.61, 1.0)),)


@pytest.mark.slow
def test_a_stopped_probe_saves_nothing(hues, tmp_path):
    class Impatient(Progress):
        def stopped(self):
            return True

    with pytest.raises(Stopped, match="Nothing was saved"):
        probe.run(tmp_path, Impatient(), project=str(hues.folder), backbone=NETWORK, size=64)
    assert probe.load(hues, NETWORK, 64, 1) is None


def test_missing_weights_and_small_pictures_are_errors(hues, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(MissingWeightsError, match="MobileNetV2"):
        probe.probe(hues, "mobilenet-v2", 64)
    with pytest.raises(InputError, match="at least 32 pixels"):
        probe.probe(hues, NETWORK, 16)


def test_pictures_that_cannot_be_trained_on_are_an_error(workspace, tmp_path):
    lonely = project_of_hues(workspace, tmp_path / "pictures", classes=1)
    with pytest.raises(InputError, match="class"):
        probe.probe(lonely, NETWORK, 64)


@pytest.mark.slow
def test_of_many_pictures_the_same_few_of_every_class_are_probed_each_time(hues, monkeypatch):
    monkeypatch.setitem(probe.MOST, "train", 6)
    monkeypatch.setitem(probe.MOST, "validation", 4)
    first, second = (replace(probe.probe(hues, NETWORK, 64), seconds=0) for _ in range(2))
    assert (first.train, first.n, first.chance) == (6, 4, 0.5)
    assert first == second


def test_a_constant_channel_does_no_harm():
    rows = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    rows[:, 1] = 7.0
    labels = np.where(rows[:, 0] > 0, "a", "b")
    assert (linear_probe.predict(rows, labels, rows) == labels).mean() > 0.9
