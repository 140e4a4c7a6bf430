"""Cross-validation of the head on stored activations: every image is predicted by a head that has not seen it.

The images of training and validation are dealt into folds; a linear head learns from all folds but one and predicts
that one, in turn, several times with other folds. The network itself does not train, so one pass over the images, made
by training already, serves all of it. The test split is never read.

For a small set the figure is much steadier than that of a small validation split: R. Kohavi, "A Study of
Cross-Validation and Bootstrap for Accuracy Estimation and Model Selection", IJCAI 1995.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core import arrays
from tl_core.about import Things
from tl_core.accuracy import Accuracy
from tl_core.arrays import Array
from tl_core.dataset import kinds, manifest
from tl_core.dataset.splits import TRAIN, VALIDATION
from tl_core.errors import InputError, Stopped
from tl_core.evaluation import predictions, tag_crossval
from tl_core.evaluation import questions as questions_of
from tl_core.evaluation.questions import Questions
from tl_core.evaluation.tag_crossval import TagCrossValidation
from tl_core.features import sources
from tl_core.features import store as features_store
from tl_core.language import _
from tl_core.metrics import evidence, intervals, linear_probe
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.wording import duration, times

if TYPE_CHECKING:
    import keras

    from tl_core.features.cache import ActivationCache

#: With fewer images the validation split alone says too little: then training cross-validates at its end.
FEW = 200
#: Times that all is done with other folds: few images make the figure depend on how they fell.
REPEATS = 5
#: With this many images or more, once is enough.
ONCE = 1000
NAME = "crossval"
#: What is stored: ``n`` images, ``c`` classes, ``r`` repeats.
LAYOUT = {
    "classes": Array(kind="U", axes="c"),
    "ids": Array(kind="U", axes="n"),
    "labels": Array(kind="i", axes="n", of="c"),
    "probabilities": Array(kind="f", axes="nc"),
    "accuracies": Array(kind="f", axes="r", least=0, most=1),
    "folds": Array(kind="i", least=2),
    "seconds": Array(kind="f", least=0),
    "groups": Array(kind="i", axes="n", needed=False),
}


@dataclass(frozen=True, kw_only=True)
class CrossValidation:
    """What cross-validation says about ``n`` images.

    Attributes:
        ids: of the images.
        labels: ``(n,)`` positions in ``classes``, by the manifest that the run was trained on.
        classes: names.
        probabilities: ``(n, classes)`` mean over the repeats, each from a head that had not seen the image.
        accuracies: of each repeat, 0 to 1.
        folds: 2 to FOLDS.
        seconds: that it took.
        groups: ``(n,)`` number of each image's group: what is alike, or belongs together, has one. None where no image
            is like another.
    """

    ids: list[str]
    labels: NDArray[np.int64]
    classes: list[str]
    probabilities: NDArray[np.float32]
    accuracies: tuple[float, ...]
    folds: int
    seconds: float
    groups: NDArray[np.int64] | None = None

    @property
    def n(self) -> int:
        """Images, each counted once."""
        return len(self.ids)

    @property
    def repeats(self) -> int:
        """How often all images were predicted, each time with other folds."""
        return len(self.accuracies)

    @property
    def accuracy(self) -> Accuracy:
        """The mean over the repeats; its interval counts each image once, for repeats are no more images.

        Images that are alike count as fewer.
        """
        counts = np.bincount(self.labels, minlength=len(self.classes))
        return intervals.accuracy(
            float(np.mean(self.accuracies)) * self.n,
            self.n,
            counted=evidence.of(self.probabilities.argmax(axis=1) == self.labels, self.groups),
            baseline=float(counts.max() / self.n),
            baseline_class=self.classes[int(counts.argmax())],
        )

    def sentence(self) -> str:
        """Return what is known after it, as a sentence."""
        known = self.accuracy.sentence()
        return _("On average {sentence}").format(sentence=known) if self.repeats > 1 else known

    def method(self) -> str:
        """Return how it was done, as a sentence."""
        method = _("{folds} folds; {duration}.")
        if self.repeats > 1:
            method = _("{folds} folds, repeated {times} with different folds; {duration}.")
        return method.format(folds=self.folds, times=times(self.repeats), duration=duration(self.seconds))


def load(run: RunFolder) -> CrossValidation | None:
    """Return the cross-validation of a run, None if it never ran. Loads no TensorFlow."""
    stored = arrays.load(run, NAME, LAYOUT)
    if stored is None or not (len(stored["accuracies"]) and predictions.are_of(run, stored["ids"].tolist())):
        return None
    return CrossValidation(
        ids=stored["ids"].tolist(),
        labels=stored["labels"],
        classes=stored["classes"].tolist(),
        probabilities=stored["probabilities"],
        accuracies=tuple(stored["accuracies"].tolist()),
        folds=int(stored["folds"]),
        seconds=float(stored["seconds"]),
        groups=stored["groups"] if "groups" in stored else predictions.groups_of(run, stored["ids"].tolist()),
    )


def save(run: RunFolder, result: CrossValidation) -> None:
    """Store a cross-validation with its run. It says nothing of the run's model, so it outlives it."""
    arrays.save(
        run, NAME, tied=False, **{name: np.asarray(value) for name, value in vars(result).items() if value is not None}
    )


def run(folder: Path, progress: Progress, *, run: str) -> None:
    """The ``crossval`` job: cross-validate the head of the run in the folder ``run``."""
    cross_validate(RunFolder(Path(run)), progress)


def cross_validate(run: RunFolder, progress: Progress | None = None) -> CrossValidation | TagCrossValidation:
    """Cross-validate the head of a run, store the result with it, and return it.

    Raises:
        InputError: there are not two classes of two different images.
        MissingWeightsError: the weights are not on this machine.
        Stopped: a person pressed Stop; nothing was stored.
    """
    return _BY_KIND[kinds.of(run.project)](run, progress or Progress())


def _one(run: RunFolder, progress: Progress) -> CrossValidation:
    began = time.perf_counter()
    data = manifest.load(run.project, run.recipe.manifest)
    table = _pictures(run)
    questions = questions_of.of_classes(table, data.classes)
    rows = _features(run, questions.ids, progress)
    result = of_features(questions, rows, progress, repeats=REPEATS if questions.n < ONCE else 1)
    result = replace(result, seconds=time.perf_counter() - began)
    save(run, result)
    return result


def _several(run: RunFolder, progress: Progress) -> TagCrossValidation:
    began = time.perf_counter()
    names = manifest.load(run.project, run.recipe.manifest).classes
    questions = questions_of.of_tags(_pictures(run), names)
    rows = _features(run, questions.ids, progress)
    result = tag_crossval.of_features(questions, rows, progress, repeats=REPEATS if questions.n < ONCE else 1)
    result = replace(result, seconds=time.perf_counter() - began)
    tag_crossval.save(run, result)
    return result


_BY_KIND: Mapping[Things, Callable[[RunFolder, Progress], CrossValidation | TagCrossValidation]] = {
    "pictures": _one,
    "texts": _one,
    "tags": _several,
}


def of_features(
    questions: Questions, rows: NDArray[np.float32], progress: Progress, *, repeats: int, seed: int = 0
) -> CrossValidation:
    """Cross-validate a linear head on features and return the result.

    Args:
        questions: the images.
        rows: their features, ``(n, channels)``.
        progress: hears how many heads are done.
        repeats: how often, each time with other folds.
        seed: of the folds.

    Raises:
        Stopped: a person pressed Stop.
    """
    began, labels, classes = time.perf_counter(), questions.labels, len(questions.classes)
    probabilities, accuracies = np.zeros((questions.n, classes)), []
    for repeat in range(repeats):
        predicted = _predicted(rows, labels, questions.deal(seed + repeat), classes, progress, (repeat, repeats))
        accuracies.append(float((predicted.argmax(1) == labels).mean()))
        probabilities += predicted / repeats
    return CrossValidation(
        ids=questions.ids,
        labels=labels,
        classes=questions.classes,
        probabilities=probabilities.astype(np.float32),
        accuracies=tuple(accuracies),
        folds=questions.folds,
        seconds=time.perf_counter() - began,
        groups=questions.groups,
    )


def _predicted(
    rows: NDArray[np.float32],
    labels: NDArray[np.int64],
    fold: NDArray[np.int64],
    classes: int,
    progress: Progress,
    repeat: tuple[int, int],
) -> NDArray[np.float64]:
    """Return the probabilities ``(n, classes)``, each row from a head that has not seen the image."""
    shares, numbers = np.zeros((len(labels), classes)), np.unique(fold)
    for done, number in enumerate(numbers, 1):
        if progress.stopped():
            raise Stopped(_("The cross-validation was stopped. Nothing was saved."))
        out = fold == number
        shares[out] = linear_probe.probabilities(rows[~out], labels[~out], rows[out], classes)
        at, total = repeat[0] * len(numbers) + done, repeat[1] * len(numbers)
        progress.emit("progress", what="heads", done=at, total=total)
    return shares


def _features(run: RunFolder, ids: list[str], progress: Progress) -> NDArray[np.float32]:
    """Return the features of the frozen network, ``(n, channels)``."""
    from tl_core.networks import examples

    pictures = examples.of_ids(run.project, run.recipe, ids)
    source = _cache(run, progress).sources({"pictures": ids}, {"pictures": pictures}, progress)["pictures"]
    if not isinstance(source, sources.CachedActivations):
        raise InputError(_("There is no room for the features. Free some disk space, or raise TL_CACHE_GB."))
    return source.read(range(len(ids)))


def _cache(run: RunFolder, progress: Progress) -> "ActivationCache":
    from tl_core.networks import activations

    def pooled() -> "keras.Model":
        from tl_core.networks import backbone
        from tl_core.networks.model import Network

        head = run.recipe.head
        classes = 2 if head.activation == "sigmoid" else len(run.classes)
        return Network(lambda: backbone.of_recipe(run.recipe, run.project.workspace, progress), head, classes).pooled()

    return activations.cache(run, "all", pooled)


def is_quick(run: RunFolder) -> bool:
    """Return whether the set is small and its activations are stored: then cross-validation takes a moment."""
    table = _pictures(run)
    if len(table) >= FEW:
        return False
    store = features_store.find(run.project.workspace.cache, _cache(run, Progress()).key())
    return store is not None and not store.missing(list(table["id"]))


def _pictures(run: RunFolder) -> pd.DataFrame:
    table = manifest.load(run.project, run.recipe.manifest).table
    return table[table["split"].isin([TRAIN, VALIDATION])]
