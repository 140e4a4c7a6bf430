import json

import pytest

from tl_core.errors import InputError
from tl_core.recipe import Head, Recipe


def recipe(**changes):
    return Recipe(**{"manifest": 1, "backbone": "efficientnet-lite0", "image_size": 224, "seed": 7, **changes})


def test_round_trip_through_json():
    made = recipe(freeze="none", fine_tune_epochs=3, head=Head(hidden=64, activation="sigmoid"))
    assert Recipe.from_json(json.loads(json.dumps(made.to_json()))) == made


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"image_size": 4}, "Picture size is 4"),
        ({"learning_rate": 0.0}, "Learning rate is 0"),
        ({"learning_rate": float("nan")}, "Learning rate is nan"),
        ({"batch_size": 0}, "Batch size is 0"),
        ({"seed": -1}, "Seed is -1"),
        ({"augmentation": "wild"}, "off, gentle, full"),
        ({"epochs": 0}, "Nothing to train"),
        ({"fine_tune_epochs": 2}, "the whole network is frozen"),
    ],
)
def test_a_wrong_value_is_told_with_what_to_do(changes, told):
    with pytest.raises(InputError, match=told):
        recipe(**changes)


def test_a_wrong_head_is_told():
    with pytest.raises(InputError, match="average, max, flatten"):
        Head(pooling="median")
    with pytest.raises(InputError, match="Dropout is 1"):
        Head(dropout=1.0)


def test_an_unknown_entry_is_told():
    with pytest.raises(InputError, match="another version of Thaw"):
        Recipe.from_json({**recipe().to_json(), "moon": "full"})
