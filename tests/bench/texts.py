"""How well a frozen network for texts tells classes apart, beside the words alone, and how long that takes.

    python -m tests.bench.texts TABLE [--each 20] [--classes 10] [--draws 3] [--network bge-small]

TABLE holds texts with labels, as ``train`` reads it. In each draw so many texts of each class are learned from, half as
many validate, and of the rest at most 500 are asked. Prints one JSON object: balanced accuracies on texts that nothing
has learned from, the seconds of a first run and of a second one, whose activations are there, and how many texts of 32
word pieces a second the frozen network reads.

Target: at least 50 texts a second.
"""

import argparse
import csv
import json
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import balanced_accuracy_score

from tl_core import api
from tl_core.dataset import manifest
from tl_core.evaluation import word_counts
from tl_core.freezing import speed
from tl_core.ingest.sources import Source
from tl_core.metrics.intervals import mean_interval
from tl_core.networks import backbone, tables
from tl_core.progress import Progress
from tl_core.tasks import table as tasks
from tl_core.text import sources
from tl_core.text.cleaning import clean
from tl_core.text.reading import TextReading
from tl_core.workspace import Workspace

MOST_ASKED = 500
LENGTH, TARGET = 32, 50


def drawn(reading: TextReading, each: int, classes: int | None, seed: int, path: Path) -> None:
    """Write a table with a column of splits: so many texts of each class to learn from, half as many to validate."""
    random, by_label = np.random.default_rng(seed), defaultdict(list)
    kept = clean(reading).table
    for label, text in zip(kept["label"], kept["text"], strict=True):
        by_label[label].append(text)
    asked: list[tuple[str, str]] = []
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("text", "label", "split"))
        for label in sorted(by_label)[:classes]:
            texts = [by_label[label][at] for at in random.permutation(len(by_label[label]))]
            rows.writerows((text, label, "train") for text in texts[:each])
            rows.writerows((text, label, "validation") for text in texts[each : each + each // 2])
            asked += [(text, label) for text in texts[each + each // 2 :]]
        rows.writerows((*asked[at], "test") for at in random.permutation(len(asked))[:MOST_ASKED])


def measured(path: Path, network: str, workspace: Workspace) -> dict[str, float]:
    """Train on a drawn table, twice, and ask model and baseline for its test texts."""
    project, _ = api.import_texts(workspace, path)
    listed = manifest.load(project)
    draft = tasks.of(project).draft(network, listed)
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        run = api.train(project, draft)
        seconds.append(time.perf_counter() - began)
    train, test = listed.split("train"), listed.split("test")
    said = [each.classes[0].label for each in api.predict(run, test["text"].tolist())]
    words: NDArray[np.str_] = word_counts.classify(
        train["text"].tolist(), train["label"].tolist(), test["text"].tolist()
    )
    return {
        "network": float(balanced_accuracy_score(test["label"], said)),
        "words": float(balanced_accuracy_score(test["label"], words)),
        "first": seconds[0],
        "second": seconds[1],
        "asked": len(test),
    }


def speed_of(network: str, workspace: Workspace) -> float:
    """Return how many texts a second go through a network with its engine."""
    built = backbone.of_row(tables.get(network), LENGTH, weights="random", workspace=workspace)
    return speed.measure(built, LENGTH, Progress()).looking_per_second


def main() -> None:
    """Draw, train, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--classes", type=int)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--network", default="bge-small")
    options = parser.parse_args()
    reading = sources.read(Source("folder", str(options.table)))
    figures = defaultdict(list)
    with tempfile.TemporaryDirectory() as scratch:
        for draw in range(options.draws):
            path = Path(scratch) / f"draw-{draw}.csv"
            drawn(reading, options.each, options.classes, draw, path)
            for name, value in measured(path, options.network, Workspace.open(Path(scratch) / "work")).items():
                figures[name].append(round(value, 3))
        read = speed_of(options.network, Workspace.open(Path(scratch) / "work"))
    means = {name: round(statistics.mean(values), 3) for name, values in figures.items()}
    reads = {"texts_a_second": read, "target": TARGET, "met": read >= TARGET}
    gain = [round(each, 3) for each in mean_interval(np.subtract(figures["network"], figures["words"]))]
    about = {"benchmark": "texts", "table": options.table.name, "each": options.each}
    print(json.dumps({**about, "mean": means, "gain": gain, "draws": figures, **reads}))


if __name__ == "__main__":
    main()
