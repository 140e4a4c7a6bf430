"""The freeze picker: the network as bars, and a line between frozen and trainable that is dragged or moved by keys."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pages._ui.shell import charts, components, state
from tl_core.language import _
from tl_core.networks.structure import Block, spoken
from tl_core.wording import percent

LEAST_HEIGHT = 0.04
#: Axes of what a block makes of a text: its length and its width.
TEXT_RANK = 2
MOVED = "moved"


@dataclass(frozen=True)
class Point:
    """An accuracy over a bar.

    Attributes:
        block: its number, from 0.
        height: 0 to 1 of the drawing.
    """

    block: int
    height: float


@dataclass(frozen=True)
class Curve:
    """Accuracies over the bars.

    Attributes:
        points: from the picture upwards.
        suggested: the line that follows from them, as a number of frozen blocks.
        top: what the top of the drawing stands for.
        low: what its foot stands for.
        legend: what the curve is, plain text.
        alt: the same as a sentence with the numbers.
    """

    points: tuple[Point, ...]
    suggested: int
    top: str
    low: str
    legend: str
    alt: str


def freeze_picker(
    blocks: Sequence[Block],
    line: int,
    *,
    titles: Sequence[str],
    texts: Sequence[str],
    probe: Curve | None,
    key: str,
    on_move: Callable[[int], None],
) -> None:
    """Draw a network with its freeze line.

    Args:
        blocks: of the outline, from the picture upwards.
        line: how many of them are frozen.
        titles: what a bar says when the pointer is on it, plain text.
        texts: what the line says at each of its places, from nothing frozen to everything; plain text.
        probe: accuracies to draw over the bars, or None.
        key: of the element.
        on_move: called with the new line when a person has moved it.
    """
    move = _moved(key).get("move", 0)
    data = {
        "blocks": [_bar(block, blocks, title) for block, title in zip(blocks, titles, strict=True)],
        "line": line,
        "move": move,
        "texts": list(texts),
        "probe": asdict(probe) if probe else None,
        "colours": {"frozen": charts.FROZEN, "trains": charts.TRAINABLE},
        "words": _words(len(blocks)),
        "reads": "text" if len(blocks[0].shape) == TEXT_RANK else "image",
    }

    def moved() -> None:
        on_move(max(0, min(len(blocks), int(_moved(key)["line"]))))

    components.load(Path(__file__).parent)(key=key, data=data, default={MOVED: {}}, on_moved_change=moved)


def _words(blocks: int) -> dict[str, str | list[str]]:
    """Return what stands in the drawing; what depends on the line, by the number of frozen blocks."""
    trains = [_("Trains: {blocks} and the head").format(blocks=blocks - frozen) for frozen in range(blocks)]
    return {
        "frozen": [_("Frozen: {blocks}").format(blocks=frozen) for frozen in range(blocks + 1)],
        "trains": [*trains, _("Trains: only the head")],
        "line": _("Freeze line"),
        "suggested": _("suggested"),
        "picture": _("Picture"),
        "head": _("Head"),
        "newHead": _("Your new head: it always trains"),
    }


def _moved(key: str) -> dict[str, int]:
    """Return the last move of this browser: ``line`` and the number of the ``move``, or nothing."""
    value = state.widget(key) or {}
    return dict(value.get(MOVED) or {})


def _bar(block: Block, blocks: Sequence[Block], title: str) -> dict[str, float | str]:
    most = max(1, *(each.parameters for each in blocks))
    height = max(LEAST_HEIGHT, math.sqrt(block.parameters / most))
    return {"height": round(height, 4), "title": title, "stage": _stage(spoken(block.label))}


def _stage(label: str) -> str:
    """Return what stands under a bar.

    >>> _stage("Stage 3, residual block 2"), _stage("Final convolution")
    ('Stage 3', 'Final')
    """
    first = label.split(",")[0]
    return first if first[-1:].isdigit() else first.split()[0]


def probe_curve(accuracies: dict[int, float], suggested: int, *, legend: str, alt: str) -> Curve:
    """Return accuracies as the picker draws them over its bars.

    Args:
        accuracies: by the number of the block, from 0.
        suggested: the line that follows from them, as a number of frozen blocks.
        legend: what the curve is, plain text.
        alt: the same as a sentence with the numbers.
    """
    low = math.floor(min(accuracies.values()) * 10 - 1e-9) / 10
    low = max(0.0, min(low, 0.9))
    points = [Point(block, round((value - low) / (1 - low), 4)) for block, value in sorted(accuracies.items())]
    return Curve(tuple(points), suggested, top=percent(1.0), low=percent(low), legend=legend, alt=alt)
