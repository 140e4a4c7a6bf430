"""A head on a frozen network: the textbook way against ours, on the same pictures, in processes of their own.

    python -m tests.bench.frozen FOLDER [--epochs 5] [--scratch DIR]

FOLDER holds one folder of photographs for each class, 1,000 or more. Both sides hold out the pictures that our import
chose for validation, and train EfficientNet-Lite0 with its ImageNet weights under the same head. Everything but
imports is counted. Targets: the textbook way takes 6 × as long as the first run, 7 × as long as a run whose network was
converted for ONNX Runtime before, 50 × as long as a second head on the same pictures; the first pass takes no longer
than 1.15 × decoding once and the quickest engine once, one after the other, the conversion not counted.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SIZE, BATCH = 224, 32
TARGETS = {"first_run": 6.0, "converted": 7.0, "second_run": 50.0, "first_pass": 1.15}


def textbook(split: Path, epochs: int) -> dict[str, Any]:
    """Train as a tutorial does: ``image_dataset_from_directory``, a frozen base, pooling, a dense layer, ``fit``."""
    import keras

    from tl_core.networks import backbone, catalogue
    from tl_core.workspace import Workspace

    began = time.perf_counter()
    keras.utils.set_random_seed(0)
    train, validation = from_folders(split)
    base = backbone.build(
        catalogue.get(catalogue.DEFAULT), SIZE, weights="imagenet", workspace=Workspace.open(split / "workspace")
    )
    base.trainable = False
    start = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.GlobalAveragePooling2D()(base(start, training=False))
    model = keras.Model(start, keras.layers.Dense(len(train_classes(split)), activation="softmax")(x))
    model.compile(keras.optimizers.Adam(1e-2), loss="categorical_crossentropy", metrics=["accuracy"])
    fitted = model.fit(train, validation_data=validation, epochs=epochs, verbose=0).history
    return {"seconds": time.perf_counter() - began, "validation_accuracy": max(fitted["val_accuracy"])}


def from_folders(split: Path) -> list[Any]:
    """Return the training and validation splits as the tutorials read them: decoded again in every epoch."""
    import keras
    import tensorflow as tf

    options = {"image_size": (SIZE, SIZE), "batch_size": BATCH, "label_mode": "categorical", "verbose": False}
    return [
        keras.utils.image_dataset_from_directory(split / part, seed=0, shuffle=part == "train", **options).prefetch(
            tf.data.AUTOTUNE
        )
        for part in ("train", "validation")
    ]


def train_classes(split: Path) -> list[str]:
    """Return the classes of a split folder."""
    return sorted(path.name for path in (split / "train").iterdir())


def ours(folder: Path, workspace: Path, epochs: int) -> dict[str, Any]:
    """Train through the core as the command line does: import, first pass, head; with another head; without a cache."""
    from tl_core import jobs, runs
    from tl_core.dataset import manifest
    from tl_core.features import converted, runtime  # noqa: F401 - imports are not counted
    from tl_core.ingest import importer
    from tl_core.ingest.sources import Source
    from tl_core.recipe import Head, Recipe
    from tl_core.training import train  # noqa: F401 - imports are not counted
    from tl_core.workspace import Workspace

    began = time.perf_counter()
    home = Workspace.open(workspace)
    project = importer.project_for_folder(home, folder)
    importer.import_source(project, Source("folder", str(folder)), replace=True)
    figures = {"import_seconds": time.perf_counter() - began}
    data = manifest.load(project)
    for name, head in (("first", Head()), ("second", Head(hidden=64)), ("converted", Head())):
        if name == "converted":
            shutil.rmtree(home.cache)
        before = time.perf_counter()
        recipe = Recipe(
            manifest=data.version, backbone="efficientnet-lite0", image_size=SIZE, seed=0, epochs=epochs, head=head
        )
        run = runs.create(project, recipe)
        report = jobs.execute(run.folder, jobs.this_process())
        figures[name] = {
            "seconds": time.perf_counter() - before,
            "parts": report.seconds,
            "validation_accuracy": report.validation.accuracy,
        }
    figures["seconds"] = figures["import_seconds"] + figures["first"]["seconds"]
    lay_out(project, data, workspace.parent / "split")
    return figures


def lay_out(project: Any, data: Any, split: Path) -> None:
    """Give the textbook side the same pictures in the same parts, as the files that the person brought."""
    for part in ("train", "validation"):
        for row in data.split(part).itertuples():
            place = split / part / row.label
            place.mkdir(parents=True, exist_ok=True)
            source = next(path for path in project.folder.glob(f"images/{row.id[:2]}/{row.id}.*"))
            (place / source.name).symlink_to(source)


def engines(split: Path) -> dict[str, Any]:
    """Decode every picture once, then run it through the frozen part once with each engine, one after the other."""
    import keras
    import numpy as np

    from tl_core.features import converted, sources
    from tl_core.networks import backbone, catalogue
    from tl_core.workspace import Workspace

    workspace = Workspace.open(split / "workspace")
    base = backbone.build(catalogue.get(catalogue.DEFAULT), SIZE, weights="imagenet", workspace=workspace)
    trunk = keras.Model(base.input, keras.layers.GlobalAveragePooling2D()(base.output))
    paths = sorted(path for part in ("train", "validation") for path in (split / part).rglob("*.*"))
    pictures = sources.Pictures(paths, SIZE)
    began = time.perf_counter()
    pixels = np.concatenate(list(pictures.batches()))
    figures: dict[str, Any] = {"pictures": len(paths), "decode_seconds": time.perf_counter() - began}
    conversion = time.perf_counter()
    onnx = converted.quickest(trunk).run
    figures["conversion_seconds"] = time.perf_counter() - conversion
    ways = {"predict": trunk.predict_on_batch, "folded": folded(trunk), "onnx": onnx}
    for name, run in ways.items():
        run(pixels[:BATCH])
        began = time.perf_counter()
        for at in range(0, len(pixels), BATCH):
            run(pixels[at : at + BATCH])
        figures[f"{name}_seconds"] = time.perf_counter() - began
    figures["without_conversion"] = figures["decode_seconds"] + min(figures[f"{name}_seconds"] for name in ways)
    return figures


def folded(trunk: Any) -> Any:
    """Return the frozen part as a graph of TensorFlow with its weights folded in as constants."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    traced = tf.function(lambda x: trunk(tf.cast(x, tf.float32), training=False), autograph=False)
    graph = convert_variables_to_constants_v2(
        traced.get_concrete_function(tf.TensorSpec((None, SIZE, SIZE, 3), tf.uint8))
    )
    return lambda batch: tf.nest.flatten(graph(tf.constant(batch)))[0].numpy()


SIDES = {"textbook": textbook, "ours": ours, "engines": engines}


def apart(side: str, *arguments: object, module: str = "tests.bench.frozen") -> dict[str, Any]:
    """Run one side in a process of its own and return what it found, with the seconds of the whole process."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", module, "--side", side, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"},
    )
    figures = json.loads(done.stdout.splitlines()[-1])
    return {**figures, "process_seconds": time.perf_counter() - began}


def main() -> None:
    """Measure all sides and print them with the ratios."""
    if sys.argv[1] == "--side":
        side, *rest = sys.argv[2:]
        print(json.dumps(SIDES[side](*(int(each) if each.isdigit() else Path(each) for each in rest))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--scratch", type=Path, help="folder for the workspace (default: the system's)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        mine = apart("ours", options.folder.absolute(), Path(scratch, "workspace"), options.epochs)
        quickest = apart("engines", Path(scratch, "split"))
        theirs = apart("textbook", Path(scratch, "split"), options.epochs)
    ratios = {
        "first_run": theirs["seconds"] / mine["seconds"],
        "converted": theirs["seconds"] / (mine["import_seconds"] + mine["converted"]["seconds"]),
        "second_run": theirs["seconds"] / mine["second"]["seconds"],
        "first_pass": mine["converted"]["parts"]["features"] / quickest["without_conversion"],
    }
    met = {name: ratios[name] >= TARGETS[name] for name in ("first_run", "converted", "second_run")}
    met["first_pass"] = ratios["first_pass"] <= TARGETS["first_pass"]
    met["accuracy"] = mine["first"]["validation_accuracy"] >= theirs["validation_accuracy"]
    answer = {"benchmark": "frozen", "epochs": options.epochs, "textbook": theirs, "ours": mine, "engines": quickest}
    print(json.dumps(answer | {"ratios": ratios, "targets": TARGETS, "met": met}))


if __name__ == "__main__":
    main()
