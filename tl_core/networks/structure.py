"""What a network is made of, as records: layers, and the blocks that are frozen as a whole. Loads no Keras."""

import re
from dataclasses import dataclass

from tl_core.language import N_, _


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer, or one bare ``keras.ops`` call.

    Attributes:
        name: unique in its network.
        type: name of its Keras class.
        shape: of its output for one picture or text: ``(height, width, channels)`` of a feature map,
            ``(length, width)`` of hidden states, else ``(units,)``.
        parameters: number of its weights.
    """

    name: str
    type: str
    shape: tuple[int, ...]
    parameters: int


@dataclass(frozen=True, kw_only=True)
class Block:
    """A run of layers that is frozen as a whole.

    Attributes:
        id: name of its last layer, a cut point.
        label: for a person: ``"Stage 3, residual block 2"``. Stages are numbered by resolution. It is in English, and
            shown by ``spoken``.
        layers: in order.
        parameters: number of weights in it.
        multiply_adds: of one picture or text.
        shape: of its output for one picture, ``(height, width, channels)``; of one text, ``(length, width)``.
        receptive_field: side of the part of the picture that one value of its output depends on, in pixels; it may be
            larger than the picture. Of a text, in tokens. None where that is the whole of it, however large.
    """

    id: str
    label: str
    layers: tuple[Layer, ...]
    parameters: int
    multiply_adds: int
    shape: tuple[int, ...]
    receptive_field: int | None


#: What a block may be, in English, and how one and several of that kind are named beside their numbers.
_NUMBERED = {
    "convolution": (N_("convolution {first}"), N_("convolutions {first}–{last}")),
    "depthwise convolution": (N_("depthwise convolution {first}"), N_("depthwise convolutions {first}–{last}")),
    "separable convolution": (N_("separable convolution {first}"), N_("separable convolutions {first}–{last}")),
    "inverted residual": (N_("inverted residual {first}"), N_("inverted residuals {first}–{last}")),
    "fused inverted residual": (N_("fused inverted residual {first}"), N_("fused inverted residuals {first}–{last}")),
    "residual block": (N_("residual block {first}"), N_("residual blocks {first}–{last}")),
    "Inception block": (N_("Inception block {first}"), N_("Inception blocks {first}–{last}")),
    "Inception residual block": (
        N_("Inception residual block {first}"),
        N_("Inception residual blocks {first}–{last}"),
    ),
    "ConvNeXt block": (N_("ConvNeXt block {first}"), N_("ConvNeXt blocks {first}–{last}")),
    "dense layer": (N_("dense layer {first}"), N_("dense layers {first}–{last}")),
    "transformer block": (N_("transformer block {first}"), N_("transformer blocks {first}–{last}")),
}
#: And those that stand alone.
_ALONE = (
    N_("stem"),
    N_("cells"),
    N_("transition"),
    N_("downsampling"),
    N_("final convolution"),
    N_("embeddings"),
)
_PART = re.compile(r"(?i)(?:stage (?P<stage>\d+), )?(?P<kind>.+?)(?:s? (?P<first>\d+)(?:–(?P<last>\d+))?)?$")


def spoken(label: str) -> str:
    """Return the label of a block in the language that is read in; one of an unknown form stays as it is.

    >>> spoken("Stage 3, dense layers 5–8 and transition"), spoken("Stem and stage 1, convolution 1")
    ('Stage 3, dense layers 5–8 and transition', 'Stem and stage 1, convolution 1')
    """
    parts = [_spoken(part) for part in label.split(" and ")]
    if not all(parts):
        return label
    text = (" " + _("and") + " ").join(filter(None, parts))
    return text[0].upper() + text[1:]


def _spoken(part: str) -> str | None:
    match = _PART.match(part)
    if match is None:
        return None
    alone = {kind.casefold(): kind for kind in _ALONE}
    numbered = {kind.casefold(): texts for kind, texts in _NUMBERED.items()}
    kind = match["kind"].casefold()
    if match["first"] is None and kind in alone:
        block = _(alone[kind])
    elif match["first"] and kind in numbered:
        one, several = numbered[kind]
        block = _(several if match["last"] else one).format(first=match["first"], last=match["last"])
    else:
        return None
    return _("stage {stage}, {block}").format(stage=match["stage"], block=block) if match["stage"] else block
