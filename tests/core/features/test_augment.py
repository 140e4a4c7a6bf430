from typing import get_args

import numpy as np
import pytest

from tl_core.features import augment
from tl_core.recipe import AUGMENTATIONS, Augmentation

PICTURES = np.random.default_rng(0).uniform(0, 255, (4, 16, 16, 3)).astype(np.float32)


def test_every_level_of_a_recipe_has_its_layers_and_its_sentence():
    levels, layers, sentences = set(get_args(Augmentation)), set(augment.LEVELS), set(AUGMENTATIONS)
    assert not levels - layers, f"augment.LEVELS lacks {levels - layers}"
    assert not levels - sentences, f"recipe.AUGMENTATIONS lacks a sentence for {levels - sentences}"
    assert not (layers | sentences) - levels, f"recipe.Augmentation lacks {(layers | sentences) - levels}"
    with pytest.raises(KeyError):
        augment.build("wild", 16, seed=0)


def test_off_changes_nothing():
    def forward(batch):
        return batch

    assert augment.build("off", 16, seed=0) is None
    assert augment.before("off", 16, 0, forward) is forward


@pytest.mark.parametrize("level", [level for level in augment.LEVELS if level != "off"])
def test_a_level_changes_pictures_by_its_seed_and_only_in_training(level):
    first, again, other = (augment.build(level, 16, seed) for seed in (1, 1, 200))
    changed = np.asarray(first(PICTURES, training=True))
    assert not np.allclose(changed, PICTURES)
    np.testing.assert_array_equal(changed, np.asarray(again(PICTURES, training=True)))
    assert not np.allclose(changed, np.asarray(other(PICTURES, training=True)))
    np.testing.assert_array_equal(np.asarray(first(PICTURES, training=False)), PICTURES)
