import numpy as np
import pytest

from tl_core.evaluation.predictions import softmax
from tl_core.metrics import calibration


def drawn(n, scale, seed=0, classes=3):
    """Return logits and classes drawn by the probabilities of the logits divided by ``scale``."""
    chance = np.random.default_rng(seed)
    logits = chance.normal(0, 3, (n, classes))
    shares = softmax(logits / scale).cumsum(1)
    return logits, (chance.random((n, 1)) > shares).sum(1).clip(0, classes - 1)


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_the_temperature_of_drawn_answers_is_found_again(scale):
    logits, truth = drawn(4000, scale)
    assert calibration.temperature(logits, truth) == pytest.approx(scale, rel=0.08)


def test_few_pictures_all_right_do_not_make_a_model_certain():
    logits, truth = np.array([[30.0, 0.0]] * 10), np.zeros(10, int)
    predicted = softmax(logits / calibration.temperature(logits, truth))
    assert predicted[:, 0] == pytest.approx(11 / 12, abs=1e-3)


def test_nothing_to_fit_on_leaves_the_logits():
    assert calibration.temperature(np.empty((0, 2)), np.empty(0, int)) == 1.0


def test_extreme_logits_give_a_finite_temperature():
    logits = np.array([[1e6, -1e6], [-1e6, 1e6], [1e6, -1e6]])
    assert np.isfinite(calibration.temperature(logits, np.array([0, 1, 1])))


def test_a_calibrated_model_is_within_chance_and_a_boastful_one_is_not():
    logits, truth = drawn(2000, 1.0)
    honest = calibration.reliability(softmax(logits), truth)
    assert honest.ece <= honest.by_chance[1]
    boastful = calibration.reliability(softmax(logits * 4), truth)
    assert boastful.ece > 3 * boastful.by_chance[1]
    assert sum(each.n for each in honest.bins) == honest.n == 2000
    assert [each.confidence for each in honest.bins] == sorted(each.confidence for each in honest.bins)


def in_bursts(chance, together, count=12, size=10):
    """Return probabilities of a calibrated model, classes and groups; so often a burst is right or wrong as a whole."""
    confidence = np.repeat(chance.uniform(0.6, 0.95, count), size)
    luck = np.where(np.repeat(chance.random(count) < together, size), np.repeat(chance.random(count), size),
                    chance.random(count * size))  # fmt: skip
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    return probabilities, (luck >= confidence).astype(int), np.repeat(np.arange(count), size)


@pytest.mark.slow
@pytest.mark.parametrize("together", [0.3, 0.7, 1.0])
def test_a_calibrated_model_is_rarely_distrusted_because_pictures_are_alike(together):
    chance = np.random.default_rng(1)
    alone = of_groups = 0
    for _ in range(100):
        probabilities, truth, groups = in_bursts(chance, together)
        alone += calibration.reliability(probabilities, truth).verdict == "distrust"
        of_groups += calibration.reliability(probabilities, truth, groups).verdict == "distrust"
    assert of_groups <= 10
    assert alone > 2 * of_groups, "what is counted is not without effect"


def test_groups_of_one_picture_change_nothing():
    logits, truth = drawn(300, 1.0)
    alone = calibration.reliability(softmax(logits), truth)
    assert calibration.reliability(softmax(logits), truth, np.random.default_rng(0).permutation(300)) == alone
    assert alone.correlation == 0


@pytest.mark.parametrize("confidence", [0.5, 0.7, 0.999999, 1.0])
@pytest.mark.parametrize("n", [1, 2, 1000])
@pytest.mark.parametrize("right", [True, False])
def test_what_chance_makes_never_reads_as_a_range_of_one_number(confidence, n, right):
    probabilities = np.tile([confidence, 1 - confidence], (n, 1))
    result = calibration.reliability(probabilities, np.full(n, 0 if right else 1))
    about, *most = result.chance().removeprefix("about ").split(", and up to ")
    assert about not in most
    if n == 1 and confidence < 0.9:
        assert result.verdict == "few"


def test_probabilities_of_exactly_0_and_1():
    certain = calibration.reliability(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]), np.array([0, 1, 1]))
    assert certain.ece == pytest.approx(1 / 3)
    assert certain.bins[0].correct == 2
    assert certain.by_chance == (0.0, 0.0)


def test_no_pictures():
    nothing = calibration.reliability(np.empty((0, 2)), np.empty(0, int))
    assert (nothing.n, nothing.bins) == (0, ())
    assert np.isnan([nothing.ece, *nothing.by_chance]).all()


def test_predictions_that_are_equally_sure_are_in_one_bin_in_whatever_order_they_come():
    probabilities = np.tile([0.7, 0.3], (100, 1))
    truth = np.repeat([0, 1], [70, 30])
    result = calibration.reliability(probabilities, truth)
    assert [(each.n, each.correct) for each in result.bins] == [(100, 70)]
    assert result.ece == pytest.approx(0)
    probabilities[:20] = [0.9, 0.1]
    result = calibration.reliability(probabilities, truth)
    assert [each.n for each in result.bins] == [80, 20]
