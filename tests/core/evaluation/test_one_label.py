import numpy as np

from tl_core.evaluation import one_label
from tl_core.evaluation.tags import TagPredictions, Thresholds


def test_one_of_several_labels_is_given_from_its_own_threshold_on():
    shares = np.array([[0.9, 0.31], [0.2, 0.29], [0.6, 0.8]])
    several = TagPredictions(
        split="validation",
        tags=["dark", "red"],
        ids=["a", "b", "c"],
        truth=np.array([[1, 1], [0, 1], [1, 0]], bool),
        logits=np.log(shares / (1 - shares)).astype(np.float32),
        features=np.arange(6, dtype=np.float32).reshape(3, 2),
        groups=np.arange(3),
    )
    red = one_label.of(several, "red", Thresholds(of={"dark": 0.5, "red": 0.3}, chosen_on=3))

    assert red.classes == ["without red", "red"]
    assert red.label == "red"
    assert red.truth.tolist() == [1, 1, 0]
    assert red.predicted.tolist() == [1, 0, 1]
    assert red.correct.tolist() == [True, False, False]
    np.testing.assert_allclose(red.probabilities[:, 1], shares[:, 1], atol=1e-6)
    np.testing.assert_allclose(red.confidence, [0.31, 0.71, 0.8], atol=1e-6)
    later = red.at([2, 1])
    assert (later.ids, later.predicted.tolist(), later.threshold) == (["c", "b"], [1, 0], 0.3)
