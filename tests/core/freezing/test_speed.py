import pytest

from tl_core.errors import Stopped
from tl_core.freezing import speed
from tl_core.progress import Progress


@pytest.mark.slow
def test_speed_is_measured_and_kept(workspace, tmp_path):
    speed.run(tmp_path, Progress(), backbone="mobilenet-v3-small", workspace=str(workspace.root))
    speed.run(tmp_path, Progress(), backbone="efficientnet-lite0", workspace=str(workspace.root))
    speeds = speed.speeds(workspace)
    assert set(speeds) == {"mobilenet-v3-small", "efficientnet-lite0"}
    measured = speeds["mobilenet-v3-small"]
    assert measured.pictures_per_second > 1
    assert measured.looking_per_second > 1
    assert measured.pictures % measured.batch == 0
    assert (measured.size, bool(measured.device)) == (224, True)


def test_speed_can_be_stopped(workspace, tmp_path):
    class Impatient(Progress):
        def stopped(self):
            return True

    with pytest.raises(Stopped):
        speed.run(tmp_path, Impatient(), backbone="efficientnet-lite1", workspace=str(workspace.root))
    assert "efficientnet-lite1" not in speed.speeds(workspace)
