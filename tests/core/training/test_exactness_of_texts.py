"""The same for networks from folders: a DistilBERT and a MiniLM learn on stored activations what plain Keras learns.

Both begin from the files of a folder in the form of the library Transformers. The plain side reads the texts with the
library ``tokenizers``, has the whole network in one model, and none of our training code.
"""

import json
import re
from dataclasses import dataclass, replace

import keras
import numpy as np
import pytest
from tokenizers import BertWordPieceTokenizer

from tests.conftest import share_weights
from tests.core.networks import bert_files
from tests.core.training.plain import BATCH, first_head, plainly
from tl_core import api, jobs, runs
from tl_core.dataset import manifest
from tl_core.evaluation.predictions import softmax
from tl_core.networks import cut, saved, text_backbone, text_catalogue
from tl_core.networks.bert_config import Config
from tl_core.recipe import Head
from tl_core.runs import best_epoch
from tl_core.tasks import table as tasks
from tl_core.text.sample import SHOP
from tl_core.workspace import Workspace

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *sorted(set(re.findall(r"\w+|[^\w\s]", SHOP.read_text().lower())))]


@dataclass(frozen=True, kw_only=True)
class Family:
    """A network as small as its family allows.

    Attributes:
        config: its sizes.
        prefix: of the names of its weights.
        sentences: whether it comes from Sentence Transformers, which say how its hidden states become one vector.
    """

    config: Config
    prefix: str = ""
    sentences: bool = False


SIZES = {"vocabulary": len(PIECES), "positions": 48}
FAMILIES = {
    # Half of the blocks, no types of tokens, names of its own.
    "distilbert": Family(
        config=Config(type="distilbert", width=32, blocks=3, heads=4, hidden=64, **SIZES), prefix="distilbert."
    ),
    # A BERT of narrow blocks with twelve heads each.
    "minilm": Family(
        config=Config(type="bert", types=2, width=48, blocks=6, heads=12, hidden=192, **SIZES), sentences=True
    ),
}
LINES = {"distilbert": ("embeddings_out", "block_02_out"), "minilm": ("block_01_out", "block_04_out", "block_05_out")}


def folder_of(place, family):
    """Write a network with random weights that all do something."""
    arrays = bert_files.state(family.config)
    quiet = {name: array / (4 if array.ndim == 2 else 1) for name, array in arrays.items()}
    scales = {name: array + 1 for name, array in quiet.items() if name.endswith("orm.weight")}
    bert_files.write(place, family.config, quiet | scales, family.prefix, PIECES)
    if family.sentences:
        (place / "1_Pooling").mkdir()
        says = {"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}
        (place / "1_Pooling" / "config.json").write_text(json.dumps(says))
    return place


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    workspace = share_weights(Workspace.open(tmp_path_factory.mktemp("workspace")))
    return api.import_texts(workspace, SHOP)[0]


@pytest.mark.slow
@pytest.mark.parametrize(("family", "line"), [(family, line) for family, lines in LINES.items() for line in lines])
def test_training_equals_plain_keras(project, tmp_path, family, line):
    """The head on everything frozen, then the upper blocks: losses and accuracies epoch by epoch, and the answers."""
    network = text_catalogue.local(folder_of(tmp_path / family, FAMILIES[family]))
    listed = manifest.load(project)
    draft = replace(
        tasks.of(project).draft(network.id, listed),
        head=Head(dropout=0, pooling=network.pooling),
        solver="adam",
        epochs=2,
        learning_rate=3e-3,
        batch_size=BATCH,
        class_weights=False,
        freeze=line,
        fine_tune_epochs=2,
        fine_tune_learning_rate=3e-4,
        block_decay=0.5,
    )
    run = runs.create(project, draft.recipe(listed.version, len(listed.classes), network))
    jobs.execute(run.folder)

    ids, labels = given(network, listed, run.recipe.image_size)
    base = text_backbone.build(network, run.recipe.image_size, weights="imagenet")
    blocks = cut.blocks(base)
    frozen = {layer.name for layer in cut.split(base, line)[0].layers}
    before = {layer.name: layer.get_weights() for layer in base.layers}
    pooled = keras.layers.GlobalAveragePooling1D()(base.output, mask=keras.ops.not_equal(base.input, 0))
    plain = keras.Model(base.input, keras.layers.Dense(len(listed.classes))(pooled))
    plain.layers[-1].set_weights(first_head(run.recipe, network.width, len(listed.classes)))
    kept = []
    rows = plainly(plain, base, blocks, frozen, ids, labels, run.recipe, kept)

    ours = run.report().history
    assert [row.phase for row in ours] == ["head", "head", "fine-tune", "fine-tune"]
    for mine, theirs in zip(ours, rows, strict=True):
        for name, value in theirs.items():
            assert getattr(mine, name) == pytest.approx(value, rel=1e-4, abs=1e-7), (mine, theirs)
    assert ours[1].val_loss < ours[0].val_loss, "else what follows begins with another epoch than the last"
    losses = np.array([row["loss"] for row in rows])
    assert (np.abs(np.diff(losses)) > 0.001 * losses[1:]).all(), "next to nothing was learnt: equal numbers say nothing"

    best, model = best_epoch(ours), saved.of_run(run)
    moved = {name for name, old in before.items() if old and differ(old, model.get_layer(name).get_weights())}
    assert moved == {name for name, old in before.items() if old and name not in frozen and best.phase == "fine-tune"}
    plain.set_weights(kept[ours.index(best)])
    wanted = softmax(plain.predict(ids["validation"], verbose=0) / run.report().temperature)
    np.testing.assert_allclose(model.predict(ids["validation"], verbose=0), wanted, atol=1e-4)


def differ(old, new):
    return any(not np.array_equal(a, b) for a, b in zip(old, new, strict=True))


def given(network, listed, length):
    """Return the word pieces and labels of each split, by the library ``tokenizers``."""
    tokenizer = BertWordPieceTokenizer(f"{network.folder}/vocab.txt", lowercase=True)
    tokenizer.enable_truncation(length)
    tokenizer.enable_padding(length=length)
    ids, labels = {}, {}
    for split in ("train", "validation"):
        rows = listed.split(split)
        ids[split] = np.array([each.ids for each in tokenizer.encode_batch(rows["text"].tolist())], np.int32)
        labels[split] = np.eye(len(listed.classes), dtype=np.float32)[
            [listed.classes.index(at) for at in rows["label"]]
        ]
    assert (ids["train"] == 1).mean() < 0.05, "it knows nearly all of the words"
    return ids, labels
