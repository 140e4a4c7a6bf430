"""Pre-trained networks for texts as flat Keras graphs that take word pieces."""

import keras

from tl_core.networks import bert, bert_weights, randomness
from tl_core.networks.text_catalogue import TextNetwork
from tl_core.recipe import Weights


def build(network: TextNetwork, length: int | None, *, weights: Weights, seed: int | None = None) -> keras.Model:
    """Return the network up to its hidden states, as ``bert.build`` describes it.

    Args:
        network: a row of the catalogue, or of a folder.
        length: tokens of each text; None for a network that takes any, as many as it has positions.
        weights: ``"random"`` to train from scratch; else those that it was published with.
        seed: of random weights; None where it does not matter which they are.

    Raises:
        InputError: the network reads fewer tokens, or its files are damaged.
        MissingWeightsError: the weights are not on this machine.
    """
    model = bert.build(network.config, length)
    if weights != "random":
        arrays = bert_weights.load(network)
        for layer in model.layers:
            for variable in layer.variables:
                variable.assign(arrays[f"{layer.name}/{variable.name}"])
    elif seed is not None:
        randomness.initialize(model, seed)
    return model
