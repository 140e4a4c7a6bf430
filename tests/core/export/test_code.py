"""The code of a run: it trains the model again where nothing of this program is, whatever was chosen and named."""

import dataclasses
import itertools
import json
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.core import hues
from tests.core.export.conftest import export, unpacked
from tl_core import jobs
from tl_core.dataset import manifest
from tl_core.errors import InputError
from tl_core.evaluation import everything, predictions
from tl_core.export import notebook, stock_network, walkthrough
from tl_core.export.stock_network import Stock
from tl_core.features.augment import LEVELS
from tl_core.networks import backbone, catalogue
from tl_core.recipe import Head, Recipe
from tl_core.runs import RunFolder

#: Names that end strings, comments, folders and paths, or that some systems do not take.
HOSTILE = ["CON", '{{ 7 * 7 }} """\\\' {x} #%% ../猫 <b>\u202e']
#: Runs the code of a notebook as its cells are run: one after the other, in one space of names.
CELLS = """
import json, pathlib
space = {}
for cell in json.loads(pathlib.Path("train.ipynb").read_text(encoding="utf-8"))["cells"]:
    if cell["cell_type"] == "code":
        exec("".join(cell["source"]), space)
"""
STEPS = {"schedule": "cosine", "weight_decay": 0.05, "block_decay": 0.8, "fine_tune_learning_rate": 1e-3}
SMALL = {"augmentation": "full", "augmentation_variants": 2, "augmentation_size": "picture"}
MOBILE = {"backbone": "mobilenet-v2", "image_size": 224, "manifest": 1, "seed": 0}
ONE_OF_A_FAMILY = [next(rows) for _, rows in itertools.groupby(catalogue.CATALOGUE, lambda row: row.family)]


def run_code(folder: Path, *arguments: str) -> str:
    """Run Python where nothing of this program is, and return what it prints."""
    command = [sys.executable, "-I", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def accuracy(said: str, split: str = "validation") -> float:
    right, of = re.findall(rf"Right for (\d+) of (\d+) {split} pictures", said)[0]
    return int(right) / int(of)


def assert_repeats(run: RunFolder, said: str) -> None:
    """Assert that the code got as far as the run did."""
    low, high = run.report().validation.interval
    assert low <= accuracy(said) <= high
    assert "This is within the 95% interval of the run" in said
    assert "test pictures" not in said, "they are sealed"


@pytest.mark.slow
def test_a_script_with_fine_tuning_repeats_the_run_under_any_names(hues_with, tmp_path):
    run = RunFolder(hues_with(tmp_path / "workspace", "tail").runs / "tail")
    hues.rename_classes(run, HOSTILE)
    run.project.rename("coding: latin-1 # %% [markdown] {{ 1 / 0 }} *猫*")
    made = export(run, "script")
    assert made.proof is None
    assert made.not_proved.startswith("Making it does not run it.")
    folder = unpacked(run, made, tmp_path / "code")

    named = json.loads((folder / "classes.json").read_text(encoding="utf-8"))
    assert list(named.values()) == sorted(HOSTILE)
    assert {each.name for each in (folder / "data" / "test").iterdir()} == set(named)
    assert sorted(each.name for each in folder.iterdir()) == [
        *("README.md", "backbone.keras", "card.md", "classes.json", "data", "requirements.txt", "train.py")
    ]
    pinned = dict(line.split("==") for line in (folder / "requirements.txt").read_text().splitlines())
    assert pinned["keras"] == keras.__version__
    program = (folder / "train.py").read_text(encoding="utf-8")
    assert "tl_core" not in program
    assert not any(name in program for name in HOSTILE)

    said = run_code(folder, "train.py")
    assert_repeats(run, said)
    answers = keras.saving.load_model(folder / "model.keras").predict(np.zeros((1, 64, 64, 3)), verbose=0)
    assert answers.sum() == pytest.approx(1)


@pytest.fixture(scope="module")
def project(hues_with, tmp_path_factory):
    return hues_with(tmp_path_factory.mktemp("workspace"), "head", "flatten", "live")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["head", "flatten", "live"])
def test_a_notebook_repeats_the_run(project, tmp_path, kind):
    run = RunFolder(project.runs / kind)
    folder = unpacked(run, export(run, "notebook"), tmp_path)
    assert_repeats(run, run_code(folder, "-c", CELLS))


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"augmentation": "full", "augmentation_variants": 3, "epochs": 8, "head": Head(pooling="max", hidden=8)},
        {"weights": "random", "freeze": "none", "epochs": 0, "fine_tune_epochs": 2, "train_batch_norm": True},
        {"freeze": hues.LINE, "fine_tune_epochs": 1, "keep_frozen": ("DepthwiseConv2D",), "augmentation": "gentle"},
        {"class_weights": False, "label_smoothing": 0.1, "head": Head(centred=True)},
        {"augmentation": "full", "augmentation_variants": 0, "epochs": 1, "head": Head(centred=True)},
        {"freeze": hues.LINE, "fine_tune_epochs": 3, "image_size": 96, **STEPS, **SMALL},
        {"solver": "lbfgs", "head": Head(activation="sigmoid", saturated=True, centred=True)},
        {"solver": "lbfgs", "freeze": hues.LINE, "fine_tune_epochs": 2, **SMALL, "head": Head(saturated=True)},
    ],
    ids=[
        "augmented",
        "random",
        "partly frozen",
        "smooth",
        "live and centred",
        "cosine",
        "regression",
        "tuned after it",
    ],
)
def test_whatever_was_chosen_is_repeated(project, tmp_path, changes):
    run = hues.new_run(project, **changes)
    jobs.execute(run.folder)
    folder = unpacked(run, export(run, "script"), tmp_path)
    assert_repeats(run, run_code(folder, "train.py"))


@pytest.mark.slow
def test_a_run_on_everything_is_repeated_without_a_figure(project, tmp_path):
    run = everything.create(RunFolder(project.runs / "head"), test=True)
    jobs.execute(run.folder)
    folder = unpacked(run, export(run, "script"), tmp_path)
    assert {each.name for each in (folder / "data").iterdir()} == {"train"}
    said = run_code(folder, "train.py")
    assert accuracy(said, "train") > 0.5
    assert "interval" not in said
    assert "cannot be measured any more" in (folder / "train.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def plan(head) -> walkthrough.Plan:
    return walkthrough.plan(head, None)


CHOICES = {
    "texts": (False, True),
    "stock": (Stock(constructor="MobileNetV2", module="mobilenet_v2"), None),
    "epochs": (0, 3),
    "fine_tune_epochs": (0, 3),
    "cached": (False, True),
    "changes": ((), tuple(walkthrough.changes(LEVELS["full"]))),
    "small": (None, LEVELS["full"]),
    "blocks": ((), ("block_1", "block_2")),
    "validated": (False, True),
    "sigmoid": (False, True),
    "l2": (None, 0.3),
}
RECIPES = [
    Recipe(
        **MOBILE,
        head=Head(saturated=True, centred=True),
        freeze="none",
        fine_tune_epochs=1,
        augmentation="full",
        augmentation_variants=0,
    ),
    Recipe(**MOBILE, head=Head(hidden=4, dropout=0), class_weights=False, label_smoothing=0.1, weights="random"),
    Recipe(**MOBILE, freeze="a'\"\n#", fine_tune_epochs=1, keep_frozen=('b"\\',), train_batch_norm=True, **STEPS),
]


#: Every fifth combination has all pairs of choices.
WALKS = [(RECIPES[0], 41), *(pytest.param(each, 5, marks=pytest.mark.slow) for each in RECIPES)]


@pytest.mark.parametrize(("recipe", "step"), WALKS, ids=["some", "live", "plain", "names"])
def test_all_combinations_are_python_and_a_notebook(plan, recipe, step):
    for values in itertools.islice(itertools.product(*CHOICES.values()), 0, None, step):
        chosen = dataclasses.replace(plan, **dict(zip(CHOICES, values, strict=True)))
        program = walkthrough.script(recipe, chosen)
        compile(program, "train.py", "exec")
        assert "{{" not in program
        assert "{%" not in program
        made = json.loads(notebook.of(program))
        assert_is_valid(made)
        code = [line for cell in made["cells"] if cell["cell_type"] == "code" for line in cell["source"]]
        assert [line for line in code if line.startswith("#")] == []


def assert_is_valid(made: dict) -> None:
    """Assert what version 4.5 of the schema asks of a notebook without outputs."""
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    assert set(made) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert made["metadata"]["kernelspec"].keys() >= {"name", "display_name"}
    ids = [cell["id"] for cell in made["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in made["cells"]:
        more = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) == {"cell_type", "id", "metadata", "source", *more}
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])
        assert cell["source"], "no cell is empty"
        assert all(line.endswith("\n") for line in cell["source"][:-1])
        assert cell["cell_type"] != "code" or (cell["execution_count"], cell["outputs"]) == (None, [])


@pytest.mark.slow
def test_a_stopped_run_is_repeated_as_far_as_it_came(hues_with, tmp_path):
    run = RunFolder(hues_with(tmp_path, "tail").runs / "tail")
    path = run.folder / "report.json"
    report = json.loads(path.read_text(encoding="utf-8"))
    report |= {"stopped": True, "history": report["history"][:1]}
    path.write_text(json.dumps(report), encoding="utf-8")
    shown = walkthrough.plan(run, None)
    assert (shown.stopped, shown.epochs, shown.fine_tune_epochs) == (True, 1, 0)


def test_opened_test_pictures_are_measured_again(plan):
    recipe = Recipe(**MOBILE)
    assert "OPEN_TEST = False" in walkthrough.script(recipe, plan)
    assert "OPEN_TEST = True" in walkthrough.script(recipe, dataclasses.replace(plan, test_opened=True))


@pytest.mark.parametrize(
    ("changes", "stock"),
    [
        ({}, True),
        ({"image_size": 160}, False),
        ({"backbone": "vgg16", "image_size": 64}, True),
        ({"backbone": "efficientnet-lite0"}, False),
        ({"weights": "random"}, False),
        ({"freeze": "block_13_project_BN", "fine_tune_epochs": 1}, True),
        ({"freeze": "block_13_project_BN", "fine_tune_epochs": 1, "keep_frozen": ("DepthwiseConv2D",)}, True),
        ({"freeze": "nowhere", "fine_tune_epochs": 1}, False),
        ({"backbone": "convnext-tiny", "freeze": "add_5", "fine_tune_epochs": 1}, False),
    ],
)
def test_a_network_is_that_of_keras_only_where_it_is_the_same(changes, stock):
    assert (stock_network.of(Recipe(**(MOBILE | changes))) is not None) == stock


@pytest.mark.slow
@pytest.mark.parametrize("row", [row for row in ONE_OF_A_FAMILY if not row.bundled], ids=lambda row: row.id)
def test_the_network_of_keras_gives_the_same_numbers(plan, workspace, row):
    side = row.least_size + 32
    recipe = Recipe(**(MOBILE | {"backbone": row.id, "image_size": side}))
    stock = stock_network.of(dataclasses.replace(recipe, image_size=row.default_size))
    program = walkthrough.script(recipe, dataclasses.replace(plan, stock=stock))
    (cell,) = (part for part in program.split("# %%\n") if part.startswith("backbone ="))
    space = {"keras": keras, "SIDE": side}
    exec(cell.split("# %%")[0].replace('weights="imagenet"', "weights=None"), space)
    ours = backbone.build(row, side, weights="random", workspace=workspace, seed=1)
    space["backbone"].set_weights(ours.get_weights())
    pictures = np.random.default_rng(0).uniform(0, 255, (2, side, side, 3)).astype(np.float32)
    expected = ours.predict(pictures, verbose=0)
    np.testing.assert_allclose(space["backbone"].predict(pictures, verbose=0), expected, rtol=1e-4, atol=1e-4)


def test_missing_pictures_are_a_sentence(hues_with, tmp_path):
    run = RunFolder(hues_with(tmp_path, "head").runs / "head")
    manifest.image_path(run.project, predictions.load(run, "train").ids[0]).unlink()
    with pytest.raises(InputError, match="pictures are missing on this machine"):
        export(run, "script")
