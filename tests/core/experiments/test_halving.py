"""What a search tries next, by what was measured and the time that is left."""

import itertools
from dataclasses import replace

import pandas as pd
import pytest

from tl_core.dataset.manifest import Manifest
from tl_core.experiments import candidates, halving, rungs, search_words
from tl_core.experiments.costs import Costs
from tl_core.experiments.rungs import FRESH, Plan, Result
from tl_core.freezing.outline import Outline
from tl_core.networks.structure import Block
from tl_core.tasks import table

NETWORKS = ("efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2")
N = 500


def drawn(blocks: int) -> Outline:
    """Return the outline of a network whose blocks take the same work each."""
    made = [
        Block(
            id=f"block_{number}",
            label=f"Block {number}",
            layers=(),
            parameters=1000,
            multiply_adds=20_000_000,
            shape=(7, 7, 64),
            receptive_field=None,
        )
        for number in range(blocks)
    ]
    return Outline(size=224, note=None, blocks=tuple(made), version=2)


COSTS = Costs(pace=1.3e-11, outlines={name: drawn(20 + 2 * at) for at, name in enumerate(NETWORKS)})

LISTED = Manifest(version=1, table=pd.DataFrame({"label": [str(at) for at in range(10)], "width": 400, "height": 300}))
USUAL = candidates.defaults(table.get("pictures"), LISTED, NETWORKS, None, 0)


def plan(minutes: float = 10) -> Plan:
    """Return a plan with its first rung."""
    begun = Plan(pictures=N, folds=5, pace=COSTS.pace)
    recipes = candidates.heads(USUAL)
    return replace(begun, rungs=(halving.heads(recipes, begun, COSTS, 60 * minutes),))


def results(made: Plan, rates: dict[str, float]) -> dict[tuple[str, int], Result]:
    """Return results in which candidates whose id begins so are right for that share of the pictures."""
    found = {}
    for rung in made.rungs:
        for each, fold in rung.trials():
            share = next((rate for begin, rate in rates.items() if each.id.startswith(begin)), 0.5)
            right = tuple(int(at < 100 * share) for at in range(100))
            found[each.id, fold] = Result(right=right, fresh=right, seconds=each.seconds, train=300)
    return found


def whole(minutes: float, rates: dict[str, float]) -> Plan:
    """Return the plan of a search whose trials take as long as was expected."""
    made, left = plan(minutes), 60 * minutes
    while True:
        left -= sum(each.seconds for each, _ in made.rungs[-1].trials())
        known = results(made, rates)
        rung = halving.following(made, known, halving.calibrated(made, known, COSTS), left)
        if rung is None:
            return made
        made = replace(made, rungs=(*made.rungs, rung))


def test_the_better_half_goes_on_for_twice_as_long():
    made = whole(30, {"tuned-1-3": 0.9, "tuned-1-1": 0.8, "tuned": 0.7})
    heads, *tuned, again = made.rungs

    assert heads.candidates[0].recipe == USUAL[0], "the default is the first"
    assert {each.recipe.backbone for each in heads.candidates} == set(NETWORKS)
    counts = [len(rung.candidates) for rung in tuned]
    assert counts[0] > 2
    assert all(after == (before + 1) // 2 for before, after in itertools.pairwise(counts))
    epochs = [rung.candidates[0].recipe.fine_tune_epochs for rung in tuned]
    assert epochs == [5 * 2**at for at in range(len(tuned))]
    parents = [each.parent for each in tuned[1].candidates]
    assert parents[:2] == ["tuned-1-3", "tuned-1-1"], "the best goes first"
    assert [each.id for each in again.candidates] == ["again-0", "again-1"]
    assert again.candidates[1].parent == tuned[-1].candidates[0].id
    assert again.candidates[1].recipe.fine_tune_epochs == candidates.ladder("pictures", N).whole


@pytest.mark.parametrize("minutes", [0.1, 1, 3, 10, 60])
def test_the_budget_is_kept_and_the_pictures_set_aside_choose_nothing(minutes):
    made = whole(minutes, {"tuned": 0.8})

    assert made.rungs[-1].stage == "again"
    assert made.rungs[-1].folds == (FRESH,)
    assert all(FRESH not in rung.folds for rung in made.rungs[:-1])
    total = sum(each.seconds for rung in made.rungs[1:] for each, _ in rung.trials())
    assert total <= 60 * minutes or len(made.rungs) == 2, "with no time for more there are heads alone"


@pytest.mark.parametrize(("left", "network", "epochs"), [(900, "lite2", 20), (420, "lite1", 20), (240, "lite0", 12)])
def test_the_largest_network_that_has_time_for_the_whole_length_is_the_first(left, network, epochs):
    made = plan()
    rung = halving.following(made, results(made, {"heads": 0.7}), COSTS, left)

    assert rung.candidates[0].recipe.backbone == f"efficientnet-{network}", "no head tells them apart"
    assert rung.last == epochs


def test_a_better_head_decides_which_network_is_fine_tuned():
    made = plan(30)
    rung = halving.following(made, results(made, {"heads-0": 0.8, "heads": 0.6}), COSTS, 1800)

    assert rung.candidates[0].parent == "heads-0"


def test_what_chance_explains_does_not_decide():
    made = whole(6, {})
    rung = made.rungs[1]
    first, second, *_ = rung.candidates
    known = results(made, {"tuned": 0.7})
    for fold in rung.folds:  # wrong for 15 that the first one is right for, and the other way round for 18
        right = tuple(int(15 <= at < 88) for at in range(100))
        known[second.id, fold] = replace(known[second.id, fold], right=right)

    assert rungs.ranked(rung, known)[0] == second
    assert halving.finalists(made, known)[0] == first


def test_small_pictures_are_looked_at_with_fewer_pixels_too():
    small = replace(LISTED, table=LISTED.table.assign(width=32, height=32))
    recipes = candidates.defaults(table.get("pictures"), small, NETWORKS, None, 0)

    assert [each.image_size for each in recipes] == [224, 192, 240, 192, 260]
    assert search_words.title(recipes[1], None) == "Lite1, 192 pixels · head only · centred head"
    assert search_words.title(recipes[2], None) == "Lite1 · head only · centred head"
    assert [each.image_size for each in USUAL] == [224, 240, 260]
    chosen = candidates.defaults(table.get("pictures"), small, NETWORKS, 96, 0)
    assert {each.image_size for each in chosen} == {96}


@pytest.mark.parametrize(("left", "looks"), [(900, ("lite2", 260)), (420, ("lite1", 240)), (270, ("lite2", 192))])
def test_small_pictures_are_looked_at_with_all_pixels_where_there_is_time_for_that(left, looks):
    small = replace(LISTED, table=LISTED.table.assign(width=32, height=32))
    recipes = candidates.defaults(table.get("pictures"), small, NETWORKS, None, 0)
    begun = Plan(pictures=N, folds=5, pace=COSTS.pace)
    made = replace(begun, rungs=(halving.heads(candidates.heads(recipes), begun, COSTS, 900),))
    rung = halving.following(made, results(made, {"heads": 0.7}), COSTS, left)
    first = rung.candidates[0].recipe

    assert (first.backbone.removeprefix("efficientnet-"), first.image_size) == looks
    assert COSTS.seconds(first, 300, 200) == replace(
        COSTS, stored={("efficientnet-lite2", 999, first.freeze, "full"): 8}
    ).seconds(first, 300, 200), "copies at another size do not help"


def test_with_more_time_more_is_tried():
    tried = [sum(len(rung.trials()) for rung in whole(minutes, {"tuned": 0.8}).rungs) for minutes in (0.2, 4, 60)]

    assert tried[0] < tried[1] < tried[2]


def test_where_time_was_too_short_to_fine_tune_that_is_said():
    assert search_words.untuned(whole(10, {})) == ""
    assert "Only heads were tried" in search_words.untuned(replace(plan(), rungs=plan().rungs[:1]))


def test_where_there_is_no_time_for_the_network_of_the_best_head_a_cheaper_one_is_fine_tuned():
    dear = drawn(24)
    dear = replace(dear, blocks=tuple(replace(each, multiply_adds=30 * each.multiply_adds) for each in dear.blocks))
    costs = replace(COSTS, outlines={**COSTS.outlines, "efficientnet-lite2": dear})
    made = plan(10)
    rates = {"heads-4": 0.9, "heads-2": 0.8, "heads-0": 0.7}
    rung = halving.following(made, results(made, rates), costs, 300)

    assert rungs.best_heads(made, results(made, rates))[0].recipe.backbone == "efficientnet-lite2"
    assert {each.recipe.backbone for each in rung.candidates} <= {"efficientnet-lite1", "efficientnet-lite0"}
    assert rung.candidates[0].parent == "heads-2"
    dear_offers = sum(number == 0 for number, _, _ in candidates.OFFERS)
    assert rung.left_out == dear_offers + len(candidates.OFFERS) - len(rung.candidates)


def test_what_fine_tunes_has_to_be_better_than_the_head():
    frozen = whole(10, {"heads-2": 0.7, "tuned": 0.7})
    assert frozen.rungs[-1].candidates[-1].parent == "heads-2"
    assert frozen.rungs[-1].candidates[-1].recipe.freeze == "all"

    nothing = whole(10, {"heads-0": 0.9, "tuned": 0.7})
    assert len(nothing.rungs[-1].candidates) == 1, "the default is the best: nothing else is measured again"


def test_what_fine_tunes_and_has_epochs_to_come_need_only_be_level_with_the_head():
    made = whole(6, {})
    rung, known = made.rungs[1], results(made, {"heads": 0.7, "tuned": 0.6})
    made = replace(made, rungs=made.rungs[:2])
    first = rung.candidates[0]
    for fold in rung.folds:  # wrong for 15 that the head is right for, and the other way round for 12
        known[first.id, fold] = replace(known[first.id, fold], right=tuple(int(15 <= at < 82) for at in range(100)))
    assert halving.finalists(made, known)[0] == first

    grown = replace(first, recipe=replace(first.recipe, fine_tune_epochs=20))
    made = replace(made, rungs=(made.rungs[0], replace(rung, candidates=(grown, *rung.candidates[1:]))))
    assert halving.finalists(made, known)[0].recipe.freeze == "all"


def test_a_candidate_that_failed_is_out_and_all_that_failed_end_the_search():
    made = plan()
    failed = {key: replace(found, problem="No room.") for key, found in results(made, {}).items()}
    assert halving.following(made, failed, COSTS, 600) is None

    some = {**failed, **{key: found for key, found in results(made, {}).items() if key[0] == "heads-4"}}
    assert [each.id for each in halving.finalists(made, some)] == ["heads-4"]


def test_what_took_longer_than_expected_is_expected_to_do_so_again():
    made = whole(10, {"tuned": 0.8})
    slow = {key: replace(found, seconds=3 * found.seconds) for key, found in results(made, {}).items()}
    recipe = made.rungs[1].candidates[0].recipe
    expected, learned = COSTS.seconds(recipe, 300, 200), halving.calibrated(made, slow, COSTS)

    assert replace(learned, stored={}).seconds(recipe, 300, 200) >= 2.9 * expected
    assert learned.seconds(recipe, 300, 200) < replace(learned, stored={}).seconds(recipe, 300, 200), "copies are there"


@pytest.mark.parametrize(("minutes", "least", "most"), [(0.5, 200, 1200), (10, 500, 3000), (600, 6000, 6000)])
def test_many_pictures_are_drawn_from_so_that_there_is_time_to_fine_tune(minutes, least, most):
    chosen = halving.affordable(USUAL, COSTS, 60 * minutes)
    count = halving.pictures_for(candidates.heads(chosen), 6000, COSTS, 60 * minutes)

    assert least <= count <= most
    assert chosen[0] == USUAL[0]
    assert len(chosen) == (1 if minutes < 1 else 3)
    assert halving.pictures_for(candidates.heads(chosen), 90, COSTS, 60 * minutes) == 90


@pytest.mark.parametrize("kind", ["pictures", "texts"])
def test_the_head_learns_gently_before_blocks_where_there_are_enough_steps_for_that(kind):
    few, enough = (candidates.ladder(kind, count) for count in (100, 300))
    frozen = candidates.heads(USUAL)[0]

    assert candidates.fine_tuned(frozen, "block_9", "full", few).convex
    tuned = candidates.fine_tuned(frozen, "block_9", "full", enough)
    assert (tuned.solver, tuned.epochs, tuned.head.saturated) == ("adam", 4, False)
