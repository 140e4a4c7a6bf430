"""A guess beside what was measured, in words. Names of figures are ours; all sentences are Markdown."""

from dataclasses import dataclass, replace

import numpy as np

from tl_core.experiments.ranking import SIGNIFICANCE, holm
from tl_core.lessons.lesson import Guess
from tl_core.lessons.record import Figure, Result
from tl_core.metrics import intervals
from tl_core.wording import chance, interval, percent, pictures, points


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
    where = "inside" if inside else "below" if answer < 100 * low else "above"
    found = f"Measured: {said_of(figure)}, 95% interval {interval(low, high, figure.share.n)}."
    return Verdict(held=inside, words=f"{figure.name}: you said {answer}%, which is {where} the interval. {found}")


def _which(answer: str, measured: Result) -> Verdict:
    best = max(measured.figures, key=_height)
    chosen = measured.figure(answer)
    others = {each.name: p for each, p in zip(measured.figures, _against(best, measured.figures), strict=True)}
    if chosen is None:
        return Verdict(held=False, words=f"You said “{answer}”. It is “{best.name}”: {said_of(best)}.")
    if chosen.name == best.name:
        equal = [each.name for each in measured.figures if each != best and others[each.name] >= SIGNIFICANCE]
        doubt = f" Chance may explain its lead over {' and '.join(f'“{name}”' for name in equal)}." if equal else ""
        return Verdict(held=True, words=f"You said “{answer}”, and so it is: {said_of(best)}.{doubt}")
    gap = points(_height(best) - _height(chosen)).removeprefix("+")
    p = others[chosen.name]
    found = f"You said “{answer}”: {said_of(chosen)}. “{best.name}” gets {said_of(best)}."
    if p >= SIGNIFICANCE:
        return Verdict(held=None, words=f"{found} Chance alone may explain {gap} ({chance(p)}), so your guess stands.")
    return Verdict(held=False, words=f"{found} Chance does not explain {gap} ({chance(p)}).")


def said_of(figure: Figure) -> str:
    """Return a figure in words: ``"91% of 120 pictures"``."""
    return f"{percent(_height(figure), figure.share.n)} of {pictures(figure.share.n)}"


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
