"""The freeze line in words: where it is, what the frozen part recognises, what a block is. Plain text, no Markdown."""

from collections.abc import Sequence

from tl_core import wording
from tl_core.networks.structure import Block

#: What is recognised up to that share of the blocks, if a value also sees more than that share of the picture's side.
KNOWLEDGE = (
    (0.2, 0.0, "The frozen part mostly finds edges and colours. Everything built on them is trained on your pictures."),
    (0.45, 0.05, "The frozen part mostly finds edges, colours and textures, such as stripes, grids and fur."),
    (0.75, 0.25, "The frozen part recognises textures and, usually, parts of things: an eye, a wheel or a leaf."),
    (1.0, 0.5, "The frozen part recognises parts of things and, often, whole objects of the kinds it was trained on."),
)
NOTHING = "Nothing stays fixed: even the first layers, which find edges and colours, are trained on your pictures."
EVERYTHING = "The frozen part keeps all it has learned, from edges to whole objects. Your head only learns to use it."


def knowledge(blocks: Sequence[Block], frozen: int, size: int) -> str:
    """Return what the frozen part usually recognises, by its depth and by how much of the picture a value sees.

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
    share, sees = frozen / len(blocks), (blocks[frozen - 1].receptive_field or size) / size
    by_depth = next(at for at, (most, _, _) in enumerate(KNOWLEDGE) if share <= most)
    by_field = max(at for at, (_, more, _) in enumerate(KNOWLEDGE) if sees > more)
    return KNOWLEDGE[min(by_depth, by_field)][2]


def place(blocks: Sequence[Block], frozen: int) -> str:
    """Return where the line is."""
    if not frozen:
        return f"No block is frozen: all {len(blocks)} blocks train"
    if frozen == len(blocks):
        return f"All {len(blocks)} blocks are frozen: only your new head trains"
    first = "first" if frozen == 1 else f"first {frozen}"
    return (
        f"The {first} of {len(blocks)} blocks {'is' if frozen == 1 else 'are'} frozen, up to {blocks[frozen - 1].label}"
    )


def block(described: Block, position: int, blocks: int) -> str:
    """Return what a bar says when the pointer is on it."""
    height, width, channels = described.shape
    side = described.receptive_field
    parameters, work = wording.count(described.parameters), wording.count(described.multiply_adds)
    lines = [
        f"{described.label} ({position} of {blocks})",
        f"{parameters} parameters, {work} multiply-adds per picture",
        f"Output: {channels} maps of {height} × {width}",
        f"Each value sees {side} × {side} pixels" if side else "Each value sees the whole picture",
    ]
    return "\n".join(lines)
