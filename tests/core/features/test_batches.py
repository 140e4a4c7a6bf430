import numpy as np
import pytest

from tl_core.features.batches import Batches, Examples, balancing_weights


class Numbers:
    """A source whose rows are their own numbers, and the epoch."""

    def read(self, rows, epoch=0):
        return np.array([[row, epoch] for row in rows], np.float32)


def batches(seed=None, n=10, size=4):
    targets, weights = np.arange(n, dtype=np.float32)[:, None], np.ones(n, np.float32)
    return Batches(Examples(source=Numbers(), targets=targets, weights=weights), size, seed)


def read(of):
    return [of[index] for index in range(len(of))]


def test_batches_hold_every_row_once_and_the_last_one_is_smaller():
    made = batches(seed=1)
    parts = read(made)
    assert [len(inputs) for inputs, _, _ in parts] == [4, 4, 2]
    rows = np.concatenate([inputs[:, 0] for inputs, _, _ in parts])
    assert sorted(rows) == list(range(10))
    np.testing.assert_array_equal(rows, np.concatenate([targets[:, 0] for _, targets, _ in parts]))


def test_the_order_follows_the_seed_and_the_epoch_alone():
    def order(seed, epoch):
        made = batches(seed)
        made.start(epoch)
        return [tuple(inputs[:, 0]) for inputs, _, _ in read(made)]

    assert order(1, 3) == order(1, 3)
    assert order(1, 3) != order(1, 4)
    assert order(1, 3) != order(2, 3)
    assert order(None, 5) == order(None, 0)


def test_the_source_reads_by_epoch():
    made = batches()
    made.start(7)
    assert (made[0][0][:, 1] == 7).all()


def test_every_class_weighs_the_same_and_the_mean_is_one():
    labels = np.array([0, 0, 0, 1])
    weights = balancing_weights(labels, 3)
    assert weights[:3].sum() == pytest.approx(weights[3])
    assert weights.mean() == pytest.approx(1)
