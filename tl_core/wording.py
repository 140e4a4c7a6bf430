"""Numbers as words, in one style for the browser and the command line.

Every share, count, time and size that a person reads is written here, so the same number is the same everywhere. Its
separators, and the space before a per cent sign, are those of the language that is read in (Unicode's CLDR, by Babel).
"""

import functools
import math
import time
from datetime import datetime

from tl_core import language
from tl_core.language import _, ngettext

#: Of the ends of an interval: a billion pictures, all right, need no more.
MOST_DECIMALS = 7
#: The last year that calendars have begins then, in seconds since the epoch.
_LATEST = 253_370_764_800.0
#: From this many pictures on one picture is less than a point, so a share of them gets a decimal.
DECIMAL_FROM = 100


def percent(share: float, n: int | None = None) -> str:
    """Return a share as a percentage that never rounds "nearly all" to all, or "hardly any" to none.

    Args:
        share: 0 to 1.
        n: number of trials that it was counted from; from 100 on it gets a decimal. None gives whole per cent.

    >>> percent(0.414), percent(0.977, 44), percent(0.983, 300)
    ('41%', '98%', '98.3%')
    >>> percent(1.0), percent(0.9962, 1000), percent(0.997), percent(0.0003)
    ('100%', '99.6%', '99.7%', '0.03%')
    """
    decimals = 1 if n is not None and n >= DECIMAL_FROM else 0
    while decimals < 2 and 0 < share < 1 and round(share, decimals + 2) in (0, 1):
        decimals += 1
    if 0 < share < 1 and round(share, 4) in (0, 1):
        return _local("<0.01%" if share < 0.5 else ">99.99%")
    return _local(f"{share:.{decimals}%}")


def interval(low: float, high: float, n: int | None = None) -> str:
    """Return the ends of an interval of shares; two ends never read alike, and one that is not 0 or 1 never as if.

    >>> interval(0.91, 0.9973, 60), interval(0.9962, 1.0, 1000), interval(0.5, 0.5)
    ('91% to 99.7%', '99.6% to 100%', '50%')
    >>> interval(0.99996, 1.0, 100_000), interval(0.952, 0.954)
    ('99.996% to 100%', '95.2% to 95.4%')
    """
    return _range(*ends(low, high, n))


def ends(low: float, high: float, n: int | None = None) -> list[str]:
    """Return the two ends of such an interval, for a sentence of their own; one where it has no width.

    >>> ends(0.91, 0.9973, 60), ends(0.5, 0.5)
    (['91%', '99.7%'], ['50%'])
    """
    decimals = 1 if n is not None and n >= DECIMAL_FROM else 0
    both = [_end(low, decimals), _end(high, decimals)]
    while both[0] == both[1] and low < high and decimals < MOST_DECIMALS:
        decimals += 1
        both = [_end(low, decimals), _end(high, decimals)]
    return [_local(end) for end in dict.fromkeys(both)]


def _range(low: str, high: str | None = None) -> str:
    return low if high is None else _("{low} to {high}").format(low=low, high=high)


def _end(share: float, decimals: int) -> str:
    if share in (0, 1):
        return f"{share:.0%}".removeprefix("-")
    while decimals < MOST_DECIMALS and round(share, decimals + 2) in (0, 1):
        decimals += 1
    return f"{share:.{decimals}%}"


def level() -> str:
    """Return how sure every interval here is, "95%".

    A text names it with a placeholder: the tools of gettext take "% i" for one of Python's own.
    """
    return _local("95%")


def certainty(probability: float) -> str:
    """Return a probability 0 to 1 in whole per cent; one that is not certain is not rounded to certain.

    >>> certainty(0.876), certainty(0.9961), certainty(0.0003), certainty(1.0)
    ('88%', '>99%', '<1%', '100%')
    """
    if 0 < probability < 0.005:
        return _local("<1%")
    return _local(">99%" if 0.995 <= probability < 1 else f"{probability:.0%}")


def points(difference: float) -> str:
    """Return a difference of two shares in percentage points.

    >>> points(0.021), points(-0.1), points(0.0), points(0.0002), points(1e-6)
    ('+2.1 points', '−10.0 points', '0.0 points', '+0.02 points', '+<0.01 points')
    """
    sign, size = "+" if difference > 0 else "−" if difference < 0 else "", abs(100 * difference)
    if 0 < size < 0.005:
        return _points(_local(f"{sign}<0.01"))
    return _points(_local(f"{sign}{size:.{2 if 0 < size < 0.05 else 1}f}"))


def _points(number: str) -> str:
    return _("{number} points").format(number=number)


def chance(p: float) -> str:
    """Return the p of a test: how often chance alone makes a difference at least so large.

    >>> chance(0.304), chance(0.0042), chance(1e-6)
    ('p = 0.30', 'p = 0.004', 'p < 0.001')
    """
    return _local(f"p = {p:.2f}" if p >= 0.01 else f"p = {p:.3f}" if p >= 0.001 else "p < 0.001")


def points_between(low: float, high: float) -> str:
    """Return the ends of an interval of differences, both at least 0, in percentage points; they never read alike.

    >>> points_between(0.02, 0.31), points_between(0.0312, 0.0314)
    ('2 to 31 points', '3.12 to 3.14 points')
    """
    return _points(interval(low, high).replace("\u00a0%", "").replace("%", ""))


def fraction(value: float) -> str:
    """Return a number 0 to 1, as an area or a recall, with three digits; what is not 1 does not read as 1.

    >>> fraction(0.98765), fraction(1.0), fraction(0.9999), fraction(0.0001), fraction(0.0)
    ('0.988', '1.000', '>0.999', '<0.001', '0.000')
    """
    if 0 < value < 0.0005:
        return _local("<0.001")
    return _local(">0.999" if 0.9995 <= value < 1 else f"{value:.3f}")


def loss(value: float) -> str:
    """Return a loss with three digits.

    >>> loss(0.69314), loss(1234.5), loss(0.00002)
    ('0.693', '1,234', 'below 0.001')
    """
    if value < 0.001:
        return _("below {number}").format(number=_local("0.001"))
    return _local(f"{value:.3g}" if value < 999.5 else f"{value:,.0f}")


def rate(value: float) -> str:
    """Return a learning rate without an exponent.

    >>> rate(1e-05), rate(0.01), rate(1.0)
    ('0.00001', '0.01', '1')
    """
    return _local(f"{value:.10f}".rstrip("0").rstrip("."))


def plural(number: int, noun: str, nouns: str) -> str:
    """Return a number with its noun; both forms of it are literals, as the catalogue of languages is made from them.

    >>> plural(1, "run", "runs"), plural(3000, "run", "runs"), plural(2, "class", "classes")
    ('1 run', '3,000 runs', '2 classes')
    """
    return f"{_local(f'{number:,}')} {ngettext(noun, nouns, number)}"


def pictures(number: int) -> str:
    """Return a number of pictures, or of what else is spoken of: "1 picture", "3,000 pictures"."""
    return plural(number, "picture", "pictures")


def tags(number: int) -> str:
    """Return a number of labels: "1 label", "3,000 labels"."""
    return plural(number, "label", "labels")


def texts(number: int) -> str:
    """Return a number of texts: "1 text", "3,000 texts"."""
    return plural(number, "text", "texts")


def of_split(number: int, split: str) -> str:
    """Return a number of pictures of a split, which is ``"train"``, ``"validation"`` or ``"test"``.

    >>> of_split(1, "test"), of_split(3000, "train")
    ('1 test picture', '3,000 training pictures')
    """
    if split == "train":
        return plural(number, "training picture", "training pictures")
    if split == "test":
        return plural(number, "test picture", "test pictures")
    return plural(number, "validation picture", "validation pictures")


def classes(number: int) -> str:
    """Return a number of classes: "1 class", "10 classes"."""
    return plural(number, "class", "classes")


def number(value: float) -> str:
    """Return a whole number: ``"1,234"``."""
    return _local(f"{value:,.0f}")


def out_of(some: float, every: float) -> str:
    """Return a count beside what it was counted in: ``"19 of 1,000"``."""
    return _("{some} of {every}").format(some=number(some), every=number(every))


def per_second(pictures_per_second: float) -> str:
    """Return a speed in pictures a second with three digits.

    >>> per_second(12.6543), per_second(1234.5)
    ('12.7', '1,234')
    """
    return _local(f"{pictures_per_second:.3g}") if pictures_per_second < 999.5 else number(pictures_per_second)


def times(number: int) -> str:
    """Return how often something was done: "once", "twice", "3 times"."""
    return {1: _("once"), 2: _("twice")}.get(number) or _("{number} times").format(number=_local(f"{number:,}"))


def listed(names: list[str], most: int = 5) -> str:
    """Return the first of some names and how many more there are.

    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    some = ", ".join(names[:most])
    if len(names) <= most:
        return some
    return _("{some} and {number} more").format(some=some, number=number(len(names) - most))


def quoted(name: str) -> str:
    """Return a name in quotation marks.

    >>> quoted("cat")
    '“cat”'
    """
    return _("“{name}”").format(name=name)


def count(number: float) -> str:
    """Return a large number in short.

    >>> count(3368700), count(640), count(412000)
    ('3.4 M', '640', '412 k')
    """
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size * 0.9995:
            value = number / size
            return _local(f"{value:.1f}" if value < (10 if unit == "k" else 100) else f"{value:.0f}") + f" {unit}"
    return f"{number:.0f}"


def size(number: float) -> str:
    """Return bytes in decimal units.

    >>> size(0), size(1434000), size(17.3e9)
    ('nothing', '1.4 MB', '17 GB')
    """
    if not number:
        return _("nothing")
    for unit, bytes_ in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= bytes_ * 0.9995:
            value = number / bytes_
            return _local(f"{value:.1f}" if value < 10 else f"{value:.0f}") + f" {unit}"
    return "1 kB"


def duration(seconds: float) -> str:
    """Return a measured time.

    >>> duration(0.04), duration(1.26), duration(43.4), duration(125), duration(3780), duration(200000)
    ('under 0.1 s', '1.3 s', '43 s', '2 min 5 s', '1 h 3 min', '2 days 7 h')
    """
    if seconds < 10:
        if 0 < seconds < 0.095:
            return _("under {time}").format(time=_local("0.1") + " s")
        return _local(f"{max(seconds, 0):.1f}".removesuffix(".0")) + " s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return _two(whole, 60, "min", "s")
    if whole < 86400:
        return _two(whole // 60, 60, "h", "min")
    days, hours = divmod(whole // 3600, 24)
    return plural(days, "day", "days") + (f" {hours} h" if hours else "")


def _two(whole: int, base: int, large: str, small: str) -> str:
    more, less = divmod(whole, base)
    return f"{more} {large} {less} {small}" if less else f"{more} {large}"


def on_calendar(seconds: float) -> float:
    """Return seconds since the epoch as they are, or the nearest that calendars have: files may hold any number."""
    return min(max(seconds, 0.0), _LATEST)


def moment(seconds: float) -> str:
    """Return a time of a day here, given in seconds since the epoch: ``"26 Nov, 21:18:03"``."""
    seconds = on_calendar(seconds)
    if language.current() == language.SOURCE:
        return time.strftime("%d %b, %H:%M:%S", time.localtime(seconds)).lstrip("0")
    from babel.dates import format_datetime

    return str(format_datetime(datetime.fromtimestamp(seconds), "d MMM, HH:mm:ss", locale=language.current()))


def day(seconds: float) -> str:
    """Return a day here, given in seconds since the epoch: ``"26 November 2025"``."""
    then = datetime.fromtimestamp(on_calendar(seconds))
    if language.current() == language.SOURCE:
        return f"{then.day} {then:%B %Y}"
    from babel.dates import format_date

    return str(format_date(then, "long", locale=language.current()))


def milliseconds(value: float) -> str:
    """Return the time of one picture.

    >>> milliseconds(0.42), milliseconds(4.84), milliseconds(48.3), milliseconds(12345)
    ('0.42 ms', '4.8 ms', '48 ms', '12,345 ms')
    """
    decimals = 2 if value < 0.995 else 1 if value < 9.95 else 0
    return _local(f"{value:,.{decimals}f}") + " ms"


def estimate(seconds: float) -> str:
    """Return an expected time, as exact as an estimate is.

    >>> estimate(0.2), estimate(43), estimate(8), estimate(250), estimate(9000)
    ('under 1 s', 'about 45 s', 'about 8 s', 'about 4 min', 'about 2.5 h')
    """
    return _("under {time}").format(time="1 s") if seconds < 1 else _("about {time}").format(time=_rounded(seconds))


def most(seconds: float) -> str:
    """Return an expected time as a limit, as exact as an estimate is.

    >>> most(0.2), most(43), most(9000)
    ('under 1 s', '45 s', '2.5 h')
    """
    return estimate(seconds) if seconds < 1 else _rounded(seconds)


def _rounded(seconds: float) -> str:
    if seconds < 57.5:
        step = 1 if seconds < 10 else 5
        return f"{round(max(seconds, 1) / step) * step} s"
    if seconds < 3570:
        return f"{max(1, round(seconds / 60))} min"
    hours = seconds / 3600
    return _local(f"{math.floor(hours * 2 + 0.5) / 2:g}") + " h"


def estimate_range(low: float, high: float) -> str:
    """Return an expected time of which least and most are known.

    >>> estimate_range(3.2, 12), estimate_range(0.2, 12), estimate_range(8.1, 8.3), estimate_range(50, 250)
    ('3 s to 10 s', 'up to 10 s', 'about 8 s', '50 s to 4 min')
    """
    if high < 1 or (low >= 1 and _rounded(low) == _rounded(high)):
        return estimate(high)
    return _("up to {time}").format(time=_rounded(high)) if low < 1 else _range(_rounded(low), _rounded(high))


def ago(seconds: float) -> str:
    """Return how long something is past.

    >>> ago(3), ago(95), ago(7300), ago(2592000)
    ('just now', '2 minutes ago', '2 hours ago', '30 days ago')
    """
    if seconds >= 86400 * 0.9995:
        return ngettext("{number} day ago", "{number} days ago", days := round(seconds / 86400)).format(
            number=number(days)
        )
    if seconds >= 3600 * 0.9995:
        return ngettext("{number} hour ago", "{number} hours ago", hours := round(seconds / 3600)).format(number=hours)
    if seconds >= 60 * 0.9995:
        return ngettext("{number} minute ago", "{number} minutes ago", minutes := round(seconds / 60)).format(
            number=minutes
        )
    return _("just now")


def decimal(value: float, digits: int) -> str:
    """Return a number with so many digits behind the point.

    >>> decimal(1234.5, 2)
    '1,234.50'
    """
    return _local(f"{value:,.{digits}f}")


def change(value: float, digits: int) -> str:
    """Return a difference with its sign and so many digits behind the point.

    >>> change(0.0312, 2), change(-0.5, 3), change(0.0, 1)
    ('+0.03', '−0.500', '0.0')
    """
    size = decimal(abs(value), digits)
    return size if not size.strip("0.,") else f"{'+' if value > 0 else '−'}{size}"


def separators() -> str:
    """Return the sign before decimals and the one between thousands, as charts want them.

    >>> separators()
    '.,'
    """
    return _local(".,")


def _local(number: str) -> str:
    """Return a number, written as in English, as the language that is read in writes it."""
    if language.current() == language.SOURCE:
        return number
    return number.translate(_signs(language.current()))


@functools.cache
def _signs(code: str) -> dict[int, str]:
    from babel import Locale

    locale = Locale.parse(code)
    symbols = locale.number_symbols[locale.default_numbering_system]
    space = "\u00a0" if "\u00a0" in locale.percent_formats[None].pattern else ""
    return str.maketrans({",": symbols["group"], ".": symbols["decimal"], "%": f"{space}%"})
