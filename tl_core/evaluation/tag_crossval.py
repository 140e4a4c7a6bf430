"""Cross-validation of a head that gives several labels, and the labels that it speaks against.

As ``crossval``, with a linear head for each tag. Images are dealt by iterative stratification, so that every fold has
its share of every tag. From which probability on a tag is given is chosen on the other folds: no image has a say in
the thresholds by which it is judged.
"""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core import arrays, wording
from tl_core.accuracy import Accuracy
from tl_core.arrays import Array
from tl_core.dataset import tags
from tl_core.errors import Stopped
from tl_core.evaluation import predictions
from tl_core.evaluation.questions import TagQuestions
from tl_core.language import _
from tl_core.metrics import evidence, intervals, label_errors, linear_probe, multilabel
from tl_core.progress import Progress
from tl_core.runs import RunFolder

NAME = "crossval-tags"
#: What is stored: ``n`` images, ``c`` tags, ``r`` repeats.
LAYOUT = {
    "tags": Array(kind="U", axes="c"),
    "ids": Array(kind="U", axes="n"),
    "truth": Array(kind="b", axes="nc"),
    "probabilities": Array(kind="f", axes="nc"),
    "right": Array(kind="f", axes="n", least=0, most=1),
    "precisions": Array(kind="f", axes="r", least=0, most=1),
    "folds": Array(kind="i", least=2),
    "seconds": Array(kind="f", least=0),
    "groups": Array(kind="i", axes="n"),
}


@dataclass(frozen=True, kw_only=True)
class TagCrossValidation:
    """What cross-validation says about ``n`` images with several labels each.

    Attributes:
        ids: of the images.
        truth: ``(n, tags)`` which tags they have, by the manifest that the run was trained on.
        tags: names.
        probabilities: ``(n, tags)`` mean over the repeats, each from a head that had not seen the image.
        right: ``(n,)`` share of the repeats in which an image got exactly its tags.
        precisions: mean average precision of each repeat, 0 to 1.
        folds: 2 to ``questions.FOLDS``.
        seconds: that it took.
        groups: ``(n,)`` number of each image's group: what is alike, or belongs together, has one.
    """

    ids: list[str]
    truth: NDArray[np.bool_]
    tags: list[str]
    probabilities: NDArray[np.float32]
    right: NDArray[np.float64]
    precisions: tuple[float, ...]
    folds: int
    seconds: float
    groups: NDArray[np.int64]

    @property
    def n(self) -> int:
        """Images, each counted once."""
        return len(self.ids)

    @property
    def repeats(self) -> int:
        """How often all images were predicted, each time with other folds."""
        return len(self.precisions)

    @property
    def mean_average_precision(self) -> float:
        """The mean over the repeats."""
        return float(np.mean(self.precisions))

    @property
    def accuracy(self) -> Accuracy:
        """The share of images with exactly the right tags, beside always giving the most frequent ones."""
        every = [tags.join(tag for tag, has in zip(self.tags, row, strict=True) if has) for row in self.truth]
        usual = max(sorted(set(every)), key=every.count)
        return intervals.accuracy(
            float(self.right.sum()),
            self.n,
            counted=evidence.of(self.right, self.groups),
            baseline=every.count(usual) / self.n,
            baseline_class=usual,
        )

    def sentence(self) -> str:
        """Return what is known after it, as sentences."""
        known = self.accuracy
        words = _(
            "Exactly the right labels: on average {share} of {pictures}; the true share is probably {interval}. Mean "
            "average precision {precision}."
        )
        return words.format(
            share=wording.percent(known.accuracy or 0.0, self.n),
            pictures=wording.pictures(self.n),
            interval=wording.interval(*known.interval, self.n),
            precision=wording.fraction(self.mean_average_precision),
        )

    def method(self) -> str:
        """Return how it was done, as a sentence."""
        method = _("{folds} folds; {duration}.")
        if self.repeats > 1:
            method = _("{folds} folds, repeated {times} with different folds; {duration}.")
        return method.format(
            folds=self.folds, times=wording.times(self.repeats), duration=wording.duration(self.seconds)
        )


@dataclass(frozen=True, kw_only=True)
class DoubtedTag:
    """A tag of an image that is probably wrong.

    Attributes:
        id: of the image.
        tag: which one.
        has: whether the image has it now; if so it probably should not, else it should.
        probability: that the image has it, from heads that had not seen the image, 0 to 1.
    """

    id: str
    tag: str
    has: bool
    probability: float


def load(run: RunFolder) -> TagCrossValidation | None:
    """Return the cross-validation of a run, None if it never ran."""
    stored = arrays.load(run, NAME, LAYOUT)
    if stored is None or not (len(stored["precisions"]) and predictions.are_of(run, stored["ids"].tolist())):
        return None
    return TagCrossValidation(
        ids=stored["ids"].tolist(),
        truth=stored["truth"],
        tags=stored["tags"].tolist(),
        probabilities=stored["probabilities"],
        right=stored["right"],
        precisions=tuple(stored["precisions"].tolist()),
        folds=int(stored["folds"]),
        seconds=float(stored["seconds"]),
        groups=stored["groups"],
    )


def save(run: RunFolder, result: TagCrossValidation) -> None:
    """Store a cross-validation with its run. It says nothing of the run's model, so it outlives it."""
    arrays.save(run, NAME, tied=False, **{name: np.asarray(value) for name, value in vars(result).items()})


def of_features(
    questions: TagQuestions, rows: NDArray[np.float32], progress: Progress, *, repeats: int, seed: int = 0
) -> TagCrossValidation:
    """Cross-validate a linear head for each tag on features and return the result.

    Args:
        questions: the images.
        rows: their features, ``(n, channels)``.
        progress: hears how many heads are done.
        repeats: how often, each time with other folds.
        seed: of the folds.

    Raises:
        Stopped: a person pressed Stop.
    """
    began, truth = time.perf_counter(), questions.truth
    right, precisions, mean = np.zeros(len(truth)), [], np.zeros(truth.shape)
    for repeat in range(repeats):
        fold = questions.deal(seed + repeat)
        shares = _predicted(rows, truth, fold, progress, (repeat, repeats))
        precisions.append(multilabel.mean_average_precision_of(truth, shares) or 0.0)
        right += (_given(truth, shares, fold) == truth).all(axis=1) / repeats
        mean += shares / repeats
    return TagCrossValidation(
        ids=questions.ids,
        truth=truth,
        tags=questions.tags,
        probabilities=mean.astype(np.float32),
        right=np.minimum(right, 1.0),
        precisions=tuple(precisions),
        folds=questions.folds,
        seconds=time.perf_counter() - began,
        groups=questions.groups,
    )


def _predicted(
    rows: NDArray[np.float32],
    truth: NDArray[np.bool_],
    fold: NDArray[np.int64],
    progress: Progress,
    repeat: tuple[int, int],
) -> NDArray[np.float64]:
    """Return the probabilities ``(n, tags)``, each row from heads that have not seen the image."""
    shares, numbers = np.zeros(truth.shape), np.unique(fold)
    for done, number in enumerate(numbers, 1):
        if progress.stopped():
            raise Stopped(_("The cross-validation was stopped. Nothing was saved."))
        out = fold == number
        shares[out] = linear_probe.probabilities_each(rows[~out], truth[~out], rows[out])
        at, total = repeat[0] * len(numbers) + done, repeat[1] * len(numbers)
        progress.emit("progress", what="heads", done=at, total=total)
    return shares


def _given(truth: NDArray[np.bool_], shares: NDArray[np.float64], fold: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which tags each image is given, by thresholds that the other folds have chosen."""
    given = np.zeros(truth.shape, bool)
    for number in np.unique(fold):
        out = fold == number
        given[out] = shares[out] >= np.array(multilabel.thresholds(truth[~out], shares[~out]))
    return given


def doubts(result: TagCrossValidation) -> list[DoubtedTag]:
    """Return the tags that are probably wrong, the surest first: confident learning, one tag against the rest.

    Source: A. Thyagarajan et al., "Identifying Incorrect Annotations in Multi-Label Classification Data", 2022,
    https://arxiv.org/abs/2211.13895. A tag at which the heads are no better than guessing has none.
    """
    found = []
    for at, tag in enumerate(result.tags):
        share, own = result.probabilities[:, at].astype(np.float64), result.truth[:, at]
        issues = label_errors.find(np.column_stack([1 - share, share]), own.astype(np.int64))
        if not issues.better_than_guessing:
            continue
        rows = issues.rows[: issues.confident]
        margins = issues.margins[: issues.confident]
        found += [
            (margin, DoubtedTag(id=result.ids[row], tag=tag, has=bool(own[row]), probability=float(share[row])))
            for row, margin in zip(rows, margins, strict=True)
        ]
    return [each for _margin, each in sorted(found, key=lambda pair: -pair[0])]
