"""What a shoot-out says, in sentences for page and command line. Titles of networks are our own words."""

from tl_core.experiments.ranking import Place, Ranking
from tl_core.networks import catalogue
from tl_core.wording import milliseconds, percent, plural, points, size


def verdict(ranking: Ranking) -> str:
    """Return which network to take, and why."""
    best, chosen = ranking.places[0], ranking.place(ranking.suggested)
    n, equal, title = best.accuracy.n, len(ranking.equals), _title(chosen)
    right = percent(best.accuracy.accuracy or 0, n)
    if ranking.guessing:
        return (
            f"On {plural(n, 'picture', 'pictures')} no network is better than guessing by more than chance. "
            "Check that the pictures are in the right classes, or add some."
        )
    if len(ranking.places) == 1:
        return f"{title} is right for {right}. With one network there is no choice."
    if equal == 1:
        return f"Take {title}: it is right for {right}, and chance does not explain its lead."
    same = "These networks" if equal == len(ranking.places) else f"The best {equal}"
    reason = _reason(ranking, chosen)
    return f"{same} are equal as far as {plural(n, 'picture', 'pictures')} can say, so take {title}: {reason}."


def _reason(ranking: Ranking, chosen: Place) -> str:
    quickest = min(ranking.equals, key=lambda each: each.milliseconds) == chosen
    figures = f"{size(chosen.bytes)}, {milliseconds(chosen.milliseconds)} a picture"
    return f"the smallest{' and quickest' if quickest else ''} of them ({figures})"


def luck(ranking: Ranking) -> str:
    """Return what luck alone would give, as a sentence; nothing where that is nothing."""
    if not ranking.luck:
        return ""
    gain = points(ranking.luck).removeprefix("+")
    several = plural(len(ranking.places), "network", "networks")
    return f"By luck alone, the best of {several} that are equally good would look {gain} better than it is."


def comparison(place: Place, best: Place) -> str:
    """Return how a network compares with the best one, in a few words."""
    if place == best:
        return "most often right"
    if place.equal:
        return "as good as the best: chance explains the rest"
    return "worse than the best"


def _title(place: Place) -> str:
    return catalogue.get(place.name).title
