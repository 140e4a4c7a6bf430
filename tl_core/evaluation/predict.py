"""What a trained model predicts for new images, and what the original network says of them."""

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tl_core.about import Things
from tl_core.dataset import deep_grey, image, kinds
from tl_core.dataset.deep_grey import Ranges
from tl_core.errors import InputError, MissingWeightsError
from tl_core.evaluation import boxes, tags, unknowns
from tl_core.evaluation.inference import both
from tl_core.evaluation.predictions import ClassProbability, Prediction, softmax
from tl_core.evaluation.tags import TagPredictions
from tl_core.features.runtime import forward
from tl_core.language import _
from tl_core.networks import backbone, catalogue, examples, saved, tables, taps
from tl_core.runs import RunFolder
from tl_core.text import cleaning
from tl_core.workspace import Workspace

#: How many of the 1,000 ImageNet classes are returned.
MOST_BEFORE = 5
#: Every value of the picture that a model is warmed with.
GREY = 128
_loading = threading.Lock()


class Model:
    """A network in memory that names classes.

    Args:
        network: pictures ``(n, size, size, 3)`` 0…255, or word pieces → probabilities ``(n, classes)``.
        classes: names in the order of its output.
        size: side of the pictures in pixels, or length of the texts; None for that of the network.
    """

    def __init__(self, network: keras.Model, classes: list[str], size: int | None = None) -> None:
        self.network = network
        self.size = int(network.inputs[0].shape[1]) if size is None else size
        self.classes = classes
        self._forward = forward(network)

    def number(self, label: str) -> int:
        """Return the place of a class in the output. Raises InputError if there is no such class."""
        if label not in self.classes:
            raise InputError(
                _("This model has no class “{class_name}”. Choose one of: {classes}.").format(
                    class_name=label, classes=", ".join(self.classes)
                )
            )
        return self.classes.index(label)

    def probabilities(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return ``(n, classes)`` for pictures ``(n, size, size, 3)`` uint8."""
        return self._forward(pictures)


class Trained(Model):
    """The model of a run, which also returns what its head sees.

    Args:
        network: as ``Network.whole`` returns it.
        classes: names in the order of its output.
        size: as in ``Model``.
        several: whether its probabilities are of several labels, each by itself.
    """

    def __init__(
        self, network: keras.Model, classes: list[str], size: int | None = None, *, several: bool = False
    ) -> None:
        super().__init__(network, classes, size)
        self._several = several
        self._taps = taps.of(network)
        seen = keras.layers.Concatenate()([self._taps.pooled, self._taps.logits])
        self._seen = forward(keras.Model(network.inputs[0], seen))

    def infer(self, pictures: NDArray[np.generic]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Return features ``(n, channels)``, as in ``Predictions``, and probabilities ``(n, classes)``."""
        width = self._taps.pooled.shape[-1]
        pooled, logits = np.split(self._seen(pictures), [width], axis=1)
        features = pooled.reshape(len(pooled), -1, self._taps.channels).mean(axis=1)
        if self._several:
            return features, TagPredictions.shares_of(logits[:, -len(self.classes) :])
        return features, softmax(both(logits) / self._taps.temperature)


def load(run: RunFolder) -> Trained:
    """Return the model of a run; recent ones stay in memory. Raises NotFoundError if the run has none yet."""
    changed = run.require_model().stat().st_mtime_ns
    with _loading:
        return _load(run, changed, tuple(run.classes))


@functools.lru_cache(maxsize=4)
def _load(run: RunFolder, changed: int, classes: tuple[str, ...]) -> Trained:
    recipe = run.recipe
    return Trained(saved.of_run(run), list(classes), recipe.image_size, several=recipe.head.several)


#: What is asked where models answer with something else than labels.
_OTHERWISE: Mapping[Things, Callable[[str | Path, list[bytes | str | Path]], object]] = {"boxes": boxes.predict}


def ready(run_folder: str | Path) -> None:
    """Read the model of a run that will be asked soon, and let it see one grey picture: the next answer is quick.

    Raises:
        NotFoundError: the run has no model yet.
    """
    run = RunFolder(Path(run_folder))
    if (ask := _OTHERWISE.get(kinds.of(run.project))) is not None:
        ask(run_folder, [])
        return
    model = load(run)
    if not tables.takes_texts(run.recipe.backbone):
        model.infer(np.full((1, model.size, model.size, 3), GREY, np.uint8))


@functools.lru_cache(maxsize=2)
def _top(backbone_id: str, workspace: Workspace) -> Model | None:
    """Return the original network with its 1,000 classes, None where it has no such top on this machine."""
    try:
        return Model(backbone.top(catalogue.get(backbone_id), workspace), backbone.imagenet_classes())
    except MissingWeightsError:
        return None


def predict(run_folder: str | Path, pictures: list[bytes | str], untransferred: bool = True) -> list[Prediction]:
    """Predict the class of each image, or of each text where the run has learned from texts.

    Args:
        run_folder: folder of a run that has a model.
        pictures: contents of image files, or their paths; or texts.
        untransferred: ask the original network, too; one for texts knows no classes.

    Raises:
        NotFoundError: the run has no model yet.
    """
    run = RunFolder(Path(run_folder))
    model = load(run)
    with _loading:
        asks = untransferred and not tables.takes_texts(run.recipe.backbone)
        top = _top(run.recipe.backbone, run.project.workspace) if asks else None
    predicted: list[Prediction] = []
    size = examples.of_items(run.recipe, ()).at_a_time
    for at in range(0, len(pictures), size):
        predicted += _predict_batch(run, model, top, pictures[at : at + size])
    return predicted


def features_of(run_folder: str | Path, example: bytes | str) -> NDArray[np.float32]:
    """Return what the head sees of a picture or text, ``(channels,)``: as ``Predictions.features`` of those of the run.

    Args:
        run_folder: folder of a run that has a model.
        example: the content of an image file, or its path; or a text.

    Raises:
        InputError: the picture cannot be read, or there is no text.
        NotFoundError: the run has no model yet.
    """
    run = RunFolder(Path(run_folder))
    model = load(run)
    read = _readable(run, [example])[0]
    if isinstance(read, InputError):
        raise read
    features: NDArray[np.float32] = model.infer(_inputs(run, model, [read]))[0][0]
    return features


def _predict_batch(run: RunFolder, model: Trained, top: Model | None, pictures: list[bytes | str]) -> list[Prediction]:
    decoded = _readable(run, pictures)
    readable = [data for data in decoded if not isinstance(data, InputError)]
    predicted = iter(_predicted(run, model, top, readable) if readable else [])
    return [Prediction(error=str(data)) if isinstance(data, InputError) else next(predicted) for data in decoded]


def _readable(run: RunFolder, given: Sequence[bytes | str]) -> list[bytes | str | InputError]:
    """Return what a network takes of each picture or text, or why it cannot be read."""
    if tables.takes_texts(run.recipe.backbone):
        return [_text(each) for each in given]
    ranges = deep_grey.load(run.project.folder)
    return [_decoded(each, ranges) for each in given]


def _predicted(run: RunFolder, model: Trained, top: Model | None, readable: Sequence[bytes | str]) -> list[Prediction]:
    inputs = _inputs(run, model, readable)
    answered = _tags(run, model, inputs) if run.recipe.head.several else _classes(run, model, inputs)
    if top is None:
        return answered
    original = (ranked(row, top.classes)[:MOST_BEFORE] for row in top.probabilities(_pixels(readable, top)))
    return [replace(each, before=before) for each, before in zip(answered, original, strict=True)]


def _classes(run: RunFolder, model: Trained, inputs: NDArray[Any]) -> list[Prediction]:
    features, probabilities = model.infer(inputs)
    judged = unknowns.judge(run, features, probabilities)
    rows = zip(probabilities, judged, strict=True)
    return [Prediction(classes=ranked(row, model.classes), known=known) for row, known in rows]


def _tags(run: RunFolder, model: Trained, inputs: NDArray[Any]) -> list[Prediction]:
    thresholds = tags.thresholds_of(run)
    return [tags.answer(row, model.classes, thresholds) for row in model.probabilities(inputs)]


def _decoded(picture: bytes | str, ranges: Ranges) -> bytes | InputError:
    """Return an image file as the network takes it, or why it cannot be read."""
    try:
        return image.decode(image.content(picture), ranges).data
    except InputError as exc:
        return exc


def _text(text: bytes | str) -> str | InputError:
    """Return a text as it is learned from, or why there is none."""
    kept = cleaning.kept(text.decode("utf-8", "replace") if isinstance(text, bytes) else text)
    return kept or InputError(_("There is no text. Write at least one word."))


def _inputs(run: RunFolder, model: Model, readable: Sequence[bytes | str]) -> NDArray[np.generic]:
    if isinstance(readable[0], str):
        return examples.of_items(run.recipe, list(map(str, readable))).read(range(len(readable)))
    return _pixels(readable, model)


def _pixels(readable: Sequence[bytes | str], model: Model) -> NDArray[np.uint8]:
    return np.stack([image.pixels(data, model.size) for data in readable if isinstance(data, bytes)])


def ranked(probabilities: NDArray[np.floating], classes: list[str]) -> tuple[ClassProbability, ...]:
    """Return every class with its probability, the most probable first."""
    order = np.argsort(-probabilities, kind="stable")
    return tuple(ClassProbability(label=classes[at], probability=float(probabilities[at])) for at in order)
