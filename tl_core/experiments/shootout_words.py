"""What a shoot-out says, in sentences for page and command line. Titles of networks are our own words."""

from tl_core.about import Things
from tl_core.experiments.ranking import Place, Ranking
from tl_core.language import N_, _
from tl_core.networks import tables
from tl_core.wording import milliseconds, percent, pictures, plural, points, size


def verdict(ranking: Ranking) -> str:
    """Return which network to take, and why."""
    best, chosen = ranking.places[0], ranking.place(ranking.suggested)
    n, equal, title = best.accuracy.n, len(ranking.equals), _title(chosen)
    right = percent(best.accuracy.accuracy or 0, n)
    if ranking.guessing:
        return _(
            "On {pictures} no network is better than guessing by more than chance. Check that the pictures "
            "are in the right classes, or add some."
        ).format(pictures=pictures(n))
    if len(ranking.places) == 1:
        return _("{network} is right for {right}. With one network there is no choice.").format(
            network=title, right=right
        )
    if equal == 1:
        return _("Take {network}: it is right for {right}, and chance does not explain its lead.").format(
            network=title, right=right
        )
    same = (
        _("These networks are equal as far as {pictures} can say, so take {network}: {reason}.")
        if equal == len(ranking.places)
        else _("The best {number} are equal as far as {pictures} can say, so take {network}: {reason}.")
    )
    return same.format(number=equal, pictures=pictures(n), network=title, reason=_reason(ranking, chosen))


def _reason(ranking: Ranking, chosen: Place) -> str:
    quickest = min(ranking.equals, key=lambda each: each.milliseconds) == chosen
    said = (
        _("the smallest and quickest of them ({size}, {time} a picture)")
        if quickest
        else _("the smallest of them ({size}, {time} a picture)")
    )
    return said.format(size=size(chosen.bytes), time=milliseconds(chosen.milliseconds))


#: What counts as right, where that needs words.
_RIGHT: dict[Things, str] = {"tags": N_("A picture is right if it is given exactly its labels.")}


def right(kind: Things) -> str:
    """Return what counts as right, as a sentence; nothing where that goes without saying."""
    return _(_RIGHT[kind]) if kind in _RIGHT else ""


def luck(ranking: Ranking) -> str:
    """Return what luck alone would give, as a sentence; nothing where that is nothing."""
    if not ranking.luck:
        return ""
    gain = points(ranking.luck).removeprefix("+")
    several = plural(len(ranking.places), "network", "networks")
    return _("By luck alone, the best of {networks} that are equally good would look {gain} better than it is.").format(
        networks=several, gain=gain
    )


def comparison(place: Place, best: Place) -> str:
    """Return how a network compares with the best one, in a few words."""
    if place == best:
        return _("most often right")
    if place.equal:
        return _("as good as the best: chance explains the rest")
    return _("worse than the best")


def _title(place: Place) -> str:
    return tables.title(place.name)
