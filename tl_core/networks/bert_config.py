"""What ``config.json`` says of a BERT or DistilBERT, and which of them can be read. Loads no Keras."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tl_core.errors import InputError
from tl_core.language import _

#: ``model_type`` of those that can be read; MiniLM is a "bert".
Type = Literal["bert", "distilbert"]


@dataclass(frozen=True, kw_only=True)
class Config:
    """The sizes of a BERT.

    Attributes:
        type: which names its weights have; DistilBERT has no types of tokens.
        vocabulary: number of word pieces.
        width: of the hidden state of each token.
        blocks: number of transformer blocks.
        heads: of the attention of each block; a divisor of the width.
        hidden: units of the wide layer of each block.
        positions: the most tokens of a text.
        types: of tokens, of which all texts have the first; 0 for DistilBERT.
        epsilon: of the layer normalisations.
    """

    type: Type = "bert"
    vocabulary: int
    width: int
    blocks: int
    heads: int
    hidden: int
    positions: int
    types: int = 0
    epsilon: float = 1e-12

    @property
    def parameters(self) -> int:
        """The number of weights of the built network: without types of tokens, a pooler and other heads.

        >>> Config(vocabulary=30522, width=384, blocks=12, heads=12, hidden=1536, positions=512).parameters
        33211392
        """
        embeddings = (self.vocabulary + self.positions + 2) * self.width
        attention = 4 * (self.width + 1) * self.width
        wide = 2 * self.width * self.hidden + self.hidden + self.width
        return embeddings + self.blocks * (attention + wide + 4 * self.width)


#: Names of the sizes in ``config.json``.
SIZES: dict[Type, dict[str, str]] = {
    "bert": {
        "vocabulary": "vocab_size",
        "width": "hidden_size",
        "blocks": "num_hidden_layers",
        "heads": "num_attention_heads",
        "hidden": "intermediate_size",
        "positions": "max_position_embeddings",
        "types": "type_vocab_size",
    },
    "distilbert": {
        "vocabulary": "vocab_size",
        "width": "dim",
        "blocks": "n_layers",
        "heads": "n_heads",
        "hidden": "hidden_dim",
        "positions": "max_position_embeddings",
    },
}
#: What has to have one value, which is also that of a file that does not say it.
FIXED: dict[Type, dict[str, object]] = {
    "bert": {
        "hidden_act": "gelu",
        "position_embedding_type": "absolute",
        "is_decoder": False,
        "add_cross_attention": False,
        "pad_token_id": 0,
    },
    "distilbert": {"activation": "gelu", "pad_token_id": 0},
}


def read(path: Path) -> Config:
    """Return what a ``config.json`` says.

    Raises:
        InputError: the file cannot be read, lacks a size, or is of a network of another kind; says which.
    """
    return of(read_json(path), path)


def read_json(path: Path) -> Mapping[str, object]:
    """Return the fields of a JSON file that came with a network.

    Raises:
        InputError: the file cannot be read, or holds something else.
    """
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise InputError(_("{path} cannot be read: {reason}.").format(path=path, reason=exc)) from exc
    if not isinstance(fields, dict):
        raise InputError(_("{path} does not describe a network: it is no list of fields.").format(path=path))
    return fields


def of(fields: Mapping[str, object], path: Path) -> Config:
    """Return what the fields of a ``config.json`` say; ``path`` is named in errors, which are those of ``read``."""
    kind = fields.get("model_type")
    if kind not in SIZES:
        raise InputError(
            _(
                "{path} is of a network of the type “{kind}”. Thaw can read the types {types}. Choose another network."
            ).format(path=path, kind=kind, types=(" " + _("and") + " ").join(SIZES))
        )
    for field, wanted in FIXED[kind].items():
        if (value := fields.get(field, wanted)) != wanted:
            raise InputError(
                _(
                    "{path} says {field} = {value}. Thaw can read networks with {field} = {wanted}. "
                    "Choose another network."
                ).format(path=path, field=field, value=json.dumps(value), wanted=json.dumps(wanted))
            )
    sizes = {size: _size(fields, field, path) for size, field in SIZES[kind].items()}
    if sizes["width"] % sizes["heads"]:
        raise InputError(
            _("{path} is damaged: the width {width} cannot be divided among {heads} heads.").format(
                path=path, width=sizes["width"], heads=sizes["heads"]
            )
        )
    epsilon = fields.get("layer_norm_eps", Config.epsilon)
    if not isinstance(epsilon, float) or not 0 < epsilon < 1:
        raise InputError(_wrong(path, "layer_norm_eps", epsilon))
    return Config(type=kind, epsilon=epsilon, **sizes)


def _size(fields: Mapping[str, object], field: str, path: Path) -> int:
    value = fields.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InputError(_wrong(path, field, value))
    return value


def _wrong(path: Path, field: str, value: object) -> str:
    text = _("{path} is damaged: {field} is {value}. Copy the network's folder again.")
    return text.format(path=path, field=field, value=json.dumps(value))
