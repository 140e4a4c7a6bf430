"""Which of several networks are told apart, on answers that are known."""

import numpy as np
import pytest

from tl_core.experiments import ranking, shootout_words
from tl_core.experiments.ranking import Rival
from tl_core.metrics import intervals

N = 400


def rival(name: str, wrong: range, *, milliseconds: float = 5.0, megabytes: float = 10.0) -> Rival:
    """Return a network that is wrong for some pictures."""
    right = np.ones(N, bool)
    right[list(wrong)] = False
    accuracy = intervals.share(right, None, baseline=0.5)
    return Rival(name=name, accuracy=accuracy, right=right, milliseconds=milliseconds, bytes=int(megabytes * 1e6))


def test_those_that_chance_explains_are_equal_and_the_small_and_quick_one_is_suggested():
    ranked = ranking.rank(
        [
            rival("efficientnet-lite0", range(14), milliseconds=4, megabytes=13),
            rival("efficientnet-lite2", range(10, 20), milliseconds=9, megabytes=20),
            rival("vgg16", range(100), milliseconds=90, megabytes=60),
        ],
        None,
    )

    assert [each.name for each in ranked.places] == ["efficientnet-lite2", "efficientnet-lite0", "vgg16"]
    assert [each.equal for each in ranked.places] == [True, True, False]
    assert [each.front for each in ranked.places] == [True, True, False]
    assert ranked.suggested == "efficientnet-lite0"
    assert "The best 2 are equal as far as 400 pictures can say" in shootout_words.verdict(ranked)
    assert "EfficientNet-Lite0: the smallest and quickest" in shootout_words.verdict(ranked)


def test_a_clear_lead_is_said_to_be_no_chance():
    ranked = ranking.rank([rival("efficientnet-lite0", range(60)), rival("efficientnet-lite2", range(10))], None)

    assert ranked.suggested == "efficientnet-lite2"
    assert "chance does not explain its lead" in shootout_words.verdict(ranked)


def test_no_better_than_guessing_suggests_nothing():
    ranked = ranking.rank([rival("efficientnet-lite0", range(195)), rival("efficientnet-lite2", range(200))], None)

    assert ranked.guessing
    assert "no network is better than guessing" in shootout_words.verdict(ranked)


def test_one_network_is_no_choice():
    ranked = ranking.rank([rival("efficientnet-lite0", range(4))], None)

    assert ranked.luck == 0
    assert "there is no choice" in shootout_words.verdict(ranked)
    assert shootout_words.luck(ranked) == ""


def test_pictures_that_are_alike_count_together():
    groups = np.repeat(np.arange(N // 20), 20)
    networks = [rival("efficientnet-lite0", range(20)), rival("efficientnet-lite2", range(0))]

    assert not ranking.rank(networks, None).places[1].equal
    assert ranking.rank(networks, groups).places[1].equal, "one moment that one of them gets wrong proves nothing"


def test_what_luck_alone_would_give_is_said():
    ranked = ranking.rank([rival("efficientnet-lite0", range(14)), rival("efficientnet-lite2", range(10, 20))], None)

    # They differ on 16 of 400 pictures; the larger of two normal numbers is 0.564 deviations ahead.
    assert ranked.luck == pytest.approx(0.5642 * np.sqrt(16 / 2) / N, rel=1e-3)
    assert "2 networks that are equally good would look 0.4 points better" in shootout_words.luck(ranked)
