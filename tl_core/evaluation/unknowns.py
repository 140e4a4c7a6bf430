"""None of these: how familiar an image is to a model, so that it can refuse what belongs to no class.

Loads no TensorFlow. Nothing but the images of the run is needed: no examples of other things.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tl_core import arrays, wording
from tl_core.accuracy import Accuracy
from tl_core.arrays import Array
from tl_core.evaluation import crossval, predictions
from tl_core.evaluation.predictions import Familiarity, Predictions
from tl_core.files import read_stored, write_record
from tl_core.language import N_, _
from tl_core.metrics import intervals
from tl_core.recipe import check_range
from tl_core.runs import RunFolder

#: Nearest training images that are looked at.
NEAREST = 5
#: The share of images of the classes that may be refused, where a person has not chosen another.
REFUSED = 0.05
#: Fewer validation images than this cannot set a threshold of 5% false refusals: then training images help, at most
#: MOST_TRAINING, with the confidence of a head that has not seen them (tests/bench/README.md).
FEW, MOST_TRAINING = 19, 1000
#: A threshold that no image falls below: none is refused.
ALL = -1.0
#: The scores of the images that set the limit of another run, where a run goes by them.
LIMIT = "limit"
LAYOUT = {"scores": Array(kind="f", axes="n", least=-1 - 1e-5, most=1 + 1e-5)}
#: Rows that are compared at a time: their similarities to all training images are in memory at once.
AT_A_TIME = 512


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What a person chose for a run.

    Attributes:
        refused: share of false refusals that is allowed, 0 to 0.5; with 0 nothing is refused.
    """

    refused: float = REFUSED


@dataclass(frozen=True, kw_only=True)
class Trade:
    """What refusing costs and saves.

    Attributes:
        share: of false refusals that is allowed, 0 to 0.5.
        answered: images that are not refused.
        n: images.
        correct: of the answered ones, how many are right.
        right: their accuracy.
        refused: share that is refused by mistake, as an accuracy of refusing.
    """

    share: float
    answered: int
    n: int
    correct: int
    right: Accuracy
    refused: Accuracy


@dataclass(frozen=True, kw_only=True)
class Known:
    """What an image is compared with to see whether a model should answer for it.

    An image is known if its features are close to those of training images, and the model is confident of its class.
    The first is the mean cosine similarity to the nearest training images: Y. Sun et al., "Out-of-Distribution
    Detection with Deep Nearest Neighbors", 2022, https://arxiv.org/abs/2204.06507. It is multiplied with the square
    root of the calibrated probability, so that neither drowns the other. What that refuses is
    measured by tests/bench/strangers.py.

    Attributes:
        training: ``(n, channels)`` float32 features of the training images, each of length 1.
        held_out: ``(m,)`` scores of images of the classes, ascending: of the validation images; where those are few
            and the network itself was not trained, of training images, too, each compared with those that are not
            alike to it, and with the confidence that cross-validation has in it. Of images that are alike it has one,
            for a limit is set by what can be exchanged with a new image: R. Dunn, L. Wasserman and A. Ramdas,
            "Distribution-Free Prediction Sets for Two-Layer Hierarchical Models", JASA 118 (2023).
        helped: whether training images are among those.
    """

    training: NDArray[np.float32]
    held_out: NDArray[np.float64]
    helped: bool = False

    def scores(self, features: NDArray[np.floating], probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return how familiar images are, ``(n,)``, at most 1; what is low is strange.

        Args:
            features: ``(n, channels)``.
            probabilities: ``(n, classes)``.
        """
        score: NDArray[np.float64] = similarity(self.training, features) * np.sqrt(probabilities.max(axis=1))
        return score

    def threshold(self, refused: float = REFUSED) -> float:
        """Return the score below which an image is refused, -1 for none.

        On average no more than that share of new images of the classes falls below it: conformal prediction, V. Vovk
        et al., "Algorithmic Learning in a Random World", 2005. With ``m`` images that holds for no share below
        ``1 / (m + 1)``. Then it is the lower prediction limit of a normal distribution for one more score: G. J. Hahn
        and W. Q. Meeker, "Statistical Intervals", 1991, section 4.8. One image alone sets none.
        """
        count = len(self.held_out)
        if not refused or count < 2:
            return ALL
        if rank := int(np.floor(refused * (count + 1))):
            return float(self.held_out[rank - 1])
        from scipy.stats import t

        reach = float(t.ppf(1 - refused, count - 1)) * float(self.held_out.std(ddof=1)) * np.sqrt(1 + 1 / count)
        return max(ALL, min(float(self.held_out.mean() - reach), float(self.held_out[0])))

    def note(self, refused: float = REFUSED) -> str:
        """Return what too few images mean for the threshold, in at most two sentences; nothing where they suffice."""
        count = len(self.held_out)
        if not refused or refused * (count + 1) >= 1:
            return ""
        if count < 2:
            return _("One picture cannot set a limit, so nothing is refused. Add pictures.")
        return _(
            "Only {pictures} set this limit, so it is lenient. Many pictures of other things are "
            "answered; more pictures of your classes make it stricter."
        ).format(pictures=wording.pictures(count))


def similarity(
    training: NDArray[np.float32],
    features: NDArray[np.floating],
    groups: tuple[NDArray[np.integer], NDArray[np.integer]] | None = None,
) -> NDArray[np.float64]:
    """Return the mean cosine similarity ``(n,)`` of rows to their nearest training rows, which have length 1.

    Args:
        training: ``(m, channels)``.
        features: ``(n, channels)``.
        groups: ``(m,)`` and ``(n,)``, of both: training rows of the row's own group do not count. None counts all.
    """
    # Not sklearn.neighbors.NearestNeighbors: it loads for a second and refuses fewer rows than neighbours.
    means = np.zeros(len(features))
    for at in range(0, len(features), AT_A_TIME):
        near = unit(features[at : at + AT_A_TIME]) @ training.T
        if groups is not None:
            near[groups[1][at : at + AT_A_TIME, None] == groups[0]] = -np.inf
        best = np.sort(near, axis=1)[:, -NEAREST:]
        there = np.isfinite(best)
        means[at : at + AT_A_TIME] = np.where(there, best, 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    return means


def unit(features: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return rows of length 1; a row of zeros stays one."""
    # Not sklearn.preprocessing.normalize: it refuses an empty table and takes a second to load on a page.
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return (features / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def of(run: RunFolder, most: int | None = None) -> Known | None:
    """Return what images are compared with for the model of a run; None where it has no stored predictions.

    Args:
        run: whose model it is.
        most: training images that are compared with, evenly chosen; None for all.
    """
    if not (predictions.is_stored(run, "train") and predictions.is_stored(run, "validation")):
        return None
    changed = max(arrays.changed(run, crossval.NAME), arrays.changed(run, LIMIT))
    known = _of(run.folder, run.model_path.stat().st_mtime_ns, changed, most)
    return known if known and len(known.held_out) else None


@functools.lru_cache(maxsize=4)
def _of(folder: Path, model_changed: int, limit_changed: int, most: int | None) -> Known | None:
    run = RunFolder(folder)
    train, held_out = (predictions.load(run, split) for split in ("train", "validation"))
    if train is None or held_out is None:  # damaged meanwhile
        return None
    train = train.at(_spread(len(train), most)) if most else train
    empty = Known(training=unit(train.features), held_out=np.empty(0))
    if run.recipe.everything:
        return replace(empty, held_out=handed_on(run))
    held_out, apart = held_out.apart(), train.apart()
    scores = [empty.scores(held_out.features, held_out.probabilities)]
    if len(held_out) < FEW and not run.history().of("fine-tune"):
        some = apart.at(_spread(len(apart), MOST_TRAINING))
        near = similarity(empty.training, some.features, (_groups(train), _groups(some)))
        scores.append(near * np.sqrt(np.minimum(some.confidence, _unseen(run, some))))
    return Known(training=empty.training, held_out=np.sort(np.concatenate(scores)), helped=len(scores) > 1)


def _spread(count: int, most: int) -> NDArray[np.int64]:
    """Return at most ``most`` rows of ``count``, evenly chosen."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)


def _groups(predicted: Predictions) -> NDArray[np.int64]:
    return np.arange(len(predicted)) if predicted.groups is None else predicted.groups


def _unseen(run: RunFolder, predicted: Predictions) -> NDArray[np.float64]:
    """Return how confident heads that have not seen the images are of them, ``(n,)``; 1 where none was asked."""
    result = crossval.load(run)
    confidence = dict(zip(result.ids, result.probabilities.max(axis=1).tolist(), strict=True)) if result else {}
    return np.array([confidence.get(id_, 1.0) for id_ in predicted.ids])


def refused(run: RunFolder) -> float:
    """Return the share of false refusals that was chosen for a run, 0 to 0.5; with 0 nothing is refused."""
    chosen = read_stored(_path(run), Refusal)
    return REFUSED if chosen is None else chosen.refused


def choose(run: RunFolder, share: float) -> None:
    """Store the share of false refusals for a run, 0 to 0.5. Raises InputError."""
    check_range(N_("The share of refused pictures"), share, 0, 0.5)
    write_record(_path(run), Refusal(refused=share))


def hand_on(run: RunFolder, to: RunFolder) -> None:
    """Let a run that has no validation images go by the limit of another run, and by the share that was chosen there.

    Where the other run has no stored predictions it refuses nothing.
    """
    if known := of(run):
        save_limit(to, known.held_out)
    choose(to, refused(run))


def save_limit(run: RunFolder, scores: NDArray[np.float64]) -> None:
    """Store the scores ``(m,)`` of another run's images, by which a run goes that has no validation images."""
    arrays.save(run, LIMIT, tied=False, scores=scores)


def handed_on(run: RunFolder) -> NDArray[np.float64]:
    """Return those scores, ascending; empty where there are none."""
    stored = arrays.load(run, LIMIT, LAYOUT) or {}
    scores: NDArray[np.float64] = np.sort(stored.get("scores", np.empty(0)))
    return scores


def judge(
    run: RunFolder, features: NDArray[np.floating], probabilities: NDArray[np.floating]
) -> list[Familiarity | None]:
    """Return how familiar each image is and whether it is refused; None without stored predictions."""
    known = of(run)
    if known is None:
        return [None] * len(features)
    least = known.threshold(refused(run))
    scores = known.scores(features, probabilities).tolist()
    return [Familiarity(score=score, threshold=least, refused=score < least) for score in scores]


def trade(known: Known, predicted: Predictions, shares: Sequence[float]) -> list[Trade]:
    """Return what refusing costs and saves on images of the classes.

    Args:
        known: what images are compared with.
        predicted: predictions for images whose classes are known.
        shares: of false refusals that are allowed, each 0 to 0.5.

    Raises:
        InputError: a share out of range.
    """
    scores = known.scores(predicted.features, predicted.probabilities)
    rows = []
    for share in shares:
        check_range(N_("The share of refused pictures"), share, 0, 0.5)
        answered = scores >= known.threshold(share)
        some = predicted.at(answered)
        row = Trade(
            share=share,
            answered=len(some),
            n=len(predicted),
            correct=int(some.correct.sum()),
            right=intervals.share(some.correct, some.groups),
            refused=intervals.share(~answered, predicted.groups),
        )
        rows.append(row)
    return rows


def _path(run: RunFolder) -> Path:
    return run.folder / "refusal.json"
