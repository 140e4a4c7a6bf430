"""What the model of a run says of pictures with several labels: stored with the run, and counted. Loads no TensorFlow.

A tag is given where its probability reaches the tag's threshold. The thresholds are chosen on the validation images, so
what is counted on these looks better than it is; the test images had no say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tl_core import arrays, wording
from tl_core.accuracy import Accuracy
from tl_core.arrays import Array
from tl_core.dataset import manifest, tags
from tl_core.evaluation import predictions
from tl_core.evaluation.predictions import ClassProbability, Prediction
from tl_core.files import read_record, read_stored, write_record
from tl_core.language import _
from tl_core.metrics import calibration, intervals, multilabel
from tl_core.metrics.calibration import Reliability
from tl_core.metrics.multilabel import TagScores
from tl_core.runs import RunFolder

#: Files of a run: the thresholds of its tags, and the results on its validation images.
THRESHOLDS, RESULTS = "thresholds.json", "tags.json"
#: What is stored: ``n`` images, ``c`` tags, ``d`` channels.
LAYOUT = {
    "tags": Array(kind="U", axes="c"),
    "ids": Array(kind="U", axes="n"),
    "truth": Array(kind="b", axes="nc"),
    "logits": Array(kind="f", axes="nc"),
    "features": Array(kind="f", axes="nd"),
    "groups": Array(kind="i", axes="n"),
}


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """From which probability on a tag is given: ``thresholds.json``.

    Attributes:
        of: the threshold of each tag, in the order of the model's output.
        chosen_on: number of validation images that chose them; without any all are one half.
    """

    of: dict[str, float]
    chosen_on: int


@dataclass(frozen=True, kw_only=True)
class TagPredictions:
    """The predictions for ``n`` images with several labels each.

    Attributes:
        split: ``"train"``, ``"validation"`` or ``"test"``.
        tags: names in the order of the model's output.
        ids: of the images.
        truth: ``(n, tags)`` which tags a person gave each image, by the manifest that the run was trained on.
        logits: ``(n, tags)``.
        features: ``(n, channels)`` what the head sees of each image; a feature map is averaged.
        groups: ``(n,)`` number of each image's group: what is alike, or belongs together, has one.
    """

    split: str
    tags: list[str]
    ids: list[str]
    truth: NDArray[np.bool_]
    logits: NDArray[np.float32]
    features: NDArray[np.float32]
    groups: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """``(n, tags)``, each by itself."""
        return self.shares_of(self.logits)

    @staticmethod
    def shares_of(logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probabilities of logits ``(n, tags)``."""
        from scipy import special

        shares: NDArray[np.float64] = special.expit(logits.astype(np.float64))
        return shares

    @property
    def labelled(self) -> list[str]:
        """The tags of each image as one text."""
        return [tags.join(tag for tag, has in zip(self.tags, row, strict=True) if has) for row in self.truth]

    def given(self, thresholds: Thresholds) -> NDArray[np.bool_]:
        """Return which tags are given to each image, ``(n, tags)``."""
        reached: NDArray[np.bool_] = self.probabilities >= np.array([thresholds.of[tag] for tag in self.tags])
        return reached

    def right(self, thresholds: Thresholds) -> NDArray[np.bool_]:
        """Return whether each image is given exactly the tags that it has, ``(n,)``."""
        exact: NDArray[np.bool_] = (self.given(thresholds) == self.truth).all(axis=1)
        return exact


@dataclass(frozen=True, kw_only=True)
class Results(Accuracy):
    """What a model is worth on one split; its ``accuracy`` is the share of images with exactly the right tags.

    Attributes:
        mean_average_precision: over the tags that some image has; None where none has any.
        tags: the scores of each tag, in the order of the model's output.
        together: ``(tags, tags)`` images that have both; on the diagonal, that have the one.
        given_together: ``(tags, tags)`` images that are given both.
    """

    mean_average_precision: float | None
    tags: list[TagScores]
    together: list[list[int]]
    given_together: list[list[int]]

    def sentence(self) -> str:
        """Return how many images have exactly the right tags, and what is known from that."""
        if self.accuracy is None:
            return super().sentence()
        known = _("Exactly the right labels: {right} of {pictures}; the true share is probably {interval}.").format(
            right=wording.number(round(self.correct)),
            pictures=wording.pictures(self.n),
            interval=wording.interval(*self.interval, self.n),
        )
        return f"{known} {self.grouped()}".rstrip()


@dataclass(frozen=True, kw_only=True)
class TagEvaluation(Results):
    """The results on the test split, stored in ``test.json`` of the run; the fields are those of ``Evaluation``."""

    run: str
    opened: int
    opened_in_project: int
    time: float


@dataclass(frozen=True, kw_only=True)
class TagPrediction(Prediction):
    """What a model predicts for a new image.

    Attributes:
        tags: that it is given; may be none.
        thresholds: of each tag.
    """

    tags: tuple[str, ...] = ()
    thresholds: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class TagMistake:
    """A tag that an image lacks and is given, or has and is not given.

    Attributes:
        id: of the image.
        split: that it is in.
        tag: which one.
        has: whether the image has it.
        probability: that the model gives it, 0 to 1.
        threshold: from which on it is given.
    """

    id: str
    split: str
    tag: str
    has: bool
    probability: float
    threshold: float


def choose_thresholds(validation: TagPredictions) -> Thresholds:
    """Return for each tag the threshold with the highest F1 on the validation images (``multilabel.thresholds``)."""
    chosen = multilabel.thresholds(validation.truth, validation.probabilities)
    return Thresholds(of=dict(zip(validation.tags, chosen, strict=True)), chosen_on=len(validation))


def save_thresholds(run: RunFolder, thresholds: Thresholds) -> None:
    """Store the thresholds with the run."""
    write_record(run.folder / THRESHOLDS, thresholds)


def save_usual(run: RunFolder, names: Sequence[str]) -> None:
    """Let a run give each of its tags from one half on."""
    save_thresholds(run, Thresholds(of=dict.fromkeys(names, multilabel.USUAL), chosen_on=0))


def thresholds_of(run: RunFolder) -> Thresholds:
    """Return the thresholds of a run. Raises NotFoundError or DamagedError if they cannot be read."""
    return read_record(run.folder / THRESHOLDS, Thresholds)


def hand_on(run: RunFolder, to: RunFolder) -> None:
    """Let a run that has no validation images go by the thresholds of another run, if that has any."""
    if found := read_stored(run.folder / THRESHOLDS, Thresholds):
        save_thresholds(to, found)


def results_of(run: RunFolder) -> Results | None:
    """Return the results of a run on its validation images, None where there are none."""
    return read_stored(run.folder / RESULTS, Results)


def results(run: RunFolder, predicted: TagPredictions, thresholds: Thresholds) -> Results:
    """Return the results of a run's predictions beside always giving the most frequent tags of its training images."""
    given, usual = predicted.given(thresholds), _most_frequent(run)
    guess = (tags.matrix([usual], predicted.tags) == predicted.truth).all(axis=1)
    exact = intervals.share(
        predicted.right(thresholds),
        predicted.groups,
        baseline=float(guess.mean()) if len(predicted) else None,
        baseline_class=usual,
    )
    scores = multilabel.per_tag(
        predicted.truth,
        predicted.probabilities,
        [thresholds.of[tag] for tag in predicted.tags],
        predicted.tags,
        predicted.groups,
    )
    return Results(
        **vars(exact),
        mean_average_precision=multilabel.mean_average_precision(scores),
        tags=scores,
        together=multilabel.together(predicted.truth).tolist(),
        given_together=multilabel.together(given).tolist(),
    )


def _most_frequent(run: RunFolder) -> str:
    """Return the tags that most training images have, as one text; of several the first."""
    counts = predictions.pictures_of(run, "train")["label"].value_counts()
    return str(min(counts.index[counts == counts.max()]))


def mistakes(predicted: TagPredictions, thresholds: Thresholds) -> list[TagMistake]:
    """Return every wrong answer, tag by tag, the one farthest from its threshold first."""
    wrong, limits = predicted.given(thresholds) != predicted.truth, [thresholds.of[tag] for tag in predicted.tags]
    found = []
    for at, tag in enumerate(predicted.tags):
        far = np.abs(predicted.probabilities[:, at] - limits[at])
        rows = np.flatnonzero(wrong[:, at])
        found += [
            TagMistake(
                id=predicted.ids[row],
                split=predicted.split,
                tag=tag,
                has=bool(predicted.truth[row, at]),
                probability=float(predicted.probabilities[row, at]),
                threshold=limits[at],
            )
            for row in rows[np.argsort(-far[rows], kind="stable")]
        ]
    return found


@dataclass(frozen=True, kw_only=True)
class Untagged:
    """The images that are given no tag, and those that have none.

    Attributes:
        rightly: how often an image that is given none has none.
        found: how often an image that has none is given none.
        wrongly: ids of images that have a tag and are given none.
        missed: ids of images that have none and are given one.
    """

    rightly: Accuracy
    found: Accuracy
    wrongly: list[str]
    missed: list[str]


def untagged(predicted: TagPredictions, thresholds: Thresholds) -> Untagged:
    """Return what the model makes of images without any tag."""
    none, given_none = (np.logical_not(flags.any(axis=1)) for flags in (predicted.truth, predicted.given(thresholds)))
    groups = predicted.groups
    return Untagged(
        rightly=intervals.share(none[given_none], groups[given_none]),
        found=intervals.share(given_none[none], groups[none]),
        wrongly=[predicted.ids[row] for row in np.flatnonzero(given_none & ~none)],
        missed=[predicted.ids[row] for row in np.flatnonzero(none & ~given_none)],
    )


def reliability(predicted: TagPredictions) -> tuple[Reliability, list[Reliability]]:
    """Return how far the probabilities can be trusted: of all tags together, and of each."""
    shares, truth, groups = predicted.probabilities, predicted.truth, predicted.groups
    every = calibration.of_answers(shares.ravel(), truth.ravel(), np.repeat(groups, truth.shape[1]))
    columns = zip(shares.T, truth.T, strict=True)
    return every, [calibration.of_answers(share, own, groups) for share, own in columns]


def answer(probabilities: NDArray[np.floating], names: Sequence[str], thresholds: Thresholds) -> TagPrediction:
    """Return the prediction for one image, given the probability of each tag ``(tags,)``."""
    order = np.argsort(-probabilities, kind="stable")
    shares = tuple(ClassProbability(label=names[at], probability=float(probabilities[at])) for at in order)
    given = tuple(each.label for each in shares if each.probability >= thresholds.of[each.label])
    return TagPrediction(classes=shares, tags=given, thresholds=thresholds.of)


def truth_of(run: RunFolder, ids: Sequence[str], names: Sequence[str]) -> NDArray[np.bool_]:
    """Return which tags images have, ``(n, tags)``, in the version of the manifest that the run was trained on."""
    labels = manifest.of_run(run).table.set_index("id")["label"]
    return tags.matrix(labels.loc[list(ids)].tolist(), names)


def is_stored(run: RunFolder, split: str) -> bool:
    """Return whether the predictions of a run for a split are stored, and are those of its present model."""
    return arrays.is_stored(run, file_name(split), lambda: load(run, split))


def load(run: RunFolder, split: str, *, by_time: bool = False) -> TagPredictions | None:
    """Return the predictions of a run for a split; None if they were not computed, or are those of an earlier model.

    Args:
        run: whose they are.
        split: ``"train"``, ``"validation"`` or ``"test"``.
        by_time: as in ``arrays.load``: without reading the model.
    """
    stored = arrays.load(run, file_name(split), LAYOUT, by_time=by_time) if run.ready else None
    if stored is None or not predictions.are_of(run, stored["ids"].tolist(), split):
        return None
    return TagPredictions(
        split=split,
        tags=stored["tags"].tolist(),
        ids=stored["ids"].tolist(),
        truth=stored["truth"],
        logits=stored["logits"],
        features=stored["features"],
        groups=stored["groups"],
    )


def save(run: RunFolder, predicted: TagPredictions) -> None:
    """Store predictions with the run, whose model has to be there."""
    arrays.save(
        run,
        file_name(predicted.split),
        tags=np.array(predicted.tags, str),
        ids=np.array(predicted.ids, str),
        truth=predicted.truth,
        logits=predicted.logits,
        features=predicted.features,
        groups=predicted.groups,
    )


def file_name(split: str) -> str:
    """Return under which name the predictions for a split are stored with their run."""
    return f"tags-{split}"
