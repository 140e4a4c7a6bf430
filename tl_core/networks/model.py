"""Trunk + tail + head: the model that learns, and the plain model that is taken away."""

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tl_core import seeds
from tl_core.errors import InputError
from tl_core.language import _
from tl_core.metrics import logistic
from tl_core.metrics.logistic import Linear
from tl_core.networks import cut, text_pooling
from tl_core.recipe import Head, Recipe

#: Axes of the hidden states of texts, ``(n, length, width)``.
HIDDEN_RANK = 3
#: A saturated head sees the tanh of features that are divided by so many times the mean of their sizes.
REACH = 2.0
#: What a layer of fixed numbers adds to the variance.
EPSILON = 1e-12
#: Nor is a variance less than this: features that are all 0 stay 0.
LEAST = 1e-12


class Network:
    """A backbone with a new head.

    Args:
        build: returns the backbone: pictures ``(n, size, size, 3)`` 0…255 → feature map ``(n, h, w, c)``. It is called
            when the backbone is first needed: a head that learns from cached activations needs none until the end.
        head: the new layers.
        classes: how many, at least 2; or the number of tags.
        seed: of the weights that the head starts from.

    Raises:
        InputError: a sigmoid head was asked for more than two classes.
    """

    def __init__(self, build: Callable[[], keras.Model], head: Head, classes: int, seed: int = 0) -> None:
        if head.activation == "sigmoid" and not head.several and classes != 2:
            raise InputError(
                _(
                    "A sigmoid head separates two classes. These pictures have {classes}: choose the softmax head."
                ).format(classes=classes)
            )
        self._build = build
        self.head = head
        self.classes = classes
        self.saturation = _saturation() if head.saturated else ()
        self.layers = _layers(head, classes, seed)

    @cached_property
    def backbone(self) -> keras.Model:
        """The backbone, built when it is first needed."""
        return self._build()

    @cached_property
    def pooling(self) -> Callable[[keras.KerasTensor], keras.KerasTensor]:
        """From what the backbone gives to one vector each, ``(n, c)``; the same layer whenever it is called.

        Raises:
            InputError: the pooling of the head does not fit the backbone.
        """
        return _pooling(self.head, len(self.backbone.output.shape))

    def pooled(self) -> keras.Model:
        """Return the whole backbone with the pooling: pictures or word pieces → ``(n, c)``."""
        return keras.Model(self.backbone.input, self.pooling(self.backbone.output), name="pooled")

    def logits(self, pooled: keras.KerasTensor) -> keras.KerasTensor:
        """Apply the head's own layers to pooled features: ``(n, classes)`` logits, ``(n, 1)`` for a sigmoid."""
        if self.saturation:
            reach, tanh, both = self.saturation
            pooled = both([pooled, tanh(reach(pooled))])
        for layer in self.layers:
            pooled = layer(pooled)
        return pooled

    def measure(self, features: NDArray[np.float32]) -> None:
        """Give a saturated or centred head its fixed numbers, by the features ``(n, width)`` of training pictures."""
        if self.saturation:
            _fix(self.saturation[0], np.zeros(1, np.float32), REACH * np.abs(features).mean(), features.shape[1])
            features = self._saturated(features)
        if self.head.centred:
            parts = np.split(features, 2, axis=1) if self.saturation else [features]
            # All parts together have that length.
            deviations = [logistic.deviation_of(part) * math.sqrt(len(parts)) for part in parts]
            deviation = np.repeat(np.array(deviations, np.float32), features.shape[1] // len(parts))
            _fix(self.layers[0], features.mean(axis=0), deviation, features.shape[1])

    def seen(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what the last layer of a head without a hidden one sees of pooled features ``(n, width)``."""
        features = self._saturated(features) if self.saturation else features
        if self.head.centred:
            mean, variance = self.layers[0].get_weights()
            features = (features - mean) / np.sqrt(variance)
        return features

    def _saturated(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        variance = self.saturation[0].get_weights()[1]
        return np.concatenate([features, np.tanh(features / np.sqrt(variance))], axis=1)

    def set_linear(self, linear: Linear) -> None:
        """Give the last layer of a head without a hidden one the weights that suit what it sees."""
        kernel, bias = linear.kernel, linear.bias
        if self.head.activation == "softmax" and self.classes == 2:
            kernel, bias = logistic.halves(kernel), logistic.halves(bias)
        output = self.layers[-1]
        if not output.built:
            output.build((None, len(kernel)))
        output.set_weights([kernel, bias])

    def split(self, line: str | None) -> tuple[keras.Model | None, keras.Model | None]:
        """Return the frozen and the trainable half, see ``cut.split``."""
        return cut.split(self.backbone, line)

    def head_learner(self, shape: tuple[int, ...]) -> keras.Model:
        """Return the model that is trained on cached activations of the whole backbone, of that shape each."""
        start = keras.Input(shape)
        return keras.Model(start, self._learned(start), name="head")

    def tail_learner(self, tail: keras.Model) -> keras.Model:
        """Return the model that is trained on cached activations of the trunk."""
        start = keras.Input(tail.input.shape[1:])
        return keras.Model(start, self._learned(self.pooling(tail(start))), name="tail_and_head")

    def live_learner(self, trunk: keras.Model | None, tail: keras.Model | None) -> keras.Model:
        """Return the model that is trained on pictures: the trunk in inference mode, then the rest."""
        start = x = keras.Input(self.backbone.input.shape[1:])
        x = trunk(x, training=False) if trunk else x
        x = tail(x) if tail else x
        return keras.Model(start, self._learned(self.pooling(x)), name="live")

    def _learned(self, pooled: keras.KerasTensor) -> keras.KerasTensor:
        """Return the logits as the loss takes them: ``(n, tags, 1)`` of several labels, each of which has a loss."""
        logits = self.logits(pooled)
        return keras.layers.Reshape((self.classes, 1), name="each")(logits) if self.head.several else logits

    def whole(self, temperature: float = 1.0) -> keras.Model:
        """Return the plain model, with no trace of the split.

        It takes pictures ``(n, size, size, 3)`` with values 0…255 and returns probabilities ``(n, classes)`` in the
        order of the classes; for a sigmoid head that is ``[1 - p, p]``, for several labels the probability of each by
        itself. Stock Keras loads it.

        Args:
            temperature: what the logits are divided by, see ``calibration``.
        """
        logits = self.logits(self.pooling(self.backbone.output))
        sigmoid = self.head.activation == "sigmoid"
        if sigmoid and not self.head.several:
            negative = keras.layers.Rescaling(-1.0, name="negative")(logits)
            logits = keras.layers.Concatenate(name="both")([negative, logits])
        logits = keras.layers.Rescaling(1 / temperature, name="temperature")(logits)
        last = keras.layers.Activation("sigmoid" if sigmoid else "softmax", name="probability")
        return keras.Model(self.backbone.input, last(logits))


def _pooling(head: Head, rank: int) -> Callable[[keras.KerasTensor], keras.KerasTensor]:
    if rank == HIDDEN_RANK and head.pooling != "flatten":
        pooling = head.pooling
        return lambda hidden: text_pooling.pooled(hidden, pooling)
    if rank == HIDDEN_RANK or head.pooling == "first":
        raise InputError(
            _("The pooling “{pooling}” is not for this network. Choose another one.").format(pooling=head.pooling)
        )
    kinds: dict[str, Any] = {
        "average": keras.layers.GlobalAveragePooling2D,
        "max": keras.layers.GlobalMaxPooling2D,
        "flatten": keras.layers.Flatten,
    }
    layer: Callable[[keras.KerasTensor], keras.KerasTensor] = kinds[head.pooling](name="head_pooling")
    return layer


def _layers(head: Head, classes: int, seed: int) -> list[keras.layers.Layer]:
    layers: list[keras.layers.Layer] = []
    if head.centred:
        layers.append(_fixed("head_scale"))
    if head.hidden:
        layers.append(_dense(head.hidden, "head_hidden", seed, activation="relu"))
    if head.dropout:
        layers.append(keras.layers.Dropout(head.dropout, name="head_dropout"))
    return [*layers, _dense(head.units(classes), "head_logits", seed)]


def _saturation() -> tuple[keras.layers.Layer, ...]:
    both = keras.layers.Concatenate(name="head_both")
    return _fixed("head_reach"), keras.layers.Activation("tanh", name="head_tanh"), both


def _fixed(name: str) -> keras.layers.Layer:
    """Return a layer that subtracts and divides by fixed numbers; every export knows it."""
    return keras.layers.BatchNormalization(center=False, scale=False, epsilon=EPSILON, trainable=False, name=name)


def _fix(layer: keras.layers.Layer, middle: NDArray[np.float32], deviation: Any, width: int) -> None:
    """Give such a layer its numbers, for each of ``width`` features or one for all of them."""
    if not layer.built:
        layer.build((None, width))
    variance = np.maximum(np.square(deviation, dtype=np.float32), LEAST)
    layer.set_weights([np.broadcast_to(each, width) for each in (middle, variance)])


def _dense(units: int, name: str, seed: int, activation: str | None = None) -> keras.layers.Layer:
    kernel = keras.initializers.GlorotUniform(seeds.derive(seed, "weights", name))
    return keras.layers.Dense(units, activation, kernel_initializer=kernel, name=name)


def set_trainable(
    trunk: keras.Model | None, tail: keras.Model | None, train_batch_norm: bool = False, keep_frozen: Sequence[str] = ()
) -> None:
    """Freeze the trunk and let the tail train. Compile afterwards.

    Args:
        trunk: stays frozen.
        tail: trains,
        train_batch_norm: its BatchNorm layers only if this is set,
        keep_frozen: and without the layers of these names or of these kinds (names of their classes).

    Raises:
        InputError: the network has no layer of such a name or kind.
    """
    known = {name for half in (trunk, tail) if half for layer in half.layers for name in _names(layer)}
    if unknown := sorted(set(keep_frozen) - known):
        raise InputError(
            _(
                "This network has no layer and no type of layer named {unknown}. Choose again which "
                "layers stay frozen, on the Freeze page."
            ).format(unknown=(" " + _("or") + " ").join(f"“{name}”" for name in unknown))
        )
    for half, trainable in ((trunk, False), (tail, True)):
        for layer in half.layers if half else []:
            norm = isinstance(layer, keras.layers.BatchNormalization)
            layer.trainable = trainable and (train_batch_norm or not norm) and not _names(layer) & set(keep_frozen)


def _names(layer: keras.layers.Layer) -> set[str]:
    return {layer.name, type(layer).__name__}


def compile_learner(learner: keras.Model, recipe: Recipe, optimizer: keras.optimizers.Optimizer) -> None:
    """Compile with an optimizer and the field's usual loss on logits; the metric is ``accuracy``."""
    if recipe.head.activation == "sigmoid":
        loss = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=recipe.label_smoothing)
        metric = keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)
    else:
        loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.label_smoothing)
        metric = keras.metrics.CategoricalAccuracy(name="accuracy")
    learner.compile(optimizer, loss=loss, metrics=[metric])


def targets(head: Head, labels: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
    """Return what the loss compares with.

    0 or 1 ``(n, 1)`` for a sigmoid, else one-hot ``(n, classes)``; of several labels, given as ``(n, tags)``, 0 or 1
    ``(n, tags, 1)``.
    """
    if head.several:
        return labels[..., None].astype(np.float32)
    if head.activation == "sigmoid":
        return labels[:, None].astype(np.float32)
    one_hot: NDArray[np.float32] = np.eye(classes, dtype=np.float32)[labels]
    return one_hot
