"""What a search has planned and measured, as its files have it, and which candidates of a rung are the best.

The pictures are dealt into folds. Fold 0 is set aside: nothing learns from it before the last rung, and what it says
chooses nothing. In the others a candidate is judged by a fold that it has not learned from.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tl_core.about import Things
from tl_core.experiments import candidates
from tl_core.experiments.candidates import Candidate, Ladder

Stage = Literal["heads", "tuned", "again"]

#: Number of folds, and the one that is set aside.
FOLDS, FRESH = 5, 0
#: A difference of so many standard errors tells nothing of what fine-tunes.
LEVEL = 1.0


@dataclass(frozen=True, kw_only=True)
class Rung:
    """Candidates that are compared on the same pictures.

    Attributes:
        stage: ``"heads"``, ``"tuned"``, or ``"again"``: the best one and the default on the fold that was set aside.
        folds: that judge, each for a model that has not learned from it.
        candidates: in the order in which they are tried.
        left_out: how many more there was no time for.
        last: epochs that the last rung is to have, for which time is kept; 0 where nothing fine-tunes.
    """

    stage: Stage
    folds: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    left_out: int = 0
    last: int = 0

    def trials(self) -> list[tuple[Candidate, int]]:
        """Return the candidates with the fold that judges them, in the order in which they are tried."""
        return [(each, fold) for fold in self.folds for each in self.candidates]


@dataclass(frozen=True, kw_only=True)
class Dealt:
    """The pictures that a search looks at: ``dealt.json``. All tuples have one number for each of them.

    Attributes:
        labels: positions in ``classes``.
        groups: number of each picture's group: what is alike, or belongs together, has one.
        fold: of each picture.
        classes: names; where a picture has several labels, of what pictures have together.
        every: how many training and validation pictures there are.
        outputs: number of classes, or of labels where a picture has several; 0 in files of earlier versions.
    """

    labels: tuple[int, ...]
    groups: tuple[int, ...]
    fold: tuple[int, ...]
    classes: tuple[str, ...]
    every: int
    outputs: int = 0

    def rows(self, folds: Sequence[int]) -> NDArray[np.intp]:
        """Return the rows of some folds, fold by fold."""
        return np.concatenate([np.flatnonzero(np.array(self.fold) == fold) for fold in folds])


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a search does: ``plan.json``. A search that was killed goes on with it.

    Attributes:
        pictures: training and validation pictures that are looked at.
        folds: into which they are dealt.
        pace: seconds for a multiply-add of the frozen blocks, as measured when the search began.
        rungs: so far.
        ended: whether nothing more is tried.
        milliseconds: that one picture takes with the network of the best one; None before that is known.
        kind: what is told apart.
        drawn: number that was asked for when the pictures were drawn, each class with its share; 0 for ``pictures``.
    """

    pictures: int
    folds: int
    pace: float
    rungs: tuple[Rung, ...] = ()
    ended: bool = False
    milliseconds: float | None = None
    kind: Things = "pictures"
    drawn: int = 0

    @property
    def ladder(self) -> Ladder:
        """How its recipes are fine-tuned."""
        return candidates.ladder(self.kind, self.learned)

    @property
    def learned(self) -> int:
        """Pictures that a trial learns from before the last rung: one fold judges it, and one is set aside."""
        return max(1, self.pictures - 2 * (self.pictures // self.folds))


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a trial says: ``result.json`` in its folder.

    Attributes:
        right: 1 for each picture of its fold that was named right, else 0.
        fresh: the same for the fold that was set aside, where the trial has not learned from it either.
        seconds: that the trial took.
        train: pictures that it learned from.
        problem: why there is no answer, a sentence; empty where there is one.
        temperature: that suits its answers, see ``calibration``.
        limit: how familiar the pictures of its fold are to it, see ``unknowns.Known``; in the last rung.
        precision: mean average precision on its fold, where a picture has several labels; None where it has one.
    """

    right: tuple[int, ...] = ()
    fresh: tuple[int, ...] = ()
    seconds: float = 0.0
    train: int = 0
    problem: str = ""
    temperature: float = 1.0
    limit: tuple[float, ...] = ()
    precision: float | None = None


#: Of each trial, by candidate and fold.
Results = Mapping[tuple[str, int], Result]


def right(candidate: Candidate, folds: Sequence[int], results: Results) -> NDArray[np.bool_] | None:
    """Return which pictures of some folds a candidate names right, ``(n,)``; None where one of them is missing."""
    found = [results.get((candidate.id, fold)) for fold in folds]
    if not folds or any(each is None or each.problem for each in found):
        return None
    return np.concatenate([np.array(each.right, bool) for each in found if each])


def judged(rung: Rung, results: Results) -> tuple[int, ...]:
    """Return the folds by which the candidates of a rung can be compared: there may have been no time for all.

    Candidates that failed on the first one do not count.
    """
    able = [each for each in rung.candidates if right(each, rung.folds[:1], results) is not None]
    whole = [fold for fold in rung.folds if all(right(each, [fold], results) is not None for each in able)]
    return tuple(whole) if able else rung.folds[:1]


def ranked(rung: Rung, results: Results) -> list[Candidate]:
    """Return the candidates of a rung that came to their end, the best first; of equal ones the one tried first."""
    folds = judged(rung, results)
    scores = {each.id: right(each, folds, results) for each in rung.candidates}
    known = {id_: float(score.mean()) for id_, score in scores.items() if score is not None and len(score)}
    return sorted((each for each in rung.candidates if each.id in known), key=lambda each: -known[each.id])


def level(rung: Rung, results: Results, errors: float = LEVEL) -> list[Candidate]:
    """Return the candidates of a rung that are not told apart from its best one, in the order in which they are tried.

    That is the one-standard-error rule of L. Breiman et al., "Classification and Regression Trees", 1984, on the same
    pictures: of those, the one that was expected to be the best is taken, not the one that was lucky.

    Args:
        rung: of heads, or of what fine-tunes.
        results: of its trials.
        errors: how many standard errors of the difference count as none.
    """
    order, folds = ranked(rung, results), judged(rung, results)
    scores = {each.id: score for each in order if (score := right(each, folds, results)) is not None}
    alike = {id_ for id_, score in scores.items() if behind(score, scores[order[0].id]) <= errors}
    return [each for each in rung.candidates if each.id in alike]


def behind(some: NDArray[np.bool_], others: NDArray[np.bool_]) -> float:
    """Return by how many standard errors some answers are right less often than others to the same pictures, ``(n,)``.

    Below 0 if they are right more often; 0 where they never differ.
    """
    lost = others.astype(float) - some
    total, error = float(lost.sum()), float(np.sqrt(len(lost)) * lost.std())
    return total / error if error else math.copysign(math.inf, total) if total else 0.0


def best_heads(plan: Plan, results: Results) -> list[Candidate]:
    """Return the best head of each network at each of its sizes, the best one first."""
    best: dict[tuple[str, int], Candidate] = {}
    for each in ranked(plan.rungs[0], results):
        best.setdefault((each.recipe.backbone, each.recipe.image_size), each)
    return list(best.values())
