"""None of these: how well a model knows what it is shown, so that it can refuse what belongs to no class.

Loads no TensorFlow. Nothing but the pictures of the run is needed: no examples of other things.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tl_core.evaluation import predictions
from tl_core.evaluation.predictions import Predictions
from tl_core.recipe import check_range
from tl_core.runs import RunFolder
from tl_core.workspace import read_json, write_json

#: Nearest training pictures that are looked at.
NEAREST = 5
#: The share of pictures of the classes that may be refused, where a person has not chosen another.
REFUSED = 0.05
#: With fewer validation pictures than this no bound of 5 % can be told: then training pictures help to set it, at most
#: so many. The head has seen them, so the bound is too strict: of the test pictures of five splits of 300 photographs
#: 7 % were refused by it instead of 5 %; with 8, 20 and 40 photographs of each class, 4, 16 and 11 of 120 others.
FEW, MOST_TRAINING = 19, 1000
#: Rows that are compared at a time: their similarities to all training pictures are in memory at once.
AT_A_TIME = 512


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a model knows.

    A picture is known if the network sees in it much the same as in training pictures, and the model is sure of its
    class. The first is the mean cosine similarity of its features to those of the nearest training pictures: Y. Sun et
    al., "Out-of-Distribution Detection with Deep Nearest Neighbors", 2022, https://arxiv.org/abs/2204.06507. It is
    multiplied with the square root of the calibrated probability of the answer.

    Measured with 212 photographs of cats and dogs and EfficientNet-Lite0, eight splits: at 5 % false refusals allowed,
    2 % of the test pictures were refused, and 96 % of 25 pictures of other things; by the probability alone 40 %, by
    Mahalanobis' distance 80 %. The square root keeps the weaker of the two from drowning the other.

    Attributes:
        training: ``(n, channels)`` float32 features of the training pictures, each of length 1.
        held_out: ``(m,)`` scores of pictures of the classes, ascending: of the validation pictures; where those are few
            and the network itself was not trained, of training pictures, too, each compared with the others.
        helped: whether training pictures are among those.
    """

    training: NDArray[np.float32]
    held_out: NDArray[np.float64]
    helped: bool = False

    def scores(self, features: NDArray[np.floating], probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return how well pictures are known, ``(n,)``, at most 1; what is low is strange.

        Args:
            features: ``(n, channels)``.
            probabilities: ``(n, classes)``.
        """
        near = similarity(self.training, features)
        found: NDArray[np.float64] = near * np.sqrt(probabilities.max(axis=1))
        return found

    def threshold(self, refused: float = REFUSED) -> float:
        """Return the score below which a picture is refused.

        Of new pictures like those no more than that share falls below it on average: conformal prediction, V. Vovk et
        al., "Algorithmic Learning in a Random World", 2005 (the head has seen the training pictures among them: there
        it holds nearly). With ``m`` pictures no share below ``1 / (m + 1)`` can be told; then their least score is
        taken.
        """
        if not len(self.held_out):
            return -1.0
        return float(self.held_out[max(0, int(np.floor(refused * (len(self.held_out) + 1))) - 1)])

    def promise(self, refused: float = REFUSED) -> float:
        """Return the share of false refusals that the threshold can promise with so many pictures."""
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
    count = min(NEAREST, len(training) - among_them)
    found = np.zeros(len(features))
    for at in range(0, len(features) if count > 0 else 0, AT_A_TIME):
        near = np.sort(unit(features[at : at + AT_A_TIME]) @ training.T, axis=1)
        found[at : at + AT_A_TIME] = near[:, -count - among_them : near.shape[1] - among_them].mean(axis=1)
    return found


def unit(features: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return rows of length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return (features / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def of(run: RunFolder) -> Known | None:
    """Return what the model of a run knows; None where it was not asked about its own pictures yet."""
    if not (predictions.is_stored(run, "train") and predictions.is_stored(run, "validation")):
        return None
    return _of(run.folder, run.model_path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _of(folder: Path, changed: int) -> Known:
    train, held_out = (predictions.load(RunFolder(folder), part) for part in ("train", "validation"))
    assert train is not None
    assert held_out is not None
    empty = Known(training=unit(train.features), held_out=np.empty(0))
    scores = [empty.scores(held_out.features, held_out.probabilities)]
    if len(held_out) < FEW and not RunFolder(folder).history().of("fine-tune"):
        some = train.at(np.linspace(0, len(train) - 1, min(len(train), MOST_TRAINING)).astype(int))
        near = similarity(empty.training, some.features, among_them=True)
        scores.append(near * np.sqrt(some.probabilities.max(axis=1)))
    return Known(training=empty.training, held_out=np.sort(np.concatenate(scores)), helped=len(scores) > 1)


def refused(run: RunFolder) -> float:
    """Return the share of false refusals that was chosen for a run, 0 to 0.5; with 0 nothing is refused."""
    path = run.folder / "refusal.json"
    return float(read_json(path)["refused"]) if path.is_file() else REFUSED


def choose(run: RunFolder, share: float) -> None:
    """Keep the share of false refusals for a run, 0 to 0.5. Raises InputError."""
    check_range("The share of refused pictures", share, 0, 0.5)
    write_json(run.folder / "refusal.json", {"refused": share})


def judge(
    run: RunFolder, features: NDArray[np.floating], probabilities: NDArray[np.floating]
) -> list[dict[str, Any] | None]:
    """Return ``{"score", "threshold", "refused"}`` for each picture; None where the run is not ready for it."""
    known, share = of(run), refused(run)
    if known is None or not len(known.held_out):
        return [None] * len(features)
    least = known.threshold(share) if share else -1.0
    return [
        {"score": float(score), "threshold": least, "refused": bool(score < least)}
        for score in known.scores(features, probabilities)
    ]


def trade(known: Known, found: Predictions, shares: Sequence[float]) -> list[dict[str, Any]]:
    """Return what refusing costs and saves on pictures of the classes.

    Args:
        known: what the model knows.
        found: answers to pictures whose classes are known.
        shares: of false refusals that are allowed, each 0 to 0.5.

    Returns:
        For each share ``{"share", "answered", "n", "right"}``: of ``n`` pictures so many are answered, and so
        many of those are right.

    Raises:
        InputError: a share out of range.
    """
    scores = known.scores(found.features, found.probabilities)
    rows = []
    for share in shares:
        check_range("The share of refused pictures", share, 0, 0.5)
        answered = scores >= (known.threshold(share) if share else -1.0)
        rows.append(
            {
                "share": share,
                "answered": int(answered.sum()),
                "n": len(found),
                "right": int((found.correct & answered).sum()),
            }
        )
    return rows
