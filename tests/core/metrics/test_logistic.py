import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tl_core.metrics import logistic

RNG = np.random.default_rng(3)
LABELS = np.repeat([0, 1, 2], 30)
#: Far from 0, and on another scale than the penalties are meant for.
FEATURES = (RNG.normal(size=(90, 12)) + 0.8 * np.eye(12)[LABELS] * 3 + 50).astype(np.float32) * 7
WEIGHTS = np.where(LABELS == 2, 2.0, 0.5).astype(np.float32)


def heads(features=FEATURES, labels=LABELS, weights=WEIGHTS, classes=3, strengths=logistic.STRENGTHS):
    return list(logistic.path(features, labels, weights, classes, strengths))


def test_each_head_is_that_of_a_regression_that_begins_anew():
    before = FEATURES.copy()
    made = heads()
    assert np.array_equal(FEATURES, before), "what it learns from stays as it is"
    squares = ((FEATURES - FEATURES.mean(0)) ** 2).sum(1).mean()
    scaled = (FEATURES - FEATURES.mean(0)) * 2 / squares**0.5
    for strength, head in list(zip(logistic.STRENGTHS, made, strict=True))[::4]:
        alone = LogisticRegression(C=1 / strength, tol=1e-6, max_iter=2000).fit(scaled, LABELS, WEIGHTS)
        logits = head.logits(FEATURES)
        ours = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
        assert ours == pytest.approx(alone.predict_proba(scaled), abs=0.01)


def test_a_weaker_penalty_fits_what_is_learned_from_better():
    losses = [logistic.cross_entropy(head.logits(FEATURES), LABELS, WEIGHTS) for head in heads()]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] / 10


def test_two_classes_have_one_unit_and_a_class_without_pictures_is_never_said():
    two = LABELS != 2
    (one,) = heads(FEATURES[two], LABELS[two], WEIGHTS[two], classes=2, strengths=[0.3])
    (missing,) = heads(FEATURES[two], LABELS[two], WEIGHTS[two], strengths=[0.3])
    assert one.kernel.shape == (12, 1)
    assert missing.kernel.shape == (12, 3)
    difference = np.diff(missing.logits(FEATURES[two])[:, :2], axis=1)
    assert difference == pytest.approx(one.logits(FEATURES[two]), abs=1e-3)
    assert (missing.logits(FEATURES)[:, 2] == logistic.NEVER).all()


def test_features_that_are_all_the_same_say_what_is_frequent():
    same = np.full((90, 4), 3.0, np.float32)
    (head,) = heads(same, strengths=[0.3])
    assert np.isfinite(head.kernel).all()
    assert head.logits(same[:1]).argmax() == 2, "its pictures weigh most"


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_is_that_of_keras(smoothing):
    logits = RNG.normal(size=(90, 3)).astype(np.float32) * 5
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    theirs = float(loss(np.eye(3, dtype=np.float32)[LABELS], logits, sample_weight=WEIGHTS))
    assert logistic.cross_entropy(logits, LABELS, WEIGHTS, smoothing) == pytest.approx(theirs, rel=1e-5)


def test_pictures_choose_the_strength_where_there_are_some():
    assert logistic.strengths(None, validated=True) == logistic.STRENGTHS
    assert logistic.strengths(None, validated=False) == (logistic.USUAL,)
    assert logistic.strengths(2.0, validated=True) == (2.0,)
