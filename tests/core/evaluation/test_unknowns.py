from dataclasses import replace

import numpy as np
import pytest

from tl_core import runs
from tl_core.errors import InputError
from tl_core.evaluation import predictions, unknowns
from tl_core.evaluation.predictions import Predictions, softmax
from tl_core.evaluation.unknowns import Known
from tl_core.ingest import bundled
from tl_core.metrics import intervals


def made(held_out):
    return Known(training=unknowns.unit(np.eye(4)[:2]), held_out=np.sort(np.array(held_out, float)))


def test_near_and_sure_is_known_and_far_or_unsure_is_strange():
    sure, unsure = np.array([[0.99, 0.01]]), np.array([[0.5, 0.5]])
    near, far = np.eye(4)[:1], np.eye(4)[3:]
    known = Known(training=unknowns.unit(np.tile(np.eye(4)[:1], (6, 1))), held_out=np.empty(0))
    best = known.scores(near, sure)[0]
    assert best == pytest.approx(np.sqrt(0.99))
    assert known.scores(near, unsure)[0] < best
    assert known.scores(far, sure)[0] == 0


def test_no_more_than_the_chosen_share_falls_below_the_bound():
    chance = np.random.default_rng(0)
    shares = []
    for _ in range(300):
        values = chance.random(140)
        known = made(values[:40])
        shares.append((values[40:] < known.threshold(0.05)).mean())
    assert np.mean(shares) == pytest.approx(0.05 * 39 / 41, abs=0.012)


def test_few_pictures_promise_no_more_than_they_can():
    known = made([0.9, 0.8, 0.7])
    assert known.threshold(0.05) == pytest.approx(0.8 - 2.92 * 0.1 * np.sqrt(4 / 3), abs=1e-3)
    assert known.note(0.05).startswith("Only 3 pictures set this limit, so it is lenient. ")
    assert known.threshold(0.5) == 0.8
    assert known.note(0.5) == known.note(0.0) == ""
    assert made([0.9]).threshold(0.05) == -1
    assert made([0.9]).note(0.05) == "One picture cannot set a limit, so nothing is refused. Add pictures."
    assert made([0.9, 0.9]).threshold(0.05) == pytest.approx(0.9)


@pytest.mark.parametrize("count", [2, 4, 8, 16, 18, 19, 34])
def test_the_bound_of_few_pictures_refuses_no_more_than_was_chosen(count):
    chance = np.random.default_rng(0)
    shares = []
    for _ in range(1000):
        values = chance.normal(0.7, 0.05, count + 50)
        shares.append((values[count:] < made(values[:count]).threshold(0.05)).mean())
    assert np.mean(shares) <= 0.065
    assert np.mean(shares) >= 0.01


def test_rows_of_zeros_and_no_training_pictures():
    assert unknowns.similarity(unknowns.unit(np.zeros((3, 4))), np.zeros((2, 4))).tolist() == [0, 0]
    assert unknowns.similarity(np.empty((0, 4), np.float32), np.ones((2, 4))).tolist() == [0, 0]


def test_training_pictures_are_compared_with_the_others():
    rows = unknowns.unit(np.eye(4)[[0, 0, 1]])
    assert unknowns.similarity(rows, rows[:1]).tolist() == pytest.approx([2 / 3])
    alone, alike = np.arange(3), np.array([0, 0, 1])
    assert unknowns.similarity(rows, rows, (alone, alone)).tolist() == pytest.approx([0.5, 0.5, 0])
    assert unknowns.similarity(rows, rows, (alike, alike)).tolist() == pytest.approx([0, 0, 0])


def test_of_pictures_of_one_moment_one_sets_the_limit(hues_with, tmp_path):
    """Half of the validation pictures count as much as they do with the other half, all of the first one's moment."""
    run = runs.of_project(hues_with(tmp_path, "head"))[0]
    held_out = predictions.load(run, "validation")
    every, half = np.arange(len(held_out)), len(held_out) // 2
    predictions.save(run, replace(held_out.at(every < half), groups=every[:half]))
    alone = unknowns.of(run)
    predictions.save(run, replace(held_out, groups=np.where(every < half, every, 0)))
    unknowns._of.cache_clear()
    assert unknowns.of(run).held_out.tolist() == alone.held_out.tolist()


def test_refusing_trades_answers_for_errors():
    logits = np.array([[4.0, 0.0], [3.0, 0.0], [0.2, 0.0], [0.0, 3.0]])
    result = Predictions(
        split="test",
        classes=["cat", "dog"],
        ids=list("abcd"),
        truth=np.array([0, 0, 1, 1]),
        logits=logits.astype(np.float32),
        features=np.eye(4)[[0, 0, 1, 1]].astype(np.float32),
        temperature=1.0,
    )
    known = Known(training=unknowns.unit(np.eye(4)[[0, 0, 0, 0, 0, 1, 1, 1, 1, 1]]), held_out=np.empty(0))
    known = Known(training=known.training, held_out=np.sort(known.scores(result.features, softmax(logits))))
    rows = unknowns.trade(known, result, [0.0, 0.4])
    assert [(row.share, row.answered, row.n, row.correct) for row in rows] == [(0.0, 4, 4, 3), (0.4, 3, 4, 3)]
    assert rows[1].right.interval == intervals.rate_interval(3, 3)
    assert rows[1].refused.interval == intervals.rate_interval(1, 4)
    with pytest.raises(InputError, match=r"from 0 to 0\.5"):
        unknowns.trade(known, result, [0.9])


def test_the_pictures_of_other_things_are_there():
    result = bundled.photographs()
    assert len(result) == 18
    assert all(path.stat().st_size > 1000 for path in result.values())
