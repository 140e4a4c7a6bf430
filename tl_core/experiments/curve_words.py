"""What a learning curve says, in sentences for page and command line. Names of classes are plain text."""

from collections.abc import Sequence

from tl_core.experiments.outlook import WORTH, Gain, Outlook
from tl_core.wording import interval, listed, number, percent, plural, points, points_between

#: At most so many classes are named in a sentence.
MOST_NAMED = 3
NOT_KNOWN = "The points are too few to say what more pictures would bring. Let it run to its end, or add pictures."


def verdict(outlook: Outlook) -> str:
    """Return what twice the pictures would bring, and whether they are worth it."""
    if outlook.now is None or outlook.doubled is None:
        return NOT_KNOWN
    low, high = outlook.gain_interval
    twice = f"twice the pictures ({number(outlook.doubled.pictures)} a class)"
    if low >= WORTH:
        return f"More pictures help: with {twice} expect {_gained(outlook)}."
    if high < WORTH:
        return (
            f"You have enough pictures: {twice} would bring at most {points(high).removeprefix('+')}. "
            "Another network or fine-tuning may bring more."
        )
    return f"It is not sure that more pictures help: {twice} would bring {points_between(low, high)}."


def _gained(outlook: Outlook) -> str:
    now, then = (percent(each.accuracy) for each in (outlook.now, outlook.doubled) if each)
    between = f"{points_between(*outlook.gain_interval)} more"
    return f"about {then} instead of {now} ({between})" if now != then else between


def by_class(outlook: Outlook) -> str:
    """Return which class gains most from more pictures and which hardly, and where that is not known."""
    leading, hardly = outlook.leading(), outlook.hardly()
    said = [f"{number(outlook.more)} more pictures of {_names(leading)} would help most." if leading else ""]
    if hardly and len(hardly) == len(outlook.classes):
        said += [f"{number(outlook.more)} more pictures of any one class would hardly help."]
    elif hardly:
        said += [f"More of {_names(hardly)} would hardly help."]
    if outlook.classes and not leading and not hardly:
        said += ["Which class would gain most cannot be said yet: the intervals overlap."]
    if outlook.too_few and outlook.now:
        said += [f"Too few pictures to say that of {listed([f'“{name}”' for name in outlook.too_few], MOST_NAMED)}."]
    return " ".join(filter(None, said))


def _names(gains: Sequence[Gain]) -> str:
    return listed([f"“{each.label}”" for each in gains], MOST_NAMED)


def gain(each: Gain | None) -> str:
    """Return what more pictures of a class would bring, in a few words; None where they are too few to say."""
    if each is None:
        return "too few pictures to say"
    low, high = (round(end, 3) for end in each.interval)
    if not high:
        return "less than 0.1 points"
    return f"{points(each.gain)} ({points_between(low, high)})"


def measured(accuracy: float, ends: tuple[float, float], n: int) -> str:
    """Return a point of the curve in words."""
    return f"{percent(accuracy, n)} (95% interval {interval(*ends, n)})"


def on(n: int, every: int) -> str:
    """Return which pictures were asked, as a sentence."""
    some = plural(n, "training and validation picture", "training and validation pictures")
    return f"On {some}." if n >= every else f"On {some}, of {number(every)}, each class with its share."
