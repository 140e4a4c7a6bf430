"""Fine-tuning the last blocks: an epoch of plain Keras on the whole network against an epoch of ours.

    python -m tests.bench.finetune FOLDER [--share 0.1] [--epochs 2] [--scratch DIR]

The line lies where about a tenth of EfficientNet-Lite0's multiply-adds come after it. Both sides fine-tune the same
pictures in the same splits with BatchNorm frozen; plain Keras decodes them in each epoch, as
``image_dataset_from_directory`` does. The first epoch of each side makes the graphs: the quickest ones are compared.
Target: 4 × per epoch.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.frozen import SIZE, apart, from_folders, lay_out, train_classes

TARGET = 4.0
RATE = 1e-5


def line_before(share: float, workspace: Path) -> tuple[str, float]:
    """Return the block after which that share of the multiply-adds comes, and the share that it really is."""
    from tl_core.networks import backbone, catalogue, cut
    from tl_core.workspace import Workspace

    home = Workspace.open(workspace)
    model = backbone.build(catalogue.get(catalogue.DEFAULT), SIZE, weights="random", workspace=home)
    blocks = cut.blocks(model)
    total, after_line = sum(block.multiply_adds for block in blocks), {}
    for number, block in enumerate(blocks[:-1], 1):
        after_line[block.id] = sum(after.multiply_adds for after in blocks[number:]) / total
    best = min(after_line, key=lambda name: abs(after_line[name] - share))
    return best, after_line[best]


def plain(split: Path, line: str, epochs: int) -> dict[str, Any]:
    """Fine-tune the whole network in Keras, everything up to the line frozen; seconds of each epoch."""
    import keras

    from tl_core.networks import backbone, catalogue
    from tl_core.workspace import Workspace

    keras.utils.set_random_seed(0)
    train, validation = from_folders(split)
    base = backbone.build(
        catalogue.get(catalogue.DEFAULT), SIZE, weights="imagenet", workspace=Workspace.open(split / "workspace")
    )
    after_line = False
    for layer in base.layers:
        layer.trainable = after_line and not isinstance(layer, keras.layers.BatchNormalization)
        after_line = after_line or layer.name == line
    x = keras.layers.GlobalAveragePooling2D()(base.output)
    model = keras.Model(base.input, keras.layers.Dense(len(train_classes(split)), activation="softmax")(x))
    model.compile(keras.optimizers.Adam(RATE), loss="categorical_crossentropy", metrics=["accuracy"])
    seconds = []
    for _ in range(epochs):
        began = time.perf_counter()
        model.fit(train, validation_data=validation, verbose=0)
        seconds.append(time.perf_counter() - began)
    return {"epoch_seconds": seconds}


def ours(folder: Path, workspace: Path, line: str, epochs: int) -> dict[str, Any]:
    """Fine-tune after the line through the core; seconds of each epoch as the run reports them."""
    from tl_core import jobs, runs
    from tl_core.dataset import manifest
    from tl_core.ingest import importer
    from tl_core.ingest.sources import Source
    from tl_core.recipe import Recipe
    from tl_core.workspace import Workspace

    project = importer.project_for_folder(Workspace.open(workspace), folder)
    importer.import_source(project, Source("folder", str(folder)), replace=True)
    data = manifest.load(project)
    recipe = {"backbone": "efficientnet-lite0", "image_size": SIZE, "seed": 0, "epochs": 0, "freeze": line}
    run = runs.create(
        project,
        Recipe(manifest=data.version, **recipe, fine_tune_epochs=epochs, fine_tune_learning_rate=RATE, patience=99),
    )
    report = jobs.execute(run.folder, jobs.this_process())
    lay_out(project, data, workspace.parent / "split")
    return {"epoch_seconds": [row.seconds for row in report.history], "parts": report.seconds}


def main() -> None:
    """Measure both sides and print them with the ratio of their quickest epochs."""
    if sys.argv[1] == "--side":
        side, *rest = sys.argv[2:]
        paths, (line, epochs) = [Path(each) for each in rest[:-2]], rest[-2:]
        print(json.dumps({"ours": ours, "plain": plain}[side](*paths, line, int(epochs))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--share", type=float, default=0.1, help="of the multiply-adds (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--scratch", type=Path, help="folder for the workspace (default: the system's)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        line, share = line_before(options.share, Path(scratch, "lines"))
        module = "tests.bench.finetune"
        workspace = Path(scratch, "workspace")
        mine = apart("ours", options.folder.absolute(), workspace, line, options.epochs, module=module)
        theirs = apart("plain", Path(scratch, "split"), line, options.epochs, module=module)
    ratio = min(theirs["epoch_seconds"]) / min(mine["epoch_seconds"])
    print(
        json.dumps(
            {
                "benchmark": "finetune",
                "line": line,
                "share_of_multiply_adds": round(share, 3),
                "plain": theirs,
                "ours": mine,
                "ratio": ratio,
                "target": {"ratio": TARGET, "met": ratio >= TARGET},
            }
        )
    )


if __name__ == "__main__":
    main()
