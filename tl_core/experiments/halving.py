"""Successive halving: what a search tries next, from what it has measured and the time that is left. Loads no Keras.

The first rung has heads on frozen networks. Then many recipes fine-tune for a few epochs, the better half of them for
twice as many, and so on: K. Jamieson and A. Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter
Optimization", AISTATS 2016. Each rung is fixed when it begins, and written down: how many candidates fit depends on the
clock, all else on the seed.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tl_core.about import Things
from tl_core.experiments import candidates
from tl_core.experiments.candidates import Candidate
from tl_core.experiments.costs import Costs, Place, ratios, stored_by
from tl_core.experiments.rungs import (
    FOLDS,
    FRESH,
    LEVEL,
    Plan,
    Results,
    Rung,
    behind,
    best_heads,
    judged,
    level,
    ranked,
    right,
)
from tl_core.recipe import Recipe

#: The share of the time that heads may take beside the passes, and the most that is kept for the last rung.
HEADS_SHARE, AGAIN_SHARE = 0.12, 0.6
#: So many that fine-tune are tried if there is time, even if there is none to try the better ones for longer.
COMPARED = 3
#: Differences of so many standard errors say nothing of networks by their heads.
NETWORKS_LEVEL = 2.0
#: How much of the time that is left the last rung may be expected to take.
SURE = 0.9
#: Fewer pictures than these are not drawn from more, whatever the time; the share of it that first passes may take.
FEW, PASSES_SHARE = 200, 0.25
#: More folds say more, where there is time for them.
MOST_FOLDS = 3


def affordable(usual: Sequence[Recipe], costs: Costs, left: float) -> list[Recipe]:
    """Return the networks that there is time for, the default one first, then those that need least work.

    Args:
        usual: recipe of each network at each of its sizes, the default one first.
        costs: what trials cost.
        left: seconds that are left.
    """
    first, *others = [(_first_seconds(candidates.heads([each]), FEW, costs), each) for each in usual]
    total, chosen = first[0], [first[1]]
    for seconds, each in sorted(others, key=lambda one: one[0]):
        total += seconds
        chosen += [each] if total <= PASSES_SHARE * left else []
    return chosen


def _first_seconds(recipes: Sequence[Recipe], count: int, costs: Costs) -> float:
    """Return the seconds of the first pass over some pictures and of one trial of each head."""
    networks = {(each.backbone, each.image_size) for each in recipes}
    passes = count * sum(costs.whole(backbone, size) for backbone, size in sorted(networks))
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
    how = candidates.ladder(kind, every)
    offers = candidates.tuned(recipes[:1], [costs.outlines[recipes[0].backbone]], how)[:2]
    pair = [Candidate(id=str(at), recipe=recipe) for at, (_, recipe) in enumerate(offers)]
    heads_fit = [each for each in steps if _first_seconds(recipes, each, costs) <= PASSES_SHARE * left] or steps[-1:]
    for count in heads_fit if pair else []:
        plan = Plan(pictures=count, folds=FOLDS, pace=costs.pace, kind=kind)
        rest = left - _first_seconds(recipes, count, costs)
        last = _last(plan, pair[0].recipe, costs, rest)
        if last and _ladder(plan, pair, costs) <= rest - kept(plan, pair[0].recipe, costs, last):
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


def _begin(plan: Plan, results: Results, costs: Costs, left: float) -> Rung | None:
    """Return the first rung that fine-tunes: as many candidates as fit with the rungs that follow; None for none.

    They fine-tune two networks. Where there is no time for the first one, those after it do.
    """
    order, missed = best_heads(plan, results), 0
    while order:
        pair = _promising(plan, order, results, costs, left)[:2]
        outlines = [costs.outlines[each.recipe.backbone] for each in pair]
        offers = candidates.tuned([each.recipe for each in pair], outlines, plan.ladder)
        made = [
            Candidate(id=f"tuned-1-{at}", parent=pair[number].id, recipe=recipe)
            for at, (number, recipe) in enumerate(offers, 1)
        ]
        last = _last(plan, made[0].recipe, costs, left) if made else 0
        available = left - kept(plan, made[0].recipe, costs, last) if last else 0.0
        count, seconds = _fitting(plan, made, costs, available)
        if count:
            folds = int(np.clip(available // seconds, 1, min(MOST_FOLDS, plan.folds - 2)))
            left_out = len(made) - count + missed
            return _rung(plan, made[:count], costs, tuple(range(1, 1 + folds)), left_out=left_out, last=last)
        missed += sum(number == 0 for number, _ in offers)
        order.remove(pair[0])
    return None


def _promising(plan: Plan, order: Sequence[Candidate], results: Results, costs: Costs, left: float) -> list[Candidate]:
    """Return heads of different networks, the best one first, with the one to fine-tune first in front.

    Heads hardly tell which network fine-tunes best. So of those whose heads are not worse the one of the most work that
    has time for the whole length comes first, and the one of the least work if none has: the length says more than the
    network (tests/bench/README.md).
    """
    whole = {each.id: _whole_seconds(plan, each.recipe, costs) for each in order}
    alike = level(replace(plan.rungs[0], candidates=tuple(order)), results, NETWORKS_LEVEL)
    fitting = [each for each in alike if whole[each.id] <= AGAIN_SHARE * left]
    first = max(fitting, key=lambda each: whole[each.id]) if fitting else min(alike, key=lambda each: whole[each.id])
    others = sorted((each for each in order if each != first), key=lambda each: whole[each.id] > AGAIN_SHARE * left)
    return [first, *others]


def _whole_seconds(plan: Plan, frozen: Recipe, costs: Costs) -> float:
    """Return the seconds of a last rung at its whole length for the first offer of a network; none has none."""
    offers = candidates.tuned([frozen], [costs.outlines[frozen.backbone]], plan.ladder)
    return kept(plan, offers[0][1], costs, plan.ladder.whole) if offers else float("inf")


def _fitting(plan: Plan, made: Sequence[Candidate], costs: Costs, available: float) -> tuple[int, float]:
    """Return how many of some candidates there is time for, and the seconds of their rungs, judged by one fold."""
    for count in range(len(made), 0, -1):
        alone = sum(costs.seconds(each.recipe, *_sizes(plan)) for each in made[:count])
        seconds = _ladder(plan, made[:count], costs) if count > COMPARED else alone
        if seconds <= available:
            return count, seconds
    return 0, 0.0


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
    """Return the next rung: the better half for twice as many epochs; None where one is left, or no time for two.

    The time that is kept for the last rung stays.
    """
    order = ranked(last, results)
    survivors, number = order[: (len(order) + 1) // 2], len(plan.rungs)
    epochs = 2 * max((each.recipe.fine_tune_epochs for each in last.candidates), default=plan.ladder.whole)
    if len(survivors) < 2 or epochs > plan.ladder.whole:
        return None
    made = [
        Candidate(id=f"tuned-{number}-{at}", parent=each.id, recipe=candidates.lasting(each.recipe, epochs))
        for at, each in enumerate(survivors, 1)
    ]
    available = left - max(kept(plan, each.recipe, costs, last.last) for each in made)
    for folds in range(len(last.folds), 0, -1):
        rung = _rung(plan, made, costs, last.folds[:folds], last=last.last)
        if folds * sum(each.seconds for each in rung.candidates) <= available:
            return rung
    pair = _rung(plan, made[:2], costs, last.folds[:1], left_out=len(made) - 2, last=last.last)
    return pair if sum(each.seconds for each in pair.candidates) <= available else None


def _rung(
    plan: Plan, made: Sequence[Candidate], costs: Costs, folds: tuple[int, ...], *, left_out: int = 0, last: int
) -> Rung:
    timed = (replace(each, seconds=costs.seconds(each.recipe, *_sizes(plan))) for each in made)
    return Rung(stage="tuned", folds=folds, candidates=tuple(timed), left_out=left_out, last=last)


def _last(plan: Plan, recipe: Recipe, costs: Costs, left: float) -> int:
    """Return the epochs for which time is kept for the last rung: the most that take no more than their share of it."""
    lengths = (each for each in plan.ladder.lengths if kept(plan, recipe, costs, each) <= AGAIN_SHARE * left)
    return next(lengths, 0)


def kept(plan: Plan, recipe: Recipe, costs: Costs, epochs: int) -> float:
    """Return the seconds that are kept for a last rung of so many epochs; of the shortest one for 0."""
    return _again_seconds(plan, candidates.lasting(recipe, epochs or plan.ladder.first), costs) / SURE


def shortest(plan: Plan, recipe: Recipe, costs: Costs) -> float:
    """Return the seconds of the shortest last rung: a trial that takes longer than expected may go on until then."""
    return _again_seconds(plan, candidates.lasting(recipe, plan.ladder.first), costs)


def _again_seconds(plan: Plan, recipe: Recipe, costs: Costs) -> float:
    fresh = plan.pictures // plan.folds
    return costs.seconds(recipe, plan.pictures - fresh, fresh)


def _again(plan: Plan, results: Results, costs: Costs, left: float) -> Rung:
    """Return the last rung: the best one at its whole length beside the default, on the fold that was set aside.

    Of those that are as good, one with time for the whole length is taken.
    """
    usual, best = plan.rungs[0].candidates[0].recipe, finalists(plan, results)
    long = [each for each in best if kept(plan, each.recipe, costs, plan.ladder.whole) <= left]
    taken = (long or best)[0]
    lengths = [
        candidates.lasting(taken.recipe, epochs)
        for epochs in plan.ladder.lengths
        if epochs >= taken.recipe.fine_tune_epochs
    ]
    fitting = (each for each in lengths if _again_seconds(plan, each, costs) <= SURE * left)
    chosen = next(fitting, taken.recipe if taken.tuned else lengths[0])
    made = {"again-0": ("heads-0", usual), "again-1": (taken.id, chosen)}
    both = tuple(
        Candidate(id=id_, parent=parent, recipe=recipe, seconds=_again_seconds(plan, recipe, costs))
        for id_, (parent, recipe) in made.items()
    )
    return Rung(stage="again", folds=(FRESH,), candidates=both[:1] if chosen == usual else both)


def finalists(plan: Plan, results: Results) -> list[Candidate]:
    """Return the best candidates so far: the best head, or what fine-tunes and is not told apart, see ``level``.

    What fine-tunes has to be right more often than the head on the same pictures. While it has epochs to come, it is
    enough not to be told apart: it still grows (tests/bench/README.md), and is measured again beside the default.

    The first rung has at least one that came to its end.
    """
    head = ranked(plan.rungs[0], results)[0]
    for rung in reversed(plan.rungs):
        order = ranked(rung, results) if rung.stage == "tuned" else []
        if order:
            common = [fold for fold in judged(rung, results) if fold in judged(plan.rungs[0], results)]
            tuned, frozen = right(order[0], common, results), right(head, common, results)
            grows = order[0].recipe.fine_tune_epochs < plan.ladder.whole
            wins = tuned is not None and (frozen is None or _wins(tuned, frozen, LEVEL if grows else 0.0))
            return level(rung, results) if wins else [head]
    return [head]


def _wins(tuned: NDArray[np.bool_], frozen: NDArray[np.bool_], errors: float) -> bool:
    """Return whether what fine-tunes is preferred to a head: never where both always say the same."""
    return bool((tuned != frozen).any()) and behind(tuned, frozen) < errors


def _sizes(plan: Plan) -> tuple[int, int]:
    """Return how many pictures a trial learns from, and how many judge it, but in the last rung."""
    return plan.learned, 2 * (plan.pictures // plan.folds)


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


def _stored(plan: Plan, results: Results) -> dict[Place, int]:
    tried = [each for rung in plan.rungs for each in rung.candidates if any(key[0] == each.id for key in results)]
    return stored_by([each.recipe for each in tried])
