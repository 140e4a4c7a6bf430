"""Successive halving: what a search tries next, from what it has measured and the time that is left. Loads no Keras.

The first rung has heads on frozen networks. Then many recipes fine-tune for a few epochs, the better half of them for
twice as many, and so on: K. Jamieson and A. Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter
Optimization", AISTATS 2016. Each rung is fixed when it begins, and written down: how many candidates fit depends on the
clock, all else on the seed.

The pictures are dealt into folds. Fold 0 is set aside: nothing learns from it before the last rung, and what it says
chooses nothing. In the others a candidate is judged by a fold that it has not learned from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tl_core.about import Things
from tl_core.experiments import candidates
from tl_core.experiments.candidates import Candidate, Ladder
from tl_core.experiments.costs import Costs, ratios, stored_by
from tl_core.recipe import Recipe

Stage = Literal["heads", "tuned", "again"]

#: Number of folds, and the one that is set aside.
FOLDS, FRESH = 5, 0
#: The share of the time that heads may take beside the passes, and the most that is kept for the last rung.
HEADS_SHARE, AGAIN_SHARE = 0.12, 0.45
#: How much of the time that is left the last rung may be expected to take.
SURE = 0.9
#: Fewer pictures than these are not drawn from more, whatever the time; the share of it that first passes may take.
FEW, PASSES_SHARE = 200, 0.25
#: More folds say more, where there is time for them.
MOST_FOLDS = 3


@dataclass(frozen=True, kw_only=True)
class Rung:
    """Candidates that are compared on the same pictures.

    Attributes:
        stage: ``"heads"``, ``"tuned"``, or ``"again"``: the best one and the default on the fold that was set aside.
        folds: that judge, each for a model that has not learned from it.
        candidates: in the order in which they are tried.
        left_out: how many more there was no time for.
    """

    stage: Stage
    folds: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    left_out: int = 0

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
        return candidates.ladder(self.kind)


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


def affordable(usual: Sequence[Recipe], costs: Costs, left: float) -> list[Recipe]:
    """Return the networks that there is time for, the default one first, then those that need least work.

    Args:
        usual: recipe of each network, the default one first.
        costs: what trials cost.
        left: seconds that are left.
    """
    seconds = {each.backbone: _first_seconds(candidates.heads([each]), FEW, costs) for each in usual}
    chosen, total = [usual[0]], seconds[usual[0].backbone]
    for each in sorted(usual[1:], key=lambda each: seconds[each.backbone]):
        total += seconds[each.backbone]
        chosen += [each] if total <= PASSES_SHARE * left else []
    return chosen


def _first_seconds(recipes: Sequence[Recipe], count: int, costs: Costs) -> float:
    """Return the seconds of the first pass over some pictures and of one trial of each head."""
    networks = {each.backbone: each.image_size for each in recipes}
    passes = count * sum(costs.whole(backbone, size) for backbone, size in networks.items())
    return passes + sum(costs.seconds(each, count, 0) for each in recipes)


def pictures_for(recipes: Sequence[Recipe], every: int, costs: Costs, left: float, kind: Things = "pictures") -> int:
    """Return how many pictures to look at: as many as leave time to fine-tune, else as many as heads have time for.

    Args:
        recipes: the first rung, the default recipe first.
        every: pictures that there are.
        costs: what trials cost.
        left: seconds that are left.
        kind: what is told apart.
    """
    steps = [max(FEW, int(every / 1.3**step)) for step in range(40)] if every > FEW else [every]
    offers = candidates.tuned(recipes[:1], [costs.outlines[recipes[0].backbone]], candidates.ladder(kind))[:2]
    pair = [Candidate(id=str(at), recipe=recipe) for at, (_, recipe) in enumerate(offers)]
    heads_fit = [each for each in steps if _first_seconds(recipes, each, costs) <= PASSES_SHARE * left] or steps[-1:]
    for count in heads_fit if pair else []:
        plan = Plan(pictures=count, folds=FOLDS, pace=costs.pace, kind=kind)
        rest = left - _first_seconds(recipes, count, costs)
        if _ladder(plan, pair, costs) <= rest - reserve(plan, pair[0].recipe, costs, rest):
            return count
    return heads_fit[0]


def heads(recipes: Sequence[Recipe], plan: Plan, costs: Costs, left: float) -> Rung:
    """Return the first rung: heads on frozen networks, the default recipe first."""
    made = [
        Candidate(id=f"heads-{number}", recipe=each, seconds=costs.seconds(each, *_sizes(plan)))
        for number, each in enumerate(recipes)
    ]
    each_fold = sum(each.seconds for each in made)
    count = int(np.clip(HEADS_SHARE * left // max(each_fold, 1e-9), 1, plan.folds - 1))
    return Rung(stage="heads", folds=tuple(range(1, plan.folds))[: min(count, MOST_FOLDS)], candidates=tuple(made))


def following(plan: Plan, results: Results, costs: Costs, left: float) -> Rung | None:
    """Return the rung after those of a plan, which have come to their end; None where nothing is left to do.

    Args:
        plan: with at least one rung.
        results: of all its trials.
        costs: what trials cost, see ``calibrated``.
        left: seconds that are left.
    """
    last = plan.rungs[-1]
    if last.stage == "again" or not ranked(plan.rungs[0], results):
        return None
    rung = _begin(plan, results, costs, left) if last.stage == "heads" else _climb(plan, last, results, costs, left)
    return rung or _again(plan, results, costs, left)


def best_heads(plan: Plan, results: Results) -> list[Candidate]:
    """Return the best head of each network, the best network first."""
    best: dict[str, Candidate] = {}
    for each in ranked(plan.rungs[0], results):
        best.setdefault(each.recipe.backbone, each)
    return list(best.values())


def _begin(plan: Plan, results: Results, costs: Costs, left: float) -> Rung | None:
    """Return the first rung that fine-tunes: as many candidates as fit with the rungs that follow; None for none.

    They fine-tune the networks with the best two heads. Where there is no time for the best one, those after it do.
    """
    frozen, missed = best_heads(plan, results), 0
    while frozen:
        pair = frozen[:2]
        outlines = [costs.outlines[each.recipe.backbone] for each in pair]
        offers = candidates.tuned([each.recipe for each in pair], outlines, plan.ladder)
        made = [
            Candidate(id=f"tuned-1-{at}", parent=pair[number].id, recipe=recipe)
            for at, (number, recipe) in enumerate(offers, 1)
        ]
        if count := _fitting(plan, made, costs, left):
            available = left - reserve(plan, made[0].recipe, costs, left)
            folds = max(1, min(MOST_FOLDS, plan.folds - 2, int(available // _ladder(plan, made[:count], costs))))
            return _rung(plan, made[:count], costs, tuple(range(1, 1 + folds)), len(made) - count + missed)
        missed += sum(number == 0 for number, _ in offers)
        del frozen[0]
    return None


def _fitting(plan: Plan, made: Sequence[Candidate], costs: Costs, left: float) -> int:
    """Return how many of some candidates there is time for, with the rungs that follow."""
    available = left - reserve(plan, made[0].recipe, costs, left) if made else 0.0
    return next((n for n in range(len(made), 0, -1) if _ladder(plan, made[:n], costs) <= available), 0)


def _ladder(plan: Plan, some: Sequence[Candidate], costs: Costs) -> float:
    """Return the seconds of all rungs but the last that begin with some candidates, each judged by one fold."""
    total, count, epochs = 0.0, len(some), plan.ladder.first
    while True:
        each = [costs.seconds(candidates.lasting(one.recipe, epochs), *_sizes(plan)) for one in some]
        total += count * sum(each) / len(each)
        count, epochs = (count + 1) // 2, 2 * epochs
        if count < 2 or epochs > plan.ladder.whole:
            return total


def _climb(plan: Plan, last: Rung, results: Results, costs: Costs, left: float) -> Rung | None:
    """Return the next rung: the better half for twice as many epochs; None where one is left, or no time for two."""
    order = ranked(last, results)
    survivors, number = order[: (len(order) + 1) // 2], len(plan.rungs)
    epochs = 2 * max((each.recipe.fine_tune_epochs for each in last.candidates), default=plan.ladder.whole)
    if len(survivors) < 2 or epochs > plan.ladder.whole:
        return None
    made = [
        Candidate(id=f"tuned-{number}-{at}", parent=each.id, recipe=candidates.lasting(each.recipe, epochs))
        for at, each in enumerate(survivors, 1)
    ]
    available = left - reserve(plan, made[0].recipe, costs, left)
    for folds in range(len(last.folds), 0, -1):
        rung = _rung(plan, made, costs, last.folds[:folds], 0)
        if folds * sum(each.seconds for each in rung.candidates) <= available:
            return rung
    pair = _rung(plan, made[:2], costs, last.folds[:1], len(made) - 2)
    return pair if sum(each.seconds for each in pair.candidates) <= available else None


def _rung(plan: Plan, made: Sequence[Candidate], costs: Costs, folds: tuple[int, ...], left_out: int) -> Rung:
    timed = (replace(each, seconds=costs.seconds(each.recipe, *_sizes(plan))) for each in made)
    return Rung(stage="tuned", folds=folds, candidates=tuple(timed), left_out=left_out)


def reserve(plan: Plan, recipe: Recipe, costs: Costs, left: float) -> float:
    """Return the seconds that are kept for the last rung; more than are left where not even a short one fits."""
    each_length = [_again_seconds(plan, candidates.lasting(recipe, epochs), costs) for epochs in plan.ladder.lengths]
    return next((each for each in each_length if each <= AGAIN_SHARE * left), left + 1)


def shortest(plan: Plan, recipe: Recipe, costs: Costs) -> float:
    """Return the seconds of the shortest last rung: a trial that takes longer than expected may go on until then."""
    return _again_seconds(plan, candidates.lasting(recipe, plan.ladder.first), costs)


def _again_seconds(plan: Plan, recipe: Recipe, costs: Costs) -> float:
    fresh = plan.pictures // plan.folds
    return costs.seconds(recipe, plan.pictures - fresh, fresh)


def _again(plan: Plan, results: Results, costs: Costs, left: float) -> Rung:
    """Return the last rung: the best one at its whole length beside the default, on the fold that was set aside."""
    usual, best = plan.rungs[0].candidates[0].recipe, winner(plan, results)
    lengths = [
        candidates.lasting(best.recipe, epochs)
        for epochs in plan.ladder.lengths
        if epochs >= best.recipe.fine_tune_epochs
    ]
    fitting = (each for each in lengths if _again_seconds(plan, each, costs) <= SURE * left)
    chosen = next(fitting, best.recipe if best.tuned else lengths[0])
    made = {"again-0": ("heads-0", usual), "again-1": (best.id, chosen)}
    both = tuple(
        Candidate(id=id_, parent=parent, recipe=recipe, seconds=_again_seconds(plan, recipe, costs))
        for id_, (parent, recipe) in made.items()
    )
    return Rung(stage="again", folds=(FRESH,), candidates=both[:1] if chosen == usual else both)


def winner(plan: Plan, results: Results) -> Candidate:
    """Return the best candidate so far: the best head, or what fine-tunes and is right more often on the same pictures.

    The first rung has at least one that came to its end.
    """
    head = ranked(plan.rungs[0], results)[0]
    for rung in reversed(plan.rungs):
        order = ranked(rung, results) if rung.stage == "tuned" else []
        if order:
            common = [fold for fold in judged(rung, results) if fold in judged(plan.rungs[0], results)]
            tuned, frozen = right(order[0], common, results), right(head, common, results)
            better = tuned is not None and (frozen is None or tuned.sum() > frozen.sum())
            return order[0] if better else head
    return head


def _sizes(plan: Plan) -> tuple[int, int]:
    """Return how many pictures a trial learns from, and how many judge it, but in the last rung."""
    fold = plan.pictures // plan.folds
    return max(1, plan.pictures - 2 * fold), 2 * fold


def calibrated(plan: Plan, results: Results, costs: Costs) -> Costs:
    """Return what trials cost by what those of a plan have taken, and by what they have stored."""
    return replace(costs, factor=_factors(plan, results), stored=_stored(plan, results))


def _factors(plan: Plan, results: Results) -> dict[str, float]:
    """Return by network how much longer fine-tuning takes than was expected at first."""
    factor: dict[str, float] = {}
    for rung in plan.rungs:
        done = ((each, results.get((each.id, fold))) for each, fold in rung.trials())
        took = [(each.recipe, found.seconds, each.seconds) for each, found in done if found and not found.problem]
        for backbone, ratio in ratios(took).items():
            factor[backbone] = factor.get(backbone, 1.0) * ratio
    return factor


def _stored(plan: Plan, results: Results) -> dict[tuple[str, str, str], int]:
    tried = [each for rung in plan.rungs for each in rung.candidates if any(key[0] == each.id for key in results)]
    return stored_by([each.recipe for each in tried])
