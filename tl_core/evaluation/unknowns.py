"""None of these: how familiar an image is to a model, so that it can refuse what belongs to no class.

Loads no TensorFlow. Nothing but the images of the run is needed: no examples of other things.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tl_core.accuracy import Accuracy
from tl_core.evaluation import predictions
from tl_core.evaluation.predictions import Familiarity, Predictions
from tl_core.files import read_stored, write_record
from tl_core.metrics import intervals
from tl_core.recipe import check_range
from tl_core.runs import RunFolder

#: Nearest training images that are looked at.
NEAREST = 5
#: The share of images of the classes that may be refused, where a person has not chosen another.
REFUSED = 0.05
#: Fewer validation images than this cannot set a threshold of 5% false refusals: then training images help, at most
#: MOST_TRAINING. The head has seen them, so the threshold is somewhat too strict (tests/bench/README.md).
FEW, MOST_TRAINING = 19, 1000
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
            and the network itself was not trained, of training images, too, each compared with the others.
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
        et al., "Algorithmic Learning in a Random World", 2005 (the head has seen the training images among them: there
        it holds nearly). With ``m`` images no share below ``1 / (m + 1)`` can be held; then it is their least score.
        """
        if not refused or not len(self.held_out):
            return -1.0
        return float(self.held_out[max(0, int(np.floor(refused * (len(self.held_out) + 1))) - 1)])

    def promise(self, refused: float = REFUSED) -> float:
        """Return the share of false refusals that the threshold can promise with that many images, 0 to 1."""
        return max(refused, 1 / (len(self.held_out) + 1)) if refused else 0.0


def similarity(
    training: NDArray[np.float32], features: NDArray[np.floating], *, among_them: bool = False
) -> NDArray[np.float64]:
    """Return the mean cosine similarity ``(n,)`` of rows to their nearest training rows, which have length 1.

    Args:
        training: ``(m, channels)``.
        features: ``(n, channels)``.
        among_them: the rows are training rows themselves: the nearest one, which is the row, does not count.
    """
    # Not sklearn.neighbors.NearestNeighbors: it loads for a second and refuses fewer rows than neighbours.
    count = min(NEAREST, len(training) - among_them)
    means = np.zeros(len(features))
    for at in range(0, len(features) if count > 0 else 0, AT_A_TIME):
        near = np.sort(unit(features[at : at + AT_A_TIME]) @ training.T, axis=1)
        means[at : at + AT_A_TIME] = near[:, -count - among_them : near.shape[1] - among_them].mean(axis=1)
    return means


def unit(features: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return rows of length 1; a row of zeros stays one."""
    # Not sklearn.preprocessing.normalize: it refuses an empty table and takes a second to load on a page.
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return (features / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def of(run: RunFolder) -> Known | None:
    """Return what images are compared with for the model of a run; None where it has no stored predictions."""
    if not (predictions.is_stored(run, "train") and predictions.is_stored(run, "validation")):
        return None
    known = _of(run.folder, run.model_path.stat().st_mtime_ns)
    return known if len(known.held_out) else None


@functools.lru_cache(maxsize=4)
def _of(folder: Path, changed: int) -> Known:
    train, held_out = (predictions.load(RunFolder(folder), split) for split in ("train", "validation"))
    assert train is not None
    assert held_out is not None
    empty = Known(training=unit(train.features), held_out=np.empty(0))
    scores = [empty.scores(held_out.features, held_out.probabilities)]
    if len(held_out) < FEW and not RunFolder(folder).history().of("fine-tune"):
        some = train.at(np.linspace(0, len(train) - 1, min(len(train), MOST_TRAINING)).astype(int))
        near = similarity(empty.training, some.features, among_them=True)
        scores.append(near * np.sqrt(some.confidence))
    return Known(training=empty.training, held_out=np.sort(np.concatenate(scores)), helped=len(scores) > 1)


def refused(run: RunFolder) -> float:
    """Return the share of false refusals that was chosen for a run, 0 to 0.5; with 0 nothing is refused."""
    chosen = read_stored(_path(run), Refusal)
    return REFUSED if chosen is None else chosen.refused


def choose(run: RunFolder, share: float) -> None:
    """Store the share of false refusals for a run, 0 to 0.5. Raises InputError."""
    check_range("The share of refused pictures", share, 0, 0.5)
    write_record(_path(run), Refusal(refused=share))


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
        check_range("The share of refused pictures", share, 0, 0.5)
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
