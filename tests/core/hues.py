"""A small real project to train on: warm and cold noise, 64 × 64."""

import colorsys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from tests.conftest import share_weights
from tl_core import jobs, runs
from tl_core.about import SplitSettings
from tl_core.dataset import manifest
from tl_core.evaluation import predictions
from tl_core.files import write_json
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.recipe import Head, Recipe
from tl_core.workspace import Project, Workspace

LINE = "block_14_add"
#: Runs that several tests look at: the name of each, and how its recipe differs from the usual one.
KINDS = {
    "head": {},
    "tail": {
        "head": Head(activation="sigmoid"),
        "freeze": LINE,
        "fine_tune_epochs": 2,
        "fine_tune_learning_rate": 1e-4,
    },
    "flatten": {"head": Head(pooling="flatten", hidden=8, activation="sigmoid")},
    "live": {"augmentation": "full", "augmentation_variants": 0, "epochs": 1},
}
HUES = {"cold": 0.6, "warm": 0.05, "green": 0.35}


def folder_of_hues(root: Path, classes: int = 2, count: int = 12) -> Path:
    """Write pictures whose class is their hue."""
    for number, (label, hue) in enumerate(list(HUES.items())[:classes]):
        chance = np.random.default_rng(number)
        (root / label).mkdir(parents=True)
        for index in range(count):
            light = chance.uniform(0.3, 1.0, (8, 8))
            colour = np.array(colorsys.hsv_to_rgb(hue + chance.uniform(-0.04, 0.04), 0.8, 1.0))
            pixels = (255 * light[:, :, None] * colour).astype(np.uint8)
            Image.fromarray(pixels).resize((64, 64), Image.Resampling.BICUBIC).save(root / label / f"{index}.png")
    return root


def project_of_hues(workspace: Workspace, root: Path, classes: int = 2, count: int = 12) -> Project:
    """Return a project with those pictures imported."""
    project = share_weights(workspace).create_project("Hues")
    source = Source("folder", str(folder_of_hues(root, classes, count)))
    importer.import_source(project, source, settings=SplitSettings(validation=0.25, test=0.25))
    return project


def recipe(project: Project, **changes) -> Recipe:
    """Return a quick recipe for a project."""
    head = changes.pop("head", Head())
    usual = {"backbone": "efficientnet-lite0", "image_size": 64, "seed": 3, "epochs": 2, "batch_size": 8}
    return Recipe(manifest=manifest.load(project).version, head=head, **{**usual, **changes})


def new_run(project: Project, **changes) -> runs.RunFolder:
    """Write a run that waits to be trained."""
    return runs.create(project, recipe(project, **changes))


def fill(folder: Path, kind: str = "") -> None:
    """Make a workspace with a project of hues in a folder, and train a run of that kind, which gives it its name."""
    project = project_of_hues(Workspace.open(folder), folder / "hues")
    if kind:
        run = new_run(project, **KINDS[kind])
        jobs.execute(run.folder)
        run.folder.rename(project.runs / kind)


def rename_classes(run: runs.RunFolder, names: Sequence[str]) -> None:
    """Give the classes of a run other names, as if its folders had been called so: of any kind, in their order."""
    renamed = dict(zip(run.classes, names, strict=True))
    listed = manifest.load(run.project, run.recipe.manifest)
    table = listed.table.assign(label=listed.table["label"].map(renamed))
    table.to_parquet(run.project.manifests / f"{listed.version:04d}.parquet", index=False)
    for split in ("train", "validation", "test"):
        if (predicted := predictions.load(run, split)) is not None:
            predictions.save(run, replace(predicted, classes=list(names)))
    write_json(run.folder / "classes.json", {"classes": list(names)})
