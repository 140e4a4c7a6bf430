"""BERT as a graph: what it computes, where it can be cut, and that neither padding nor a conversion changes it."""

import dataclasses
import zipfile

import keras
import numpy as np
import pytest

from tests.core.networks import bert_files
from tests.core.networks.bert_files import BERT
from tl_core.errors import InputError
from tl_core.features import converted
from tl_core.features.runtime import forward
from tl_core.language import written_in
from tl_core.networks import bert, bert_weights, cut, randomness, text_backbone, text_catalogue
from tl_core.networks.graph import Graph
from tl_core.networks.structure import spoken

TEXTS = [
    "The film was a joy from beginning to end.",
    "I want my money back: the card was charged twice!",
    "",
    "Which trains to Vienna run on a Sunday?",
    "🙂 emoji and ünïcödé",
    "word " * 100,
]


def tiny(length, config=BERT, seed=0):
    """Return a small network with random weights that all do something."""
    model = bert.build(config, length)
    arrays = bert_weights.from_state(bert_files.state(config, seed), config, "made up")
    for layer in model.layers:
        for variable in layer.variables:
            variable.assign(arrays[f"{layer.name}/{variable.name}"])
    return model


def ids_of(lengths, length, seed=0):
    """Return random texts of those lengths, padded."""
    ids = np.random.default_rng(seed).integers(1, BERT.vocabulary, (len(lengths), length)).astype(np.int32)
    return np.where(np.arange(length) < np.array(lengths)[:, None], ids, 0).astype(np.int32)


def away(result, wanted):
    return np.abs(np.asarray(result) - wanted).max() / np.abs(wanted).max()


@pytest.fixture(scope="module")
def bge():
    return text_backbone.build(text_catalogue.get("bge-small"), 32, weights="imagenet")


@pytest.fixture(scope="module")
def pieces():
    return bert_weights.tokenizer(text_catalogue.get("bge-small"))


@pytest.mark.parametrize("config", bert_files.CONFIGS.values(), ids=bert_files.CONFIGS)
@pytest.mark.parametrize("length", [24, None], ids=["fixed length", "any length"])
def test_it_computes_the_formulas_of_the_papers(config, length):
    model, arrays = tiny(length, config), bert_files.state(config)
    ids = ids_of([24, 9, 2], 24)
    result = model(ids).numpy()
    assert (result.shape, result.dtype) == ((3, 24, 12), np.float32)
    for row, values in zip(ids, result, strict=True):
        count = np.count_nonzero(row)
        np.testing.assert_allclose(values[:count], bert_files.hidden(config, arrays, row[:count]), atol=2e-5)


def test_padding_is_zero_after_every_block_and_changes_nothing():
    short, long = tiny(8), tiny(24)
    ids = ids_of([8, 5, 2], 8)
    wide = np.pad(ids, [(0, 0), (0, 16)])
    outputs = Graph(long).outputs
    at_cuts = keras.Model(long.input, [outputs[name] for name in Graph(long).cut_points()])(wide)
    for values in at_cuts:
        assert np.array_equal(np.any(values.numpy() != 0, axis=-1), wide != 0)
    np.testing.assert_allclose(long(wide)[:, :8], short(ids), atol=1e-5)


def test_a_text_of_nothing_but_padding_is_zero():
    result = tiny(8)(np.zeros((2, 8), np.int32)).numpy()
    assert np.array_equal(result, np.zeros_like(result))


@pytest.mark.slow
def test_padding_of_bge_changes_nothing(bge, pieces):
    any_length = text_backbone.build(text_catalogue.get("bge-small"), None, weights="imagenet")
    short, long = (any_length(pieces.encode(TEXTS[:5], length))[:, 0].numpy() for length in (16, 64))
    np.testing.assert_allclose(long, short, atol=1e-5)
    np.testing.assert_allclose(bge(pieces.encode(TEXTS[:5], 32))[:, 0], short, atol=1e-5)


def test_stock_keras_loads_it(tmp_path):
    model, ids = tiny(8), ids_of([8, 3], 8)
    model.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as file:
        assert b"tl_core" not in file.read("config.json")
    again = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(again(ids), model(ids))
    assert Graph(again).cut_points() == Graph(model).cut_points()


def test_names_are_the_same_each_time():
    assert [each.name for each in tiny(8).operations] == [each.name for each in tiny(8).operations]


@pytest.mark.parametrize("length", [1, 25])
def test_a_length_that_it_cannot_read_is_refused(length):
    with pytest.raises(InputError, match="2 to 24 tokens"):
        bert.build(BERT, length)


def test_random_weights_follow_from_the_seed():
    first, same, other = (bert.build(BERT, 8) for _ in range(3))
    for model, seed in ((first, 1), (same, 1), (other, 2)):
        randomness.initialize(model, seed)
    kernels = {name: first.get_layer(f"block_01_{name}").kernel.numpy() for name in ("query", "key", "value")}
    assert np.abs(kernels["query"] - kernels["key"]).max() > 0
    assert 0.01 < np.std(kernels["query"]) < 0.03
    assert all(np.array_equal(a, b) for a, b in zip(first.get_weights(), same.get_weights(), strict=True))
    assert not np.array_equal(first.get_weights()[0], other.get_weights()[0])


def test_blocks_are_embeddings_and_transformer_blocks():
    bge = bert.build(text_catalogue.get("bge-small").config, 32)
    blocks = cut.blocks(bge)
    assert [block.label for block in blocks] == ["Embeddings", *(f"Transformer block {n}" for n in range(1, 13))]
    assert [block.id for block in blocks] == ["embeddings_out", *(f"block_{n:02d}_out" for n in range(1, 13))]
    assert [block.id for block in blocks] == Graph(bge).cut_points()
    assert {block.shape for block in blocks} == {(32, 384)}
    assert [block.receptive_field for block in blocks] == [1, *[None] * 12]
    names = [layer.name for block in blocks for layer in block.layers]
    assert sorted(names) == sorted(operation.name for operation in bge.operations)
    assert sum(block.parameters for block in blocks) == bge.count_params() == text_catalogue.get("bge-small").parameters
    dense, attention = 32 * (4 * 384**2 + 2 * 384 * 1536), 2 * 32**2 * 384
    assert [block.multiply_adds for block in blocks] == [0, *[dense + attention] * 12]


def test_many_blocks_are_joined():
    deep = bert.build(dataclasses.replace(BERT, blocks=5), 8)
    joined = ["Embeddings", "Transformer blocks 1–2", "Transformer blocks 3–4", "Transformer block 5"]
    assert [block.label for block in cut.blocks(deep, 4)] == joined
    assert [block.label for block in cut.blocks(deep, 1)] == ["Embeddings and transformer blocks 1–5"]


def test_labels_are_translated_part_by_part():
    with written_in("en"):
        for label in ("Embeddings", "Transformer block 3", "Transformer blocks 9–10"):
            assert spoken(label) == label
        assert spoken("Embeddings and transformer blocks 1–3") == "Embeddings and transformer blocks 1–3"


@pytest.mark.parametrize("length", [8, None], ids=["fixed length", "any length"])
def test_an_unknown_block_is_an_error_with_those_that_there_are(length):
    with pytest.raises(InputError, match="embeddings_out, block_01_out, block_02_out"):
        cut.freeze_line(tiny(length), "block_03_out")


@pytest.mark.parametrize("line", ["none", "all"])
def test_all_and_none_leave_one_half(line):
    model = tiny(8)
    halves = cut.split(model, cut.freeze_line(model, line))
    assert halves == ((None, model) if line == "none" else (model, None))


def assert_halves_are_the_whole(model, ids):
    outputs = Graph(model).outputs
    lines = [block.id for block in cut.blocks(model)][:-1]
    *at_line, whole = keras.Model(model.input, [*(outputs[line] for line in lines), model.output])(ids, training=False)
    for line, activations in zip(lines, at_line, strict=True):
        trunk, tail = cut.split(model, cut.freeze_line(model, line))
        assert trunk.output_shape == tail.input_shape == model.output_shape
        assert away(tail(activations, training=False), whole) <= 1e-5, line


def test_trunk_then_tail_equals_the_whole_at_every_line():
    assert_halves_are_the_whole(tiny(12), ids_of([12, 7, 2, 0], 12))


@pytest.mark.slow
def test_trunk_then_tail_of_bge_equals_the_whole_at_every_line(bge, pieces):
    assert_halves_are_the_whole(bge, pieces.encode(TEXTS, 32))


@pytest.mark.parametrize("length", [12, pytest.param(None, marks=pytest.mark.slow)], ids=["fixed length", "any length"])
def test_onnx_runtime_gives_what_keras_gives_at_every_line(length):
    import onnxruntime

    model, ids = tiny(length), ids_of([12, 7, 2, 0, 12], 12)
    for line in Graph(model).cut_points():
        trunk = cut.split(model, line)[0]
        trunk.trainable = False
        wanted = trunk(ids).numpy()
        content = converted.convert(trunk)
        ready = converted._of(content)
        assert ready.shape == (length, 12)
        assert away(ready.run(ids), wanted) < 1e-5, line
        longer, alone = ready.run(np.pad(ids, [(0, 0), (0, 6)])), [ready.run(row[None])[0] for row in ids]
        assert np.array_equal(longer[:, :12], ready.run(ids)), "padding is left out"
        assert np.array_equal(alone, ready.run(ids)), "the numbers of a text are its own"
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        for count in (5, 2):
            assert away(session.run(None, {"ids": ids[:count]})[0], wanted[:count]) < 1e-5, line
        assert away(forward(trunk)(ids), wanted) < 1e-5, line


@pytest.mark.slow
@pytest.mark.parametrize("line", ["embeddings_out", "block_10_out", "block_12_out"])
def test_onnx_runtime_gives_what_keras_gives_of_bge(bge, pieces, line, tmp_path):
    trunk, ids = cut.split(bge, line)[0], pieces.encode(TEXTS, 32)
    run = converted._of(converted.convert(trunk)).run
    assert away(run(ids), trunk(ids).numpy()) < 1e-4
    many = np.concatenate([ids] * 9)
    assert np.array_equal(run(many), np.concatenate([run(row[None]) for row in many])), (
        "the numbers of a text are its own"
    )


@pytest.mark.slow
def test_training_the_tail_on_kept_activations_is_training_the_whole(pieces):
    """The same losses, epoch by epoch, and the same answers: 24 texts, two epochs, frozen up to block 10."""
    texts = [f"{word} {thing}" for thing in TEXTS[:4] for word in ("I love", "Awful:", "yes", "no", "why", "so")]
    ids, labels = pieces.encode(texts, 32), np.arange(24) % 2
    losses, answers = {}, {}
    for way in ("plain", "cached"):
        model = text_backbone.build(text_catalogue.get("bge-small"), 32, weights="imagenet")
        trunk, tail = cut.split(model, cut.freeze_line(model, "block_10_out"))
        for layer in trunk.layers:
            layer.trainable = False
        begun, data = (model, ids) if way == "plain" else (tail, converted._of(converted.convert(trunk)).run(ids))
        start = keras.Input(begun.input_shape[1:], dtype=begun.input.dtype)
        last = keras.layers.Dense(2, kernel_initializer=keras.initializers.GlorotUniform(3))
        learner = keras.Model(start, last(begun(start)[:, 0]))
        learner.compile(keras.optimizers.Adam(1e-4), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        losses[way] = learner.fit(data, labels, batch_size=8, epochs=2, shuffle=False, verbose=0).history["loss"]
        answers[way] = learner.predict(data, verbose=0)
    np.testing.assert_allclose(losses["cached"], losses["plain"], rtol=1e-4)
    assert losses["plain"][1] < losses["plain"][0]
    assert away(answers["cached"], answers["plain"]) < 1e-4
