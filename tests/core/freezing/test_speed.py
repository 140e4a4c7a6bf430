import keras
import pytest

from tl_core.errors import Stopped
from tl_core.files import write_json
from tl_core.freezing import speed
from tl_core.freezing.speed import Speed
from tl_core.progress import Progress


def test_a_speed_of_an_earlier_workspace_is_read_and_another_one_added(workspace):
    old = {"pictures_per_second": 30, "pictures": 96, "batch": 16, "size": 224, "device": "CPU", "date": "2026-11-20"}
    write_json(workspace.root / "speed.json", {"mobilenet": old})
    speed.save(workspace, "vgg16", Speed(**old))
    assert speed.load(workspace) == {"mobilenet": Speed(**old), "vgg16": Speed(**old)}
    assert speed.load(workspace)["mobilenet"].looking_per_second is None


def test_a_damaged_file_of_speeds_counts_as_not_measured(workspace):
    (workspace.root / "speed.json").write_text("{")
    assert speed.load(workspace) == {}


@pytest.mark.slow
def test_speed_is_measured_and_saved(workspace, tmp_path):
    speed.run(tmp_path, Progress(), backbone="mobilenet-v3-small", workspace=str(workspace.root))
    speed.run(tmp_path, Progress(), backbone="efficientnet-lite0", workspace=str(workspace.root))
    speeds = speed.load(workspace)
    assert set(speeds) == {"mobilenet-v3-small", "efficientnet-lite0"}
    measured = speeds["mobilenet-v3-small"]
    assert measured.pictures_per_second > 1
    assert measured.looking_per_second > 1
    assert measured.pictures % measured.batch == 0
    assert (measured.size, bool(measured.device)) == (224, True)


@pytest.mark.slow
def test_speed_can_be_stopped(workspace, tmp_path):
    class Impatient(Progress):
        def stopped(self):
            return True

    with pytest.raises(Stopped):
        speed.run(tmp_path, Impatient(), backbone="efficientnet-lite1", workspace=str(workspace.root))
    assert "efficientnet-lite1" not in speed.load(workspace)


def test_progress_counts_both_engines_once(monkeypatch):
    class Heard(Progress):
        def __init__(self):
            self.steps = []

        def emit(self, event, **fields):
            if event == "progress":
                self.steps.append((fields["done"], fields["total"]))

    picture, heard = keras.Input((8, 8, 3)), Heard()
    monkeypatch.setattr(speed, "SPEED_SECONDS", 0.2)
    speed.measure(keras.Model(picture, keras.layers.Conv2D(2, 3)(picture)), 8, heard)
    assert {total for _, total in heard.steps} == {0.4}
    assert heard.steps == sorted(heard.steps)
    assert heard.steps[-1] == (0.4, 0.4)
