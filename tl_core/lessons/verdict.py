"""A guess beside what was measured, in words. Names of figures are ours; all sentences are Markdown."""

import functools
from dataclasses import dataclass, replace

import numpy as np

from tl_core.experiments.ranking import SIGNIFICANCE, holm
from tl_core.language import _
from tl_core.lessons.lesson import Guess, shown
from tl_core.lessons.record import Figure, Result
from tl_core.metrics import intervals
from tl_core.wording import chance, interval, level, percent, pictures, points, quoted


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of a guess.

    Attributes:
        held: whether it held; None where chance explains the difference from what was measured.
        words: the same in two sentences.
    """

    held: bool | None
    words: str


def of(guess: Guess, answer: str | int, measured: Result) -> Verdict | None:
    """Return what became of a guess; None where its figure was not measured."""
    if not measured.figures:
        return None
    if guess.kind == "share":
        return _share(guess, int(answer), measured)
    offered = [each for each in measured.figures if not guess.options or each.name in guess.options]
    return _which(str(answer), replace(measured, figures=tuple(offered))) if offered else None


def _share(guess: Guess, answer: int, measured: Result) -> Verdict | None:
    figure = measured.figure(guess.of)
    if figure is None or figure.share.accuracy is None:
        return None
    low, high = figure.share.interval
    inside = round(100 * low) <= answer <= round(100 * high)
    if inside:
        said = _("{figure}: you said {answer}, which is inside the interval.")
    elif answer < 100 * low:
        said = _("{figure}: you said {answer}, which is below the interval.")
    else:
        said = _("{figure}: you said {answer}, which is above the interval.")
    found = _("Measured: {share}, {level} interval {interval}.").format(
        share=said_of(figure), level=level(), interval=interval(low, high, figure.share.n)
    )
    said = said.format(figure=shown(figure.name), answer=percent(answer / 100))
    return Verdict(held=inside, words=" ".join([said, found]))


def _which(answer: str, measured: Result) -> Verdict:
    best = max(measured.figures, key=_height)
    chosen, said = measured.figure(answer), shown(answer)
    others = {each.name: p for each, p in zip(measured.figures, _against(best, measured.figures), strict=True)}
    if chosen is None:
        words = _("You said “{answer}”. It is “{best}”: {share}.")
        return Verdict(held=False, words=words.format(answer=said, best=shown(best.name), share=said_of(best)))
    if chosen.name == best.name:
        equal = [each.name for each in measured.figures if each != best and others[each.name] >= SIGNIFICANCE]
        words = _("You said “{answer}”, and so it is: {share}.").format(answer=said, share=said_of(best))
        doubt = _("Chance may explain its lead over {figures}.").format(figures=_all(equal)) if equal else ""
        return Verdict(held=True, words=" ".join(filter(None, [words, doubt])))
    gap = points(_height(best) - _height(chosen)).removeprefix("+")
    p = others[chosen.name]
    found = _("You said “{answer}”: {chosen}. “{name}” gets {best}.").format(
        answer=said, chosen=said_of(chosen), name=shown(best.name), best=said_of(best)
    )
    why = (
        _("Chance alone may explain {gap} ({chance}), so your guess stands.")
        if p >= SIGNIFICANCE
        else _("Chance does not explain {gap} ({chance}).")
    )
    words = " ".join([found, why.format(gap=gap, chance=chance(p))])
    return Verdict(held=None if p >= SIGNIFICANCE else False, words=words)


def _all(names: list[str]) -> str:
    def joined(one: str, other: str) -> str:
        return _("{one} and {other}").format(one=one, other=other)

    return functools.reduce(joined, [quoted(shown(name)) for name in names])


def said_of(figure: Figure) -> str:
    """Return a figure in words: ``"91% of 120 pictures"``."""
    return _("{share} of {pictures}").format(
        share=percent(_height(figure), figure.share.n), pictures=pictures(figure.share.n)
    )


def _height(figure: Figure) -> float:
    return figure.share.accuracy or 0.0


def _against(best: Figure, every: tuple[Figure, ...]) -> list[float]:
    """Return for each figure how often chance alone makes it differ so much from the best, corrected by Holm.

    Figures of other pictures are compared by their intervals: 1 where they overlap, else 0.
    """
    rivals = [each for each in every if each != best]
    paired = {
        each.name: intervals.mcnemar(np.array(best.right, bool), np.array(each.right, bool), np.array(best.groups))
        for each in rivals
        if each.asked and each.asked == best.asked and len(each.right) == len(best.right)
    }
    corrected = dict(zip(paired, holm(list(paired.values())), strict=True))
    apart = {each.name: float(each.share.interval[1] >= best.share.interval[0]) for each in rivals}
    return [{**apart, **corrected}.get(each.name, 1.0) for each in every]
