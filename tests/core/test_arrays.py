"""Arrays of a run, on disk."""

import shutil

import numpy as np
import pytest

from tl_core import arrays
from tl_core.files import write_bytes
from tl_core.runs import RunFolder


@pytest.fixture
def run(tmp_path) -> RunFolder:
    """A run as far as its arrays need one: a folder with a model."""
    run = RunFolder(tmp_path / "run")
    write_bytes(run.model_path, b"a model")
    return run


def test_arrays_come_back_as_they_were(run):
    assert arrays.load(run, "map") is None
    assert not arrays.is_stored(run, "map")
    arrays.save(run, "maps/one", ids=np.array(["a", "ü"]), points=np.eye(2, dtype=np.float32))
    assert arrays.is_stored(run, "maps/one")
    stored = arrays.load(run, "maps/one")
    assert stored["ids"].tolist() == ["a", "ü"]
    assert stored["points"].dtype == np.float32


def test_what_an_earlier_model_gave_is_not_stored_any_more(run):
    arrays.save(run, "tied", values=np.arange(3))
    arrays.save(run, "free", tied=False, values=np.arange(3))
    write_bytes(run.model_path, b"another model")
    assert arrays.load(run, "tied") is None
    assert not arrays.is_stored(run, "tied")
    assert arrays.load(run, "free")["values"].tolist() == [0, 1, 2]
    run.model_path.unlink()
    assert arrays.load(run, "tied") is None
    assert arrays.is_stored(run, "free")


def test_a_copy_of_a_run_keeps_its_arrays(run, tmp_path):
    arrays.save(run, "tied", values=np.arange(3))
    shutil.copytree(run.folder, tmp_path / "copy", copy_function=shutil.copyfile)
    assert arrays.is_stored(RunFolder(tmp_path / "copy"), "tied")


@pytest.mark.parametrize("length", [0, 10, 200])
def test_a_file_that_was_cut_off_counts_as_not_stored(run, length):
    arrays.save(run, "tied", values=np.arange(1000))
    path = run.folder / "tied.npz"
    path.write_bytes(path.read_bytes()[:length])
    assert not arrays.is_stored(run, "tied")
    assert arrays.load(run, "tied") is None


class Code:
    """Pickled, it writes a file when it is loaded without care."""

    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return open, (self.mark, "w")


def test_code_in_a_file_is_not_run(run, tmp_path):
    np.savez(run.folder / "map.npz", points=np.array([Code(tmp_path / "was here")], object))
    assert arrays.load(run, "map") is None
    assert not (tmp_path / "was here").exists()


def test_a_file_with_a_damaged_middle_counts_as_not_stored_once_it_is_read(run):
    arrays.save(run, "map", points=np.arange(1000))
    data = bytearray((run.folder / "map.npz").read_bytes())
    data[len(data) // 2] ^= 255
    (run.folder / "map.npz").write_bytes(data)
    assert arrays.load(run, "map") is None
