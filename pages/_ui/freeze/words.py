"""The freeze line in words: where it is, what the frozen part recognises, what a block is. Plain text, no Markdown."""

from collections.abc import Sequence

from tl_core import wording
from tl_core.language import N_, _, ngettext
from tl_core.networks.structure import Block, spoken

#: What is recognised up to that share of the blocks, if a value also sees more than that share of the picture's side.
KNOWLEDGE = (
    (
        0.2,
        0.0,
        N_("The frozen part mostly finds edges and colours. Everything built on them is trained on your pictures."),
    ),
    (0.45, 0.05, N_("The frozen part mostly finds edges, colours and textures, such as stripes, grids and fur.")),
    (0.75, 0.25, N_("The frozen part recognises textures and, usually, parts of things: an eye, a wheel or a leaf.")),
    (
        1.0,
        0.5,
        N_("The frozen part recognises parts of things and, often, whole objects of the kinds it was trained on."),
    ),
)
#: The same of a text.
KNOWLEDGE_OF_TEXTS = (
    (
        0.25,
        N_("The frozen part mostly knows single words and their neighbours. The rest is trained on your texts."),
    ),
    (0.6, N_("The frozen part knows how words go together: what belongs to what, who does what.")),
    (1.0, N_("The frozen part knows how words go together and, often, what a sentence means.")),
)
NOTHING_OF_TEXTS = N_("Nothing stays fixed: even what the network knows of single words is trained on your texts.")
EVERYTHING_OF_TEXTS = N_(
    "The frozen part keeps all it has learned, from single words to whole sentences. Your head only learns to use it."
)
#: Axes of what a block makes of a text: its length and its width.
TEXT_RANK = 2
NOTHING = N_("No block stays fixed: even the first layers, which find edges and colours, are trained on your pictures.")
EVERYTHING = N_(
    "The frozen part keeps all it has learned, from edges to whole objects. Your head only learns to use it."
)


def knowledge(blocks: Sequence[Block], frozen: int, size: int) -> str:
    """Return what the frozen part usually recognises, by its depth and by how much of the picture a value sees.

    Edges and colours come first, then textures, parts and whole objects, without sharp borders: Zeiler and Fergus
    2014, Visualizing and Understanding Convolutional Networks, https://arxiv.org/abs/1311.2901; Olah, Mordvintsev and
    Schubert 2017, Feature Visualization, https://distill.pub/2017/feature-visualization.

    In texts single words come first, then grammar, then meaning: Tenney, Das and Pavlick 2019, BERT Rediscovers the
    Classical NLP Pipeline, https://arxiv.org/abs/1905.05950.

    Args:
        blocks: of the outline.
        frozen: how many of them are frozen.
        size: side of the picture in pixels that the outline was drawn for.
    """
    if len(blocks[0].shape) == TEXT_RANK:
        return _of_texts(frozen / len(blocks))
    if frozen in (0, len(blocks)):
        return _(EVERYTHING if frozen else NOTHING)
    share, sees = frozen / len(blocks), (blocks[frozen - 1].receptive_field or size) / size
    by_depth = next(at for at, (most, _more, _text) in enumerate(KNOWLEDGE) if share <= most)
    by_field = max(at for at, (_most, more, _text) in enumerate(KNOWLEDGE) if sees > more)
    return _(KNOWLEDGE[min(by_depth, by_field)][2])


def _of_texts(share: float) -> str:
    if share in (0, 1):
        return _(EVERYTHING_OF_TEXTS if share else NOTHING_OF_TEXTS)
    return _(next(text for most, text in KNOWLEDGE_OF_TEXTS if share <= most))


def place(blocks: Sequence[Block], frozen: int) -> str:
    """Return where the line is."""
    if not frozen:
        return _("No block is frozen: all {blocks} blocks train").format(blocks=len(blocks))
    if frozen == len(blocks):
        return _("All {blocks} blocks are frozen: only your new head trains").format(blocks=len(blocks))
    text = ngettext(
        "The first of {blocks} blocks is frozen, up to {last}",
        "The first {frozen} of {blocks} blocks are frozen, up to {last}",
        frozen,
    )
    return text.format(frozen=frozen, blocks=len(blocks), last=spoken(blocks[frozen - 1].label))


def block(described: Block, position: int, blocks: int) -> str:
    """Return what a bar says when the pointer is on it."""
    *sides, channels = described.shape
    side = described.receptive_field
    parameters, work = wording.count(described.parameters), wording.count(described.multiply_adds)
    lines = [
        _("{block} ({position} of {blocks})").format(block=spoken(described.label), position=position, blocks=blocks),
        _("{parameters} parameters, {work} multiply-adds per picture").format(parameters=parameters, work=work),
        _output(sides, channels),
        *_seen(sides, side),
    ]
    return "\n".join(lines)


def _output(sides: Sequence[int], channels: int) -> str:
    if len(sides) == 1:
        return _("Output: {channels} numbers for each word piece").format(channels=channels)
    height, width = sides
    return _("Output: {channels} maps of {height} × {width}").format(channels=channels, height=height, width=width)


def _seen(sides: Sequence[int], side: int | None) -> list[str]:
    """Return what each value depends on. Of a text it is the word alone, or all words: the block's name says it."""
    if len(sides) == 1:
        return []
    if side:
        return [_("Each value sees {side} × {side} pixels").format(side=side)]
    return [_("Each value sees the whole picture")]
