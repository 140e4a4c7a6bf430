import json
from dataclasses import dataclass, replace

import pytest

from tl_core.draft import FINE_TUNED, Draft, fine_tuned
from tl_core.errors import InputError
from tl_core.files import to_json
from tl_core.recipe import Head, Recipe


def recipe(**changes):
    return Recipe(**{"manifest": 1, "backbone": "efficientnet-lite0", "image_size": 224, "seed": 7, **changes})


def test_round_trip_through_json():
    made = recipe(freeze="none", fine_tune_epochs=3, head=Head(hidden=64, activation="sigmoid"))
    assert Recipe.from_json(json.loads(json.dumps(to_json(made)))) == made


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_size": 4}, "Picture size is 4"),
        ({"learning_rate": 0.0}, "Learning rate is 0"),
        ({"learning_rate": float("nan")}, "Learning rate is nan"),
        ({"batch_size": 0}, "Batch size is 0"),
        ({"seed": -1}, "Seed is -1"),
        ({"augmentation": "wild"}, "off, gentle, full"),
        ({"schedule": "linear"}, "constant, cosine"),
        ({"weight_decay": -1.0}, "Weight decay is -1"),
        ({"block_decay": 0.0}, "Rate of each earlier block is 0"),
        ({"epochs": 0}, "Nothing to train"),
        ({"fine_tune_epochs": 2}, "the whole network is frozen"),
    ],
)
def test_a_wrong_value_is_reported_with_what_to_do(changes, message):
    with pytest.raises(InputError, match=message):
        recipe(**changes)


def test_a_wrong_head_is_reported():
    with pytest.raises(InputError, match="average, max, flatten"):
        Head(pooling="median")
    with pytest.raises(InputError, match="Dropout is 1"):
        Head(dropout=1.0)


def test_an_unknown_entry_is_reported():
    with pytest.raises(InputError, match="another version of Thaw"):
        Recipe.from_json({**to_json(recipe()), "moon": "full"})


@dataclass(frozen=True)
class Row:
    id: str = "efficientnet-lite1"
    default_size: int = 240


def test_nothing_chosen_trains_the_head_on_the_default_network():
    made = Draft().recipe(3, 2, Row())
    usual = {"manifest": 3, "backbone": "efficientnet-lite1", "image_size": 240, "seed": 0, "head": Draft().head}
    assert made == recipe(**usual, epochs=20, learning_rate=0.02, solver="lbfgs")
    assert (made.head.activation, made.head.centred) == ("sigmoid", True)
    assert Draft().recipe(3, 3, Row()).head.activation == "softmax"


def test_a_draft_comes_back_from_its_file():
    draft = Draft(backbone="vgg16", freeze="none", keep_frozen=("conv",), head=Head(hidden=64), learning_rate=1.0)
    assert Draft.from_json(json.loads(json.dumps(to_json(draft)))) == draft


def test_a_draft_of_before_is_read_and_what_is_not_valid_is_dropped():
    old = {
        "backbone": "vgg16",
        "freeze": "block_3",
        "keep_frozen": ["conv"],
        "head": {"pooling": "max", "hidden": 0, "dropout": 0.2, "activation": "sigmoid"},
        "options": {"epochs": 12, "seed": -4, "weights": "random", "image_size": "large", "learning_rate": 1},
        "taken": 3,
    }
    draft = Draft.from_json(old)
    assert not draft.head.centred, "a choice of before stays what it was"
    head = Head(pooling="max", activation="sigmoid")
    assert draft == Draft(
        backbone="vgg16",
        freeze="block_3",
        keep_frozen=("conv",),
        head=head,
        epochs=12,
        weights="random",
        learning_rate=1.0,
    )
    assert Draft.from_json({"head": {"pooling": "median"}, "epochs": None, "options": 7}) == Draft()


def test_random_weights_train_whole_at_the_rate_of_the_head():
    made = Draft(weights="random", freeze="none", learning_rate=3e-3).recipe(1, 2, Row())
    assert (made.train_batch_norm, made.fine_tune_learning_rate, made.fine_tune_epochs) == (True, 3e-3, 5)


def test_random_weights_have_the_same_rate_in_every_block_and_the_draft_remembers_its_own():
    draft = Draft(weights="random", freeze="none", block_decay=0.8)
    made = draft.recipe(1, 2, Row())
    assert made.block_decay == 1
    assert draft.following(made).block_decay == 0.8
    assert draft.following(made).changed(weights="imagenet").recipe(1, 2, Row()).block_decay == 0.8


def test_the_settings_that_won_change_pictures_gently_or_as_was_chosen():
    assert Draft().changed(**fine_tuned(Draft())).augmentation == "gentle"
    chosen = Draft(augmentation="full", augmentation_variants=8, freeze="none")
    made = chosen.changed(**fine_tuned(chosen)).recipe(1, 2, Row())
    assert (made.augmentation, made.augmentation_variants, made.schedule) == ("full", 8, "cosine")
    assert recipe(freeze="none", **fine_tuned(recipe())).fine_tune_epochs == 10


def test_a_head_that_learns_gently_comes_and_goes_with_the_freeze_line():
    usual = Draft(gentle_rate=0.003, head=Head(pooling="first", saturated=True, centred=True))
    tuned = usual.changed(freeze="block_08_out")
    assert (tuned.solver, tuned.learning_rate, tuned.epochs) == ("adam", 0.003, 4)
    assert tuned.head == Head(pooling="first", saturated=False, dropout=0.3, centred=True)
    assert tuned.changed(freeze="all").changed(schedule="constant").solver == "lbfgs"
    back = tuned.changed(freeze="all")
    assert (back.head, back.solver, back.learning_rate, back.epochs) == (usual.head, "lbfgs", 0.02, 20)
    assert tuned.following(tuned.recipe(1, 2, Row())).gentle_rate == 0.003


def test_a_head_that_somebody_chose_stays():
    chosen = Draft(gentle_rate=0.003, solver="adam", learning_rate=0.01)
    tuned = chosen.changed(freeze="block_3")
    assert (tuned.learning_rate, tuned.head) == (0.01, chosen.head)
    assert tuned.changed(learning_rate=0.02, freeze="all").learning_rate == 0.02
    assert Draft().changed(freeze="block_3").solver == "lbfgs", "pictures do better without"


def test_the_settings_that_won_come_and_go_with_the_freeze_line():
    tuned = Draft(patience=3).changed(freeze="block_3")
    assert {name: getattr(tuned.recipe(1, 2, Row()), name) for name in FINE_TUNED} == FINE_TUNED
    assert (tuned.augmentation, tuned.patience) == ("gentle", 3)
    assert tuned.changed(freeze="block_5") == replace(tuned, freeze="block_5")
    assert tuned.changed(freeze="all") == Draft(patience=3, freeze="all")
    assert tuned.changed(freeze="none", weights="random").schedule == "cosine", "what is there stays"


@pytest.mark.parametrize("chosen", [{"weight_decay": 0.1}, {"fine_tune_epochs": 9}, {"fine_tune_learning_rate": 1e-4}])
def test_what_somebody_has_chosen_is_not_changed_by_the_freeze_line(chosen):
    draft = Draft(**chosen)
    assert draft.changed(freeze="none") == replace(draft, freeze="none")
    tuned = Draft().changed(freeze="none", **chosen)
    assert (tuned.schedule, getattr(tuned, next(iter(chosen)))) == ("cosine", *chosen.values())
    assert tuned.changed(freeze="all") == replace(tuned, freeze="all")


def test_pictures_that_are_changed_already_stay_so_with_the_freeze_line():
    draft = Draft(augmentation="full").changed(freeze="none")
    assert (draft.augmentation, draft.schedule) == ("full", "cosine")
    assert draft.changed(freeze="all").augmentation == "full"


def test_a_recipe_of_before_means_what_it_meant():
    new = ("schedule", "weight_decay", "block_decay", "augmentation_size")
    old = {name: value for name, value in to_json(recipe(freeze="none", fine_tune_epochs=2)).items() if name not in new}
    read = Recipe.from_json(old)
    assert (read.schedule, read.weight_decay, read.block_decay, read.augmentation_size) == ("constant", 0, 1, "network")


def test_another_network_drops_a_line_and_layers_of_the_old_one():
    draft = Draft(backbone="vgg16", freeze="block_3", keep_frozen=("conv",), epochs=3)
    assert draft.with_backbone("vgg16") == draft
    assert draft.with_backbone("resnet50") == Draft(backbone="resnet50", freeze="all", epochs=3)


def test_a_draft_follows_a_recipe_and_remembers_the_epochs_that_wait_for_the_line():
    wanted = recipe(
        backbone="efficientnet-lite1",
        epochs=7,
        weights="random",
        train_batch_norm=True,
        head=Head(activation="sigmoid"),
    )
    draft = Draft(fine_tune_epochs=9).following(wanted)
    assert draft.recipe(1, 2, Row()) == wanted
    assert draft.changed(freeze="none").recipe(1, 2, Row()).fine_tune_epochs == 9
