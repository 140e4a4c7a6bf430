"""What a seasoned person reads from curves at a glance, on curves drawn by hand: found where it is plain, else not."""

import math

import numpy as np
import pytest

from tl_core.diagnosis import curves, diagnose
from tl_core.diagnosis.curves import Case
from tl_core.recipe import Head, Recipe
from tl_core.runs import EpochRow

T = np.arange(20)
SIZES = [40, 200, 2000]
UNFROZEN = {"freeze": "none", "epochs": 10, "fine_tune_epochs": 5, "fine_tune_learning_rate": 1e-2}


def fall(start, end, pace=3.0, epochs=20):
    """Return a curve that falls from ``start`` to ``end``."""
    return end + (start - end) * np.exp(-np.arange(epochs) / pace)


def noise(size, epochs=20, seed=0):
    return np.random.default_rng(seed).normal(0, size, epochs)


def epochs_of(loss, val_loss, accuracy, val_accuracy, phase="head"):
    """Return the rows of a history; accuracies may be one number."""
    accuracy, val_accuracy = (np.broadcast_to(each, len(loss)) for each in (accuracy, val_accuracy))
    columns = zip(loss, val_loss, accuracy, val_accuracy, strict=True)
    names = ("loss", "val_loss", "accuracy", "val_accuracy")
    plain = [[None if math.isnan(value) else float(value) for value in row] for row in columns]
    return [
        EpochRow(phase=phase, epoch=at, seconds=1.0, **dict(zip(names, row, strict=True)))
        for at, row in enumerate(plain, 1)
    ]


def findings(rows, n=200, *, classes=2, shares=None, pictures=None, **changes):
    """Return what is found in a run that ended by itself."""
    heads = sum(row.phase == "head" for row in rows)
    usual = {"manifest": 1, "backbone": "efficientnet-lite0", "image_size": 64, "seed": 0, "epochs": heads}
    recipe = Recipe(**{**usual, **changes})
    return diagnose.diagnose(
        Case(
            recipe=recipe,
            phases=curves.read(rows, recipe, n),
            shares=shares or (1 / classes,) * classes,
            pictures=pictures or 4 * n,
            line="block_12_add",
        )
    )


def keys(rows, n=200, **others):
    return [finding.key for finding in findings(rows, n, **others)]


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("end", [0.75, 1.2])
def test_training_falls_and_validation_turns_up(n, end):
    val = np.concatenate([fall(0.68, 0.40, 2, 8), np.linspace(0.42, end, 12)]) + noise(0.01)
    rows = epochs_of(fall(0.65, 0.01, 5), val, 1 - 0.4 * np.exp(-T / 5), 0.85)
    shown = findings(rows, n)
    assert [each.key for each in shown] == ["over-fitting"]
    assert shown[0].title == f"Over-fitting from epoch {int(val.argmin()) + 2} on"


@pytest.mark.parametrize("n", [40, 100, 200, 2000])
def test_a_clear_rise_over_ten_epochs(n):
    val = np.concatenate([fall(0.8, 0.3, 2, 10), 0.3 + 0.03 * np.arange(1, 11)]) + noise(0.006)
    assert keys(epochs_of(fall(0.7, 0.005, 5), val, 0.98, 0.89), n) == ["over-fitting"]


@pytest.mark.parametrize("n", SIZES)
def test_all_training_pictures_right_and_many_others_wrong(n):
    rows = epochs_of(fall(0.7, 0.01), fall(0.9, 0.62, 2) + noise(0.006), 1 - 0.4 * np.exp(-T / 2), 0.7)
    (shown,) = findings(rows, n)
    assert shown.key == "over-fitting"
    assert "of the training pictures are right" in shown.evidence
    assert shown.remedy.recipe.head == Head(dropout=0.5)


@pytest.mark.parametrize(("n", "pictures", "key"), [(4, 20, "too-few"), (60, 240, "nothing-learnt")])
def test_what_was_learned_by_heart_needs_no_bigger_head(n, pictures, key):
    rows = epochs_of(fall(0.6, 0.001, 2), 0.8 + 0.004 * T, 1 - 0.4 * np.exp(-T), 0.5)
    (shown,) = findings(rows, n, pictures=pictures)
    assert shown.key == key
    assert "by heart" in shown.meaning
    changed = shown.remedy.recipe
    assert changed.head == Head(dropout=0.5) if key == "nothing-learnt" else changed is None


@pytest.mark.parametrize("classes", [2, 10])
@pytest.mark.parametrize("n", SIZES)
def test_the_loss_of_a_guess_is_nothing_learned(n, classes):
    flat = math.log(classes)
    rows = epochs_of(flat + noise(0.004), flat + 0.003 + noise(0.003, seed=1), 1 / classes, 1 / classes)
    (shown,) = findings(rows, n, classes=classes)
    assert (shown.key, shown.title) == ("nothing-learnt", "No better than just guessing")
    assert shown.remedy.recipe.head == Head(hidden=128)
    assert findings(rows, n, classes=classes, learning_rate=0.1)[0].remedy.recipe.learning_rate == 0.01


def test_next_to_nothing_is_not_well_however_sure_it_is():
    (shown,) = findings(epochs_of(1.61 + noise(0.004), 1.61 + noise(0.003), 0.23, 0.24), 2000, classes=5)
    assert (shown.key, shown.title) == ("nothing-learnt", "Hardly better than just guessing")


def test_always_the_most_frequent_class_is_nothing_learned():
    rows = epochs_of(fall(0.5, 0.327), fall(0.5, 0.327), 0.9, 0.9)
    assert keys(rows, shares=(0.9, 0.1), class_weights=False) == ["nothing-learnt"]


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("rate", [0.1, 0.01])
def test_violent_swings_are_a_rate_too_high(n, rate):
    swing = np.where(T % 2, 1.0, -1.0) * np.random.default_rng(0).uniform(0.6, 1, 20)
    rows = epochs_of(0.8 + 0.3 * swing, 0.9 + 0.6 * swing, 0.72, 0.7)
    (shown,) = findings(rows, n, learning_rate=rate)
    assert shown.key == "rate-too-high"
    assert "the validation loss jumped between" in shown.evidence
    assert shown.remedy.recipe.learning_rate == rate / 10


def test_gentle_swings_are_not():
    rows = epochs_of(fall(0.7, 0.2) + noise(0.03), fall(0.7, 0.35) + noise(0.04, seed=1), 0.95, 0.87)
    assert keys(rows, 200) == ["well"]


@pytest.mark.parametrize(
    "losses",
    [
        [0.65, 0.8, 1.2, 1.9, 3.1, 5.0],
        [0.6, 0.5, 0.45, 3.0, 20.0, 150.0, 900.0],
        [0.7, 2.0, 6.0, 50.0, 400.0],
        [0.7, 1.5, 8.0, math.nan],
        [math.nan],
    ],
)
def test_a_loss_that_climbs_or_is_lost_is_a_rate_too_high(losses):
    rows = epochs_of(losses, 1.1 * np.array(losses), 0.5, 0.5)
    assert keys(rows, epochs=30, learning_rate=0.1) == ["rate-too-high"]


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("cause", [{"head": Head(dropout=0.7)}, {"head": Head(dropout=0), "augmentation": "full"}])
@pytest.mark.parametrize("accuracy", [0.8, 0.905])
def test_validation_above_training_has_its_reason(n, cause, accuracy):
    rows = epochs_of(fall(1.0, 0.55), fall(0.7, 0.30), accuracy, 0.9)
    assert keys(rows, n, **cause) == ["well", "validation-above-training"]


def test_validation_above_training_without_that_reason_is_not_explained_so():
    assert keys(epochs_of(fall(1.0, 0.55), fall(0.7, 0.30), 0.8, 0.9), head=Head(dropout=0)) == ["well"]


@pytest.mark.parametrize("n", SIZES)
def test_a_curve_that_falls_at_the_end_is_cut_short(n):
    rows = epochs_of(1.3 * np.exp(-T / 20), 1.3 * np.exp(-T / 21) + noise(0.004), 0.6 + 0.01 * T, 0.6 + 0.01 * T)
    shown = findings(rows, n, classes=3, learning_rate=1e-3)
    assert [(each.key, each.remedy.recipe.epochs) for each in shown] == [("still-improving", 40)]


@pytest.mark.parametrize("n", SIZES)
def test_a_curve_that_comes_to_rest_is_not(n):
    rows = epochs_of(fall(0.8, 0.3, 1.5, 10), fall(0.8, 0.3, 1.6, 10), 0.9, 0.9)
    assert keys(rows, n) == ["well"]


def test_a_crawl_is_a_rate_too_low():
    rows = epochs_of(0.72 - 0.002 * T, 0.71 - 0.0018 * T, 0.5 + 0.002 * T, 0.5 + 0.002 * T)
    assert keys(rows, learning_rate=1e-6) == ["rate-too-low"]


def test_more_fine_tuning_is_proposed_only_if_it_may_pass_the_head():
    head = epochs_of(fall(0.7, 0.2, 2, 10), fall(0.7, 0.2, 2, 10), 0.95, 0.93)
    tuned = epochs_of([0.3, 0.25, 0.2, 0.18, 0.15], [0.250, 0.243, 0.238, 0.234, 0.231], 0.93, 0.92, "fine-tune")
    assert "still-improving" not in keys(head + tuned, **{**UNFROZEN, "fine_tune_learning_rate": 1e-5})
    tuned = epochs_of([0.3, 0.25, 0.2, 0.18, 0.15], [0.25, 0.21, 0.175, 0.147, 0.122], 0.93, 0.94, "fine-tune")
    assert keys(head + tuned, **UNFROZEN, head=Head(dropout=0)) == ["still-improving"]


@pytest.mark.parametrize("n", SIZES)
def test_fine_tuning_that_never_comes_back_has_harmed(n):
    head = epochs_of(fall(0.7, 0.2, 2, 10), fall(0.7, 0.25, 2, 10), 0.95, 0.9)
    tuned = epochs_of([1.5, 1.0, 0.8, 0.75, 0.7], [2.0, 1.5, 1.3, 1.1, 1.05], 0.6, 0.55, "fine-tune")
    (shown,) = findings(head + tuned, n, **UNFROZEN)
    assert (shown.key, shown.remedy.recipe.fine_tune_learning_rate) == ("unfreezing-harmed", 1e-4)


def test_a_single_epoch_is_too_short():
    assert keys(epochs_of([0.5], [0.4], 0.8, 0.85)) == ["too-short"]


@pytest.mark.parametrize("rest", [0.0, 1e-4])
def test_a_loss_of_exactly_zero_is_well(rest):
    rows = epochs_of([0.02, *[rest] * 9], [0.0] + [rest] * 9, 1.0, 1.0)
    assert keys(rows) == ["well"]
    assert keys(rows, 8) == ["too-few"]
