"""Arrays of a run, on disk."""

import shutil

import numpy as np
import pytest

from tl_core import arrays
from tl_core.arrays import Array
from tl_core.files import write_bytes
from tl_core.runs import RunFolder

LAYOUT = {
    "ids": Array(kind="U", axes="n", needed=False),
    "points": Array(kind="f", axes="n2", least=0, needed=False),
    "values": Array(kind="i", axes="m", needed=False),
}


def load(run, name):
    return arrays.load(run, name, LAYOUT)


def is_stored(run, name):
    return arrays.is_stored(run, name, lambda: load(run, name))


@pytest.fixture
def run(tmp_path) -> RunFolder:
    """A run as far as its arrays need one: a folder with a model."""
    run = RunFolder(tmp_path / "run")
    write_bytes(run.model_path, b"a model")
    return run


def test_arrays_come_back_as_they_were(run):
    assert load(run, "map") is None
    assert not is_stored(run, "map")
    arrays.save(run, "maps/one", ids=np.array(["a", "ü"]), points=np.eye(2, dtype=np.float32))
    assert is_stored(run, "maps/one")
    stored = load(run, "maps/one")
    assert stored["ids"].tolist() == ["a", "ü"]
    assert stored["points"].dtype == np.float32


def test_what_an_earlier_model_gave_is_not_stored_any_more(run):
    arrays.save(run, "tied", values=np.arange(3))
    arrays.save(run, "free", tied=False, values=np.arange(3))
    write_bytes(run.model_path, b"another model")
    assert load(run, "tied") is None
    assert not is_stored(run, "tied")
    assert load(run, "free")["values"].tolist() == [0, 1, 2]
    run.model_path.unlink()
    assert load(run, "tied") is None
    assert is_stored(run, "free")


def test_a_copy_of_a_run_keeps_its_arrays(run, tmp_path):
    arrays.save(run, "tied", values=np.arange(3))
    shutil.copytree(run.folder, tmp_path / "copy", copy_function=shutil.copyfile)
    assert is_stored(RunFolder(tmp_path / "copy"), "tied")


@pytest.mark.parametrize("length", [0, 10, 200])
def test_a_file_that_was_cut_off_counts_as_not_stored(run, length):
    arrays.save(run, "tied", values=np.arange(1000))
    path = run.folder / "tied.npz"
    path.write_bytes(path.read_bytes()[:length])
    assert not is_stored(run, "tied")
    assert load(run, "tied") is None


class Code:
    """Pickled, it writes a file when it is loaded without care."""

    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return open, (self.mark, "w")


def test_code_in_a_file_is_not_run(run, tmp_path):
    np.savez(run.folder / "map.npz", points=np.array([Code(tmp_path / "was here")], object))
    assert load(run, "map") is None
    assert not (tmp_path / "was here").exists()


def test_a_file_with_a_damaged_middle_counts_as_not_stored_once_it_is_read(run):
    arrays.save(run, "map", values=np.arange(1000))
    data = bytearray((run.folder / "map.npz").read_bytes())
    data[len(data) // 2] ^= 255
    (run.folder / "map.npz").write_bytes(data)
    assert load(run, "map") is None


CLASSES = {"names": Array(kind="U", axes="c"), "truth": Array(kind="i", axes="n", of="c")}
SHARES = {**CLASSES, "shares": Array(kind="f", axes="nc", least=0, most=1), "seconds": Array(kind="f", needed=False)}
WHOLE = {"names": np.array(["a", "b"]), "truth": np.array([1, 0, 1]), "shares": np.full((3, 2), 0.5)}


@pytest.mark.parametrize(
    "odd",
    [
        {"truth": np.array([1, 0, 2])},
        {"truth": np.array([1, 0, -1])},
        {"truth": np.array([1, 0])},
        {"truth": np.array([1.0, 0.0, 1.0])},
        {"names": np.array(["a", "a"])},
        {"names": np.array([["a", "b"]])},
        {"shares": np.full((3, 2), np.nan)},
        {"shares": np.full((3, 2), 1.5)},
        {"shares": np.full((3, 3), 0.5)},
        {"shares": np.full((3, 2), "x")},
        {"seconds": np.array([1.0])},
    ],
)
def test_arrays_that_do_not_fit_together_count_as_not_stored(run, odd):
    arrays.save(run, "shares", **WHOLE, unknown=np.zeros(7))
    assert arrays.load(run, "shares", SHARES).keys() == WHOLE.keys(), "what nobody asks for is not read"
    arrays.save(run, "shares", **WHOLE | odd)
    assert arrays.load(run, "shares", SHARES) is None
    arrays.save(run, "shares", names=WHOLE["names"])
    assert arrays.load(run, "shares", SHARES) is None


def test_gaps_are_numbers_where_they_may_be():
    gaps = {"shares": np.array([0.5, np.nan])}
    assert arrays.fit(gaps, {"shares": Array(kind="f", axes="n", most=1, gaps=True)})
    assert not arrays.fit(gaps, {"shares": Array(kind="f", axes="n", most=0.4, gaps=True)})
    assert not arrays.fit({"shares": np.array([np.inf])}, {"shares": Array(kind="f", axes="n", gaps=True)})
