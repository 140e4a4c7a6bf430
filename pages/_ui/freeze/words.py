"""The freeze line in words: where it is, what the frozen part knows, what it costs. Plain text, no Markdown."""

import math
from typing import Any

#: What is known up to that share of the blocks, if a value also sees more than so much of the picture's side.
KNOWLEDGE = (
    (
        0.2,
        0.0,
        "The frozen part mostly finds edges and colours. All that is built from them is trained on your pictures.",
    ),
    (0.45, 0.05, "The frozen part mostly knows edges, colours and textures, such as stripes, grids and fur."),
    (0.75, 0.25, "The frozen part knows textures and, usually, parts of things, such as an eye, a wheel or a leaf."),
    (1.0, 0.5, "The frozen part knows parts of things and, often, whole objects of the kinds that it was trained on."),
)
NOTHING = "Nothing stays as it is: even the first layers, which find edges and colours, are trained on your pictures."
EVERYTHING = "The frozen part knows all it has learnt, from edges to whole objects. Your head only learns to sort that."


def knows(blocks: list[dict[str, Any]], frozen: int, size: int) -> str:
    """Return what the frozen part usually knows, by its depth and by how much of the picture a value sees.

    Edges and colours come first, then textures, parts and whole objects, without sharp borders: Zeiler and Fergus
    2014, Visualizing and Understanding Convolutional Networks, https://arxiv.org/abs/1311.2901; Olah, Mordvintsev and
    Schubert 2017, Feature Visualization, https://distill.pub/2017/feature-visualization.

    Args:
        blocks: of the outline.
        frozen: how many of them are frozen.
        size: side of the picture in pixels that the outline was drawn for.
    """
    if frozen in (0, len(blocks)):
        return EVERYTHING if frozen else NOTHING
    share, sees = frozen / len(blocks), (blocks[frozen - 1]["receptive_field"] or size) / size
    by_depth = next(at for at, (most, _, _) in enumerate(KNOWLEDGE) if share <= most)
    by_sight = max(at for at, (_, more, _) in enumerate(KNOWLEDGE) if sees > more)
    return KNOWLEDGE[min(by_depth, by_sight)][2]


def place(blocks: list[dict[str, Any]], frozen: int) -> str:
    """Return where the line is.

    >>> place([{"label": "Stem"}, {"label": "Top"}], 1)
    'Frozen up to Stem: 1 of 2 blocks'
    """
    if not frozen:
        return f"Nothing is frozen: all {len(blocks)} blocks train"
    if frozen == len(blocks):
        return f"All {len(blocks)} blocks are frozen: only your new head trains"
    return f"Frozen up to {blocks[frozen - 1]['label']}: {frozen} of {len(blocks)} blocks"


def block(described: dict[str, Any], position: int, blocks: int) -> str:
    """Return what a bar says when it is pointed at."""
    sees = described.get("receptive_field")
    height, width, channels = described["shape"]
    lines = [
        f"{described['label']} ({position} of {blocks})",
        f"{count(described['parameters'])} parameters, {count(described['multiply_adds'])} multiply-adds a picture",
        f"gives {channels} maps of {height} × {width}",
        f"each value sees {sees} × {sees} pixels" if sees else "each value sees the whole picture",
    ]
    return "\n".join(lines)


def count(number: float) -> str:
    """Return a number in short.

    >>> count(3368700), count(640), count(412000)
    ('3.4 M', '640', '412 k')
    """
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size * 0.9995:
            value = number / size
            return f"{value:.1f} {unit}" if value < (10 if unit == "k" else 100) else f"{value:.0f} {unit}"
    return f"{number:.0f}"


def size(of: float) -> str:
    """Return bytes for a person.

    >>> size(0), size(1434000), size(17.3e9)
    ('nothing', '1.4 MB', '17 GB')
    """
    if not of:
        return "nothing"
    for unit, bytes_ in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if of >= bytes_ * 0.9995:
            value = of / bytes_
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    return "1 kB"


def about(seconds: float) -> str:
    """Return an estimated time, as exact as an estimate is.

    >>> about(0.2), about(43), about(8), about(250), about(9000)
    ('under 1 s', 'about 45 s', 'about 8 s', 'about 4 min', 'about 2.5 h')
    """
    if seconds < 1:
        return "under 1 s"
    if seconds < 57.5:
        step = 1 if seconds < 10 else 5
        return f"about {round(seconds / step) * step} s"
    if seconds < 3570:
        return f"about {max(1, round(seconds / 60))} min"
    hours = seconds / 3600
    return f"about {math.floor(hours * 2 + 0.5) / 2:g} h"
