"""The rules that read curves, on real histories that show each case (``curves/README.md`` says how they were made)."""

import math
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from tests.core.hues import new_run, project_of_hues
from tl_core import jobs
from tl_core.diagnosis import curves, diagnose, remedies
from tl_core.diagnosis.curves import Case
from tl_core.draft import fine_tuned
from tl_core.recipe import FINE_TUNE_LEARNING_RATE, Head, Recipe
from tl_core.runs import EpochRow, History
from tl_core.tasks import table as tasks

CURVES = Path(__file__).parent / "curves"
DIGITS = {"pictures": 140, "n": 50, "classes": 10}
FACES = {"pictures": 140, "n": 50, "classes": 2}
UNFROZEN = {"freeze": "none", "epochs": 15, "fine_tune_epochs": 5}
WIDE = Head(hidden=256, dropout=0)
LINE = "block_12_add"

#: Name of the history: what it was trained on, its recipe where it is not the usual one, what is to be found.
CASES = {
    "over-fitting": (FACES, {"head": WIDE, "learning_rate": 1e-3, "epochs": 50, "patience": 50}, ["over-fitting"]),
    "over-fitting-at-once": (FACES, {"seed": 1}, ["over-fitting"]),
    "over-fitting-without-a-rise": ({"pictures": 168, "n": 36, "classes": 2}, {"image_size": 224}, ["over-fitting"]),
    "rate-too-high": (DIGITS, {"learning_rate": 1.0}, ["rate-too-high"]),
    "rate-too-high-two-classes": (FACES, {"learning_rate": 0.1}, ["rate-too-high"]),
    "rate-too-low": (FACES, {"learning_rate": 1e-6}, ["rate-too-low"]),
    "still-improving": (DIGITS, {"learning_rate": 1e-4}, ["still-improving"]),
    "unfreezing-harmed": (DIGITS, {**UNFROZEN, "fine_tune_learning_rate": 1e-2}, ["unfreezing-harmed"]),
    "unfreezing-helped": (DIGITS, {**UNFROZEN, "fine_tune_learning_rate": 1e-4}, ["well"]),
    "nothing-learnt": (FACES, {}, ["nothing-learnt"]),
    "too-few": (
        {"pictures": 16, "n": 6, "classes": 2},
        {"head": Head(hidden=4096, dropout=0), "learning_rate": 1e-3, "epochs": 40, "patience": 40},
        ["too-few"],
    ),
    "validation-above-training": (
        DIGITS,
        {"head": Head(dropout=0.8), "learning_rate": 1e-3},
        ["well", "validation-above-training"],
    ),
    "well-digits-0": (DIGITS, {}, ["well"]),
    "well-digits-1": (DIGITS, {"seed": 1}, ["well"]),
    "well-digits-2": (DIGITS, {"seed": 2}, ["well"]),
    "well-faces-0": (FACES, {}, ["well"]),
    "well-faces-1": (FACES, {"learning_rate": 1e-3, "seed": 1}, ["well"]),
    "well-faces-2": (FACES, {"learning_rate": 1e-3, "seed": 2}, ["well"]),
    "well-photos-default": ({"pictures": 212, "n": 44, "classes": 2}, {}, ["well"]),
    "well-photos": ({"pictures": 208, "n": 76, "classes": 2}, {}, ["well"]),
}


def recipe(**changes) -> Recipe:
    return Recipe(**{"manifest": 1, "backbone": "efficientnet-lite0", "image_size": 64, "seed": 0, **changes})


def case(name, rows=None, **fields) -> Case:
    """Return a recorded history as the rules see it."""
    on, changes, _ = CASES[name]
    rows = History(CURVES / f"{name}.csv").rows if rows is None else rows
    used = recipe(**changes)
    shares = (1 / on["classes"],) * on["classes"]
    read = curves.read(rows, used, on["n"])
    return Case(
        **{"recipe": used, "phases": read, "shares": shares, "pictures": on["pictures"], "line": LINE, **fields}
    )


def invented(losses, val_losses, *, accuracy=0.9, n=100, phase="head"):
    """Return rows of a history with these losses."""
    return [
        EpochRow(
            phase=phase,
            epoch=at,
            loss=a,
            accuracy=accuracy,
            val_loss=b,
            val_accuracy=round(n * 0.9) / n,
            seconds=1.0,
        )
        for at, (a, b) in enumerate(zip(losses, val_losses, strict=True), 1)
    ]


def change(of: Case, at: int = 0) -> dict[str, object]:
    """Return what a remedy changes in the recipe, by field; empty if no setting helps."""
    changed = diagnose.diagnose(of)[at].remedy.recipe
    names = [field.name for field in fields(Recipe)] if changed else []
    return {name: getattr(changed, name) for name in names if getattr(changed, name) != getattr(of.recipe, name)}


def keys(of: Case) -> list[str]:
    return [finding.key for finding in diagnose.diagnose(of)]


def only(of: Case):
    return diagnose.diagnose(of)[0]


@pytest.mark.parametrize("name", CASES)
def test_each_case_is_recognised_in_a_real_history(name):
    assert keys(case(name)) == CASES[name][2]


@pytest.mark.parametrize("name", CASES)
def test_each_change_is_one_valid_step_away_from_the_recipe(name):
    of = case(name)
    for finding in diagnose.diagnose(of):
        assert finding.title
        assert finding.evidence
        assert finding.remedy.sentence.endswith(".")
        assert finding.remedy.recipe != of.recipe


def test_over_fitting_names_its_epoch_and_the_weights_of_the_model():
    of = case("over-fitting")
    finding = only(of)
    best = of.phases[0].best + 1
    assert finding.title == f"Over-fitting from epoch {best + 1} on"
    assert f"The model keeps the weights of epoch {best}" in finding.meaning
    assert "Accuracy has" in finding.evidence
    assert change(of) == {"head": Head(hidden=128, dropout=0)}


def test_over_fitting_is_seen_while_it_goes_on_and_not_before():
    rows = History(CURVES / "over-fitting-at-once.csv").rows
    live = [case("over-fitting-at-once", rows[:count], running=True) for count in range(1, len(rows) + 1)]
    first = next(at for at, of in enumerate(live, 1) if "over-fitting" in keys(of))
    assert 1 + 3 <= first < len(rows)
    assert "Press Stop and nothing is lost: the model keeps the weights of epoch 1." in only(live[first - 1]).meaning


def test_accuracy_is_said_to_have_suffered_only_where_it_has():
    falling, rising = np.geomspace(0.5, 0.01, 12), [*np.geomspace(0.6, 0.3, 6), *np.linspace(0.4, 1.0, 6)]
    rows = invented(falling, rising)
    assert "not measurably suffered: 90 of 100" in only(case("over-fitting", rows, pictures=100)).evidence.replace(
        "of 50", "of 100"
    ).replace("45", "90")
    rows[-3:] = [replace(row, val_accuracy=0.6) for row in rows[-3:]]
    assert "Accuracy has suffered" in only(case("over-fitting", rows)).evidence


def test_a_loss_that_is_no_number_is_a_rate_too_high():
    rows = [
        *History(CURVES / "rate-too-high.csv").rows[:2],
        EpochRow(phase="head", epoch=3, loss=None, accuracy=0.1, val_loss=None, val_accuracy=0.1, seconds=1.0),
    ]
    finding = only(case("rate-too-high", rows, stopped=True))
    assert finding.key == "rate-too-high"
    assert "In epoch 3 the loss was no longer a number. The rate was 1." in finding.evidence
    assert change(case("rate-too-high", rows, stopped=True)) == {"learning_rate": 0.01}
    nothing = [EpochRow(phase="head", epoch=1, loss=None, accuracy=None, val_loss=None, val_accuracy=None, seconds=1.0)]
    assert keys(case("rate-too-high", nothing, stopped=True)) == ["rate-too-high"]


def test_a_high_rate_is_seen_within_three_epochs():
    rows = History(CURVES / "rate-too-high.csv").rows
    assert keys(case("rate-too-high", rows[:3], running=True)) == ["rate-too-high"]
    assert keys(case("rate-too-high", [], running=True)) == []


def test_harm_says_which_weights_the_model_has_and_asks_for_a_lower_rate():
    finding = only(case("unfreezing-harmed"))
    assert "the model keeps the weights of epoch 13 (of the head)" in finding.meaning
    assert "of the fine-tuning)" in finding.evidence
    assert change(case("unfreezing-harmed")) == {"fine_tune_learning_rate": 1e-4}
    slow = replace(case("unfreezing-harmed").recipe, fine_tune_learning_rate=FINE_TUNE_LEARNING_RATE)
    assert change(case("unfreezing-harmed", recipe=slow)) == {"freeze": "all", "fine_tune_epochs": 0}


def test_an_end_by_a_person_or_by_patience_is_not_cut_short():
    assert keys(case("still-improving", stopped=True)) == ["well"]
    assert keys(case("still-improving", running=True)) == []
    longer = replace(case("still-improving").recipe, epochs=31)
    assert keys(case("still-improving", recipe=longer)) == [
        "still-improving"
    ]  # read with the planned epochs of its own
    assert change(case("still-improving")) == {"epochs": 60}


def test_one_epoch_is_too_short_to_judge():
    used = recipe(epochs=1)
    phases = curves.read(invented([0.5], [0.4]), used, 100)
    of = Case(recipe=used, phases=phases, shares=(0.5, 0.5), pictures=300)
    assert (keys(of), change(of)) == (["too-short"], {"epochs": 2})


@pytest.mark.parametrize("n", [20, 50, 200, 1000])
def test_noise_raises_no_alarm(n):
    """A validation loss that falls to a floor and scatters there, as other pictures and other batches make it do."""
    used = recipe()
    for seed in range(40):
        chance = np.random.default_rng(seed)
        floor, epochs = chance.uniform(0.05, 0.6), 25
        wrong = max(1, round(n * floor / 3))
        fall = floor + 1.5 * np.exp(-np.arange(epochs) / 2)
        scatter = 0.3 * floor / math.sqrt(wrong)
        val_loss = np.abs(fall + chance.normal(0, scatter, epochs))
        loss = 0.02 + 1.2 * np.exp(-np.arange(epochs) / 3) * chance.uniform(0.95, 1.05, epochs)
        rows = invented(loss, val_loss, accuracy=0.93)
        rows = [replace(row, val_accuracy=1 - wrong / n) for row in rows]
        read = curves.read(rows, used, n)
        of = Case(recipe=used, phases=read, shares=(0.2,) * 5, pictures=4 * n)
        assert not set(keys(of)) & {"over-fitting", "rate-too-high", "rate-too-low", "nothing-learnt"}, seed


def test_what_is_set_already_is_not_proposed():
    full = recipe(epochs=1000, learning_rate=1.0, augmentation="full", head=Head(dropout=0.5))
    assert not [*remedies.longer(full, "head"), *remedies.faster(full, "head"), *remedies.tamer(full)]
    assert not [*remedies.slower(recipe(learning_rate=1e-7), "head"), *remedies.refrozen(recipe())]
    assert not [*remedies.unfrozen(recipe(), None), *remedies.pretrained(recipe()), *remedies.bigger(recipe(head=WIDE))]
    assert remedies.first(remedies.longer(full, "head")).recipe is None


def test_a_real_run_is_read_from_its_folder(project, tmp_path):
    hues = project_of_hues(project.workspace, tmp_path / "hues")
    run = new_run(hues, epochs=2)
    assert diagnose.of_run(run) == []
    jobs.execute(run.folder)
    shown = diagnose.of_run(run)
    assert [finding.key for finding in shown][:1] == ["too-short"]
    assert shown == diagnose.of_run(run, run.report().history)
    assert diagnose.lines(shown)[0].startswith("Too short to judge.")
    assert shown[0].remedy.recipe == replace(run.recipe, epochs=4)


def test_a_head_is_offered_fine_tuning_with_the_settings_that_won():
    (offer,) = remedies.unfrozen(recipe(), LINE)
    assert offer.recipe == replace(recipe(), freeze=LINE, **fine_tuned(recipe()))
    assert (offer.recipe.augmentation, offer.recipe.schedule) == ("gentle", "cosine")


def test_what_is_offered_to_texts_can_be_trained():
    texts = recipe(backbone="bge-small", image_size=64)
    (offer,) = remedies.unfrozen(texts, "block_09_out")
    assert offer.recipe == replace(texts, freeze="block_09_out", **tasks.get("texts").fine_tuned(texts))
    assert (offer.recipe.augmentation, offer.sentence) == (
        "off",
        "Train the top third of the network too (fine-tuning).",
    )
    assert not [*remedies.augmented(texts)]


def test_two_validation_pictures_tell_nothing():
    rows = invented([0.7] * 5, [0.75] * 5, accuracy=0.5, n=2)
    tiny = replace(case("nothing-learnt", rows), phases=curves.read(rows, recipe(), 2))
    (finding,) = diagnose.diagnose(tiny)
    assert finding.key == "too-few"
    assert "it might be a guess" in finding.meaning
    assert "anywhere from 34% to 100%" in finding.evidence
    assert finding.remedy.recipe is None
