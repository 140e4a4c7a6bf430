"""What a model that is taken away gives beside its probabilities, for the rule by which it refuses pictures."""

import keras
from keras import ops

from tl_core.evaluation import unknowns
from tl_core.export import refusal, subjects
from tl_core.export.refusal import BOXES, FAMILIARITY, PROBABILITIES, Rule
from tl_core.networks import saved, taps
from tl_core.runs import RunFolder

#: Names of the outputs, in their order.
NAMES = (PROBABILITIES, FAMILIARITY, BOXES)


def of_run(run: RunFolder) -> keras.Model:
    """Return the model of a run with named outputs; the second, how familiar a picture is, if it refuses any.

    Raises:
        NotFoundError: the run has no model yet.
        InputError: the model has no feature map that a head reads.
    """
    model, rule = saved.of_run(run), refusal.of(run)
    return with_familiarity(model, rule) if rule else named(model, subjects.of(run).output)


def named(model: keras.Model, name: str = PROBABILITIES) -> keras.Model:
    """Return a model without a rule whose output has a name, too."""
    return keras.Model(model.inputs[0], {name: model.outputs[0]})


def with_familiarity(model: keras.Model, rule: Rule) -> keras.Model:
    """Return a model with the outputs PROBABILITIES ``(n, classes)`` and FAMILIARITY ``(n,)``, at most 1.

    It computes ``unknowns.Known.scores`` with operations that every runtime has.
    """
    features, probabilities = features_of(model), model.outputs[0]
    length = ops.sqrt(ops.sum(ops.square(features), axis=1, keepdims=True))
    near = ops.matmul(features / ops.maximum(length, keras.config.epsilon()), rule.training.T)
    nearest, _ = ops.top_k(near, min(unknowns.NEAREST, len(rule.training)))
    familiarity = ops.mean(nearest, axis=1) * ops.sqrt(ops.max(probabilities, axis=1))
    return keras.Model(model.inputs[0], {PROBABILITIES: probabilities, FAMILIARITY: familiarity})


def with_features(model: keras.Model) -> keras.Model:
    """Return a model with two outputs: ``probabilities``, and the ``features`` by which a picture is refused."""
    return keras.Model(model.inputs[0], {"probabilities": model.outputs[0], "features": features_of(model)})


def features_of(model: keras.Model) -> keras.KerasTensor:
    """Return the mean of the last feature map over its places, ``(n, channels)``."""
    seen = taps.of(model)
    if seen.pooled.shape[-1] == seen.channels:
        return seen.pooled
    return keras.layers.GlobalAveragePooling1D()(keras.layers.Reshape((-1, seen.channels))(seen.pooled))
