"""Small BERTs as folders of the library Transformers, and what such a network gives, computed without Keras."""

import json
import math

import numpy as np
from safetensors.numpy import save_file

from tl_core.networks import bert_config, bert_weights
from tl_core.networks.bert_config import Config

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz", *(f"##{each}" for each in "abcdefghij")]
SIZES = {"vocabulary": len(PIECES), "width": 12, "blocks": 2, "heads": 3, "hidden": 20, "positions": 24}
BERT = Config(type="bert", types=2, **SIZES)
DISTILBERT = Config(type="distilbert", **SIZES)
CONFIGS = {"bert": BERT, "distilbert": DISTILBERT}


def state(config, seed=0):
    """Return random weights by the names of the library."""
    random = np.random.default_rng(seed)
    entries = list(bert_weights._entries(config))
    shapes = {entry.name: entry.shape for entry in entries}
    if config.types:
        shapes[bert_weights.TYPES] = (config.types, config.width)
    return {name: random.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}


def fields(config):
    """Return what ``config.json`` says."""
    sizes = {field: getattr(config, size) for size, field in bert_config.SIZES[config.type].items()}
    return {"model_type": config.type, **sizes}


def write(folder, config, arrays=None, prefix="", pieces=PIECES, **other):
    """Write the folder of a network and return it; ``other`` are more fields of ``config.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = state(config) if arrays is None else arrays
    save_file(
        {f"{prefix}{name}": np.ascontiguousarray(array) for name, array in arrays.items()}, folder / "model.safetensors"
    )
    (folder / "config.json").write_text(json.dumps({**fields(config), **other}))
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n")
    return folder


def hidden(config, arrays, ids):
    """Return the hidden states of one text without padding, ``(length, width)``: the papers' formulas in NumPy."""
    dense, norms, blocks = (
        table[config.type] for table in (bert_weights.DENSE, bert_weights.NORMS, bert_weights.BLOCKS)
    )

    def apply(name, x):
        return x @ arrays[f"{name}.weight"].T + arrays[f"{name}.bias"]

    def normalised(name, x):
        centred = x - x.mean(-1, keepdims=True)
        return (
            centred / np.sqrt(centred.var(-1, keepdims=True) + config.epsilon) * arrays[f"{name}.weight"]
            + arrays[f"{name}.bias"]
        )

    x = arrays[bert_weights.WORDS][ids] + arrays[bert_weights.POSITIONS][: len(ids)]
    x = normalised("embeddings.LayerNorm", x + arrays[bert_weights.TYPES][0] if config.types else x)
    for number in range(config.blocks):
        block = f"{blocks}.{number}"
        query, key, value = (
            np.stack(np.split(apply(f"{block}.{dense[part]}", x), config.heads, -1))
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(config.width // config.heads)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        seen = np.concatenate(list(shares / shares.sum(-1, keepdims=True) @ value), -1)
        x = normalised(f"{block}.{norms['attention_norm']}", x + apply(f"{block}.{dense['attention_dense']}", seen))
        wide = apply(f"{block}.{dense['expand']}", x)
        wide = wide * (1 + np.vectorize(math.erf)(wide / math.sqrt(2))) / 2
        x = normalised(f"{block}.{norms['norm']}", x + apply(f"{block}.{dense['project']}", wide))
    return x
