"""Training as a Keras tutorial does it: stock layers, stock optimizers and ``fit``, and none of our training code."""

import keras
import numpy as np

BATCH = 8


def first_head(recipe, channels, classes):
    """Return the weights that the head of a run starts from: those of the seed."""
    from tl_core.networks.model import Network

    network = Network(lambda: None, recipe.head, classes, recipe.seed)
    network.logits(keras.Input((channels,)))
    return network.layers[-1].get_weights()


class OnePerBlock(keras.optimizers.Adam):
    """A stock optimizer for each block, which knows nothing of the others."""

    def __init__(self, made, numbers):
        super().__init__()
        self.made, self.numbers = made, numbers

    def build(self, variables):
        super().build(variables)
        for number, optimizer in self.made.items():
            optimizer.build([each for each in variables if self.numbers.get(each.path, 0) == number])

    def apply(self, gradients, variables):
        for number, optimizer in self.made.items():
            own = [at for at, each in enumerate(variables) if self.numbers.get(each.path, 0) == number]
            if own:
                optimizer.apply([gradients[at] for at in own], [variables[at] for at in own])


def fine_tuning(plain, base, blocks, recipe, steps):
    """Return what a recipe says of the steps of the fine-tuning, in stock parts."""
    rate = recipe.fine_tune_learning_rate
    if recipe.schedule == "constant":
        return keras.optimizers.Adam(rate)
    layers = {layer.name: after for after, block in enumerate(blocks[::-1]) for layer in block.layers}
    numbers = {each.path: layers[layer.name] for layer in base.layers for each in layer.trainable_variables}
    made = {}
    for after in range(len(blocks)):
        highest = rate * recipe.block_decay**after
        warm = steps // 10
        schedule = keras.optimizers.schedules.CosineDecay(0.0, steps - warm, 0.0, "cosine", highest, warm)
        made[after] = keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay)
    return OnePerBlock(made, numbers)


def plainly(plain, base, blocks, frozen, inputs, labels, recipe, kept=None):
    """Train as a Keras tutorial does: freeze, compile, fit; then thaw, compile again, fit. Return the epochs.

    ``kept`` is a list that gets the weights of each.
    """
    rows, batches = [], -(-len(labels["train"]) // BATCH)
    tuned = fine_tuning(plain, base, blocks, recipe, recipe.fine_tune_epochs * batches)
    phases = [(recipe.epochs, keras.optimizers.Adam(recipe.learning_rate), False)]
    phases += [(recipe.fine_tune_epochs, tuned, True)]
    for epochs, optimizer, thawed in phases:
        for layer in base.layers:
            norm = isinstance(layer, keras.layers.BatchNormalization)
            layer.trainable = thawed and layer.name not in frozen and not norm
        plain.compile(
            optimizer,
            loss=keras.losses.CategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )
        for epoch in range(epochs):
            order = np.arange(len(labels["train"]))
            np.random.default_rng([recipe.seed, epoch]).shuffle(order)
            fitted = plain.fit(
                inputs["train"][order],
                labels["train"][order],
                batch_size=BATCH,
                validation_data=(inputs["validation"], labels["validation"]),
                shuffle=False,
                verbose=0,
            )
            rows.append({name: values[0] for name, values in fitted.history.items()})
            if kept is not None:
                kept.append(plain.get_weights())
    return rows
