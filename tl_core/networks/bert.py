"""BERT as a plain Keras network: word pieces in, a hidden state for each of them out.

J. Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019,
https://arxiv.org/abs/1810.04805. DistilBERT (V. Sanh et al., 2019, https://arxiv.org/abs/1910.01108) is the same with
half of the blocks and without types of tokens; here all tokens are of the first type, whose embedding is part of that
of the positions. Nothing is dropped while training. Where weights come from: ``bert_weights``.

Padding is 0 in the ids, and zeros in the hidden state after the embeddings and after every block: see ``padding``.
"""

import keras
from keras import layers, ops

from tl_core.errors import InputError
from tl_core.language import _
from tl_core.networks.bert_config import Config
from tl_core.networks.padding import cleared, named, present

#: Of the random weights that a network starts from without others, as in the paper's code.
DEVIATION = 0.02
#: The layer that looks up the vector of each word piece.
WORDS = "embeddings_words"


def build(config: Config, length: int | None) -> keras.Model:
    """Return the network of stock Keras layers and ``keras.ops``.

    Input ``ids``: ``(n, length)`` int32, 0 where there is padding. Output: ``(n, length, width)`` float32, zeros there.
    Cut points are ``embeddings_out``, ``block_01_out``, ``block_02_out`` …

    Args:
        config: its sizes.
        length: tokens of each text; None for a network that takes any, as many as it has positions.

    Raises:
        InputError: it has fewer positions than that.

    >>> tiny = Config(vocabulary=100, width=8, blocks=2, heads=2, hidden=16, positions=32)
    >>> build(tiny, 16).output_shape
    (None, 16, 8)
    """
    if length is not None and not 2 <= length <= config.positions:
        raise InputError(
            _("This network reads 2 to {most} tokens of a text. Received {length}. Choose a number between.").format(
                most=config.positions, length=length
            )
        )
    ids = keras.Input((length,), dtype="int32", name="ids")
    x = _embeddings(ids, config)
    for number in range(1, config.blocks + 1):
        x = _block(x, config, f"block_{number:02d}")
    return keras.Model(ids, x, name=config.type)


def _embeddings(ids: keras.KerasTensor, config: Config) -> keras.KerasTensor:
    name = "embeddings"
    words = _embedding(config.vocabulary, config.width, WORDS)(ids)
    ones = named(ops.ones_like(ids), f"{name}_ones")
    places = named(ops.cumsum(ones, axis=1), f"{name}_count") - 1
    positions = _embedding(config.positions, config.width, f"{name}_positions")(named(places, f"{name}_places"))
    x = layers.Add(name=f"{name}_add")([words, positions])
    x = layers.LayerNormalization(epsilon=config.epsilon, name=f"{name}_norm")(x)
    return cleared(x, named(ops.not_equal(ids, 0), f"{name}_present"), name, f"{name}_out")


def _block(x: keras.KerasTensor, config: Config, name: str) -> keras.KerasTensor:
    there = present(x, name)
    attention = _dense(config.width, f"{name}_attention_dense")(_attention(x, there, config, name))
    x = layers.Add(name=f"{name}_attention_add")([x, attention])
    x = layers.LayerNormalization(epsilon=config.epsilon, name=f"{name}_attention_norm")(x)
    wide = _dense(config.hidden, f"{name}_expand", activation="gelu")(x)
    x = layers.Add(name=f"{name}_add")([x, _dense(config.width, f"{name}_project")(wide)])
    x = layers.LayerNormalization(epsilon=config.epsilon, name=f"{name}_norm")(x)
    return cleared(x, there, name, f"{name}_out")


def _attention(x: keras.KerasTensor, there: keras.KerasTensor, config: Config, name: str) -> keras.KerasTensor:
    """Return what the heads see, side by side.

    Not Keras' ``MultiHeadAttention``: its products are none that ONNX Runtime makes in 8 bits, and a seed gives all its
    parts the same random weights.
    """

    def heads(part: str) -> keras.KerasTensor:
        values = _dense(config.width, f"{name}_{part}")(x)
        return layers.Reshape((-1, config.heads, config.width // config.heads), name=f"{name}_{part}_heads")(values)

    keys = named(ops.expand_dims(there, (1, 2)), f"{name}_attended")
    seen = ops.dot_product_attention(heads("query"), heads("key"), heads("value"), mask=keys)
    return layers.Reshape((-1, config.width), name=f"{name}_joined")(named(seen, f"{name}_attention"))


def _dense(units: int, name: str, activation: str | None = None) -> layers.Dense:
    return layers.Dense(units, activation, kernel_initializer=_initializer(), name=name)


def _embedding(rows: int, width: int, name: str) -> layers.Embedding:
    return layers.Embedding(rows, width, embeddings_initializer=_initializer(), name=name)


def _initializer() -> keras.initializers.Initializer:
    return keras.initializers.TruncatedNormal(stddev=DEVIATION)
