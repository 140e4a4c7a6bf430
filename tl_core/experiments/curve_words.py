"""What a learning curve says, in sentences for page and command line. Names of classes are plain text."""

from collections.abc import Sequence

from tl_core.about import Things
from tl_core.experiments.curve import Curve, Point
from tl_core.experiments.outlook import WORTH, Gain, Outlook
from tl_core.experiments.ranking import SIGNIFICANCE
from tl_core.language import N_, _
from tl_core.metrics import intervals
from tl_core.wording import (
    chance,
    fraction,
    interval,
    level,
    listed,
    number,
    percent,
    plural,
    points,
    points_between,
    quoted,
)

#: At most so many classes are named in a sentence.
MOST_NAMED = 3
NOT_KNOWN = N_("The points are too few to say what more pictures would bring. Let it run to its end, or add pictures.")


#: What counts as right, where that needs words.
_RIGHT: dict[Things, str] = {
    "tags": N_(
        "A picture is right if it is given exactly its labels, each from a probability of 50% on. A label is right "
        "where it is given to a picture that has it, or left out for one that has not."
    )
}


def right(kind: Things) -> str:
    """Return what counts as right, as sentences; nothing where that goes without saying."""
    return _(_RIGHT[kind]) if kind in _RIGHT else ""


def precision(points: Sequence[Point]) -> str:
    """Return how mean average precision grows, as a sentence; nothing where a picture has one label."""
    known = [each.precision for each in points if each.precision is not None]
    if not known:
        return ""
    return _("Mean average precision: {first} with the fewest pictures, {last} with all of them.").format(
        first=fraction(known[0]), last=fraction(known[-1])
    )


def verdict(outlook: Outlook) -> str:
    """Return what twice the pictures would bring, and whether they are worth it."""
    if outlook.now is None or outlook.doubled is None:
        return _(NOT_KNOWN)
    low, high = outlook.gain_interval
    twice = number(outlook.doubled.pictures)
    if low >= WORTH:
        now, then = percent(outlook.now.accuracy), percent(outlook.doubled.accuracy)
        said = (
            _("More pictures help: with twice the pictures ({number} a class) expect {gain} more.")
            if now == then
            else _(
                "More pictures help: with twice the pictures ({number} a class) expect about {then} instead of {now} "
                "({gain} more)."
            )
        )
        return said.format(number=twice, then=then, now=now, gain=points_between(low, high))
    if high < WORTH:
        return _(
            "You have enough pictures: twice the pictures ({number} a class) would bring at most {most}. "
            "Another network or fine-tuning may bring more."
        ).format(number=twice, most=points(high).removeprefix("+"))
    return _(
        "It is not sure that more pictures help: twice the pictures ({number} a class) would bring {gain}."
    ).format(number=twice, gain=points_between(low, high))


def without(curve: Curve, beside: Curve | None) -> str:
    """Return what the words alone bring beside the network, as sentences; nothing where that was not measured."""
    mine, others = curve.points(), beside.points() if beside else []
    if beside is None or not mine or len(mine) != len(others):
        return ""
    said = _(
        "Without a network, by the words alone (TF-IDF): {few} right with {least} a class, {all} with all. "
        "With the network: {few_network} and {all_network}."
    ).format(
        few=percent(others[0].accuracy, others[0].n),
        least=number(others[0].pictures),
        all=percent(others[-1].accuracy, others[-1].n),
        few_network=percent(mine[0].accuracy, mine[0].n),
        all_network=percent(mine[-1].accuracy, mine[-1].n),
    )
    p = intervals.mcnemar(curve.right[0, -1] > 0, beside.right[0, -1] > 0, curve.groups)
    if p >= SIGNIFICANCE:
        more = _("With all of them neither is shown to be better ({chance}).").format(chance=chance(p))
        return " ".join((said, more))
    if mine[-1].accuracy > others[-1].accuracy:
        return said
    more = _("With all of them the words alone are better ({chance}): another network or fine-tuning may do more.")
    return " ".join((said, more.format(chance=chance(p))))


def by_class(outlook: Outlook) -> str:
    """Return which class gains most from more pictures and which hardly, and where that is not known."""
    leading, hardly = outlook.leading(), outlook.hardly()
    said = [
        _("{number} more pictures of {classes} would help most.").format(
            number=number(outlook.more), classes=_names(leading)
        )
        if leading
        else ""
    ]
    if hardly and len(hardly) == len(outlook.classes):
        said += [_("{number} more pictures of any one class would hardly help.").format(number=number(outlook.more))]
    elif hardly:
        said += [_("More of {classes} would hardly help.").format(classes=_names(hardly))]
    if outlook.classes and not leading and not hardly:
        said += [_("Which class would gain most cannot be said yet: the intervals overlap.")]
    if outlook.too_few and outlook.now:
        said += [
            _("Too few pictures to say that of {classes}.").format(
                classes=listed([quoted(name) for name in outlook.too_few], MOST_NAMED)
            )
        ]
    return " ".join(filter(None, said))


def _names(gains: Sequence[Gain]) -> str:
    return listed([quoted(each.label) for each in gains], MOST_NAMED)


def gain(each: Gain | None) -> str:
    """Return what more pictures of a class would bring, in a few words; None where they are too few to say."""
    if each is None:
        return _("too few pictures to say")
    low, high = (round(end, 3) for end in each.interval)
    if not high:
        return _("less than 0.1 points")
    return f"{points(each.gain)} ({points_between(low, high)})"


def measured(accuracy: float, ends: tuple[float, float], n: int) -> str:
    """Return a point of the curve in words."""
    return _("{accuracy} ({level} interval {interval})").format(
        accuracy=percent(accuracy, n), level=level(), interval=interval(*ends, n)
    )


def on(n: int, every: int) -> str:
    """Return which pictures were asked, as a sentence."""
    some = plural(n, "training and validation picture", "training and validation pictures")
    said = _("On {pictures}.") if n >= every else _("On {pictures}, of {every}, each class with its share.")
    return said.format(pictures=some, every=number(every))
