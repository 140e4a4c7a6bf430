"""What a race says, in sentences for page and command line."""

from collections.abc import Mapping, Sequence

from tl_core.accuracy import Accuracy
from tl_core.experiments.race import FROZEN, LINE, SCRATCH, Runner, Thawing
from tl_core.experiments.ranking import SIGNIFICANCE, Place, Ranking
from tl_core.freezing import names
from tl_core.freezing.outline import Outline
from tl_core.language import _
from tl_core.wording import duration, number, percent, pictures, plural, points


def title(name: str, drawn: Outline | None) -> str:
    """Return what a contestant is called.

    Args:
        name: of its part.
        drawn: the blocks of the network, None where they are not known.
    """
    if name in (FROZEN, SCRATCH):
        return _("Frozen") if name == FROZEN else _("From scratch")
    return _("Fine-tuned, {line}").format(line=names.trained(name.removeprefix(LINE), drawn))


def verdict(ranking: Ranking, drawn: Outline | None) -> str:
    """Return which way to take, what it cost, and whether the others are told apart from it."""
    best, chosen = ranking.places[0], ranking.place(ranking.suggested)
    n, named = best.accuracy.n, title(chosen.name, drawn)
    found = {
        "name": named,
        "accuracy": percent(chosen.accuracy.accuracy or 0, n),
        "time": duration(chosen.milliseconds / 1000),
    }
    if ranking.guessing:
        return _(
            "On {pictures} no contestant is better than guessing by more than chance. Give them more time."
        ).format(pictures=pictures(n))
    if len(ranking.places) == 1:
        return _("{name} is right for {accuracy} after {time}. No other contestant has come to its end.").format(
            **found
        )
    if len(ranking.equals) == 1:
        return _("{name} wins: it is right for {accuracy} after {time}, and chance does not explain its lead.").format(
            **found
        )
    equals = plural(len(ranking.equals), "contestant", "contestants")
    return _(
        "Take “{name}”: it is right for {accuracy} after {time}. {contestants} are equal as far as {pictures} can say; "
        "it was the quickest."
    ).format(**found, contestants=equals, pictures=pictures(n))


def thawing(gained: Thawing | None, drawn: Outline | None) -> str:
    """Return whether thawing blocks helps here or hurts, as a sentence; nothing where that was not tried."""
    if gained is None:
        return ""
    named, by = title(gained.name, drawn), points(abs(gained.gain)).removeprefix("+")
    if gained.p >= SIGNIFICANCE:
        return _("Whether thawing helps cannot be said from {pictures}: chance explains the difference.").format(
            pictures=pictures(gained.n)
        )
    if gained.gain > 0:
        return _("Thawing helps: “{name}” gains {gain} over the frozen network.").format(name=named, gain=by)
    return _("Thawing hurts here: “{name}” loses {loss}. Keep the network frozen.").format(name=named, loss=by)


def by_line(ranking: Ranking, drawn: Outline | None) -> dict[str, Accuracy]:
    """Return the accuracy at each freeze line, the one with the fewest trained blocks first, by what trains."""
    lines = {each.name.removeprefix(LINE): each for each in ranking.places if each.name.startswith(LINE)}
    order = sorted(lines, key=lambda line: -(names.first_trained(line, drawn) or 0))
    titles = ((names.trained(line, drawn), lines[line].accuracy) for line in order)
    return {f"{title[0].upper()}{title[1:]}": accuracy for title, accuracy in titles}


def scanned(lines: Mapping[str, Accuracy], frozen: Accuracy) -> str:
    """Return the accuracy at each freeze line, for who does not see the chart."""
    said = [f"{named} {percent(each.accuracy or 0, each.n)}" for named, each in {_("Frozen"): frozen, **lines}.items()]
    return _("Accuracy by freeze line: {said}.").format(said="; ".join(said))


def comparison(place: Place, ranking: Ranking) -> str:
    """Return how a contestant compares with the best one, in a few words."""
    if place == ranking.places[0]:
        return _("most often right")
    return _("as good as the best: chance explains the rest") if place.equal else _("worse than the best")


def seen(runner: Runner) -> str:
    """Return how many pictures a contestant has processed, in a few words."""
    counted = runner.seen()
    once = _("{number} once").format(number=number(counted["once"])) if counted["once"] else ""
    trained = _("{number} in training").format(number=number(counted["trained"])) if counted["trained"] else ""
    return " + ".join(filter(None, (once, trained))) or _("none")


def running(runners: Sequence[Runner], drawn: Outline | None) -> str:
    """Return the last accuracy of each contestant, for who does not see the chart."""
    said = [
        _("{name} {accuracy} after {epochs}").format(
            name=title(each.name, drawn),
            accuracy=percent(each.epochs[-1].val_accuracy),
            epochs=plural(len(each.epochs), "epoch", "epochs"),
        )
        for each in runners
        if each.epochs and each.epochs[-1].val_accuracy is not None
    ]
    return _("Validation accuracy: {said}.").format(said="; ".join(said)) if said else _("No epoch is finished yet.")
