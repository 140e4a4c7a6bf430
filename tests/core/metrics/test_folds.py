import numpy as np

from tl_core.metrics import folds, linear_probe


def test_folds_keep_groups_whole_and_spread_the_classes():
    labels = np.repeat([0, 1, 2], [30, 20, 2])
    groups = np.arange(52)
    groups[:6] = 0  # six alike
    fold = folds.deal(labels, groups, 5, seed=0)
    assert len(set(fold[:6])) == 1
    assert np.bincount(fold[labels == 1], minlength=5).tolist() == [4] * 5
    assert len(set(fold[labels == 2])) == 2
    assert not np.array_equal(fold, folds.deal(labels, groups, 5, seed=1))
    np.testing.assert_array_equal(fold, folds.deal(labels, groups, 5, seed=0))


def test_a_class_that_a_fold_has_not_seen_gets_no_probability():
    rows = np.array([[0.0], [1.0], [0.1], [0.9]], np.float32)
    result = linear_probe.probabilities(rows, np.array([0, 2, 0, 2]), rows, classes=4)
    assert result.shape == (4, 4)
    assert (result[:, [1, 3]] == 0).all()
    assert (result.argmax(1) == [0, 2, 0, 2]).all()
