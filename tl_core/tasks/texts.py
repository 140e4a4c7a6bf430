"""Texts with one label each."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tl_core import wording
from tl_core.dataset.manifest import Manifest
from tl_core.draft import GENTLE_FROM, Draft
from tl_core.errors import InputError
from tl_core.language import N_, _
from tl_core.networks import bert_weights, text_catalogue
from tl_core.networks.tables import Pretrained
from tl_core.networks.text_catalogue import TextNetwork
from tl_core.recipe import check_range
from tl_core.tasks.task import Task
from tl_core.text import notes, sources

#: This share of the texts is read to its end; of longer ones the beginning.
WHOLE = 0.98
#: How blocks are fine-tuned: J. Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language
#: Understanding", 2019, appendix A.3.
FINE_TUNED: dict[str, Any] = {
    "schedule": "cosine",
    "fine_tune_learning_rate": 5e-5,
    "fine_tune_epochs": 4,
    "weight_decay": 0.01,
}
#: The rate of a head before blocks learn: after logistic regression these learned nothing (tests/bench/README.md).
GENTLE_RATE = 0.003
#: Lengths are multiples of this, so that a few longer texts need no new activations.
STEP = 8


def length(texts: Manifest, network: TextNetwork) -> int:
    """Return how many word pieces of each text a network should read: as many as nearly all of the texts have.

    Raises:
        MissingWeightsError: the network's tokenizer is not on this machine.
    """
    pieces = bert_weights.tokenizer(network).lengths(texts.table["text"].tolist())
    wanted = STEP * math.ceil(float(np.quantile(pieces, WHOLE)) / STEP) if len(pieces) else network.default_size
    return min(max(wanted, 2 * STEP), network.most_tokens)


def check_length(wanted: int, network: TextNetwork) -> None:
    """Raise InputError unless a network can read that many word pieces of a text."""
    check_range(N_("The number of word pieces that are read of a text"), wanted, 2 * STEP, network.most_tokens)


def check_freeze(freeze: str, network: TextNetwork) -> None:
    """Raise InputError unless ``freeze`` is "all", "none", or a place at which ``bert.build`` can be cut."""
    blocks = ["embeddings_out", *(f"block_{number:02d}_out" for number in range(1, network.blocks + 1))]
    if freeze not in ("all", "none", *blocks):
        raise InputError(
            _("This network has no block “{freeze}” to freeze. Choose all, none or one of: {offered}.").format(
                freeze=freeze, offered=", ".join(blocks)
            )
        )


def _draft(network: str | None, texts: Manifest) -> Draft:
    row = text_catalogue.get(network)
    draft = Draft(backbone=row.id, image_size=length(texts, row), **FINE_TUNED)
    rate = GENTLE_RATE if len(texts.split("train")) >= GENTLE_FROM else None
    return replace(draft, head=replace(draft.head, pooling=row.pooling), gentle_rate=rate)


def _reads(path: Path) -> bool:
    return sources.holds_texts(path)


def _sizes(network: Pretrained) -> range:
    most = network.most_tokens if isinstance(network, TextNetwork) else network.default_size
    return range(2 * STEP, most + 1, STEP)


TASK = Task(
    id="texts",
    title=N_("Texts with one label"),
    network=text_catalogue.DEFAULT,
    reads=_reads,
    holds=sources.holds,
    draft=_draft,
    problems=notes.problems,
    notes=notes.notes,
    count=wording.texts,
    sizes=_sizes,
    poolings=("first", "average", "max"),
    augments=False,
    fine_tuned=lambda _options: FINE_TUNED,
    probes=True,
    feature_maps=False,
    results=("numbers", "errors", "map", "compare", "sure", "unknown"),
    experiments=("search", "race", "shootout", "learning-curve", "remeasure"),
    formats=("keras", "litert", "litert-f16", "onnx", "web", "report", "card", "notebook", "script"),
)
