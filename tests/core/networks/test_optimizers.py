import keras
import numpy as np
import pytest

from tests.core.networks import bert_files
from tl_core.networks import bert, cut, optimizers
from tl_core.recipe import Recipe

RATE = 0.5


def recipe(**changes) -> Recipe:
    usual = {"manifest": 1, "backbone": "efficientnet-lite0", "image_size": 64, "seed": 0, "freeze": "none"}
    return Recipe(**{**usual, "fine_tune_epochs": 1, "fine_tune_learning_rate": RATE, **changes})


@pytest.mark.parametrize("steps", [1, 9, 40])
def test_a_cosine_rises_in_a_tenth_of_the_steps_and_has_come_down_at_the_end(steps):
    schedule = optimizers.of_fine_tuning(recipe(schedule="cosine"), steps)._learning_rate
    rates = [float(schedule(step)) for step in range(steps + 1)]
    rising = steps // 10
    assert rates[rising] == pytest.approx(RATE)
    assert rates[:rising] == pytest.approx([RATE * step / max(rising, 1) for step in range(rising)])
    assert (np.diff(rates[rising:]) < 0).all()
    assert rates[-1] == pytest.approx(0, abs=1e-6)
    assert np.mean(rates[rising:]) == pytest.approx(RATE / 2), "as much above the half as below it"


def test_a_constant_rate_is_the_adam_of_before():
    made = optimizers.of_fine_tuning(recipe(), 40)
    assert type(made) is keras.optimizers.Adam
    assert (float(made.learning_rate), made.weight_decay) == (RATE, None)


@pytest.fixture(scope="module")
def network() -> keras.Model:
    picture = x = keras.Input((16, 16, 3))
    for number in range(3):
        x = keras.layers.Conv2D(4, 3, name=f"conv{number}")(x)
    return keras.Model(picture, x)


def test_each_block_has_its_share_of_the_rate_of_the_next_one_and_the_head_has_all_of_it(network):
    names = [block.id for block in cut.blocks(network)]
    assert names == ["conv0", "conv1", "conv2"]
    head = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(network.output))
    learner = keras.Model(network.input, head)
    assert optimizers.shares(learner, network, 1.0) == []
    assert optimizers.shares(learner, network, 0.5) == [0.25, 0.25, 0.5, 0.5, 1, 1, 1, 1], "kernel and bias of each"
    network.get_layer("conv0").trainable = False
    assert optimizers.shares(learner, network, 0.5) == [0.5, 0.5, 1, 1, 1, 1]
    network.get_layer("conv0").trainable = True


def test_networks_that_take_texts_of_any_length_have_shares():
    """What their blocks cost depends on the length; which layers are in which does not."""
    made = bert.build(bert_files.DISTILBERT, None)
    pooled = keras.layers.Dense(2)(made.output[:, 0])
    shares = optimizers.shares(keras.Model(made.input, pooled), made, 0.5)
    embeddings, block = 4, 16  # variables: two tables and a norm; six dense layers and two norms
    assert shares == [0.25] * embeddings + [0.5] * block + [1.0] * (block + 2)


def test_a_share_makes_the_step_smaller_and_shrinks_less():
    half, whole = keras.Variable(np.ones(2)), keras.Variable(np.ones(2))
    made = optimizers.of_fine_tuning(recipe(weight_decay=0.1), 1, [0.5, 1.0])
    made.apply([keras.ops.zeros(2), keras.ops.ones(2)], [half, whole])
    np.testing.assert_allclose(half, 1 - 0.1 * RATE / 2, rtol=1e-6)
    np.testing.assert_allclose(whole, 1 - 0.1 * RATE - RATE, rtol=1e-4)
