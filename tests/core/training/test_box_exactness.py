"""Boxes learned on stored maps come to the numbers of plain Keras, which trains the whole network in one model.

The plain side has the network, the head and the loss that are ours, stock optimizers and ``fit``, and none of the code
that cuts, stores and goes through phases.
"""

import keras
import numpy as np
import pytest
from PIL import Image

from tests.boxed import squares
from tests.core.training.plain import OnePerBlock
from tl_core import jobs, runs
from tl_core.dataset import manifest
from tl_core.evaluation import box_record
from tl_core.networks import backbone, catalogue, cut, pyramid
from tl_core.networks.box_head import BoxHead
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.runs import RunFolder
from tl_core.tasks import table as tasks
from tl_core.training.box_targets import BoxLoss, targets
from tl_core.workspace import Project

SIZE, BATCH, RATE = 64, 4, 1e-4
#: In front of all maps, a map itself, between two maps, after two of them; nothing frozen.
LINES = ("block_02_add", "block_04_add", "block_07_add", "block_13_add", "none")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return squares(tmp_path_factory.mktemp("boxes"))


def recipe_of(project: Project, line: str) -> Recipe:
    data = manifest.load(project)
    draft = tasks.of(project).draft("efficientnet-lite0", data)
    options = {"image_size": SIZE, "batch_size": BATCH, "epochs": 1, "augmentation": "off"}
    tuned = {"fine_tune_epochs": 2, "fine_tune_learning_rate": RATE, "schedule": "cosine", "block_decay": 0.5}
    draft = draft.changed(cache_precision="float32", freeze=line, **options, **tuned)
    return draft.recipe(data.version, len(data.classes), catalogue.get(draft.backbone))


def plainly(project: Project, recipe: Recipe) -> tuple[list[dict[str, float]], set[str]]:
    """Train as a Keras tutorial does: freeze, compile, fit; then thaw, compile again, fit.

    Return the epochs, and the names of the frozen layers.
    """
    data, inputs, wanted = manifest.load(project), {}, {}
    for split in ("train", "validation"):
        rows = data.split(split)
        files = [Image.open(manifest.image_path(project, id_)) for id_ in rows["id"]]
        inputs[split] = np.stack([np.asarray(file, np.float32) for file in files])
        truth = box_record.truth_of(rows, data.classes)
        wanted[split] = np.stack([targets(each[:, :4], each[:, 4].astype(int), 2, SIZE) for each in truth])
    base = backbone.of_recipe(recipe, project.workspace, Progress())
    maps, blocks = pyramid.maps(base), cut.blocks(base)
    head = BoxHead(maps.shapes, 2, recipe.seed)
    given = keras.Model(base.input, [base.get_layer(name).output for name in maps.blocks])
    plain = keras.Model(base.input, head.model(given.output))
    names = [layer.name for layer in base.layers]
    frozen = set() if recipe.freeze == "none" else set(names[: names.index(recipe.freeze) + 1])
    steps, rows = -(-len(inputs["train"]) // BATCH), []
    for epochs, thawed in ((recipe.epochs, False), (recipe.fine_tune_epochs, True)):
        for layer in base.layers:
            norm = isinstance(layer, keras.layers.BatchNormalization)
            layer.trainable = thawed and layer.name not in frozen and not norm
        optimizer = tuned(recipe, base, blocks, epochs * steps) if thawed else learned(recipe, epochs * steps)
        plain.compile(optimizer, BoxLoss(2))
        for epoch in range(epochs):
            order = np.arange(len(inputs["train"]))
            np.random.default_rng([recipe.seed, epoch]).shuffle(order)
            fitted = plain.fit(
                inputs["train"][order],
                wanted["train"][order],
                batch_size=BATCH,
                validation_data=(inputs["validation"], wanted["validation"]),
                validation_batch_size=BATCH,
                shuffle=False,
                verbose=0,
            )
            rows.append({name: values[0] for name, values in fitted.history.items()})
    return rows, frozen


def cosine(rate: float, steps: int) -> keras.optimizers.schedules.CosineDecay:
    warm = steps // 10
    return keras.optimizers.schedules.CosineDecay(0.0, steps - warm, 0.0, "cosine", rate, warm)


def learned(recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    return keras.optimizers.AdamW(cosine(recipe.learning_rate, steps), weight_decay=recipe.weight_decay, clipnorm=5.0)


def tuned(recipe: Recipe, base: keras.Model, blocks: list[cut.Block], steps: int) -> keras.optimizers.Optimizer:
    """Return a stock optimizer for each block, at half of the rate of the block after it."""
    after = {layer.name: at for at, block in enumerate(blocks[::-1]) for layer in block.layers}
    numbers = {each.path: after[layer.name] for layer in base.layers for each in layer.trainable_variables}
    rates = {at: cosine(recipe.fine_tune_learning_rate * 0.5**at, steps) for at in range(len(blocks))}
    made = {at: keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay) for at, rate in rates.items()}
    return OnePerBlock(made, numbers)


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
def test_fine_tuning_for_boxes_equals_plain_keras(project: Project, line: str):
    recipe = recipe_of(project, line)
    run: RunFolder = runs.create(project, recipe)
    jobs.execute(run.folder)
    rows, frozen = plainly(project, recipe)
    report = run.report()

    assert report is not None
    assert [each.phase for each in report.history] == ["head", "fine-tune", "fine-tune"]
    for mine, theirs in zip(report.history, rows, strict=True):
        assert (mine.loss, mine.val_loss) == pytest.approx((theirs["loss"], theirs["val_loss"]), rel=1e-4)
    losses = np.array([row["loss"] for row in rows])
    assert (np.abs(np.diff(losses)) > 0.01 * losses[1:]).all(), "next to nothing was learnt: equal numbers say nothing"
    before = backbone.of_recipe(recipe, project.workspace, Progress())
    after = keras.models.load_model(run.model_path, compile=False)
    for layer in before.layers:
        same = [
            np.array_equal(old, new)
            for old, new in zip(layer.get_weights(), _within(after, layer.name).get_weights(), strict=True)
        ]
        norm = isinstance(layer, keras.layers.BatchNormalization)
        assert not same or all(same) == (layer.name in frozen or norm), layer.name


def _within(model: keras.Model, name: str) -> keras.layers.Layer:
    """Return a layer of a model, or of a model in it."""
    for layer in model.layers:
        if layer.name == name:
            return layer
        if isinstance(layer, keras.Model) and (found := _within(layer, name)) is not None:
            return found
    return None
