import numpy as np
import pytest

from tests.core.hues import project_of_hues
from tl_core import jobs
from tl_core.dataset import manifest
from tl_core.errors import InputError, MissingWeightsError, Stopped
from tl_core.freezing import outline, probe
from tl_core.metrics import linear_probe
from tl_core.progress import Progress

NETWORK = "efficientnet-lite0"
IDS, LABELS = ["low", "middle", "top"], ["Stem", "Stage 1, convolution 1", "Final convolution"]


@pytest.fixture
def hues(workspace, tmp_path):
    return project_of_hues(workspace, tmp_path / "pictures", count=12)


def right(count, n=400):
    return np.arange(n) < count


def test_each_block_is_probed_by_a_job_without_a_look_at_the_test_part(hues, tmp_path):
    for id_ in manifest.load(hues).split("test")["id"]:
        manifest.image_path(hues, id_).unlink()
    (tmp_path / "job").mkdir()
    job = jobs.create(tmp_path / "job", "probe", project=str(hues.folder), backbone=NETWORK, size=64)
    found = jobs.execute(job.folder)
    assert probe.kept(hues, NETWORK, 64, 1) == found
    assert (found["train"], found["n"], found["manifest"], found["chance"]) == (12, 6, 1, 0.5)
    drawn = outline.draw(hues.workspace.root, NETWORK)["blocks"]
    assert [(b["id"], b["label"]) for b in found["blocks"]] == [(b["id"], b["label"]) for b in drawn]
    for block in found["blocks"]:
        low, high = block["interval"]
        assert 0 <= low <= block["accuracy"] <= high <= 1
    assert max(block["accuracy"] for block in found["blocks"]) == 1.0
    done = {event.what: event.done for event in job.events() if event.event == "progress"}
    assert done == {"pictures": 18, "blocks": 18}


def test_nothing_is_kept_before_it_ran(hues):
    assert probe.kept(hues, NETWORK, 64, 1) is None


def test_a_stopped_probe_keeps_nothing(hues, tmp_path):
    class Impatient(Progress):
        def stopped(self):
            return True

    with pytest.raises(Stopped, match="nothing was kept"):
        probe.run(tmp_path, Impatient(), project=str(hues.folder), backbone=NETWORK, size=64)
    assert probe.kept(hues, NETWORK, 64, 1) is None


def test_missing_weights_and_small_pictures_are_told(hues, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(MissingWeightsError, match="MobileNetV2"):
        probe.probe(hues, "mobilenet-v2", 64)
    with pytest.raises(InputError, match="at least 32 pixels"):
        probe.probe(hues, NETWORK, 16)


def test_pictures_that_cannot_be_trained_on_are_told(workspace, tmp_path):
    lonely = project_of_hues(workspace, tmp_path / "pictures", classes=1)
    with pytest.raises(InputError, match="class"):
        probe.probe(lonely, NETWORK, 64)


def test_a_large_part_is_thinned_and_every_class_keeps_its_share(hues):
    part = manifest.load(hues).split("train")
    some = probe._sample(part, 6)
    assert some["label"].value_counts().to_dict() == {"cold": 3, "warm": 3}
    assert some.equals(probe._sample(part.sample(frac=1, random_state=1), 6))
    assert len(probe._sample(part, 100)) == len(part)


def test_a_constant_channel_does_no_harm():
    rows = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    rows[:, 1] = 7.0
    labels = np.where(rows[:, 0] > 0, "a", "b")
    assert (linear_probe.answers(rows, labels, rows) == labels).mean() > 0.9


def test_everything_is_frozen_where_the_top_is_best():
    line, why = probe.suggestion(IDS, LABELS, [right(250), right(300), right(380)], right(200))
    assert line == "all"
    assert "380 of 400" in why


def test_everything_is_frozen_where_the_top_is_as_good_as_any_within_noise():
    line, why = probe.suggestion(IDS, LABELS, [right(250), right(382), right(379)], right(200))
    assert line == "all"
    assert "too small a difference" in why


def test_the_line_is_the_highest_block_that_is_as_good_as_the_best():
    line, why = probe.suggestion(IDS, LABELS, [right(379), right(378), right(300)], right(200))
    assert line == "middle"
    assert "378 of 400" in why
    assert "300" in why


def test_few_pictures_prove_nothing():
    assert probe.suggestion(IDS, LABELS, [right(12, 20), right(20, 20), right(17, 20)], right(10, 20))[0] == "all"


def test_nothing_is_frozen_where_no_block_is_better_than_guessing():
    hits = [np.roll(right(count), count) for count in (205, 212, 203)]
    line, why = probe.suggestion(IDS, LABELS, hits, right(200))
    assert line == "none"
    assert "guessing" in why
