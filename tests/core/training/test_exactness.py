"""Training on stored activations comes to the numbers of plain Keras, which trains the whole network in one model.

The plain side has stock layers, stock preprocessing and ``fit``, and none of our training code. Its random networks
have BatchNorm scales settled on the pictures: in fresh ones the signal of some networks vanishes (to 1e-12), and all
numbers would agree because nothing reaches the head. They get to our side as a file in Keras' cache.

Their fine-tuning rate is small because their gradient is not continuous: a ReLU on the edge flips with the last bit
of a sum, and on maps of 2 × 2 one unit is a hundredth of the gradient. Plain Keras differs from itself by as much
when its pictures change by 1e-7. The trained weights of EfficientNet-Lite0 agree to 1e-6 at an ordinary rate.
"""

import dataclasses
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image

from tests.core.hues import new_run, project_of_hues
from tests.core.training.plain import BATCH, first_head, plainly
from tl_core import jobs
from tl_core.dataset import manifest
from tl_core.evaluation.predictions import softmax
from tl_core.networks import backbone, catalogue, cut
from tl_core.networks.keras_applications import constructors
from tl_core.recipe import Head
from tl_core.runs import best_epoch
from tl_core.workspace import Workspace

SIZE = 64
RATE = 1e-2
#: How the published network wants its pixels; None where that is part of the stock graph.
NETWORKS = {
    "mobilenet-v2": keras.applications.mobilenet_v2.preprocess_input,
    "efficientnet-lite0": None,
    "resnet50": keras.applications.resnet.preprocess_input,
    "densenet121": keras.applications.densenet.preprocess_input,
}
#: Of fine-tuning: the larger, the more is learnt; the smaller, the less rounding grows.
RATES = {"mobilenet-v2": 1e-6, "efficientnet-lite0": 1e-4, "resnet50": 2e-7, "densenet121": 1e-6}
#: These are compared at their late line in every run of the tests.
QUICK = ("efficientnet-lite0",)
#: Where the line lies, as a share of the blocks.
LINES = {"early": 0.2, "middle": 0.5, "late": 0.8}


@dataclasses.dataclass
class Pair:
    """What both sides came to: a run of ours, and plain Keras."""

    run: object
    plain: keras.Model
    rows: list
    frozen: list
    before: dict
    inputs: np.ndarray
    pixels: np.ndarray
    truth: np.ndarray


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    workspace = Workspace.open(tmp_path_factory.mktemp("workspace"))
    return project_of_hues(workspace, tmp_path_factory.mktemp("hues") / "hues", count=16)


@pytest.fixture(scope="module")
def pair(project, tmp_path_factory):
    """Train on both sides, once for each network and line."""
    done, home = {}, tmp_path_factory.mktemp("keras")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_HOME", str(home))

        def get(network, line):
            if (network, line) not in done:
                done.clear() if line != "late" else None  # the graphs of all twelve would fill the memory
                done[network, line] = trained(project, home / "models", network, line)
            return done[network, line]

        yield get


def trained(project, models, network, line):
    row = catalogue.get(network)
    pixels, labels = {}, {}
    data = manifest.load(project)
    for split in ("train", "validation"):
        table = data.split(split)
        files = [Image.open(manifest.image_path(project, id_)) for id_ in table["id"]]
        pixels[split] = np.stack([np.asarray(file, np.float32) for file in files])
        labels[split] = np.eye(2, dtype=np.float32)[[data.classes.index(label) for label in table["label"]]]
    keras.utils.set_random_seed(7)
    base = stock(row, pixels["train"], project.workspace, models)
    inputs = {split: prepared(network, values) for split, values in pixels.items()}

    ours = backbone.build(row, SIZE, weights="imagenet", workspace=project.workspace)
    blocks = cut.blocks(ours)
    at = blocks[round(LINES[line] * (len(blocks) - 1))].id
    frozen = [layer.name for layer in cut.split(ours, at)[0].layers if layer.weights]
    before = {layer.name: layer.get_weights() for layer in ours.layers}
    recipe = {"backbone": network, "image_size": SIZE, "batch_size": BATCH, "freeze": at}
    recipe |= {"head": Head(dropout=0, centred=row.bundled)}
    recipe |= {"epochs": int(row.bundled), "learning_rate": RATE}
    recipe |= {"fine_tune_epochs": 2, "fine_tune_learning_rate": RATES[network]}
    recipe |= {"schedule": "cosine", "weight_decay": 0.05, "block_decay": 0.5} if row.bundled else {}
    run = new_run(project, **recipe)
    head = first_head(run.recipe, base.output.shape[-1], 2)
    jobs.execute(run.folder)

    pooled = keras.layers.GlobalAveragePooling2D()(base.output)
    if recipe["head"].centred:
        pooled = centred(keras.Model(base.input, pooled).predict(inputs["train"], verbose=0))(pooled)
    plain = keras.Model(base.input, keras.layers.Dense(2)(pooled), name="plain")
    plain.layers[-1].set_weights(head)
    rows = plainly(plain, base, blocks, set(frozen), inputs, labels, run.recipe)
    truth = labels["validation"]
    return Pair(run, plain, rows, frozen, before, inputs["validation"], pixels["validation"], truth)


def centred(features):
    """Return the layer that centres features and scales them to a length of 2."""
    squares = ((features - features.mean(0)) ** 2).sum(1).mean()
    return keras.layers.Rescaling(2 / squares**0.5, offset=-features.mean(0) * 2 / squares**0.5)


def stock(row, pixels, workspace, models):
    """Return the network as Keras builds it, settled on the pictures; keep it where our side looks for weights."""
    if row.bundled:
        return backbone.build(row, SIZE, weights="imagenet", workspace=workspace)
    base = constructors()[row.constructor](weights=None, include_top=False, input_shape=(SIZE, SIZE, 3))
    settle(base, prepared(row.id, pixels))
    models.mkdir(exist_ok=True)
    base.save(models / row.weights_file)
    return base


def settle(model, pictures):
    """Set every BatchNorm to the scale of what reaches it. The mean is left alone: with it, deep random networks are
    chaotic, and the rounding of a sum in another order grows to a thousandth."""
    values = {id(model.input): pictures}
    for layer in model.layers[1:]:
        inputs = layer.input if isinstance(layer.input, list) else [layer.input]
        taken = [values[id(tensor)] for tensor in inputs]
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_variance.assign(keras.ops.mean(keras.ops.square(taken[0]), axis=(0, 1, 2)))
        values[id(layer.output)] = layer(taken if len(taken) > 1 else taken[0])


def prepared(network, pixels):
    return NETWORKS[network](pixels.copy()) if NETWORKS[network] else pixels


CASES = [
    pytest.param(network, line, marks=[] if line == "late" and network in QUICK else [pytest.mark.slow])
    for line in LINES
    for network in NETWORKS
]


@pytest.mark.parametrize(("network", "line"), CASES)
def test_training_equals_plain_keras(pair, network, line):
    both = pair(network, line)
    ours = both.run.report().history
    assert len(ours) == len(both.rows) >= 2
    for mine, plain in zip(ours, both.rows, strict=True):
        for name, value in plain.items():
            assert getattr(mine, name) == pytest.approx(value, rel=1e-4, abs=1e-7), (mine, plain)
    losses = np.array([row["loss"] for row in both.rows])
    assert np.isfinite(losses).all()
    assert (np.abs(np.diff(losses)) > 0.01 * losses[1:]).all(), "next to nothing was learnt: equal numbers say nothing"

    model = keras.models.load_model(both.run.model_path)
    norms = [layer.name for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    norms = [name for name in norms if name in both.before]  # the head has one of its own
    for name in {*both.frozen, *norms}:
        for old, new in zip(both.before[name], model.get_layer(name).get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)
    after = [layer for layer in model.layers if layer.name in both.before and layer.name not in {*both.frozen, *norms}]
    moved = [both.before[layer.name][0] != layer.get_weights()[0] for layer in after if layer.weights]
    assert moved
    assert all(each.any() for each in moved)


@pytest.mark.slow
def test_the_saved_models_say_what_training_said_where_there_is_only_keras(pair, tmp_path):
    known = {network: pair(network, "late") for network in QUICK}
    np.save(tmp_path / "pixels.npy", known[QUICK[0]].pixels)
    paths = {network: str(both.run.model_path) for network, both in known.items()}
    script = (
        "import sys, keras, numpy as np\n"
        f"pixels = np.load({str(tmp_path / 'pixels.npy')!r})\n"
        f"for name, path in {paths!r}.items():\n"
        f"    np.save({str(tmp_path)!r} + '/' + name, keras.models.load_model(path).predict(pixels, verbose=0))\n"
        "assert not any(name.startswith('tl_core') for name in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path)
    for network, both in known.items():
        report = both.run.report()
        best = best_epoch(report.history)
        calibrated = np.load(tmp_path / f"{network}.npy")
        predicted = softmax(np.log(calibrated) * report.temperature)
        np.testing.assert_array_equal(calibrated.argmax(1), predicted.argmax(1))
        loss = -np.log((predicted * both.truth).sum(1)).mean()
        assert loss == pytest.approx(best.val_loss, rel=1e-5, abs=1e-5), network
        assert (predicted.argmax(1) == both.truth.argmax(1)).mean() == pytest.approx(best.val_accuracy)
        if best == report.history[-1]:
            plain = keras.ops.softmax(both.plain.predict(both.inputs, verbose=0))
            np.testing.assert_allclose(predicted, plain, atol=1e-4)
