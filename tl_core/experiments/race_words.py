"""What a race says, in sentences for page and command line."""

from collections.abc import Mapping, Sequence

from tl_core.accuracy import Accuracy
from tl_core.experiments.race import FROZEN, LINE, SCRATCH, Runner, Thawing
from tl_core.experiments.ranking import SIGNIFICANCE, Place, Ranking
from tl_core.freezing import names
from tl_core.freezing.outline import Outline
from tl_core.wording import duration, number, percent, pictures, plural, points


def title(name: str, drawn: Outline | None) -> str:
    """Return what a contestant is called.

    Args:
        name: of its part.
        drawn: the blocks of the network, None where they are not known.
    """
    if name in (FROZEN, SCRATCH):
        return {FROZEN: "Frozen", SCRATCH: "From scratch"}[name]
    return f"Fine-tuned, {names.trained(name.removeprefix(LINE), drawn)}"


def verdict(ranking: Ranking, drawn: Outline | None) -> str:
    """Return which way to take, what it cost, and whether the others are told apart from it."""
    best, chosen = ranking.places[0], ranking.place(ranking.suggested)
    n, named = best.accuracy.n, title(chosen.name, drawn)
    right = f"right for {percent(chosen.accuracy.accuracy or 0, n)} after {duration(chosen.milliseconds / 1000)}"
    if ranking.guessing:
        return f"On {pictures(n)} no contestant is better than guessing by more than chance. Give them more time."
    if len(ranking.places) == 1:
        return f"{named} is {right}. No other contestant has come to its end."
    if len(ranking.equals) == 1:
        return f"{named} wins: it is {right}, and chance does not explain its lead."
    equals = plural(len(ranking.equals), "contestant", "contestants")
    return f"Take “{named}”: it is {right}. {equals} are equal as far as {pictures(n)} can say; it was the quickest."


def thawing(gained: Thawing | None, drawn: Outline | None) -> str:
    """Return whether thawing blocks helps here or hurts, as a sentence; nothing where that was not tried."""
    if gained is None:
        return ""
    named, by = title(gained.name, drawn), points(abs(gained.gain)).removeprefix("+")
    if gained.p >= SIGNIFICANCE:
        return f"Whether thawing helps cannot be said from {pictures(gained.n)}: chance explains the difference."
    if gained.gain > 0:
        return f"Thawing helps: “{named}” gains {by} over the frozen network."
    return f"Thawing hurts here: “{named}” loses {by}. Keep the network frozen."


def by_line(ranking: Ranking, drawn: Outline | None) -> dict[str, Accuracy]:
    """Return the accuracy at each freeze line, the one with the fewest trained blocks first, by what trains."""
    lines = {each.name.removeprefix(LINE): each for each in ranking.places if each.name.startswith(LINE)}
    order = sorted(lines, key=lambda line: -(names.first_trained(line, drawn) or 0))
    return {names.trained(line, drawn).capitalize(): lines[line].accuracy for line in order}


def scanned(lines: Mapping[str, Accuracy], frozen: Accuracy) -> str:
    """Return the accuracy at each freeze line, for who does not see the chart."""
    said = [f"{named} {percent(each.accuracy or 0, each.n)}" for named, each in {"Frozen": frozen, **lines}.items()]
    return f"Accuracy by freeze line: {'; '.join(said)}."


def comparison(place: Place, ranking: Ranking) -> str:
    """Return how a contestant compares with the best one, in a few words."""
    if place == ranking.places[0]:
        return "most often right"
    return "as good as the best: chance explains the rest" if place.equal else "worse than the best"


def seen(runner: Runner) -> str:
    """Return how many pictures a contestant has processed, in a few words."""
    counted = runner.seen()
    once = f"{number(counted['once'])} once" if counted["once"] else ""
    trained = f"{number(counted['trained'])} in training" if counted["trained"] else ""
    return " + ".join(filter(None, (once, trained))) or "none"


def running(runners: Sequence[Runner], drawn: Outline | None) -> str:
    """Return the last accuracy of each contestant, for who does not see the chart."""
    said = [
        f"{title(each.name, drawn)} {percent(each.epochs[-1].val_accuracy)} "
        f"after {plural(len(each.epochs), 'epoch', 'epochs')}"
        for each in runners
        if each.epochs and each.epochs[-1].val_accuracy is not None
    ]
    return f"Validation accuracy: {'; '.join(said)}." if said else "No epoch is finished yet."
