"""What changes the weights: Adam, its rate from step to step, and its smaller steps in earlier blocks."""

from collections.abc import Sequence
from typing import Any

import keras

from tl_core import keras_private
from tl_core.networks import blocks, cut
from tl_core.networks.graph import Graph
from tl_core.recipe import Recipe

#: Share of the steps in which the rate rises: P. Goyal et al., "Accurate, Large Minibatch SGD", 2017, section 2.2,
#: https://arxiv.org/abs/1706.02677.
WARM_UP = 0.1
#: The gradient of a head for boxes is no longer than this: a step with a rare box may be large.
LONGEST = 5.0


class BlockwiseAdam(keras.optimizers.Adam):
    """Adam, or AdamW, whose steps are smaller for some variables, because their rate is.

    Args:
        learning_rate: of the variables that have the whole rate.
        shares: of the rate, for each trainable variable in the order of the model.
        shrink: share of the rate by which a variable shrinks in each step: Keras itself would take the whole rate.
    """

    def __init__(self, learning_rate: Any, shares: Sequence[float], shrink: float) -> None:
        super().__init__(learning_rate)
        self.shares = tuple(shares)
        self.shrink = shrink

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Take the step of one variable."""
        share = self.shares[keras_private.position(self, variable)]
        rate = keras.ops.cast(learning_rate, variable.dtype) * share
        if self.shrink:
            self.assign_sub(variable, variable * self.shrink * rate)
        super().update_step(gradient, variable, rate)


def of_head(recipe: Recipe) -> keras.optimizers.Optimizer:
    """Return what changes the weights of the head while all else is frozen."""
    return keras.optimizers.Adam(recipe.learning_rate)


def of_box_head(recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    """Return the same for a head for boxes that learns in so many steps: the rate falls to 0 along a cosine."""
    rate = warmed(recipe.learning_rate, steps)
    return keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay, clipnorm=LONGEST)


def of_fine_tuning(recipe: Recipe, steps: int, shares: Sequence[float] = ()) -> keras.optimizers.Optimizer:
    """Return what changes the weights while blocks learn.

    Args:
        recipe: of the run.
        steps: of all its epochs of fine-tuning.
        shares: of the rate, for each trainable variable in the order of the model; none for the same rate everywhere.
    """
    cosine = recipe.schedule == "cosine"
    rate = warmed(recipe.fine_tune_learning_rate, steps) if cosine else recipe.fine_tune_learning_rate
    if shares:
        return BlockwiseAdam(rate, shares, recipe.weight_decay)
    return keras.optimizers.Adam(rate, weight_decay=recipe.weight_decay or None)


def warmed(rate: float, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Return a rate that rises from 0 in the first steps and then falls to 0 along half a cosine.

    I. Loshchilov and F. Hutter, "SGDR", 2017, https://arxiv.org/abs/1608.03983, without restarts. What the rate is
    follows from the number of the step and of all steps alone: a run that is resumed goes on with it.
    """
    rising = int(steps * WARM_UP)
    return keras.optimizers.schedules.CosineDecay(0.0, steps - rising, warmup_target=rate, warmup_steps=rising)


def shares(learner: keras.Model, backbone: keras.Model, decay: float) -> list[float]:
    """Return the share of the rate for each trainable variable of a learner; an empty list if all have the whole.

    J. Howard and S. Ruder, "Universal Language Model Fine-tuning", 2018, section 3.2, https://arxiv.org/abs/1801.06146:
    what is near the picture is more general, so it changes less.

    Args:
        learner: the head, and the layers of the backbone that learn.
        backbone: the whole, whose blocks count.
        decay: the rate of each block as a share of that of the block after it.
    """
    if decay == 1:
        return []
    found = blocks.groups(Graph(backbone), cut.MOST_BLOCKS)  # not cut.blocks: what they cost needs a fixed length
    share = {
        operation.name: decay**after
        for after, group in enumerate(reversed(found))
        for unit in group
        for operation in unit.operations
    }
    of_variable = {
        id(variable): share[layer.name] for layer in backbone.layers for variable in layer.trainable_variables
    }
    return [of_variable.get(id(variable), 1.0) for variable in learner.trainable_variables]
