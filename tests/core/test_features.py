import numpy as np
import psutil

from tl_core import features

SHAPE = (7, 7, 320)


def kept(tmp_path, rows):
    return features.opened(tmp_path, {"rows": rows}, rows, SHAPE)


def test_rows_come_back_as_they_were_written_in_any_order(tmp_path):
    values = np.random.default_rng(0).normal(size=(10, *SHAPE)).astype(np.float32)
    array = kept(tmp_path, 10)
    array.write(0, values[:6])
    array.write(6, values[6:])
    array.finish(10)

    again = kept(tmp_path, 10)

    assert (len(again), again.done) == (10, 10)
    assert (again.read(np.array([7, 0, 9])) == values[[7, 0, 9]]).all()
    assert again.read(range(2, 4)).dtype == np.float32


def test_an_epoch_over_kept_rows_does_not_add_them_to_the_memory_of_the_process(tmp_path):
    rows = 1000  # 63 MB
    array = kept(tmp_path, rows)
    process = psutil.Process()
    before = process.memory_info().rss

    for at in range(0, rows, 20):
        array.write(at, np.ones((20, *SHAPE), np.float32))
    array.finish(rows)
    held = []
    for at in range(0, rows, 20):
        assert array.read(np.arange(at, at + 20)).all()
        held.append(process.memory_info().rss - before)

    assert max(held) < 20e6
